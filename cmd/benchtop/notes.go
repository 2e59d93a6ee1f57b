package main

import (
	"context"
	"fmt"
	"io"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"benchtop/lab"
	"benchtop/lab/follow"
	"benchtop/scenarios"
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
