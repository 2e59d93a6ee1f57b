package main

import (
	"context"
	"fmt"
	"io"
	"os"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"benchtop/lab"
	"benchtop/lab/instrument/selftest"
	"benchtop/lab/observe"
	"benchtop/tui"
)

// selftestFlags are the flags of `selftest`.
type selftestFlags struct {
	quick bool
	only  []string
	json  string
}

func selftestCommand(env *Env) *cobra.Command {
	f := &selftestFlags{}
	cmd := &cobra.Command{
		Use:   "selftest",
		Short: "Hold the generator and the verdicts against what they promise, on this machine",
		Long: "Selftest runs the instrument against servers of which the truth is known, and prints a line per promise: the figure,\n" +
			"its bar, and whether it is met. Met: the figure's 95 % interval lies inside the bar; missed: outside; inconclusive:\n" +
			"neither, which is no pass and no defect. What cannot be run here is `not run`, with the reason.\n\n" +
			"All of it takes about 45 minutes, --quick under one. Do nothing else on the machine meanwhile.\n\n" +
			"Exit codes: 0 nothing is missed or inconclusive, 1 something is missed, 2 the command line is wrong, 3 something is\n" +
			"inconclusive, 130 interrupted.",
		Example: "  benchtop selftest --quick\n  benchtop selftest --only freeze,pacing --json -",
		Args:    noArgs("selftest"),
		RunE:    func(cmd *cobra.Command, _ []string) error { return selftestRun(cmd.Context(), env, f) },
	}
	flags := cmd.Flags()
	flags.BoolVar(&f.quick, "quick", false, "shorter and fewer runs, under a minute")
	flags.StringSliceVar(&f.only, "only", nil, "only these rows: "+strings.Join(selftest.Groups(), ","))
	flags.StringVar(&f.json, "json", "", "write the result as JSON to a file, or - for standard output")
	return cmd
}

// selftestResult is what --json writes.
type selftestResult struct {
	Benchtop int             `json:"benchtop"`
	Started  time.Time       `json:"started"`
	Machine  observe.Machine `json:"machine"`
	*selftest.Report
}

func selftestRun(ctx context.Context, env *Env, f *selftestFlags) error {
	if err := selftest.CheckOnly(f.only); err != nil {
		return usage("--only: %v", err)
	}
	if err := checkOutput("--json", f.json); err != nil {
		return err
	}
	sweep(env)
	ctx, letGo := env.heed(ctx)
	defer letGo()
	out := env.text()
	if env.isStdout(f.json) {
		out = env.Stderr
	}
	result := selftestResult{Benchtop: lab.FormatVersion, Started: env.Now().Round(0), Machine: observe.Describe(version())}
	program, err := os.Executable()
	if err != nil {
		program = "" // the rows that need it say so
	}
	var runErr error
	result.Report, runErr = selftest.Run(ctx, selftest.Options{
		Quick: f.quick, Only: f.only, Program: program, Version: version(), Show: showRun,
		Progress: func(what string) {
			if !f.quick {
				fmt.Fprintf(env.Stderr, "... %s\n", what)
			}
		},
	}, func(r selftest.Row) { fmt.Fprintln(out, selftest.Line(r)) })
	fmt.Fprintln(out, selftest.Closing(result.Report))
	if f.json != "" {
		if err := writeOutput(env, f.json, func(w io.Writer) error { return writeJSON(w, result) }); err != nil {
			return environment("%w", err)
		}
	}
	switch {
	case runErr != nil:
		code := signalled(ctx)
		if code == 0 {
			code = exitInterrupt
		}
		return &exitError{code: code}
	case result.Count(selftest.Missed) > 0:
		return &exitError{code: exitRefuted}
	case result.Count(selftest.Inconclusive) > 0:
		return &exitError{code: exitInconclusive}
	}
	return nil
}

// showRun shows a run of the self-test.
func showRun(ctx context.Context, term *os.File, run *selftest.Shown) error {
	_, err := tui.Run(ctx, tui.Config{In: term, Out: term, Session: run, Theme: "dark"})
	return err
}
