package main

import (
	"errors"
	"fmt"
	"io/fs"

	"github.com/spf13/cobra"

	"benchtop/lab/outfile"
	"benchtop/scenarios"
)

func newCommand(env *Env) *cobra.Command {
	return &cobra.Command{
		Use: "new NAME", Short: "Write a commented scenario file NAME.yaml to begin with",
		Long: "New writes NAME.yaml into the current folder: a small scenario that runs as it is, with a comment on every part.\n" +
			"A file that is there already is never replaced. The name is the scenario's id: small letters, digits, hyphens.",
		Example: "  benchtop new my-service",
		Args: func(_ *cobra.Command, args []string) error {
			if len(args) != 1 {
				return usage("new: expected one name, got %d; for example `benchtop new my-service`", len(args))
			}
			return nil
		},
		RunE: func(_ *cobra.Command, args []string) error { return writeNew(env, args[0]) },
	}
}

func writeNew(env *Env, name string) error {
	src, err := scenarios.New(name)
	if err != nil {
		return usage("new: %w", err)
	}
	path := name + ".yaml"
	err = outfile.Create(path, src, shared)
	if errors.Is(err, fs.ErrExist) {
		return usage("new: %s is there already and stays as it is; choose another name, or move it away first", path)
	}
	if err != nil {
		return environment("new: %w", err)
	}
	fmt.Fprintf(env.text(), "wrote %s\n\n"+
		"next   benchtop check --watch %[1]s   every error with its place, at each save\n"+
		"       benchtop show %[1]s            the scenario as it is understood\n"+
		"       benchtop check --run %[1]s     does it show what it teaches?\n"+
		"       benchtop %[1]s                 the lesson: read, predict, run, quiz; `benchtop notes %[1]s` beside it for the trainer\n", path)
	return nil
}
