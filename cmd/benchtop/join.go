package main

import (
	"cmp"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"path/filepath"
	"strings"

	"github.com/spf13/cobra"

	"benchtop/lab"
	"benchtop/lab/class"
	"benchtop/lab/class/guest"
	"benchtop/lab/class/joincode"
	"benchtop/lab/class/lines"
	"benchtop/lab/observe"
	"benchtop/lab/progress"
	"benchtop/lab/report"
	"benchtop/scenarios"
	"benchtop/targets"
	"benchtop/targets/printable"
	"benchtop/tui"
)

// joinFlags are the flags of `join`.
type joinFlags struct {
	ui           uiFlags
	name         string
	watch, plain bool
}

func joinCommand(env *Env) *cobra.Command {
	f := &joinFlags{}
	cmd := &cobra.Command{
		Use:   "join CODE",
		Short: "Take a seat in a class, or watch it",
		Long: "Join takes a seat in the class whose trainer gave the code. The lesson that the trainer opens stands here then; it runs on this\n" +
			"machine when you say so, and never before. A lesson may start no program of its own and reach nothing but this machine.\n" +
			"Results that cannot be sent are kept and sent later, also after this program was started again: it is the same seat.\n\n" +
			"With --watch it runs nothing and shows the trainer's own run. Without a terminal: enter starts the lesson; before it predict\n" +
			"LOW HIGH [BEST], as in 1.5x 2x or +50% +100%; after it answer QUESTION OPTION; skip; quit.",
		Example: "  benchtop join 0410K-... --name Ada\n  benchtop join 0410K-... --watch",
		Args: func(_ *cobra.Command, args []string) error {
			if len(args) == 0 {
				return usage("join: expected the code that `benchtop class` prints on the trainer's machine")
			}
			return nil // groups of the code may be arguments of their own
		},
		RunE: func(cmd *cobra.Command, args []string) error {
			return f.join(cmd.Context(), env, strings.Join(args, ""))
		},
	}
	f.ui.register(cmd)
	f.ui.registerPresent(cmd)
	flags := cmd.Flags()
	flags.StringVar(&f.name, "name", "", "your name in the room (default: the name of this machine's user)")
	flags.BoolVar(&f.watch, "watch", false, "run nothing; show the trainer's run")
	flags.BoolVar(&f.plain, "plain", false, "plain lines, no screen")
	return cmd
}

// seatsDir is where the seats of this machine are kept.
func (e *Env) seatsDir() (string, error) {
	state, err := e.stateDir()
	return filepath.Join(state, "seats"), err
}

// afterTheRun is what stands where something is sealed.
const afterTheRun = "after the run, because you are in a class"

// sealed reports whether a scenario is the lesson of a class in which somebody has a seat at this machine, whose own run is not done.
func (e *Env) sealed(id string) bool {
	dir, err := e.seatsDir()
	return err == nil && guest.Sealed(dir, id)
}

func (f *joinFlags) join(ctx context.Context, env *Env, text string) error {
	if err := f.ui.check(); err != nil {
		return err
	}
	code, err := joincode.Parse(text)
	if err != nil {
		return usage("join: %w", err)
	}
	seats, err := env.seatsDir()
	if err != nil {
		return environment("%w", err)
	}
	ctx, letGo := env.heed(ctx)
	defer letGo()
	name := class.Named(cmp.Or(f.name, env.Getenv("USER"), env.Getenv("USERNAME"), "seat"))
	out := env.text()
	config := guest.Config{
		Code: code, Below: seats, Name: name, Watch: f.watch, Machine: machineOf(observe.Describe(version())), Now: env.Now, Read: readOffered,
	}
	if f.watch {
		config.Below = filepath.Join(filepath.Dir(seats), "watching")
		if f.plain || env.plain() {
			config.Watching = func(fold *lab.Fold) lab.Sink { return report.NewLive(out, fold).Event }
		}
	}
	g, err := guest.Join(ctx, config)
	if err != nil {
		return environment("%w", err)
	}
	defer g.Close()
	if !f.plain && !env.plain() {
		if err := f.onScreen(ctx, env, g); err != nil {
			return err
		}
		return left(ctx, env, g)
	}
	s := &lines.Sitting{
		In: env.Stdin, Out: out, Guest: g, Name: name, Watch: f.watch,
		Measure: func(ctx context.Context, plan *lab.Plan) (*lab.Result, error) { return f.measure(ctx, env, g, plan) },
	}
	if err := s.Run(ctx); err != nil {
		return environment("%w", err)
	}
	return left(ctx, env, g)
}

