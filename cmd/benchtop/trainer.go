package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"benchtop/lab"
	"benchtop/lab/bundle"
	"benchtop/lab/class"
	"benchtop/lab/follow"
	"benchtop/lab/handout"
	"benchtop/scenarios"
	"benchtop/targets/printable"
	"benchtop/tui/notes"
)

// searchEvery is how often the notes look for labs that have been opened.
const searchEvery = time.Second

func notesCommand(env *Env) *cobra.Command {
	ui := &uiFlags{}
	var plain, once bool
	cmd := &cobra.Command{
		Use:   "notes SCENARIO",
		Short: "The trainer's notes of a scenario, following the lab in another terminal",
		Long: "Notes shows, in a second terminal, what the scenario's file has for the trainer, the answers of the quiz, and where\n" +
			"the lab is that shows the scenario: reading, predicting, block and slice of the run with the time that is left, the\n" +
			"verdict, the question of the quiz. It waits when there is none, and again when one has ended. `benchtop`, `benchtop\n" +
			"run` and `benchtop replay` of the same user on the same machine can be followed.",
		Example: "  benchtop notes workers        and in the other terminal: benchtop run workers --present",
		Args: func(_ *cobra.Command, args []string) error {
			if len(args) != 1 {
				return usage("notes: expected one scenario, got %d; `benchtop list` shows the shipped ones", len(args))
			}
			return nil
		},
		ValidArgsFunction: func(*cobra.Command, []string, string) ([]string, cobra.ShellCompDirective) {
			return scenarioIDs(), cobra.ShellCompDirectiveDefault
		},
		RunE: func(cmd *cobra.Command, args []string) error {
			if err := ui.check(); err != nil {
				return err
			}
			file, err := scenarios.Find(args[0])
			if err != nil {
				return &exitError{exitUsage, err}
			}
			if env.sealed(file.Plan.ID) {
				return usage("notes: those of %s are shown %s", file.Plan.ID, afterTheRun)
			}
			return showNotes(cmd.Context(), env, ui, file.Plan, args[0], plain || env.plain(), once)
		},
	}
	ui.register(cmd)
	cmd.Flags().BoolVar(&plain, "plain", false, "plain lines, no screen")
	cmd.Flags().BoolVar(&once, "once", false, "end when the lab that was followed has ended")
	return cmd
}

func showNotes(ctx context.Context, env *Env, ui *uiFlags, plan *lab.Plan, name string, plain, once bool) error {
	ctx, letGo := env.heed(ctx)
	defer letGo()
	watching, enough := context.WithCancel(ctx)
	ticker := time.NewTicker(searchEvery)
	watcher := follow.Watch(watching, follow.Labs, ticker.C)
	defer func() {
		enough()
		ticker.Stop()
		watcher.Wait()
	}()
	if plain {
		n := &plainNotes{out: env.text(), plan: plan, now: env.Now, followed: notes.Followed{Scenario: plan.ID, Named: name}}
		n.head()
		return n.follow(ctx, watcher, once)
	}
	config := ui.config(env, nil)
	err := notes.Run(ctx, notes.Config{
		In: env.Stdin, Out: env.screen, Gone: env.hangUp, Plan: plan, Name: name, Labs: watcher.Labs, Once: once, Now: env.Now,
		Theme: config.Theme, Glyphs: config.Glyphs, NoColor: config.NoColor,
	})
	if err != nil {
		return &exitError{exitInternal, fmt.Errorf("the screen failed: %w", err)}
	}
	if code := signalled(ctx); code != 0 {
		return &exitError{code: code}
	}
	return nil
}

// plainNotes prints the notes, then a line for each change.
type plainNotes struct {
	out      io.Writer
	plan     *lab.Plan
	now      func() time.Time
	followed notes.Followed
	who      string
	where    string
	events   map[string]bool // of the current run, that were told
	err      error
}

func (n *plainNotes) line(format string, args ...any) {
	if n.err == nil {
		_, n.err = fmt.Fprintf(n.out, format+"\n", args...)
	}
}

func (n *plainNotes) stamped(text string) { n.line("%s  %s", n.now().Format(time.TimeOnly), text) }

func (n *plainNotes) head() {
	n.line("%s (%s)", n.plan.Title, n.plan.ID)
	if text := strings.TrimSpace(n.plan.Notes); text != "" {
		n.line("\n%s", text)
	} else {
		n.line("\n%s has no notes; write them under the key notes:, with the headings Before, During and After", n.plan.ID)
	}
	if len(n.plan.Quiz) > 0 {
		n.line("\nquiz, with the answers")
	}
	for _, q := range notes.QuizAnswers(n.plan, 0) {
		for _, s := range q {
			n.line("%s", strings.Replace(s, "✓", "right:", 1))
		}
	}
	n.line("")
}

