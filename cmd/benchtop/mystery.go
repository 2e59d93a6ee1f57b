package main

import (
	"context"
	"fmt"
	"io"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"benchtop/lab"
	"benchtop/lab/load/generator"
	"benchtop/lab/progress"
	"benchtop/lab/session"
	"benchtop/scenarios/mystery"
	"benchtop/targets/printable"
	"benchtop/targets/setting"
	"benchtop/tui"
)

// mysteryFlags are the flags of `mystery`.
type mysteryFlags struct {
	run     runFlags
	seed    settingFlags
	guess   string
	reveal  bool
	healthy bool
	look    time.Duration
}

// Bounds of a look without a screen.
const (
	lookFor   = 20 * time.Second
	leastLook = 5 * time.Second
	mostLook  = 10 * time.Minute
	seeds     = 1000 // a seed that is drawn is below
)

func mysteryCommand(env *Env) *cobra.Command {
	f := &mysteryFlags{}
	cmd := &cobra.Command{
		Use: "mystery", Short: "Find the fault of a service by what it counts, and repair it", Args: noArgs("mystery"),
		Long: "Mystery starts a service with one of the faults of the scenario mystery, which the seed draws: the same seed has the same\n" +
			"fault, for a whole class. Its settings are sealed: no screen, file or list of processes has them. Look at what it counts,\n" +
			"then name the fault: it is repaired, and the service is measured with the repair against itself as it is. What the same\n" +
			"service counts without a fault is shown by --healthy, and by H on the screen.\n\n" +
			"A look takes --for without a terminal. What was tried is kept with the progress, by the seed: points are 100 for the first\n" +
			"try, within five minutes, with an effect that the machine lets be seen.\n\n" +
			"Exit codes: 0 looked, or named right and the repair shows, 1 named wrong, 2 the command line is wrong (nothing was\n" +
			"started), 3 named right, but the machine could not show the effect, or the run was cut short; 4 the environment failed.",
		Example: "  benchtop mystery --seed 7\n  benchtop mystery --healthy\n  benchtop mystery --seed 7 --guess pool\n  benchtop mystery --seed 7 --reveal",
		RunE:    func(cmd *cobra.Command, _ []string) error { return f.play(cmd, env) },
	}
	f.run.ui.register(cmd)
	f.run.ui.registerPresent(cmd)
	f.run.out.register(cmd)
	flags := cmd.Flags()
	f.seed.add(flags, "", seedSetting(), nil)
	flags.StringVar(&f.guess, "guess", "", "name the fault: it is repaired and both are measured, in half a minute")
	flags.BoolVar(&f.reveal, "reveal", false, "print the answer, and start nothing")
	flags.BoolVar(&f.healthy, "healthy", false, "look at the same service without a fault, for its figures")
	flags.DurationVar(&f.look, "for", lookFor, "how long a look takes without a terminal")
	flags.BoolVar(&f.run.plain, "plain", false, "plain lines, no screen")
	return cmd
}

// seedSetting is the row of the seed, without a default: one is drawn then.
func seedSetting() []setting.Setting {
	row := *setting.Find(lab.PlanSettings(), "seed")
	row.Default, row.Doc = "", "which fault it is; left out: one is drawn"
	return []setting.Setting{row}
}

// play carries out what the command line asks for.
func (f *mysteryFlags) play(cmd *cobra.Command, env *Env) error {
	plan := lab.Plan{Seed: uint64(env.Now().UnixMilli()) % seeds} //nolint:gosec // the time is positive
	if err := f.seed.into(seedSetting(), &plan, "a mystery"); err != nil {
		return err
	}
	if err := f.check(cmd); err != nil {
		return err
	}
	c, err := mystery.Open(plan.Seed)
	if err != nil {
		return &exitError{exitInternal, err}
	}
	switch _, given := f.seed.has("seed"); {
	case f.reveal:
		_, err = fmt.Fprintf(env.text(), "%s: %s\n", c.Answer().ID, c.Answer().Label)
		return err
	case f.guess != "" && !given:
		return usage("--guess: name the --seed of the service that you looked at")
	case f.guess != "":
		return f.try(cmd, env, c)
	}
	return f.watch(cmd, env, c)
}

