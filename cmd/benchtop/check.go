package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"slices"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"benchtop/lab"
	"benchtop/lab/figure"
	"benchtop/lab/outfile"
	"benchtop/lab/report"
	"benchtop/lab/trial"
	"benchtop/scenarios"
	"benchtop/scenarios/watch"
	"benchtop/targets"
	"benchtop/targets/printable"
)

// checkFlags are the flags of `check`.
type checkFlags struct {
	run, full, watch, allowExec bool
	junit                       string
}

func checkCommand(env *Env) *cobra.Command {
	f := &checkFlags{}
	cmd := &cobra.Command{
		Use: "check FILE...", Short: "Check scenario files: every error with its place; --run tries what they teach",
		Long: "Check reads scenario files and reports every error with its place; nothing is started.\n\n" +
			"--run then runs each in a short form (3 blocks of at most 1 s) and holds what it shows against what it teaches: one\n" +
			"line for each expectation and each line of the mechanism, and the conclusion that holds; with conclusions of which\n" +
			"none holds it fails. --full runs it as the file says. These runs are not saved. --watch checks\n" +
			"again whenever a file is saved, until ctrl+c.\n\n" +
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
			if f.junit != "" && (!f.run || f.watch) {
				return usage("check: --junit is about --run without --watch")
			}
			if err := checkOutput("--junit", f.junit); err != nil {
				return err
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
	flags.StringVar(&f.junit, "junit", "", "with --run: write what came out as a test report for build servers (JUnit XML) to a file, or -")
	flags.BoolVar(&f.allowExec, "allow-exec", false, "with --run: allow 'server: command' to start the program that a file names, with your environment")
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
	if c.flags.junit != "" {
		if err := writeOutput(c.env, c.flags.junit, func(w io.Writer) error { return report.JUnit(w, c.results...) }); err != nil {
			return environment("%w", err)
		}
	}
	if code := worst(codes); code != exitOK {
		return &exitError{code: code}
	}
	return nil
}

// checker checks scenario files, and tries them.
type checker struct {
	env   *Env
	flags *checkFlags
	ctx   context.Context //nolint:containedctx // of the one command that it lives for

	results []*lab.Result // of what was run
	// measure carries a plan out; tests give their own. nil: the real thing.
	measure func(context.Context, lab.Plan) (*lab.Result, error)
}

// out is where everything goes that is not the test report.
func (c *checker) out() io.Writer {
	if c.env.isStdout(c.flags.junit) {
		return c.env.Stderr
	}
	return c.env.text()
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
	fmt.Fprintf(c.out(), "%s: ok, %s, %s, about %s\n", printable.Line(name), file.Plan.ID, figure.Lines.Counted(len(file.Plan.Variants), "variant"), figure.Duration(file.Plan.Duration()))
	for i := range file.Plan.Variants {
		for _, text := range targets.Advice(file.Plan.Variants[i].Target) {
			fmt.Fprintf(c.out(), "  warning: %s: %s\n", file.Plan.Variants[i].ID, text)
		}
	}
	return file
}

// shipped reports whether a name is the id of a shipped scenario, which no file of the same name replaces.
func shipped(name string) bool { return slices.Contains(scenarioIDs(), name) }

// try runs a scenario, says line by line whether it shows what it teaches, and gives the exit code.
func (c *checker) try(ctx context.Context, file *scenarios.File) (code int, err error) {
	name, plan := file.Plan.ID, *file.Plan
	if err := permit(&plan, c.flags.allowExec); err != nil {
		fmt.Fprintf(c.env.Stderr, "benchtop: %s: %v\n", name, err)
		return exitUsage, nil
	}
	if err := checkPlans([]*lab.Plan{&plan}); err != nil {
		fmt.Fprintf(c.env.Stderr, "benchtop: %v\n", err)
		return exitEnvironment, nil
	}
	r, err := trial.Run(plan, c.flags.full, func(p lab.Plan, form string) (*lab.Result, error) {
		fmt.Fprintf(c.out(), "%s: running, %s: %s of %s slices, about %s\n", printable.Line(name), form, figure.Lines.Counted(p.Blocks, "block"), figure.Duration(p.Slice), figure.Duration(p.Duration()))
		if c.measure != nil {
			return c.measure(ctx, p)
		}
		return measure(ctx, p)
	})
	if err != nil {
		return 0, err
	}
	c.results = append(c.results, r)
	lesson := trial.Taught(&plan, r)
	out := c.out()
	for _, line := range lesson.Lines {
		fmt.Fprintf(out, "  %s\n", line)
	}
	fmt.Fprintf(out, "%s: %s\n", printable.Line(name), lesson.Summary(c.flags.full))
	return exitOf(ctx, lesson.Outcome), nil
}

// measure carries a plan out that is not saved.
func measure(ctx context.Context, plan lab.Plan) (*lab.Result, error) {
	fold := lab.NewFold()
	if err := lab.Run(ctx, plan, lab.Options{Sink: fold.Apply, Version: version(), Apply: scenarios.Turn}); err != nil {
		return nil, &exitError{exitInternal, err}
	}
	r := fold.Result()
	if r == nil {
		return nil, &exitError{exitInternal, fmt.Errorf("%s: the run ended before it began", plan.ID)}
	}
	return r, nil
}

// watch checks files, and again whenever one is saved, until the person ends it.
func (c *checker) watch(names []string) error {
	files := make([]*watch.File, 0, len(names))
	for _, name := range names {
		if shipped(name) {
			return usage("check --watch: %s is shipped and does not change; name a file", name)
		}
		if info, err := os.Stat(name); err != nil || !info.Mode().IsRegular() {
			return usage("check --watch: %s is no file that could be watched; `benchtop new NAME` writes one", name)
		}
		files = append(files, watch.New(name))
	}
	if c.flags.run {
		sweep(c.env)
	}
	ticker := time.NewTicker(watch.Every)
	defer ticker.Stop()
	for _, f := range files {
		if err := c.again(f.Path); err != nil {
			return err
		}
	}
	what := "this file"
	if len(files) > 1 {
		what = "these files"
	}
	fmt.Fprintf(c.out(), "\nwatching %s; ctrl+c ends\n", what)
	return c.follow(files, ticker.C)
}

// follow checks what has changed at each tick. A file that is saved during a run is checked after it.
func (c *checker) follow(files []*watch.File, ticks <-chan time.Time) error {
	// stamp puts the time of day in front of what is said.
	stamp := func(w io.Writer) { fmt.Fprintf(w, "\n%s\n", c.env.Now().Format(time.TimeOnly)) }
	err := watch.Follow(c.ctx, files, ticks, func(path string, there bool) error {
		if !there {
			stamp(c.env.Stderr)
			fmt.Fprintf(c.env.Stderr, "%s: it is gone; waiting for it to come back\n", path)
			return nil
		}
		stamp(c.out())
		return c.again(path)
	})
	if c.ctx.Err() != nil {
		return c.ended()
	}
	return err
}

// again checks one file, and runs it if it is right and that was asked for. Nothing that is wrong with it ends the
// watch.
func (c *checker) again(path string) error {
	file := c.read(path)
	if file == nil || !c.flags.run {
		return nil
	}
	_, err := c.try(c.ctx, file)
	if c.ctx.Err() != nil {
		return c.ended()
	}
	return err
}

func (c *checker) ended() error {
	code := signalled(c.ctx)
	if code == 0 {
		code = exitInterrupt
	}
	return &exitError{code: code}
}

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
