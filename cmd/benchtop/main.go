// Command benchtop is a performance lab in the terminal: it starts sample servers, drives load at them, shows them side
// by side and says, with an interval, which is better.
package main

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"benchtop/lab"
	"benchtop/lab/exports"
	"benchtop/lab/load/generator"
	"benchtop/lab/outfile"
	"benchtop/lab/progress"
	"benchtop/lab/session"
	"benchtop/scenarios/ledger"
	"benchtop/scenarios/reference"
	"benchtop/targets/all"
	"benchtop/targets/posix"
	"benchtop/targets/printable"
	"benchtop/targets/proc"
	"benchtop/targets/routine"
	"benchtop/tui"
	"benchtop/tui/format"
)

func main() {
	roles := all.Roles()
	roles[generator.Role] = generator.Main
	proc.Dispatch(roles) // returns only in the process that a person started
	all.Register()
	os.Exit(Main(system()))
}

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
	var allowExec bool
	root := &cobra.Command{
		Use:   "benchtop [FILE|DIR]",
		Short: "A performance lab in the terminal",
		Long: "benchtop starts sample servers in configurable modes, drives load at them, shows requests per second,\n" +
			"latency, CPU and worker processes side by side, and says with an interval which is better, and why.\n\n" +
			"Without a command it opens the lab: choose a scenario, read, predict, run, see why. Scenario files of the current\n" +
			"folder stand there too; FILE opens with the lesson of a file or of a shipped id, DIR lists all files of a folder.",
		Version:                    built(),
		Args:                       ownFiles,
		SuggestionsMinimumDistance: 2, // letters
		SilenceErrors:              true,
		SilenceUsage:               true,
		RunE: func(cmd *cobra.Command, args []string) error {
			has, err := lessonsOf(strings.Join(args, ""))
			if err != nil {
				return err
			}
			has.allowExec = allowExec
			return openLab(cmd.Context(), env, ui, has)
		},
	}
	root.Flags().BoolVar(&allowExec, "allow-exec", false, "allow 'server: command' to start the program that a scenario file names, with your environment")
	ui.register(root)
	ui.registerPresent(root)
	root.AddCommand(
		replayCommand(env), reportCommand(env), compareCommand(env), listCommand(env), showCommand(env), checkCommand(env),
		schemaCommand(env), doctorCommand(env), keysCommand(env), progressCommand(env), claimsCommand(env), newCommand(env), notesCommand(env), handoutCommand(env),
		bundleCommand(env), classCommand(env), joinCommand(env),
	)
	root.AddCommand(starting(abCommand(env), runCommand(env), serveCommand(env), loadCommand(env), agentCommand(env), peersCommand(env), capacityCommand(env),
		selftestCommand(env), mysteryCommand(env))...)
	return root
}

// starting are the commands that start servers or the generator: where that cannot be they say so before anything else.
func starting(commands ...*cobra.Command) []*cobra.Command {
	for _, cmd := range commands {
		cmd.PreRunE = func(*cobra.Command, []string) error { return possible() }
	}
	return commands
}

// possible is why no server can be started on this system; nil: it can.
func possible() error {
	if err := posix.Missing(); err != nil {
		return environment("%w", err)
	}
	return nil
}

