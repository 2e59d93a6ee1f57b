package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"strings"

	"github.com/spf13/cobra"

	"benchtop/lab"
	"benchtop/lab/load"
	"benchtop/lab/progress"
	"benchtop/lab/record"
	"benchtop/lab/report"
	"benchtop/scenarios"
	"benchtop/tui"
)

// config is the screen's configuration with a session to begin with; nil begins with the catalogue.
func (f *uiFlags) config(env *Env, s tui.Session) tui.Config {
	glyphs := f.glyphs
	if glyphs == "auto" {
		glyphs = "" // the screen chooses by the locale
	}
	return tui.Config{
		In: env.Stdin, Out: env.screen, Gone: env.hangUp, Session: s, Present: f.present, Theme: f.theme, Glyphs: glyphs,
		NoColor: env.Getenv("NO_COLOR") != "", Now: env.Now, Export: env.export, Save: env.saveScenario, Claim: claimText, Placed: env.stage.placed(), Mouse: f.mouse,
	}
}

// claimText is what a row of the claim ledger says, with its source; empty for a row that is not written down.
func claimText(number string) string {
	for _, c := range scenarios.Claims() {
		if c.Number == number {
			return fmt.Sprintf("%s (%s)", c.Says, strings.Join(c.Source, ", "))
		}
	}
	return ""
}