// onScreen shows the lab as a seat. What is done in it is kept with the seat, so that every lesson of the class begins fresh.
func (f *joinFlags) onScreen(ctx context.Context, env *Env, g *guest.Guest) error {
	has, err := lessonsOf("")
	if err != nil {
		return err
	}
	kept := progress.Open(filepath.Join(g.Folder(), "progress.json"), env.Now)
	seat := &tui.Seat{Guest: g, Name: g.Name(), Watch: f.watch}
	return showLab(ctx, env, &f.ui, has, func(c *tui.Config) { c.Seat, c.Progress = seat, kept }, nil)
}

// left says why the seat is left.
func left(ctx context.Context, env *Env, g *guest.Guest) error {
	if n := g.Link().Waiting; n > 0 {
		fmt.Fprintf(env.text(), "%d messages wait for the trainer; they are sent when you join again\n", n)
	}
	switch code := signalled(ctx); {
	case code != exitOK:
		return &exitError{code: code}
	case g.Err() != nil:
		return environment("%w", g.Err())
	}
	return nil
}

// measure runs the lesson here, prints it, and says how far it is.
func (f *joinFlags) measure(ctx context.Context, env *Env, g class.Guest, plan *lab.Plan) (*lab.Result, error) {
	out := env.text()
	result, err := env.measured(ctx, plan, func(fold *lab.Fold) lab.Sink {
		live := report.NewLive(out, fold)
		told := class.Telling(g)
		return func(e lab.Event) {
			live.Event(e)
			told(e)
		}
	})
	if err != nil {
		return nil, err
	}
	fmt.Fprintln(out)
	if err := report.Plain(out, result); err != nil {
		return nil, err
	}
	if !result.Complete {
		return nil, fmt.Errorf("it is not complete: %s", cmp.Or(result.Reason, result.Ended))
	}
	return result, nil
}

func machineOf(m observe.Machine) class.Machine {
	return class.Machine{OS: class.Named(m.OS), Arch: class.Named(m.Arch), Model: class.Named(m.Model), CPUs: m.CPUs, Benchtop: class.Named(m.Benchtop)}
}

// mostProblems is how much of what is wrong with a lesson is said.
const mostProblems = 3

// readOffered reads a lesson of a class as a file from a stranger: what it says of itself must be true of its text, and it may start no
// program, read no file, and reach nothing outside of this machine.
func readOffered(l *class.Lesson) *class.Offer {
	offer := &class.Offer{Lesson: *l}
	sum := sha256.Sum256([]byte(l.Text))
	if hex.EncodeToString(sum[:]) != l.SHA256 {
		offer.Refused = "its text is not the one that it is said to have"
		return offer
	}
	file, err := scenarios.ParseOffered(printable.Line(l.ID)+".yaml", []byte(l.Text))
	var problems *scenarios.Errors
	switch {
	case errors.As(err, &problems):
		var all []string
		for _, p := range problems.Problems[:min(len(problems.Problems), mostProblems)] {
			all = append(all, fmt.Sprintf("line %d: %s", p.Line, p.Msg))
		}
		offer.Refused = class.Trimmed(strings.Join(all, "; "))
		return offer
	case err != nil:
		offer.Refused = class.Trimmed(err.Error())
		return offer
	case file.Plan.ID != l.ID:
		offer.Refused = "it is called " + l.ID + ", and its text is of " + file.Plan.ID
		return offer
	}
	offer.Plan = file.Plan
	for i := range file.Plan.Variants {
		v := &file.Plan.Variants[i]
		if d, _ := targets.Lookup(v.Target.Server); d.Found {
			offer.Remarks = append(offer.Remarks, "it drives a server that runs already on this machine: "+v.Target.Shown("url"))
		}
	}
	return offer
}
