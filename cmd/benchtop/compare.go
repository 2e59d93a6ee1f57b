package main

import (
	"errors"
	"fmt"
	"io"

	"github.com/spf13/cobra"

	"benchtop/lab"
	"benchtop/lab/compare"
	"benchtop/lab/record"
	"benchtop/lab/report"
	"benchtop/tui"
)

func compareCommand(env *Env) *cobra.Command {
	ui := &uiFlags{}
	var plain bool
	var format, out string
	cmd := &cobra.Command{
		Use:   "compare RUN RUN",
		Short: "Compare two saved runs side by side",
		Long: "Compare opens two run files side by side: what differs between them, and whether the ratios of the same variants\n" +
			"agree. Absolute figures of two runs are shown, and nothing is decided by them: the runs were not interleaved, so\n" +
			"what the machine did in between affects one of them alone.\n\n" +
			"`last` names the newest saved run, `previous` the one before it. Without a terminal it prints the comparison.",
		Example: "  benchtop compare previous last\n  benchtop compare monday.jsonl friday.jsonl --format json",
		Args: func(_ *cobra.Command, args []string) error {
			if len(args) != 2 {
				return usage("compare: expected two run files, got %d; `last` and `previous` name the newest saved runs", len(args))
			}
			return nil
		},
		RunE: func(cmd *cobra.Command, args []string) error {
			if err := errors.Join(ui.check(), oneOf("--format", format, "plain", "json", "junit")); err != nil {
				return &exitError{exitUsage, err}
			}
			if err := checkOutput("--output", out); err != nil {
				return err
			}
			written := plain || cmd.Flags().Changed("format") || cmd.Flags().Changed("output")
			if written || env.plain() {
				return writeVersus(env, args, format, out)
			}
			return showVersus(cmd, env, ui, args)
		},
	}
	ui.register(cmd)
	cmd.Flags().BoolVar(&plain, "plain", false, "plain lines, no screen")
	cmd.Flags().StringVar(&format, "format", "plain", "without the screen: plain, json or junit")
	cmd.Flags().StringVarP(&out, "output", "o", stdoutPath, "file to write, or - for standard output")
	return cmd
}

// compared sets two runs beside each other by what they came to.
func compared(names []string, states [2]*lab.State) *compare.Versus {
	versus := compare.Runs(states[0], states[1])
	for i, name := range names {
		versus.Runs[i].File = name
	}
	return versus
}

func writeVersus(env *Env, names []string, format, out string) error {
	var states [2]*lab.State
	var tails [2]record.Tail
	var errs [2]error
	for i, name := range names { // what is wrong with either is told at once
		var fold *lab.Fold
		if fold, tails[i], errs[i] = foldRun(env, name); errs[i] == nil {
			states[i] = fold.State()
		}
	}
	if err := errors.Join(errs[:]...); err != nil {
		return &exitError{exitUsage, err}
	}
	versus := compared(names, states)
	for _, text := range cutNotices(tails) {
		fmt.Fprintf(env.Stderr, "benchtop: %s\n", text)
	}
	write := func(w io.Writer) error { return report.Versus(w, versus) }
	switch format {
	case "json":
		write = func(w io.Writer) error { return writeJSON(w, versus) }
	case "junit":
		write = func(w io.Writer) error { return report.VersusJUnit(w, versus) }
	}
	if err := writeOutput(env, out, write); err != nil {
		return environment("%w", err)
	}
	return nil
}

// cutNotices say of each run whose file is cut where it is.
func cutNotices(tails [2]record.Tail) []string {
	var out []string
	for i := range tails {
		if text := tails[i].Notice(); text != "" {
			out = append(out, compare.Name(i)+": "+text)
		}
	}
	return out
}

func showVersus(cmd *cobra.Command, env *Env, ui *uiFlags, names []string) error {
	var runs [2]*record.Run
	var errs [2]error
	for i, name := range names {
		runs[i], errs[i] = openRun(env, name)
	}
	if err := errors.Join(errs[:]...); err != nil {
		return &exitError{exitUsage, err}
	}
	versus := compared(names, [2]*lab.State{runs[0].State(), runs[1].State()})
	config := ui.config(env, nil)
	config.Pair = &tui.Pair{Versus: versus, First: record.NewPlayer(runs[0], env.Now), Second: record.NewPlayer(runs[1], env.Now)}
	for _, text := range cutNotices([2]record.Tail{runs[0].Tail, runs[1].Tail}) {
		if config.Notice != "" {
			config.Notice += "; "
		}
		config.Notice += text
	}
	return env.show(cmd.Context(), config)
}
