package main

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"runtime"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"benchtop/targets/printable"
	"benchtop/targets/routine"
)

// Main runs the program and gives its exit code.
func Main(env *Env) int {
	env.Stderr = printable.NewWriter(env.Stderr)
	routine.Report(env.fault)
	defer routine.Recover()
	defer env.watchSignals()()
	defer leave(env)
	out := env.checkStdout()
	root := rootCommand(env)
	root.SetArgs(env.Args)
	root.SetIn(env.Stdin)
	root.SetOut(env.Stdout)
	root.SetErr(env.Stderr)
	err := root.ExecuteContext(context.Background())
	if unwritten := out.exit(err); unwritten != nil {
		err = unwritten
	}
	var exit *exitError
	switch {
	case err == nil:
		return exitOK
	case errors.As(err, &exit):
		if exit.err != nil {
			fmt.Fprintf(env.Stderr, "benchtop: %s\n", env.said(exit.err))
		}
		return exit.code
	}
	// Everything else comes from the command line itself: an unknown command, flag or argument.
	fmt.Fprintf(env.Stderr, "benchtop: %s\nSee `benchtop --help`.\n", env.said(err))
	return exitUsage
}

// said is the text of an error in which no argument and no name of a file begins a line of its own.
func (e *Env) said(err error) string {
	text, names := err.Error(), e.Args
	var file *fs.PathError
	if errors.As(err, &file) {
		names = append(slices.Clone(names), file.Path)
	}
	for _, name := range names {
		text = strings.ReplaceAll(text, name, printable.Line(name))
	}
	return text
}

func rootCommand(env *Env) *cobra.Command {
	ui := &uiFlags{}
	root := &cobra.Command{
		Use:   "benchtop",
		Short: "A performance lab in the terminal",
		Long: "benchtop starts sample servers in configurable modes, drives load at them, shows requests per second,\n" +
			"latency, CPU and worker processes side by side, and says with an interval which is better, and why.\n\n" +
			"Without a command it opens the lab: choose a scenario, read, predict, run, see why.",
		Version:       version() + " " + runtime.Version(),
		Args:          cobra.NoArgs,
		SilenceErrors: true,
		SilenceUsage:  true,
		RunE: func(cmd *cobra.Command, _ []string) error {
			return openLab(cmd.Context(), env, ui)
		},
	}
	ui.register(root)
	ui.registerPresent(root)
	root.AddCommand(
		runCommand(env), replayCommand(env), reportCommand(env), compareCommand(env), listCommand(env), showCommand(env), checkCommand(env),
		schemaCommand(env), serveCommand(env), loadCommand(env), doctorCommand(env), keysCommand(env), peersCommand(env),
		capacityCommand(env), selftestCommand(env), progressCommand(env), claimsCommand(env),
		newCommand(env), notesCommand(env),
	)
	return root
}

// uiFlags are the flags of everything that draws a screen.
type uiFlags struct {
	theme, glyphs string
	present       bool
	mouse         bool
}

// plainly says that large type was asked for where there are only lines.
func (f *uiFlags) plainly(env *Env) {
	if f.present {
		fmt.Fprintln(env.Stderr, "benchtop: --present is for a terminal; here are plain lines")
	}
}

// registerPresent is for the commands that show runs.
func (f *uiFlags) registerPresent(cmd *cobra.Command) {
	cmd.Flags().BoolVar(&f.present, "present", false, "large type for a projector: fewer and bigger things (the key P changes it)")
}

func (f *uiFlags) register(cmd *cobra.Command) {
	cmd.Flags().StringVar(&f.theme, "theme", "auto", "colours: auto, dark, light, high-contrast, mono")
	cmd.Flags().StringVar(&f.glyphs, "glyphs", "auto", "characters of charts: auto, braille, block, ascii")
	cmd.Flags().BoolVar(&f.mouse, "mouse", false, "take the mouse: a click selects, the wheel scrolls (then the terminal itself cannot select text)")
}

func (f *uiFlags) check() error {
	if err := oneOf("--theme", f.theme, "auto", "dark", "light", "high-contrast", "mono"); err != nil {
		return err
	}
	return oneOf("--glyphs", f.glyphs, "auto", "braille", "block", "ascii")
}

func oneOf(flag, value string, allowed ...string) error {
	for _, a := range allowed {
		if a == value {
			return nil
		}
	}
	return usage("%s: %q is not known; allowed: %v", flag, value, allowed)
}