// openLab opens the catalogue, or, without a terminal, says what there is.
func openLab(ctx context.Context, env *Env, ui *uiFlags) error {
	if err := ui.check(); err != nil {
		return err
	}
	if env.plain() {
		if err := writeList(env.text()); err != nil {
			return err
		}
		return usage("the lab needs a terminal; without one, line by line: `benchtop show noise` is its lesson, `benchtop run noise` runs it")
	}
	entries, err := catalogue()
	if err != nil {
		return &exitError{exitInternal, err}
	}
	sweep(env)
	defer openStage(env, "lab", "", true)()
	config := ui.config(env, nil)
	config.Entries = entries
	config.Progress = env.openProgress()
	var last *session
	config.Start = func(ctx context.Context, p *lab.Plan, free bool) (tui.Session, error) {
		plan := *p
		plan.Free = free
		if err := checkBudgets([]*lab.Plan{&plan}); err != nil {
			return nil, err
		}
		last = startSession(ctx, env, &plan, load.Config{}, nil)
		return last, nil
	}
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
func endLab(ctx context.Context, env *Env, last *session, said *progress.Prediction) error {
	code := signalled(ctx)
	if last != nil {
		last.Stop()
		result, err := last.result()
		if err != nil {
			return err
		}
		summary(env, env.text(), last, result)
		writePredicted(env, env.text(), result, said)
	}
	if code != 0 {
		return &exitError{code: code}
	}
	return nil
}

// catalogue lists the shipped scenarios with their plans.
func catalogue() ([]tui.Entry, error) {
	var out []tui.Entry
	var errs []error
	for _, e := range scenarios.List() {
		file, err := scenarios.Load(e.ID)
		if err != nil {
			errs = append(errs, err)
			continue
		}
		out = append(out, tui.Entry{ID: e.ID, Title: e.Title, Track: e.Track, Minutes: e.Minutes, Plan: file.Plan})
	}
	return out, errors.Join(errs...)
}

func replayCommand(env *Env) *cobra.Command {
	ui := &uiFlags{}
	var plain bool
	var still picture
	cmd := &cobra.Command{
		Use:   "replay RUN",
		Short: "Show a saved run again; nothing is started",
		Long:  "Replay shows the screens of a run from its file; `last` names the newest saved run, - standard input. Without a terminal it prints the lines of the run.",
		Args:  oneRun("replay"),
		RunE: func(cmd *cobra.Command, args []string) error {
			if err := ui.check(); err != nil {
				return err
			}
			if still.file == "" && (plain || env.plain()) {
				ui.plainly(env)
				return replayPlain(env, args[0])
			}
			run, err := openRun(env, args[0])
			if err != nil {
				return err
			}
			if still.file != "" {
				return still.write(env, ui, run)
			}
			sweep(env)
			defer openStage(env, "replay", run.Events[0].Run.Plan.ID, true)()
			config := ui.config(env, record.NewPlayer(run, env.Now))
			config.Notice = run.Notice()
			return env.show(cmd.Context(), config)
		},
	}
	ui.register(cmd)
	ui.registerPresent(cmd)
	cmd.Flags().BoolVar(&plain, "plain", false, "plain lines, no screen")
	still.register(cmd)
	return cmd
}

// replayPlain prints the lines that the run printed, at once.
func replayPlain(env *Env, name string) error {
	fold := lab.NewFold()
	live := report.NewLive(env.text(), fold)
	var tail record.Tail
	err := readRun(env, name, func(in io.Reader) (err error) {
		tail, err = record.Scan(in, func(e *lab.Event, _ int) error {
			fold.Apply(*e)
			live.Event(*e)
			return live.Err()
		})
		return err
	})
	if live.Err() != nil {
		return environment("%w", live.Err())
	}
	if err != nil {
		return err
	}
	sayCut(env, tail)
	fmt.Fprintln(env.text())
	if err := env.wrapped(env.text(), func(w io.Writer) error { return report.Plain(w, fold.Result()) }); err != nil {
		return environment("%w", err)
	}
	return nil
}

func oneRun(name string) cobra.PositionalArgs {
	return func(_ *cobra.Command, args []string) error {
		if len(args) != 1 {
			return usage("%s: expected one run file, got %d; `last` names the newest saved run", name, len(args))
		}
		return nil
	}
}

// sayCut says of a run file that is cut where it is.
func sayCut(env *Env, tail record.Tail) {
	if text := tail.Notice(); text != "" {
		fmt.Fprintf(env.Stderr, "benchtop: %s\n", text)
	}
}

// openRun reads a run file and keeps its events; readRun says which names there are.
func openRun(env *Env, name string) (run *record.Run, err error) {
	err = readRun(env, name, func(in io.Reader) (err error) {
		run, err = record.Read(in)
		return err
	})
	return run, err
}

// foldRun reads what a run came to.
func foldRun(env *Env, name string) (fold *lab.Fold, tail record.Tail, err error) {
	err = readRun(env, name, func(in io.Reader) (err error) {
		fold, tail, err = record.Fold(in)
		return err
	})
	return fold, tail, err
}

// readRun opens a run file; "last" is the newest saved one, "previous" the one before it, - standard input.
func readRun(env *Env, name string, do func(io.Reader) error) error {
	if name == stdinPath {
		if err := do(env.Stdin); err != nil {
			return usage("standard input: %w", err)
		}
		return nil
	}
	if name == "last" || name == "previous" {
		dir, err := env.runsDir()
		if err != nil {
			return usage("%w", err)
		}
		newest := record.Latest
		if name == "previous" {
			newest = record.Previous
		}
		if name, err = newest(dir); err != nil {
			return usage("%w", err)
		}
	}
	err := record.With(name, do)
	if errors.Is(err, fs.ErrNotExist) {
		return usage("%w; %s", err, whichRun(env))
	}
	if err != nil {
		return usage("%w", err)
	}
	return nil
}

// whichRun says what may stand for a run.
func whichRun(env *Env) string {
	dir, err := env.runsDir()
	if err != nil {
		return "name a run file"
	}
	return "name a run file, or take last or previous for the newest ones in " + dir
}

func reportCommand(env *Env) *cobra.Command {
	var format, out string
	formats := map[string]func(io.Writer, *lab.Result) error{
		"plain": report.Plain, "md": report.Markdown, "html": report.HTML, "json": report.JSON, "csv": report.CSV, "benchstat": report.Benchstat,
	}
	cmd := &cobra.Command{
		Use:   "report RUN",
		Short: "Print the result of a saved run",
		Long:  "Report prints the result of a run from its file; `last` names the newest saved run, `previous` the one before it, - standard input.",
		Args:  oneRun("report"),
		RunE: func(_ *cobra.Command, args []string) error {
			write, ok := formats[format]
			if !ok {
				return oneOf("--format", format, "plain", "md", "html", "json", "csv", "benchstat")
			}
			if err := checkOutput("--output", out); err != nil {
				return err
			}
			fold, tail, err := foldRun(env, args[0])
			if err != nil {
				return err
			}
			sayCut(env, tail)
			if err := writeOutput(env, out, func(w io.Writer) error { return write(w, fold.Result()) }); err != nil {
				return environment("%w", err)
			}
			return nil
		},
	}
	cmd.Flags().StringVar(&format, "format", "plain", "plain, md, html, json, csv or benchstat")
	cmd.Flags().StringVarP(&out, "output", "o", stdoutPath, "file to write, or - for standard output")
	return cmd
}