// screened reports whether the game is played on a screen.
func (f *mysteryFlags) screened(env *Env) bool { return !f.run.plain && !env.plain() }

func (f *mysteryFlags) check(cmd *cobra.Command) error {
	if err := f.run.ui.check(); err != nil {
		return err
	}
	switch {
	case f.look < leastLook || f.look > mostLook:
		return usage("--for %s: a look takes %s to %s", f.look, leastLook, mostLook)
	case f.guess != "" && f.reveal || f.healthy && (f.guess != "" || f.reveal):
		return usage("--guess, --healthy and --reveal: one of them")
	case f.guess != "" && cmd.Flags().Changed("for"):
		return usage("--for is about a look, and --guess is none")
	}
	return f.run.out.check(1)
}

// watch shows the service as it is, or as it is without a fault.
func (f *mysteryFlags) watch(cmd *cobra.Command, env *Env, c *mystery.Case) error {
	plan := c.Look(f.look)
	if f.healthy {
		plan = c.Healthy(f.look)
	}
	if f.screened(env) {
		return f.screen(cmd, env, c, plan, "")
	}
	if !f.healthy {
		kept, begun := env.openProgress(), env.Now()
		kept.Change(func(p *progress.Progress) { p.BeginMystery(c.Key(), begun) })
		f.keep(env, kept)
	}
	result, code, err := f.measure(cmd, env, plan)
	if err != nil {
		return err
	}
	out := f.run.out.progress(env)
	fmt.Fprintln(out)
	if len(result.Variants) > 0 {
		if err := mystery.Counters(out, result); err != nil {
			return environment("%w", err)
		}
	}
	fmt.Fprintln(out, "the counters that are left out are 0")
	if f.healthy {
		return exitWith(code)
	}
	m := env.openProgress().Progress().Mysteries[c.Key()]
	if found := c.Found(&m, env.Now()); found != nil {
		tell(env, out, found)
		return exitWith(code)
	}
	fmt.Fprintf(out, "\nwhat a healthy one counts: benchtop mystery --healthy\nname the fault: benchtop mystery --seed %d --guess FAULT\n", c.Seed)
	if err := c.Candidates(out); err != nil {
		return environment("%w", err)
	}
	return exitWith(code)
}

// screen has the whole game on the screen: looks, guesses, and what they come to. It begins with a look, or with the repair of the
// fault that was named.
func (f *mysteryFlags) screen(cmd *cobra.Command, env *Env, c *mystery.Case, begin *lab.Plan, named string) error {
	kept, begun := env.openProgress(), env.Now()
	kept.Change(func(p *progress.Progress) { p.BeginMystery(c.Key(), begun) })
	f.keep(env, kept)
	sweep(env)
	defer env.openFollowed("mystery", "", true)()
	ctx, letGo := env.heed(cmd.Context())
	defer letGo()
	var last *session.Session
	var plan *lab.Plan // of the last
	start := func(ctx context.Context, p *lab.Plan, free bool) (tui.Session, error) {
		next := *p
		next.Free = free
		if err := checkPlans([]*lab.Plan{&next}); err != nil {
			return nil, err
		}
		last, plan = env.start(ctx, &next, generator.Config{}, nil), &next
		return last, nil
	}
	first, err := start(ctx, begin, named == "")
	if err != nil {
		return err
	}
	var told []string
	code := exitOK
	config := f.run.ui.config(env, first)
	config.Start = start
	config.Mystery = gameOf(c, kept, env.Now(), named)
	config.Mystery.Judge = func(id string, at time.Time, r *lab.Result) ([]string, bool) {
		named, _ := c.Named(id)
		told, code = f.judged(env, c, kept, named, at, r)
		return told, code != exitRefuted
	}
	if _, err := tui.Run(ctx, config); err != nil {
		return &exitError{exitInternal, fmt.Errorf("the screen failed: %w", err)}
	}
	if err := endLab(ctx, env, last, nil); err != nil {
		return err
	}
	if err := f.write(env, plan, last); err != nil {
		return err
	}
	if told == nil && named != "" { // it was left before
		code = exitInconclusive
	}
	if told != nil {
		tell(env, env.text(), told)
	}
	return exitWith(code)
}

