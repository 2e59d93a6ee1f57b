package main

import (
	"fmt"
	"io"
	"maps"
	"slices"
	"strings"
	"text/tabwriter"

	"github.com/spf13/cobra"

	"benchtop/lab"
	"benchtop/lab/compare"
	"benchtop/lab/figure"
	"benchtop/lab/metric"
	"benchtop/lab/report"
	"benchtop/scenarios"
	"benchtop/targets"
	"benchtop/targets/setting"
)

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
			sealed := env.sealed(file.Plan.ID)
			if source && sealed {
				return usage("show --source: the file of %s says what comes out; it is shown after the run, because you are in a class", file.Plan.ID)
			}
			if source {
				_, err = env.Stdout.Write(file.Source)
				return err
			}
			if err := scenarios.Apply(file.Plan, set); err != nil {
				return &exitError{exitUsage, fmt.Errorf("%s: %w", file.Plan.ID, err)}
			}
			if sealed {
				p := file.Plan
				p.Expect, p.Mechanism, p.Conclusions, p.Look = []string{afterTheRun}, nil, nil, ""
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
	fmt.Fprintf(&b, " · about %s", figure.Duration(p.Duration()))
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
	differing := compare.Differing(p)
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
	fmt.Fprintf(&b, "\nplan\n  %s, %s, slices of %s after %s to settle, warm-up %s\n", figure.Lines.Counted(p.Blocks, "block"), p.Order, p.Slice, p.Settle, p.Warmup)
	fmt.Fprintf(&b, "  %s decides; the smallest effect that counts is %.1f %%\n", metric.Words(p.Metric), 100*p.SmallestEffect)
	if p.Order == lab.Together {
		b.WriteString("  all variants are under load at the same time and share the machine: a race, whose verdicts are refused\n")
	}
	for _, part := range []struct {
		title string
		lines []string
	}{{"steps, from the first slice on; only what is measured after the last one is compared", stepLines(p)}, {"expected", p.Expect}, {"mechanism", p.Mechanism}, {"conclusions; the first that holds is shown", conclusionLines(p)}} {
		if len(part.lines) > 0 {
			fmt.Fprintf(&b, "\n%s\n  %s\n", part.title, strings.Join(part.lines, "\n  "))
		}
	}
	showConfigurations(&b, p)
	if p.Lesson != "" {
		fmt.Fprintf(&b, "\n%s\n", strings.TrimSpace(p.Lesson))
	}
	if p.Look != "" {
		fmt.Fprintf(&b, "\n## What to look at\n\n%s\n", strings.TrimSpace(p.Look))
	}
	if _, err := io.WriteString(out, b.String()); err != nil {
		return environment("%w", err)
	}
	return nil
}

// TargetWords says in a few words what a variant's target is.
func TargetWords(v *lab.Variant) string {
	t := &v.Target
	server, _ := targets.Lookup(t.Server)
	words := []string{partWords(t.Server, append(slices.Clip(server.Settings), targets.AroundSettings()...), t)}
	if t.Proxy != nil {
		kind, _ := targets.LookupProxy(t.Proxy.Kind)
		words = append(words, fmt.Sprintf("behind a proxy (%s)", partWords(t.Proxy.Kind, kind.Settings, t.Proxy)))
	}
	for _, name := range slices.Sorted(maps.Keys(t.Services)) {
		part := t.Services[name]
		if kind, ok := targets.LookupService(part.Kind); ok {
			words = append(words, fmt.Sprintf("with %s (%s)", name, partWords(part.Kind, kind.Settings, kind.Owned(part))))
		}
	}
	return strings.Join(words, ", ")
}

func partWords(kind string, rows []setting.Setting, owner any) string {
	return strings.Join(append([]string{kind}, setting.Words(rows, owner)...), ", ")
}

// conclusionLines say what follows from which outcome.
func conclusionLines(p *lab.Plan) []string {
	var out []string
	for i := range p.Conclusions {
		c := &p.Conclusions[i]
		when := strings.Join(c.When, ", ")
		if when == "" {
			when = "otherwise"
		}
		out = append(out, when+":", "  means  "+c.Means, "  do     "+c.Do)
	}
	return out
}

// stepLines say what changes in the run, and when.
func stepLines(p *lab.Plan) []string {
	var out []string
	for i := range p.Steps {
		s := &p.Steps[i]
		var words []string
		if len(s.Start) > 0 {
			words = append(words, "start "+strings.Join(s.Start, ", "))
		}
		for _, set := range s.Set {
			words = append(words, strings.Replace(set, "=", " = ", 1))
		}
		if len(s.Signal) > 0 {
			words = append(words, lab.SignalWords(s.Signal))
		}
		if len(s.Stop) > 0 {
			words = append(words, "stop "+strings.Join(s.Stop, ", "))
		}
		if s.Every == lab.EverySlice {
			words = append(words, "in every slice")
		}
		out = append(out, fmt.Sprintf("%8s  %s", figure.Duration(s.At), strings.Join(words, ", ")))
	}
	return out
}

// placeOfTarget is where the shown configurations listen. The real one is chosen at the start of a run.
const placeOfTarget = "127.0.0.1:8080"

// showConfigurations writes the configuration files that the proxies of a plan get, with addresses that stand for those
// that a run chooses. One that is the same for several variants is written once.
func showConfigurations(b *strings.Builder, p *lab.Plan) {
	shown := map[string]string{} // configuration -> variant
	for i := range p.Variants {
		v := &p.Variants[i]
		text := configurationOf(v)
		switch first, again := shown[text]; {
		case text == "":
		case again:
			fmt.Fprintf(b, "\nthe proxy configuration of %s is that of %s\n", v.ID, first)
		default:
			shown[text] = v.ID
			fmt.Fprintf(b, "\nproxy configuration of %s (%s; its addresses are chosen at the start)\n%s\n", v.ID, v.Target.Proxy.Kind, indented(text))
		}
	}
}

// configurationOf is empty for a target without a proxy, and for a proxy without a configuration file.
func configurationOf(v *lab.Variant) string {
	if v.Target.Proxy == nil {
		return ""
	}
	kind, ok := targets.LookupProxy(v.Target.Proxy.Kind)
	if !ok || kind.Config == nil {
		return ""
	}
	spec := v.Target
	spec.Listen = placeOfTarget
	upstreams := make([]string, max(1, spec.Proxy.Upstreams))
	for i := range upstreams {
		if spec.Proxy.Upstream == targets.UpstreamTCP {
			upstreams[i] = fmt.Sprintf("127.0.0.1:%d", 8081+i)
		} else {
			upstreams[i] = fmt.Sprintf("unix:/run/benchtop/server-%d.sock", i+1)
		}
	}
	return kind.Config(spec, upstreams)
}

func indented(text string) string {
	lines := strings.Split(strings.TrimRight(text, "\n"), "\n")
	for i, line := range lines {
		if line != "" {
			lines[i] = "  " + line
		}
	}
	return strings.Join(lines, "\n")
}
