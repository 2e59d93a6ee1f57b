package main

import (
	"cmp"
	"context"
	"fmt"
	"path/filepath"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"benchtop/lab"
	"benchtop/lab/class"
	"benchtop/lab/class/demo"
	"benchtop/lab/class/host"
	"benchtop/lab/class/joincode"
	"benchtop/lab/class/lines"
	"benchtop/lab/figure"
	"benchtop/lab/load/generator"
	"benchtop/lab/observe"
	"benchtop/lab/report"
	"benchtop/scenarios"
	"benchtop/scenarios/reference"
	"benchtop/tui"
)

// classFlags are the flags of `class`.
type classFlags struct {
	ui                         uiFlags
	listen, nats, export, name string
	replay                     string
	demo                       int
	fresh, plain               bool
}

const (
	classAge  = 24 * time.Hour // of a class that is gone on with
	mostDemo  = 40             // seats of a rehearsal
	endLinger = 2 * time.Second
)

func classCommand(env *Env) *cobra.Command {
	f := &classFlags{}
	cmd := &cobra.Command{
		Use:   "class [SCENARIO]",
		Short: "Open a class: many laptops, one lesson, one picture",
		Long: "Class lets others join with `benchtop join CODE`, offers them a lesson, and shows who is here, what all predicted, what all\n" +
			"measured, and their answers. Seats run nothing by themselves: a person starts the lesson on each machine. It listens on this\n" +
			"machine alone unless --listen names an address. A class that was not ended, of at most a day ago, goes on, also after its\n" +
			"program was killed: same code, same seats; --new begins another.\n\n" +
			"Without a terminal it reads commands line by line: open lesson ID|FILE, open predictions, open answers, watch (runs the lesson\n" +
			"here for those who watch), who, end.",
		Example: "  benchtop class workers --listen 192.168.1.20:4242\n  benchtop class workers --demo 12\n  benchtop class --replay exported",
		Args: func(_ *cobra.Command, args []string) error {
			if len(args) > 1 {
				return usage("class: expected at most one scenario, got %d; the others are opened in the class", len(args))
			}
			return nil
		},
		RunE: func(cmd *cobra.Command, args []string) error {
			return f.teach(cmd.Context(), env, strings.Join(args, ""))
		},
		ValidArgsFunction: func(*cobra.Command, []string, string) ([]string, cobra.ShellCompDirective) {
			return scenarioIDs(), cobra.ShellCompDirectiveDefault
		},
	}
	f.ui.register(cmd)
	f.ui.registerPresent(cmd)
	flags := cmd.Flags()
	flags.StringVar(&f.listen, "listen", "", "HOST:PORT to listen on (default 127.0.0.1 and a free port); 0.0.0.0:PORT is every address of this machine")
	flags.StringVar(&f.nats, "nats", "", "URL of a NATS server that runs already, nats:// or tls://, instead of one in this program; what it cannot enforce is said")
	flags.StringVar(&f.export, "export", "", "when the class is left, write its events and results to this folder")
	flags.StringVar(&f.name, "name", "", "what the class is called")
	flags.StringVar(&f.replay, "replay", "", "show a class again from the folder that --export wrote; nothing is opened")
	flags.IntVar(&f.demo, "demo", 0, "fill the class with so many seats for a rehearsal: recorded runs, and one that measures here")
	flags.BoolVar(&f.fresh, "new", false, "begin another class, whatever was left open")
	flags.BoolVar(&f.plain, "plain", false, "plain lines, no screen")
	cmd.MarkFlagsMutuallyExclusive("listen", "nats")
	return cmd
}

func (f *classFlags) check() error {
	switch {
	case f.demo < 0 || f.demo > mostDemo:
		return usage("--demo %d: 1 to %d seats", f.demo, mostDemo)
	case f.replay != "" && (f.listen != "" || f.nats != "" || f.demo > 0 || f.export != ""):
		return usage("--replay shows a class that is over; --listen, --nats, --demo and --export are for one that is opened")
	}
	return f.ui.check()
}

// teach carries out what the command line asks for.
func (f *classFlags) teach(ctx context.Context, env *Env, scenario string) error {
	if err := f.check(); err != nil {
		return err
	}
	if f.replay != "" {
		events, err := class.Replay(f.replay)
		if err != nil {
			return usage("%w", err)
		}
		if !f.plain && !env.plain() {
			return f.onScreen(ctx, env, class.Over(events))
		}
		if err := lines.Replay(env.text(), events); err != nil {
			return environment("%w", err)
		}
		return nil
	}
	if scenario != "" {
		if _, _, err := findOffered(scenario); err != nil {
			return &exitError{exitUsage, err}
		}
	}
	ctx, letGo := env.heed(ctx)
	defer letGo()
	h, err := f.open(env)
	if err != nil {
		return environment("%w", err)
	}
	defer h.Close()
	if err := f.head(env, h); err != nil {
		return environment("%w", err)
	}
	if scenario != "" {
		if err := openFirst(h, scenario); err != nil {
			return environment("%w", err)
		}
	}
	if f.demo > 0 {
		leave, err := fillClass(ctx, env, h, f.demo)
		if err != nil {
			return environment("%w", err)
		}
		defer leave()
	}
	return f.lead(ctx, env, h)
}

