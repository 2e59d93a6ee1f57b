package main

import (
	"fmt"
	"strings"
	"text/tabwriter"

	"github.com/spf13/cobra"

	"benchtop/tui"
)

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
