package main

import (
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"runtime/debug"
	"slices"
	"strings"
	"text/tabwriter"

	"github.com/spf13/cobra"

	"benchtop/scenarios"
	"benchtop/scenarios/ledger"
	"benchtop/scenarios/own"
	"benchtop/targets/routine"
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

func schemaCommand(env *Env) *cobra.Command {
	return &cobra.Command{
		Use: "schema", Short: "Print the JSON schema of scenario files, for editors", Args: noArgs("schema"),
		RunE: func(*cobra.Command, []string) error {
			_, err := env.Stdout.Write(scenarios.Schema())
			return err
		},
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

// ownFiles takes what can be opened: nothing, or one file, folder or shipped id.
func ownFiles(cmd *cobra.Command, args []string) error {
	if len(args) == 0 {
		return nil
	}
	if _, err := os.Stat(args[0]); err != nil && !shipped(args[0]) {
		also := ""
		if near := cmd.SuggestionsFor(args[0]); len(near) > 0 {
			also = "; did you mean " + near[0] + "?"
		}
		return fmt.Errorf("unknown command %q, and no scenario file or folder of that name%s", args[0], also)
	}
	if len(args) > 1 {
		return usage("the lab opens one file or folder, found %d; put the files into a folder", len(args))
	}
	return nil
}

// catalogue lists the shipped scenarios with their plans.
func catalogue() ([]tui.Entry, error) {
	// What is read stays, so that collecting garbage meanwhile costs a quarter of the time and frees little.
	defer debug.SetGCPercent(debug.SetGCPercent(800))
	list := scenarios.List()
	out, errs := make([]tui.Entry, len(list)), make([]error, len(list))
	var loading routine.Group // the first picture waits for it
	for i, e := range list {
		loading.Go(func() {
			file, err := scenarios.Load(e.ID)
			if errs[i] = err; err == nil {
				out[i] = tui.Entry{ID: e.ID, Title: e.Title, Track: e.Track, Minutes: e.Minutes, Plan: file.Plan, Running: file.Plan.Duration()}
			}
		})
	}
	loading.Wait()
	return out, errors.Join(errs...)
}

// lessonsOf lists the shipped scenarios and those of a person's own, the file or the folder with that name, empty: what is
// in the current one.
func lessonsOf(name string) (lessons, error) {
	mine, has, err := ownScenarios(name)
	if err != nil {
		return lessons{}, err
	}
	if has.entries, err = catalogue(); err != nil {
		return lessons{}, &exitError{exitInternal, err}
	}
	for i := range mine {
		has.entries = append(has.entries, entryOf(&mine[i]))
	}
	return has, nil
}

// entryOf is a file of a person's own in the catalogue, which can be read again.
func entryOf(f *own.Found) tui.Entry {
	e := tui.Entry{Track: tui.OwnTrack, Own: true}
	if f.File == nil {
		e.ID, e.Title, e.Broken = f.Path, filepath.Base(f.Path), f.Err.Error()
	} else {
		p := f.File.Plan
		e.ID, e.Title, e.Minutes, e.Plan, e.Running = p.ID, p.Title, p.Minutes, p, p.Duration()
	}
	same := *f
	e.Again = func() tui.Entry {
		for _, now := range own.Files(same.Path) {
			return entryOf(&now)
		}
		return entryOf(&same) // it is a copy of a shipped one now
	}
	return e
}

func ownScenarios(name string) (mine []own.Found, has lessons, err error) {
	has.named = name != ""
	if name == "" || shipped(name) {
		has.begin, has.read = name, has.named
		return own.Here("."), has, nil
	}
	if info, err := os.Stat(name); err == nil && info.IsDir() {
		if mine, err = own.Folder(name); err != nil {
			return nil, has, usage("%w", err)
		}
		for _, f := range slices.Backward(mine) {
			if f.File != nil {
				has.begin = f.File.Plan.ID
			}
		}
		return mine, has, nil
	}
	file, err := scenarios.Read(name)
	if err == nil {
		has.begin, has.read = file.Plan.ID, true
		for _, f := range own.Files(name) {
			mine, err = append(mine, f), f.Err
		}
	}
	if err != nil {
		return nil, has, &exitError{exitUsage, err}
	}
	return mine, has, nil
}

// listOwn says what there is to open where nothing can be drawn.
func listOwn(out io.Writer, entries []tui.Entry) error {
	for i := range entries {
		switch e := &entries[i]; {
		case e.Broken != "":
			fmt.Fprintf(out, "%s\n", e.Broken)
		case e.Own:
			fmt.Fprintf(out, "%s  %s\n", e.ID, e.Title)
		}
	}
	return usage("the lab needs a terminal; without one `benchtop show FILE` is the lesson of a file, `benchtop run FILE` runs it")
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

func claimsCommand(env *Env) *cobra.Command {
	var md, html, asJSON bool
	cmd := &cobra.Command{
		Use:   "claims",
		Short: "What the pages claim, and what the runs on this machine said",
		Long: "Claims lists every claim of the pages with the scenarios that answer it, and which part of it where a scenario does not answer\n" +
			"all of it, with the verdict of the scenario's newest saved run on this machine. A run that is complete, with the settings\n" +
			"of the scenario, comes before a quick or changed one, which is marked. Where the page gives a figure, the list says\n" +
			"whether it lies inside the 95 % interval found here. A claim that no run can answer has a card: what was found, on what\n" +
			"evidence, and how to see it. Below them all stands how many claims are answered and how many are open.\n\n" +
			"The pages are " + ledger.Pages + ": 0 accepting connections, 1 and 4 keep-alive, 2 one worker by default, 3 the long guide.",
		Args: noArgs("claims"),
		RunE: func(*cobra.Command, []string) error {
			write := ledger.Plain
			switch {
			case md && asJSON, md && html, html && asJSON:
				return usage("claims: --md, --html and --json are formats; name one")
			case md:
				write = ledger.Markdown
			case html:
				write = ledger.HTML
			case asJSON:
				write = func(w io.Writer, a []ledger.Answer) error { return writeJSON(w, a) }
			}
			dir, err := env.runsDir()
			if err != nil {
				return usage("%w", err)
			}
			answers, err := ledger.Read(dir, func(err error) { fmt.Fprintf(env.Stderr, "benchtop: passed over: %v\n", err) })
			if err != nil {
				return &exitError{exitInternal, err}
			}
			if err := write(env.text(), answers); err != nil {
				return environment("%w", err)
			}
			return nil
		},
	}
	cmd.Flags().BoolVar(&md, "md", false, "as a Markdown table")
	cmd.Flags().BoolVar(&html, "html", false, "as a page that needs no other file and no network")
	cmd.Flags().BoolVar(&asJSON, "json", false, "as JSON")
	return cmd
}
