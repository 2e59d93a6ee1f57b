package main

import (
	"errors"
	"fmt"
	"io"

	"github.com/spf13/cobra"

	"benchtop/lab/bundle"
	"benchtop/lab/handout"
	"benchtop/scenarios"
)

func handoutCommand(env *Env) *cobra.Command {
	var out string
	var answers bool
	cmd := &cobra.Command{
		Use: "handout SCENARIO...", Short: "Print worksheets of lessons for a class: with room to write, without the answers",
		Long: "Handout writes one page of HTML that needs no network: for each scenario the lesson, the question before the run with\n" +
			"room to write, and on a sheet of its own what to watch, a table for what was measured, the questions and lines for\n" +
			"notes. A browser prints it on A4. --answers marks the right options and adds what each outcome means, for afterwards.",
		Example: "  benchtop handout start-here workers -o worksheets.html\n  benchtop handout workers --answers -o answers.html",
		Args:    atLeastOne("handout", "SCENARIO"),
		RunE: func(_ *cobra.Command, args []string) error {
			if err := checkOutput("--output", out); err != nil {
				return err
			}
			sheets := make([]handout.Sheet, len(args))
			var wrong []error
			for i, name := range args {
				file, err := scenarios.Find(name)
				if err != nil {
					wrong = append(wrong, err)
					continue
				}
				sheets[i] = handout.Sheet{Plan: file.Plan, Answers: answers}
			}
			if len(wrong) > 0 {
				return &exitError{exitUsage, errors.Join(wrong...)}
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
	return cmd
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