// follow prints what changes until ctx ends, or, once, until the lab that was followed has ended.
func (n *plainNotes) follow(ctx context.Context, w *follow.Watcher, once bool) error {
	n.look(w.Labs())
	for {
		select {
		case <-ctx.Done():
			code := signalled(ctx)
			if code == 0 {
				code = exitInterrupt
			}
			return &exitError{code: code}
		case <-w.Changed():
		}
		n.look(w.Labs())
		if n.err != nil {
			return environment("%w", n.err)
		}
		if once && n.followed.Lab == nil && n.followed.Last != nil {
			return nil
		}
	}
}

// look prints what is new.
func (n *plainNotes) look(found []follow.Lab) {
	n.followed.Look(found)
	if who := n.followed.Who(); who != n.who {
		n.who, n.where, n.events = who, "", map[string]bool{}
		n.stamped(who)
	}
	l := n.followed.Lab
	if l == nil || l.Where == nil {
		return
	}
	if len(l.Events) == 0 {
		n.events = map[string]bool{}
	}
	for i := range l.Events {
		key := fmt.Sprint(l.Events[i].Seq)
		if text := notes.EventText(&l.Events[i]); text != "" && !n.events[key] {
			n.stamped("! " + text)
		}
		n.events[key] = true
	}
	where := notes.WhereText(l.Where, n.plan)
	if where == n.where {
		return
	}
	n.where = where
	if left := notes.LeftText(l.Where, n.now()); left != "" {
		where += ", " + left
	}
	n.stamped(where)
	if l.Where.Phase != lab.PhaseSlice || l.Where.Place != follow.Run || l.Where.Ended != "" {
		for _, s := range notes.SayNow(l.Where, n.plan) {
			n.line("            %s", s)
		}
	}
}

func handoutCommand(env *Env) *cobra.Command {
	var out, of string
	var answers bool
	cmd := &cobra.Command{
		Use: "handout SCENARIO...", Short: "Print worksheets of lessons for a class: with room to write, without the answers",
		Long: "Handout writes one page of HTML that needs no network: for each scenario the lesson, the question before the run with\n" +
			"room to write, and on a sheet of its own what to watch, a table for what was measured, the questions and lines for\n" +
			"notes. A browser prints it on A4. --answers marks the right options and adds what each outcome means, for afterwards;\n" +
			"--class DIR does so for the lessons of a class, from the folder that `benchtop class --export DIR` wrote, with what everybody\n" +
			"predicted and measured.",
		Example: "  benchtop handout start-here workers -o worksheets.html\n  benchtop handout workers --answers -o answers.html\n  benchtop handout --class exported -o tuesday.html",
		Args: func(cmd *cobra.Command, args []string) error {
			if of == "" {
				return atLeastOne("handout", "SCENARIO")(cmd, args)
			}
			if len(args) > 0 {
				return usage("handout: --class has its lessons, found %q besides; leave one of them out", args)
			}
			return nil
		},
		RunE: func(_ *cobra.Command, args []string) error {
			if err := checkOutput("--output", out); err != nil {
				return err
			}
			sheets, err := sheetsOf(args, answers)
			if of != "" {
				sheets, err = sheetsOfClass(of)
			}
			if err != nil {
				return &exitError{exitUsage, err}
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
	cmd.Flags().StringVar(&of, "class", "", "the lessons of a class, from the folder that it was exported to, with its results and the answers")
	return cmd
}

func sheetsOf(names []string, answers bool) ([]handout.Sheet, error) {
	sheets := make([]handout.Sheet, len(names))
	var wrong []error
	for i, name := range names {
		file, err := scenarios.Find(name)
		if err != nil {
			wrong = append(wrong, err)
			continue
		}
		sheets[i] = handout.Sheet{Plan: file.Plan, Answers: answers}
	}
	return sheets, errors.Join(wrong...)
}

// sheetsOfClass reads a class from its folder.
func sheetsOfClass(dir string) ([]handout.Sheet, error) {
	events, err := class.Replay(dir)
	if err != nil {
		return nil, err
	}
	var room class.Room
	for i := range events {
		room.Apply(&events[i])
	}
	if len(room.Rounds) == 0 {
		return nil, fmt.Errorf("the class in %s opened no lesson, so there is nothing to print", dir)
	}
	return handout.OfClass(&room, func(l *class.Lesson) (*lab.Plan, error) {
		file, err := scenarios.ParseOffered(printable.Line(l.ID)+".yaml", []byte(l.Text))
		if err != nil {
			return nil, err
		}
		return file.Plan, nil
	})
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
