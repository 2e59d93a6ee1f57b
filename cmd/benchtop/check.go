package main

import (
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"benchtop/lab/report"
	"benchtop/scenarios"
	"benchtop/targets/printable"
)

// checkFlags are the flags of `check`.
type checkFlags struct{ run, full, watch, allowExec bool }

func checkCommand(env *Env) *cobra.Command {
	f := &checkFlags{}
	cmd := &cobra.Command{
		Use: "check FILE...", Short: "Check scenario files: every error with its place; --run tries what they teach",
		Long: "Check reads scenario files and reports every error with its place; nothing is started.\n\n" +
			"--run then runs each in a short form (3 blocks of at most 1 s) and holds what it shows against what it teaches: one\n" +
			"line for each expectation and each line of the mechanism. --full runs it as the file says. These runs are not\n" +
			"saved. --watch checks again whenever a file is saved, until ctrl+c.\n\n" +
			"Exit codes: 0 everything is confirmed, 1 something is refuted: the run contradicts the lesson, 2 a file or the\n" +
			"command line is wrong (nothing was started), 3 not decided: inconclusive or refused, 4 the environment failed.",
		Example: "  benchtop check mine.yaml\n  benchtop check --run workers noise\n  benchtop check --watch --run mine.yaml",
		Args:    atLeastOne("check", "FILE"),
		ValidArgsFunction: func(*cobra.Command, []string, string) ([]string, cobra.ShellCompDirective) {
			return scenarioIDs(), cobra.ShellCompDirectiveDefault
		},
		RunE: func(cmd *cobra.Command, names []string) error {
			if f.full && !f.run {
				return usage("check: --full is about --run; write both")
			}
			c := &checker{env: env, flags: f, ctx: cmd.Context()}
			if f.watch || f.run {
				var letGo func()
				c.ctx, letGo = env.heed(c.ctx)
				defer letGo()
			}
			if f.watch {
				return c.watch(names)
			}
			return c.once(names)
		},
	}
	flags := cmd.Flags()
	flags.BoolVar(&f.run, "run", false, "run each in a short form, and fail if it does not show what it teaches")
	flags.BoolVar(&f.full, "full", false, "with --run: as long as the file says")
	flags.BoolVar(&f.watch, "watch", false, "check again whenever a file is saved, until ctrl+c")
	flags.BoolVar(&f.allowExec, "allow-exec", false, "with --run: allow `server: command` to start the program that a file names, with your environment")
	return cmd
}

// once checks every file, and only when all are right runs them.
func (c *checker) once(names []string) error {
	files := make([]*scenarios.File, 0, len(names))
	for _, name := range names {
		if file := c.read(name); file != nil {
			files = append(files, file)
		}
	}
	if len(files) < len(names) {
		return &exitError{code: exitUsage}
	}
	if !c.flags.run {
		return nil
	}
	sweep(c.env)
	codes := []int{}
	for _, file := range files {
		code, err := c.try(c.ctx, file)
		if err != nil {
			return err
		}
		if codes = append(codes, code); code >= exitHangup {
			break
		}
	}
	if code := worst(codes); code != exitOK {
		return &exitError{code: code}
	}
	return nil
}

// read checks one file and says what it is or what is wrong with it; nil when something is.
func (c *checker) read(name string) *scenarios.File {
	file, err := scenarios.Find(name)
	if err == nil {
		_, err = scenarios.Twin(file)
	}
	if err != nil {
		var problems *scenarios.Errors
		if errors.As(err, &problems) {
			err = problems
		}
		fmt.Fprintln(c.env.Stderr, strings.TrimRight(err.Error(), "\n"))
		return nil
	}
	fmt.Fprintf(c.env.text(), "%s: ok, %s, %d variants, about %s\n", printable.Line(name), file.Plan.ID, len(file.Plan.Variants), report.Short(file.Plan.Duration()))
	return file
}

// shipped tells whether a name is the id of a shipped scenario, which no file of the same name replaces.
func shipped(name string) bool { return slices.Contains(scenarioIDs(), name) }
