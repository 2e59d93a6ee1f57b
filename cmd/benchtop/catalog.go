package main

import (
	"fmt"
	"io"
	"strings"
	"text/tabwriter"

	"github.com/spf13/cobra"

	"benchtop/lab"
	"benchtop/lab/metric"
	"benchtop/lab/report"
	"benchtop/scenarios"
	"benchtop/tui"
)

func scenarioIDs() []string {
	ids := []string{}
	for _, e := range scenarios.List() {
		ids = append(ids, e.ID)
	}
	return ids
}

func listCommand(env *Env) *cobra.Command {
	return &cobra.Command{
		Use: "list", Short: "List the shipped scenarios", Args: noArgs("list"),
		RunE: func(*cobra.Command, []string) error { return writeList(env.text()) },
	}
}

func noArgs(name string) cobra.PositionalArgs {
	return func(_ *cobra.Command, args []string) error {
		if len(args) > 0 {
			return usage("%s takes no arguments, found %q", name, args[0])
		}
		return nil
	}
}

func writeList(out io.Writer) error {
	w := tabwriter.NewWriter(out, 0, 0, 2, ' ', 0)
	fmt.Fprintln(w, "SCENARIO\tTRACK\tMINUTES\tQUESTION")
	for _, e := range scenarios.List() {
		fmt.Fprintf(w, "%s\t%s\t%d\t%s\n", e.ID, e.Track, e.Minutes, e.Title)
	}
	if err := w.Flush(); err != nil {
		return environment("%w", err)
	}
	return nil
}

func showCommand(env *Env) *cobra.Command {
	var source bool
	var set []string
	cmd := &cobra.Command{
		Use: "show SCENARIO", Short: "Show a scenario: question, variants, load, plan, proxy configuration, lesson",
		Args: func(_ *cobra.Command, args []string) error {
			if len(args) != 1 {
				return usage("show: expected one scenario, got %d; `benchtop list` shows the shipped ones", len(args))
			}
			return nil
		},
		ValidArgsFunction: func(*cobra.Command, []string, string) ([]string, cobra.ShellCompDirective) {
			return scenarioIDs(), cobra.ShellCompDirectiveDefault
		},
		RunE: func(_ *cobra.Command, args []string) error {
			file, err := scenarios.Find(args[0])
			if err != nil {
				return &exitError{exitUsage, err}
			}
			if source {
				_, err = env.Stdout.Write(file.Source)
				return err
			}
			if err := scenarios.Apply(file.Plan, set); err != nil {
				return &exitError{exitUsage, fmt.Errorf("%s: %w", file.Plan.ID, err)}
			}
			return showPlan(env.text(), file.Plan)
		},
	}
	cmd.Flags().BoolVar(&source, "source", false, "the scenario file itself")
	cmd.Flags().StringArrayVar(&set, "set", nil, "change one setting first, as run does: variant.key=value (repeatable)")
	return cmd
}

// claimWords lists the rows of the claim ledger that a scenario answers.
func claimWords(claims []lab.Claim) string {
	words := make([]string, len(claims))
	for i, c := range claims {
		words[i] = c.ID
		if c.Part != "" {
			words[i] += " in part"
		}
	}
	return strings.Join(words, ", ")
}

func showPlan(out io.Writer, p *lab.Plan) error {
	var b strings.Builder
	fmt.Fprintf(&b, "%s\n%s", p.Title, p.ID)
	if p.Track != "" {
		fmt.Fprintf(&b, " · track %s", p.Track)
	}
	fmt.Fprintf(&b, " · about %s", report.Short(p.Duration()))
	if len(p.Claims) > 0 {
		fmt.Fprintf(&b, " · answers %s", claimWords(p.Claims))
	}
	if len(p.Requires) > 0 {
		fmt.Fprintf(&b, " · needs %s", strings.Join(p.Requires, ", "))
	}
	if p.Twin != "" {
		fmt.Fprintf(&b, " · twin %s", p.Twin)
	}
	b.WriteString("\n\nvariants\n")
	w := tabwriter.NewWriter(&b, 0, 0, 2, ' ', 0)
	differing := p.Differing()
	for i := range p.Variants {
		v := &p.Variants[i]
		mark := ""
		if v.ID == p.Baseline {
			mark = " (baseline)"
		}
		fmt.Fprintf(w, "  %s\t%s\t%s%s\n", v.ID, v.Label, TargetWords(v), mark)
		fmt.Fprintf(w, "  \t\tload: %s\n", report.LoadWords(&v.Load))
		if len(differing[i]) > 0 {
			fmt.Fprintf(w, "  \t\tdiffers: %s\n", strings.Join(differing[i], ", "))
		}
	}
	if err := w.Flush(); err != nil {
		return err
	}
	fmt.Fprintf(&b, "\nplan\n  %d blocks, %s, slices of %s after %s to settle, warm-up %s\n", p.Blocks, p.Order, p.Slice, p.Settle, p.Warmup)
	fmt.Fprintf(&b, "  %s decides; the smallest effect that counts is %.1f %%\n", metric.Words(p.Metric), 100*p.SmallestEffect)
	if p.Order == lab.Together {
		b.WriteString("  all variants are under load at the same time and share the machine: a race, whose verdicts are refused\n")
	}
	for _, part := range []struct {
		title string
		lines []string
	}{{"steps, from the first slice on; only what is measured after the last one is compared", stepLines(p)}, {"expected", p.Expect}, {"mechanism", p.Mechanism}} {
		if len(part.lines) > 0 {
			fmt.Fprintf(&b, "\n%s\n  %s\n", part.title, strings.Join(part.lines, "\n  "))
		}
	}
	showConfigurations(&b, p)
	if p.Lesson != "" {
		fmt.Fprintf(&b, "\n%s\n", strings.TrimSpace(p.Lesson))
	}
	if _, err := io.WriteString(out, b.String()); err != nil {
		return environment("%w", err)
	}
	return nil
}

func schemaCommand(env *Env) *cobra.Command {
	return &cobra.Command{
		Use: "schema", Short: "Print the JSON schema of scenario files, for editors", Args: noArgs("schema"),
		RunE: func(*cobra.Command, []string) error {
			_, err := env.Stdout.Write(scenarios.Schema())
			return err
		},
	}
}

func keysCommand(env *Env) *cobra.Command {
	var markdown bool
	cmd := &cobra.Command{
		Use: "keys", Short: "List every key binding", Args: noArgs("keys"),
		RunE: func(*cobra.Command, []string) error {
			if markdown {
				fmt.Fprintln(env.Stdout, "| screen | key | what it does |\n| --- | --- | --- |")
				for _, k := range tui.Keys() {
					fmt.Fprintf(env.Stdout, "| %s | `%s` | %s |\n", k.Screen, strings.Join(k.Names(), "` `"), k.What)
				}
				return nil
			}
			w := tabwriter.NewWriter(env.Stdout, 0, 0, 2, ' ', 0)
			for _, k := range tui.Keys() {
				fmt.Fprintf(w, "%s\t%s\t%s\n", k.Screen, strings.Join(k.Names(), " "), k.What)
			}
			return w.Flush()
		},
	}
	cmd.Flags().BoolVar(&markdown, "markdown", false, "as a Markdown table")
	return cmd
}
