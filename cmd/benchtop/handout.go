package main

import (
	"errors"
	"fmt"
	"io"

	"github.com/spf13/cobra"

	"benchtop/lab"
	"benchtop/lab/bundle"
	"benchtop/lab/class"
	"benchtop/lab/handout"
	"benchtop/scenarios"
	"benchtop/targets/printable"
)

func handoutCommand(env *Env) *cobra.Command {
	var out, of string
	var answers bool
	cmd := &cobra.Command{
		Use: "handout SCENARIO...", Short: "Print worksheets of lessons for a class: with room to write, without the answers",
		Long: "Handout writes one page of HTML that needs no network: for each scenario the lesson, the question before the run with\n" +
			"room to write, and on a sheet of its own what to watch, a table for what was measured, the questions and lines for\n" +
			"notes. A browser prints it on A4. --answers marks the right options and adds what each outcome means, for afterwards;\n" +
			"--class DIR does so for the lessons of a class, from the folder that `benchtop class --export DIR` wrote, with what everybody\n" +
			"predicted and measured.",
		Example: "  benchtop handout start-here workers -o worksheets.html\n  benchtop handout workers --answers -o answers.html\n  benchtop handout --class exported -o tuesday.html",
		Args: func(cmd *cobra.Command, args []string) error {
			if of == "" {
				return atLeastOne("handout", "SCENARIO")(cmd, args)
			}
			if len(args) > 0 {
				return usage("handout: --class has its lessons, found %q besides; leave one of them out", args)
			}
			return nil
		},
		RunE: func(_ *cobra.Command, args []string) error {
			if err := checkOutput("--output", out); err != nil {
				return err
			}
			sheets, err := sheetsOf(args, answers)
			if of != "" {
				sheets, err = sheetsOfClass(of)
			}
			if err != nil {
				return &exitError{exitUsage, err}
			}
			if err := writeOutput(env, out, func(w io.Writer) error { return handout.HTML(w, sheets) }); err != nil {
				return environment("%w", err)
			}
			return nil
		},
		ValidArgsFunction: func(*cobra.Command, []string, string) ([]string, cobra.ShellCompDirective) {
			return scenarioIDs(), cobra.ShellCompDirectiveDefault
		},
	}
	cmd.Flags().StringVarP(&out, "output", "o", stdoutPath, "file to write, or - for standard output")
	cmd.Flags().BoolVar(&answers, "answers", false, "with the right answers and what each outcome means")
	cmd.Flags().StringVar(&of, "class", "", "the lessons of a class, from the folder that it was exported to, with its results and the answers")
	return cmd
}

func sheetsOf(names []string, answers bool) ([]handout.Sheet, error) {
	sheets := make([]handout.Sheet, len(names))
	var wrong []error
	for i, name := range names {
		file, err := scenarios.Find(name)
		if err != nil {
			wrong = append(wrong, err)
			continue
		}
		sheets[i] = handout.Sheet{Plan: file.Plan, Answers: answers}
	}
	return sheets, errors.Join(wrong...)
}

// sheetsOfClass reads a class from its folder.
func sheetsOfClass(dir string) ([]handout.Sheet, error) {
	events, err := class.Replay(dir)
	if err != nil {
		return nil, err
	}
	var room class.Room
	for i := range events {
		room.Apply(&events[i])
	}
	if len(room.Rounds) == 0 {
		return nil, fmt.Errorf("the class in %s opened no lesson, so there is nothing to print", dir)
	}
	return handout.OfClass(&room, func(l *class.Lesson) (*lab.Plan, error) {
		file, err := scenarios.ParseOffered(printable.Line(l.ID)+".yaml", []byte(l.Text))
		if err != nil {
			return nil, err
		}
		return file.Plan, nil
	})
}

func bundleCommand(env *Env) *cobra.Command {
	return &cobra.Command{
		Use: "bundle DIR", Short: "Build this program for every system into a folder, with checksums and a page to start from",
		Long: "Bundle builds from a clone, with Go and what the module cache has: one file each for Linux, macOS and Windows, SHA256SUMS,\n" +
			"and start.html, which says what to type on which system. The folder works without a network. The same commit gives the\n" +
			"same files.",
		Example: "  go run ./cmd/benchtop bundle dist",
		Args: func(_ *cobra.Command, args []string) error {
			if len(args) != 1 {
				return usage("bundle: expected one folder, got %d", len(args))
			}
			return nil
		},
		RunE: func(cmd *cobra.Command, args []string) error {
			ctx, letGo := env.heed(cmd.Context())
			defer letGo()
			clone, err := bundle.Clone(".")
			if errors.Is(err, bundle.ErrNoClone) {
				return usage("bundle: %w", err)
			}
			if err == nil {
				err = bundle.Make(ctx, clone, args[0], env.text())
			}
			if code := signalled(ctx); code != exitOK {
				return &exitError{code: code}
			}
			if err != nil {
				return environment("bundle: %w", err)
			}
			fmt.Fprintf(env.Stderr, "benchtop: %s/%s is the page to start from\n", args[0], bundle.PageName)
			return nil
		},
	}
}