// lead has the trainer lead the class, on the screen or by lines, and keeps what came in.
func (f *classFlags) lead(ctx context.Context, env *Env, h *host.Host) error {
	var err error
	if f.plain || env.plain() {
		f.ui.plainly(env)
		err = f.byLines(ctx, env, h)
	} else {
		err = f.onScreen(ctx, env, h)
	}
	if !h.Room().Ended.IsZero() { // what seats still have on their way comes in meanwhile
		lingering, enough := context.WithTimeout(ctx, endLinger)
		h.Wait(lingering)
		enough()
		if h.Export() == "" {
			fmt.Fprintf(env.text(), "it is kept in %s: `benchtop class --replay %[1]s`\n", h.Dir())
		}
	} else {
		fmt.Fprintf(env.text(), "the class is left open: `%s` goes on with it\n", f.again(h))
	}
	h.Close()
	if to := h.Export(); to != "" {
		written, exportErr := exportClass(h.Dir(), to)
		if exportErr != nil {
			return environment("%w", exportErr)
		}
		if written != to {
			fmt.Fprintf(env.text(), "%s holds another class, which stays\n", to)
		}
		fmt.Fprintf(env.text(), "exported to %s: `benchtop class --replay %[1]s`\n", written)
	}
	return err
}

// again is the command that goes on with the class as it was opened.
func (f *classFlags) again(h *host.Host) string {
	words := []string{"benchtop class"}
	add := func(flag, value string) {
		if value != "" {
			words = append(words, flag, value)
		}
	}
	add("--listen", f.listen)
	add("--nats", f.nats)
	add("--export", h.Export())
	if f.demo > 0 {
		add("--demo", fmt.Sprint(f.demo))
	}
	return strings.Join(words, " ")
}

// byLines is lead without a screen.
func (f *classFlags) byLines(ctx context.Context, env *Env, h *host.Host) error {
	t := &lines.Teaching{
		In: env.Stdin, Out: env.text(), Trainer: h, Now: env.Now, Find: findOffered, Read: readOffered,
		Watch: func(ctx context.Context, plan *lab.Plan) (string, error) { return watchedRun(ctx, env, plan, h.Stream) },
	}
	if err := t.Run(ctx); err != nil {
		return environment("%w", err)
	}
	return exitWith(signalled(ctx))
}

// onScreen is lead on the screen: the lab, whose runs those who watch see as well.
func (f *classFlags) onScreen(ctx context.Context, env *Env, trainer class.Trainer) error {
	has, err := lessonsOf("")
	if err != nil {
		return err
	}
	shown := &tui.Class{Trainer: trainer, Text: textOf}
	if h, opened := trainer.(*host.Host); opened {
		shown.Local, shown.Loose = h.Local(), h.NotEnforced()
	}
	teaching := func(c *tui.Config) { c.Class = shown }
	return showLab(ctx, env, &f.ui, has, teaching, func(*lab.Fold) lab.Sink { return trainer.Stream })
}

// textOf is the text of the file that a plan came from: of a shipped scenario, or of one of the current folder.
func textOf(plan *lab.Plan) ([]byte, error) {
	for _, name := range []string{plan.ID, plan.Source} {
		if read, text, err := findOffered(name); err == nil && read.SHA256 == plan.SHA256 {
			return text, nil
		}
	}
	_, _, err := findOffered(cmp.Or(plan.Source, plan.ID))
	if err == nil {
		err = fmt.Errorf("the file of %s has changed; open the class again", plan.ID)
	}
	return nil, err
}

// open opens the class that is to be gone on with, or another.
func (f *classFlags) open(env *Env) (*host.Host, error) {
	state, err := env.stateDir()
	if err != nil {
		return nil, err
	}
	below := filepath.Join(state, "classes")
	dir := ""
	if !f.fresh {
		if dir, err = host.Last(below, classAge, env.Now()); err != nil {
			return nil, err
		}
	}
	if dir == "" {
		dir = filepath.Join(below, env.Now().UTC().Format("20060102T150405.000Z"))
	}
	export := f.export
	if export != "" { // it is gone on with from elsewhere perhaps
		if export, err = filepath.Abs(export); err != nil {
			return nil, err
		}
	}
	return host.Open(host.Config{
		Dir: dir, Name: f.name, Listen: f.listen, NATS: f.nats, Export: export, Program: version(), Now: env.Now,
		Trouble: func(text string) { fmt.Fprintf(env.Stderr, "benchtop: %s\n", text) },
	})
}

