package main

import (
	"fmt"
	"io"

	"github.com/spf13/cobra"

	"benchtop/scenarios/ledger"
)

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
			"The pages: 0 accepting connections, 1 and 4 keep-alive, 2 one worker by default, 3 the long guide.",
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
