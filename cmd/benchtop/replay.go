package main

import (
	"fmt"
	"io"
	"slices"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"benchtop/lab"
	"benchtop/lab/record"
	"benchtop/lab/report"
	"benchtop/scenarios/reference"
	"benchtop/tui"
	"benchtop/tui/svg"
)

func replayCommand(env *Env) *cobra.Command {
	ui := &uiFlags{}
	var plain, recorded bool
	var still picture
	cmd := &cobra.Command{
		Use:   "replay RUN",
		Short: "Show a saved run again; nothing is started",
		Long: "Replay shows the screens of a run from its file; `last` names the newest saved run, - standard input. With --reference\n" +
			"RUN is the id of a shipped scenario, and its recorded run is shown, which was not measured on this machine. Without\n" +
			"a terminal it prints the lines of the run.",
		Example: "  benchtop replay last\n  benchtop replay workers --reference",
		Args:    oneRun("replay"),
		RunE: func(cmd *cobra.Command, args []string) error {
			if err := ui.check(); err != nil {
				return err
			}
			name := args[0]
			if recorded {
				name = referencePrefix + name
			}
			if !still.wanted() && (plain || env.plain()) {
				ui.plainly(env)
				return replayPlain(env, name)
			}
			run, err := openRun(env, name)
			if err != nil {
				return err
			}
			if still.wanted() {
				return still.write(env, ui, run)
			}
			sweep(env)
			defer env.openFollowed("replay", run.Events[0].Run.Plan.ID, true)()
			config := ui.config(env, env.player(name, run))
			config.Notice = run.Notice()
			if recorded {
				config.Notice = reference.Origin(run)
			}
			return env.show(cmd.Context(), config)
		},
	}
	ui.register(cmd)
	ui.registerPresent(cmd)
	cmd.Flags().BoolVar(&plain, "plain", false, "plain lines, no screen")
	cmd.Flags().BoolVar(&recorded, "reference", false, "RUN is the id of a shipped scenario: show its recorded run, of another machine")
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

// picture is the screen of a replay at one moment, or its way through the run, as a file.
type picture struct {
	file, tape, size string
	at               time.Duration
}

func (p *picture) register(cmd *cobra.Command) {
	cmd.Flags().StringVar(&p.file, "picture", "", "write the screen as SVG to a file, or -, instead of showing it")
	cmd.Flags().StringVar(&p.tape, "tape", "", "write the run as a moving SVG to a file, or -: moments of it, then its verdict")
	cmd.Flags().StringVar(&p.size, "size", "120x34", "columns x rows of the picture or tape")
	cmd.Flags().DurationVar(&p.at, "at", 0, "moment of the picture, since the run began (default: its end)")
	cmd.MarkFlagsMutuallyExclusive("picture", "tape")
}

func (p *picture) wanted() bool { return p.file != "" || p.tape != "" }

func (p *picture) write(env *Env, ui *uiFlags, run *record.Run) error {
	paper := tui.Paper{Theme: ui.theme, Glyphs: ui.config(env, nil).Glyphs, Present: ui.present}
	if n, err := fmt.Sscanf(p.size, "%dx%d", &paper.Width, &paper.Height); n != 2 || err != nil || paper.Width < 60 || paper.Width > 300 || paper.Height < 16 || paper.Height > 100 {
		return usage("--size %q: expected COLUMNSxROWS from 60x16 to 300x100, for example 120x34", p.size)
	}
	if paper.Theme == "auto" {
		paper.Theme = "dark"
	}
	flag, file, draw := "--picture", p.file, p.draw
	if p.tape != "" {
		flag, file, draw = "--tape", p.tape, tui.Tape
	}
	if err := checkOutput(flag, file); err != nil {
		return err
	}
	drawn, err := draw(run.Events, paper)
	if err != nil {
		return &exitError{exitInternal, err}
	}
	err = writeOutput(env, file, func(w io.Writer) error {
		_, err := io.WriteString(w, drawn)
		return err
	})
	if err != nil {
		return environment("%w", err)
	}
	return nil
}

// draw draws the moment that was asked for.
func (p *picture) draw(events []lab.Event, paper tui.Paper) (string, error) {
	screen := "verdict"
	if p.at > 0 {
		screen = "live"
		if later := slices.IndexFunc(events, func(e lab.Event) bool { return e.At > int64(p.at) }); later >= 0 {
			events = events[:later]
		}
	}
	text, err := tui.Picture(lab.FoldAll(events), paper, screen)
	front, back := svg.Paper(paper.Theme)
	return svg.Draw(text, front, back), err
}

// referencePrefix begins the name of a run that is shipped: reference:workers.
const referencePrefix = "reference:"

// shippedRun is the replay of a run that was recorded on another machine.
type shippedRun struct {
	*record.Player
	origin string
}

// Origin says where it was recorded.
func (r *shippedRun) Origin() string { return r.origin }

// player plays a run that readRun knows by name.
func (e *Env) player(name string, run *record.Run) tui.Replayer {
	player := record.NewPlayer(run, e.Now)
	if strings.HasPrefix(name, referencePrefix) {
		return &shippedRun{player, reference.Origin(run)}
	}
	return player
}

// reference is the recorded run of a shipped scenario, for the screen.
func (e *Env) reference(id string) (tui.Replayer, error) {
	run, err := reference.Open(id)
	if err != nil {
		return nil, err
	}
	return e.player(referencePrefix+id, run), nil
}