// uiFlags are the flags of everything that draws a screen.
type uiFlags struct {
	theme, glyphs string
	present       bool
	still         bool
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
	cmd.Flags().BoolVar(&f.still, "still", false, "no motion but what is measured: a verdict stands at once")
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

// config is the screen's configuration with a session to begin with; nil begins with the catalogue.
func (f *uiFlags) config(env *Env, s tui.Session) tui.Config {
	glyphs := f.glyphs
	if glyphs == "auto" {
		glyphs = "" // the screen chooses by the locale
	}
	config := tui.Config{
		In: env.Stdin, Out: env.screen, Gone: env.hangUp, Session: s, Present: f.present, Theme: f.theme, Glyphs: glyphs,
		NoColor: env.Getenv("NO_COLOR") != "", Now: env.Now, Claim: ledger.Text, Claimants: ledger.Pages, Mouse: f.mouse, Cores: runtime.NumCPU(), Reference: env.reference, Recorded: reference.Has, Still: f.still,
	}
	config.Exports = env.exportPlace()
	config.Export, config.Save = exportTo(config.Exports), saveTo(config.Exports)
	if env.followers != nil {
		config.Placed = env.followers.Where
	}
	return config
}

// lessons are what the lab has.
type lessons struct {
	entries   []tui.Entry
	begin     string // id of the scenario to begin with, empty: where the last session ended
	read      bool   // with its lesson
	named     bool   // they were asked for by name
	allowExec bool   // start programs that files name
}

// openLab opens the catalogue, or, without a terminal, says what there is.
func openLab(ctx context.Context, env *Env, ui *uiFlags, has lessons) error {
	if err := ui.check(); err != nil {
		return err
	}
	if env.plain() {
		if has.named {
			return listOwn(env.text(), has.entries)
		}
		if err := writeList(env.text()); err != nil {
			return err
		}
		return usage("the lab needs a terminal; without one, line by line: `benchtop show noise` is its lesson, `benchtop run noise` runs it")
	}
	return showLab(ctx, env, ui, has, func(*tui.Config) {}, nil)
}

// showLab shows the lab until the person leaves it, with what change changes of it. listen hears the events of its runs; nil: nobody.
func showLab(ctx context.Context, env *Env, ui *uiFlags, has lessons, change func(*tui.Config), listen func(*lab.Fold) lab.Sink) error {
	sweep(env)
	defer env.openFollowed("lab", "", true)()
	config := ui.config(env, nil)
	config.Entries, config.Begin, config.Read = has.entries, has.begin, has.read
	config.Progress = env.openProgress()
	config.Runs = env.savedRuns()
	config.Missing = newFinder(ctx).install
	var last *session.Session
	config.Start = func(ctx context.Context, p *lab.Plan, free bool) (tui.Session, error) {
		plan := *p
		plan.Free = free
		plan.Variants = slices.Clone(p.Variants)
		if err := permit(&plan, has.allowExec); err != nil {
			return nil, fmt.Errorf("%w; leave the lab and open it with --allow-exec", err)
		}
		if err := errors.Join(plan.DrivenHere(), checkPlans([]*lab.Plan{&plan})); err != nil {
			return nil, err
		}
		last = env.start(ctx, &plan, generator.Config{}, listen)
		return last, nil
	}
	change(&config)
	ctx, letGo := env.heed(ctx)
	defer letGo()
	out, err := tui.Run(ctx, config)
	if err := config.Progress.Save(); err != nil { // what the screen had no time to write
		fmt.Fprintf(env.Stderr, "benchtop: your progress is not kept: %v\n", err)
	}
	if err != nil {
		return &exitError{exitInternal, fmt.Errorf("the screen failed: %w", err)}
	}
	return endLab(ctx, env, last, out.Prediction)
}

// show shows what there is until the person leaves it.
func (e *Env) show(ctx context.Context, config tui.Config) error {
	ctx, letGo := e.heed(ctx)
	defer letGo()
	if _, err := tui.Run(ctx, config); err != nil {
		return &exitError{exitInternal, fmt.Errorf("the screen failed: %w", err)}
	}
	if code := signalled(ctx); code != exitOK {
		return &exitError{code: code}
	}
	return nil
}

// endLab waits for the last run of the lab and prints what it came to, and what had been predicted of it.
func endLab(ctx context.Context, env *Env, last *session.Session, said *progress.Prediction) error {
	code := signalled(ctx)
	if last != nil {
		last.Stop()
		result, err := last.Result()
		if err != nil {
			return &exitError{exitInternal, err}
		}
		summary(env, env.text(), last, result)
		writePredicted(env, env.text(), result, said)
	}
	if code != 0 {
		return &exitError{code: code}
	}
	return nil
}

// exportPlace is the folder of exports: by default one below the state folder, never the current one.
func (e *Env) exportPlace() *exports.Place {
	dir, err := e.stateDir()
	if err != nil {
		dir = filepath.Join(cmp.Or(e.Getenv("TMPDIR"), os.TempDir()), "benchtop")
	}
	return exports.New(e.openProgress(), filepath.Join(dir, "exports"), e.Getenv("HOME"))
}

// exportTo writes the files of one export to the folder of a place.
func exportTo(place *exports.Place) func([]tui.ExportFile) (string, error) {
	return func(files []tui.ExportFile) (string, error) {
		dir := place.Folder()
		if err := os.MkdirAll(dir, 0o755); err != nil { //nolint:gosec // as the person's mkdir makes it
			return "", err
		}
		return dir, writeFiles(dir, files)
	}
}

func writeFiles(dir string, files []tui.ExportFile) error {
	for _, f := range files {
		if err := writeFile(filepath.Join(dir, f.Name), f.Content); err != nil {
			return err
		}
	}
	return nil
}

// saveTo writes scenario files to the folder of a place, each under a name that is free there: the given one, or that with a
// number.
func saveTo(place *exports.Place) func(name string, content []byte) (string, error) {
	return func(name string, content []byte) (string, error) {
		path := ""
		err := os.MkdirAll(place.Folder(), 0o755) //nolint:gosec // as the person's mkdir makes it
		if err == nil {
			path, err = outfile.CreateFree(filepath.Join(place.Folder(), name), content, shared)
		}
		if err != nil {
			return "", fmt.Errorf("writing the scenario: %w", err)
		}
		return path, nil
	}
}

// writePredicted says below a run's summary what had been predicted.
func writePredicted(env *Env, out io.Writer, r *lab.Result, p *progress.Prediction) {
	if p == nil {
		return
	}
	outcome := progress.Outcome{}
	if !p.Skipped {
		outcome = progress.Judge(r, p)
	}
	_ = env.wrapped(out, func(w io.Writer) error { // as with every line of the end, there is nobody left to tell
		_, err := fmt.Fprintln(w, "\n"+strings.Join(format.Predicted(p, &outcome), "\n"))
		return err
	})
}
