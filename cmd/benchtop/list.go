package main

import (
	"fmt"
	"io"
	"text/tabwriter"

	"github.com/spf13/cobra"

	"benchtop/scenarios"
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
