package main

import (
	"github.com/spf13/cobra"

	"benchtop/scenarios"
)

func schemaCommand(env *Env) *cobra.Command {
	return &cobra.Command{
		Use: "schema", Short: "Print the JSON schema of scenario files, for editors", Args: noArgs("schema"),
		RunE: func(*cobra.Command, []string) error {
			_, err := env.Stdout.Write(scenarios.Schema())
			return err
		},
	}
}