// gameOf is what the screen has of a case, and of what was tried before.
func gameOf(c *mystery.Case, kept *progress.Store, now time.Time, named string) *tui.Game {
	m := kept.Progress().Mysteries[c.Key()]
	g := &tui.Game{
		Seed: c.Seed, Begun: m.Begun, Named: named, Found: c.Found(&m, now),
		Look:    func() *lab.Plan { return c.Look(lookFor) },
		Healthy: func() *lab.Plan { return c.Healthy(lookFor) },
		Trial:   func(id string) *lab.Plan { named, _ := c.Named(id); return c.Trial(named) },
	}
	for i := range c.Faults {
		g.Faults = append(g.Faults, tui.Fault{ID: c.Faults[i].ID, Label: c.Faults[i].Label})
	}
	for i := range m.Tries {
		if t := &m.Tries[i]; !t.Right {
			g.Tried = append(g.Tried, t.Fault)
		}
	}
	return g
}

// write writes the result of the last run where the command line says.
func (f *mysteryFlags) write(env *Env, plan *lab.Plan, last *session.Session) error {
	result, err := last.Result()
	if err != nil {
		return &exitError{exitInternal, err}
	}
	if err := f.run.out.write(env, plan, last, result, false); err != nil {
		return &exitError{exitEnvironment, err}
	}
	return nil
}

// tell writes what a try came to.
func tell(env *Env, out io.Writer, told []string) {
	_ = env.wrapped(out, func(w io.Writer) error { // standard output keeps the error
		_, err := fmt.Fprintf(w, "\n%s\n", strings.Join(told, "\n"))
		return err
	})
}

// judged keeps a try, and says what it came to, with the exit code for that.
func (f *mysteryFlags) judged(env *Env, c *mystery.Case, kept *progress.Store, named *mystery.Fault, at time.Time, r *lab.Result) ([]string, int) {
	t := c.Judge(named, r, at)
	kept.Change(func(p *progress.Progress) { p.TryMystery(c.Key(), at, t) })
	f.keep(env, kept)
	m := kept.Progress().Mysteries[c.Key()]
	told := c.Told(&t, &m, r)
	switch {
	case !t.Right:
		return told, exitRefuted
	case !t.Shows:
		return told, exitInconclusive
	}
	return told, exitOK
}

// try repairs the fault that was named, and says whether it was the right one.
func (f *mysteryFlags) try(cmd *cobra.Command, env *Env, c *mystery.Case) error {
	named, err := c.Named(f.guess)
	if err != nil {
		return usage("--guess: %w", err)
	}
	if f.screened(env) {
		return f.screen(cmd, env, c, c.Trial(named), named.ID)
	}
	asked := env.Now()
	result, code, err := f.measure(cmd, env, c.Trial(named))
	if err != nil {
		return err
	}
	if !result.Complete {
		if code == exitOK {
			code = exitInconclusive
		}
		return exitWith(code)
	}
	told, code := f.judged(env, c, env.openProgress(), named, asked, result)
	tell(env, f.run.out.progress(env), told)
	return exitWith(code)
}

func (f *mysteryFlags) measure(cmd *cobra.Command, env *Env, plan *lab.Plan) (*lab.Result, int, error) {
	if err := checkPlans([]*lab.Plan{plan}); err != nil {
		return nil, 0, err
	}
	sweep(env)
	defer env.openFollowed("mystery", plan.ID, f.screened(env))()
	return runOne(cmd.Context(), env, &f.run, plan, false)
}

// keep writes what was tried; where that cannot be, it costs the points, not the game.
func (f *mysteryFlags) keep(env *Env, kept *progress.Store) {
	if err := kept.Save(); err != nil {
		fmt.Fprintf(env.Stderr, "benchtop: your tries are not kept: %v\n", printable.Line(err.Error()))
	}
}

func exitWith(code int) error {
	if code == exitOK {
		return nil
	}
	return &exitError{code: code}
}