// head says how to join.
func (f *classFlags) head(env *Env, h *host.Host) error {
	out := env.text()
	room := h.Room()
	title := "class"
	if room.Name != "" {
		title += " " + room.Name
	}
	fmt.Fprintf(out, "%s, listening at %s, kept in %s\n", title, h.Address(), h.Dir())
	if n := len(room.Seats); n > 0 {
		fmt.Fprintf(out, "it goes on: %s, %s; --new begins another\n", figure.Lines.Counted(n, "seat"), figure.Lines.Counted(len(room.Rounds), "lesson"))
	}
	if text := h.NotEnforced(); text != "" {
		fmt.Fprintf(out, "not enforced: %s\n", text)
	}
	if env.OutTTY {
		qr, err := h.QR(true)
		if err != nil {
			return err
		}
		fmt.Fprintf(out, "\n%s", qr)
	}
	if h.Local() {
		fmt.Fprintln(out, "from this machine alone: --listen HOST:PORT lets others in")
	}
	_, err := fmt.Fprintf(out, "\nbenchtop join %s\n\n", h.Code())
	return err
}

// openFirst opens the lesson of the command line, unless the class has it open.
func openFirst(h *host.Host, scenario string) error {
	plan, text, err := findOffered(scenario)
	if err != nil {
		return err
	}
	if rd := h.Room().Now(); rd != nil && rd.Lesson.SHA256 == plan.SHA256 {
		return nil
	}
	return h.OpenLesson(plan, text)
}

// findOffered reads a scenario as every seat will: what a seat would refuse is refused here already.
func findOffered(name string) (*lab.Plan, []byte, error) {
	file, err := scenarios.Find(name)
	if err != nil {
		return nil, nil, err
	}
	file, err = scenarios.ParseOffered(file.Name, file.Source)
	if err != nil {
		return nil, nil, fmt.Errorf("no seat would take it: %w", err)
	}
	return file.Plan, file.Source, nil
}

// watchedRun runs a lesson on the trainer's machine, for those who watch.
func watchedRun(ctx context.Context, env *Env, plan *lab.Plan, stream lab.Sink) (string, error) {
	result, err := env.measured(ctx, plan, func(*lab.Fold) lab.Sink { return stream })
	if err != nil {
		return "", err
	}
	return strings.Join(report.Verdicts(result), "; "), nil
}

// measured runs a plan in the background of something else, and keeps it as every run is kept.
func (e *Env) measured(ctx context.Context, plan *lab.Plan, listen func(*lab.Fold) lab.Sink) (*lab.Result, error) {
	own := *plan
	if err := permit(&own, false); err != nil {
		return nil, err
	}
	if err := checkPlans([]*lab.Plan{&own}); err != nil {
		return nil, err
	}
	sweep(e)
	return e.start(ctx, &own, generator.Config{}, listen).Result()
}

// exportClass writes the class of a folder to another.
func exportClass(from, to string) (written string, err error) {
	events, err := class.Replay(from)
	if err != nil {
		return "", err
	}
	return class.Export(to, events)
}

// fillClass fills the class with seats, until the function that it gives is called.
func fillClass(ctx context.Context, env *Env, h *host.Host, seats int) (leave func(), err error) {
	code, err := joincode.Parse(h.Code())
	if err != nil {
		return nil, err
	}
	below := filepath.Join(h.Dir(), "rehearsal") // a class that goes on has the same seats
	ctx, stop := context.WithCancel(ctx)
	room := demo.Fill(ctx, demo.Config{
		Code: code, Seats: seats, Below: below, Now: env.Now, Read: readOffered, Recorded: recordedRun,
		Machine: machineOf(observe.Describe(version())),
		Live: func(ctx context.Context, plan *lab.Plan, each lab.Sink) (*lab.Result, error) {
			return env.measured(ctx, plan, func(*lab.Fold) lab.Sink { return each })
		},
		Trouble: func(text string) { fmt.Fprintf(env.Stderr, "benchtop: rehearsal: %s\n", text) },
	})
	return func() {
		stop()
		room.Wait()
	}, nil
}

// recordedRun is the run that is shipped with a scenario, and where it was recorded.
func recordedRun(id string) ([]lab.Event, string, error) {
	run, err := reference.Open(id)
	if err != nil {
		return nil, "", err
	}
	return run.Events, reference.Origin(run), nil
}
