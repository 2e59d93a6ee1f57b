package lab

import (
	"context"
	"crypto/rand"
	"encoding/hex"
	"errors"
	"fmt"
	"math"
	"sync"
	"time"

	"benchtop/lab/figure"
	"benchtop/lab/load"
	"benchtop/lab/load/generator"
	"benchtop/lab/observe"
	"benchtop/lab/observe/counters"
	"benchtop/lab/profile"
	"benchtop/lab/profile/take"
	"benchtop/targets"
	"benchtop/targets/proc"
)

// Sink takes the events of a run in order, one at a time. It must not block for long: it is called between
// measurements and while they are running.
type Sink func(Event)

// Generator drives load; generator.Start gives the real one.
type Generator interface {
	PID() int
	Run(ctx context.Context, s load.Task, onTick func(load.Tick)) (load.Summary, error)
	Done() <-chan struct{}
	Stop(ctx context.Context) error
}

// Options are what a run needs besides its plan.
type Options struct {
	Sink    Sink
	Version string           // of this program
	Load    generator.Config // of the generator
	Turns   <-chan Turn      // of a free run; nil: none
	// Apply changes a plan's variants as settings (variant.key=value) say, and checks what comes of it: scenarios.Apply.
	// nil: TurnLoad, which knows the commonest settings of the load alone.
	Apply    func(p *Plan, set []string) error
	LabPID   int // the process that is shown as the lab; 0: this one
	Describe func(version string) observe.Machine
	// StartGenerator gives what drives the load: for a plan that machines drive together (load.agents) a Crew. nil: generator.Start.
	StartGenerator func(context.Context, generator.Config) (Generator, error)

	// Test doubles; nil: the real thing.
	StartTarget func(context.Context, targets.Spec, targets.Hooks) (targets.Target, error)
	TakeProfile func(context.Context, take.Wish) *profile.Profile
	Counters    counters.Source
}

// runner is one run that is going on.
type runner struct {
	plan  Plan // what there is now: turned settings and steps change its variants
	whole Plan // as it was given
	opt   Options
	nonce string
	began int64 // proc.Now

	mu      sync.Mutex // orders events
	seq     uint64
	secrets *load.Secrets

	pulse      *proc.Pulse // of this process
	observer   *observe.Observer
	last       observe.Sample
	machine    observe.Machine
	generators []Generator      // one, or for variants under load at the same time one each
	targets    []targets.Target // by variant
	watch      struct {
		sync.Mutex
		deaths   map[string]int // by variant
		recycled map[string]int // by variant: workers that ended because their time was over
	}
	gauges   gauges
	listed   [][]targets.Process // by variant: those that the observer watches
	settle   []time.Duration     // by variant, after the warm-up
	index    int                 // counted slices so far
	counted  int64               // proc.Now at which the first of them was begun
	epoch    int                 // turned settings so far
	timed    []Step              // of the plan
	step     int                 // of these, how many were carried out
	speed    []int64             // of the last measurement, by core
	capacity map[string]float64
	shared   bool              // that counters took turns has been told
	late     map[string]uint64 // by variant: requests that were given up and that the server may still answer
}

// endError ends a run with a given EndEvent.
type endError struct{ EndEvent }

func (e *endError) Error() string { return e.How + ": " + e.Reason }

func failed(class, format string, args ...any) error {
	return &endError{EndEvent{How: EndFailed, Class: class, Reason: fmt.Sprintf(format, args...)}}
}

func refusedRun(class, format string, args ...any) error {
	return &endError{EndEvent{How: EndRefused, Class: class, Reason: fmt.Sprintf(format, args...)}}
}

// ErrTerminated as the cause of a cancelled context ends the run as terminated by a signal rather than interrupted by
// the person.
var ErrTerminated = errors.New("terminated by a signal")

// Run carries the plan out and sends every event to the sink, the end included. It returns when everything that it
// started is gone. The error is nil whenever the run has an end that the events tell, also a failed one; it is not
// nil only when not even that was possible.
func Run(ctx context.Context, plan Plan, opt Options) error {
	if len(plan.Variants) == 0 {
		return errors.New("run: the plan has no variants")
	}
	if opt.StartTarget == nil {
		opt.StartTarget = targets.Start
	}
	if opt.StartGenerator == nil {
		if err := plan.DrivenHere(); err != nil {
			return fmt.Errorf("run: %w", err)
		}
		opt.StartGenerator = func(ctx context.Context, c generator.Config) (Generator, error) { return generator.Start(ctx, c) }
	}
	if opt.Describe == nil {
		opt.Describe = observe.Describe
	}
	if opt.Apply == nil {
		opt.Apply = TurnLoad
	}
	nonce := make([]byte, 8)
	if _, err := rand.Read(nonce); err != nil {
		return fmt.Errorf("run: drawing the nonce: %w", err)
	}
	r := &runner{
		plan: plan, whole: plan, opt: opt, nonce: hex.EncodeToString(nonce), began: proc.Now(),
		observer: observe.New(proc.Now), capacity: map[string]float64{}, machine: plan.describe(&opt),
	}
	r.timed = plan.Timed()
	r.plan.Variants = plan.Opening() // the runner's own, which settings and the calibration change
	if len(r.plan.Variants) == 0 {
		return errors.New("run: no variant of the plan is there from the beginning")
	}
	r.watch.deaths, r.watch.recycled = map[string]int{}, map[string]int{}
	r.pulse = proc.StartPulse(50 * time.Millisecond)
	defer r.pulse.Stop()
	r.emit(Event{Run: &RunEvent{
		Benchtop: FormatVersion, Started: time.Now().Round(0), Plan: plan.told(), Machine: r.machine, Nonce: r.nonce,
	}})
	err := r.run(ctx)
	r.emit(Event{Phase: &PhaseEvent{Phase: PhaseStopping}})
	r.stop()
	r.emit(Event{End: endOf(ctx, err)})
	return nil
}

// emit numbers an event and hands it on. At is taken here so that the order of At is the order of Seq.
func (r *runner) emit(e Event) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.seq++
	e.Seq, e.At, e.Kind = r.seq, proc.Now()-r.began, kindOf(&e)
	r.hide(&e)
	if r.opt.Sink != nil {
		r.opt.Sink(e)
	}
}

func (r *runner) note(level, variant, format string, args ...any) {
	r.emit(Event{Note: &NoteEvent{Level: level, Variant: variant, Text: fmt.Sprintf(format, args...)}})
}

// run does everything between the first event and the stopping.
func (r *runner) run(ctx context.Context) error {
	r.emit(Event{Phase: &PhaseEvent{Phase: PhaseStarting}})
	if err := r.withhold(); err != nil {
		return failed(ClassStartFailed, "%s", err)
	}
	if text := r.plan.engineNote(); text != "" {
		r.note("info", "", "%s", text)
	}
	r.advise()
	if err := r.start(ctx); err != nil {
		return err
	}
	if err := r.probe(ctx); err != nil {
		return err
	}
	r.sample(false)
	r.measureSpeed()
	if err := r.warmUp(ctx); err != nil {
		return err
	}
	r.counted = proc.Now()
	if r.plan.Free {
		return r.freeRun(ctx)
	}
	err := r.blocks(ctx)
	if err == nil {
		r.profile(ctx)
	}
	return err
}

// warmUp gives every variant its warm-up once, draws the rate of a calibrated open model, and stretches settle times
// to what the latencies need.
func (r *runner) warmUp(ctx context.Context) error {
	r.settle = make([]time.Duration, len(r.plan.Variants))
	slowest := math.Inf(1)
	for i := range r.plan.Variants {
		if err := r.warm(ctx, i); err != nil {
			return err
		}
		slowest = min(slowest, r.capacity[r.plan.Variants[i].ID])
	}
	r.tellSettling()
	return r.calibrate(slowest)
}

// tellSettling says so when the run takes noticeably longer than was planned, because what the warm-up measured needs more
// time to settle.
func (r *runner) tellSettling() {
	longer := r.plan.counted(func(i int) time.Duration { return r.settle[i] }) - r.plan.Counted()
	if r.plan.Free || longer < r.plan.Duration()/10 {
		return
	}
	i := 0
	for k := range r.settle {
		if r.settle[k] > r.settle[i] {
			i = k
		}
	}
	r.note("info", r.plan.Variants[i].ID, "its p99 was %s in the warm-up, so each of its slices settles for three times as long, %s instead of %s: the run takes about %s longer",
		figure.Duration(r.settle[i]/3), figure.Duration(r.settle[i]), figure.Duration(r.plan.Settle), figure.Duration(longer))
}

// warm gives one variant its warm-up, keeps its capacity, and fixes its settle time. What would refuse the run, or have its
// slices settle for longer than they count, is measured once more: a machine that stood still is no property of a target.
func (r *runner) warm(ctx context.Context, i int) error {
	v := &r.plan.Variants[i]
	s, err := r.warmSlice(ctx, i)
	if err == nil && (r.unmeasurable(v, s) != nil || r.settles(v, s) > max(r.plan.Slice, r.plan.Settle)) {
		r.note("info", v.ID, "its warm-up is repeated, since requests took too long for slices of %s, as they do where the machine stands still", figure.Duration(r.plan.Slice))
		s, err = r.warmSlice(ctx, i)
	}
	if err == nil {
		err = r.unmeasurable(v, s)
	}
	if err != nil {
		return err
	}
	r.capacity[v.ID], _ = s.decoded().Values().Of("rps")
	r.settle[i] = r.settles(v, s)
	if c := &s.Load.Total; c.OK == 0 {
		r.note("warning", v.ID, "no request succeeded in the warm-up (%s)", load.ErrorWords(c.Errors, s.Load.Reasons))
	}
	return nil
}

// warmSlice drives one warm-up of a variant.
func (r *runner) warmSlice(ctx context.Context, i int) (*Slice, error) {
	settings := r.plan.Variants[i].Load
	if settings.RateShare > 0 {
		settings.Model, settings.Rate = load.Closed, 0 // its capacity is what is wanted first
	}
	if len(settings.Stages) > 0 { // the stages take as long as a slice, not as a warm-up
		settings.Rate, settings.Stages = settings.Stages.Mean(), nil
	}
	return r.fully(ctx, sliceSpec{variant: i, warmup: true, settings: settings, settle: r.plan.Settle, window: r.plan.Warmup})
}

// calibrate fixes the rate of variants that asked for a share of the slowest one's capacity.
func (r *runner) calibrate(slowest float64) error {
	share := 0.0
	for i := range r.plan.Variants {
		share = max(share, r.plan.Variants[i].Load.RateShare)
	}
	if share == 0 {
		return nil
	}
	rate := math.Floor(share * slowest)
	if rate < 1 || math.IsInf(rate, 0) {
		return refusedRun(ClassWindowTooShort, "no capacity could be measured in the warm-up, so there is no rate to drive")
	}
	for i := range r.plan.Variants {
		if l := &r.plan.Variants[i].Load; l.RateShare > 0 {
			l.Rate = math.Floor(l.RateShare * slowest)
		}
	}
	r.emit(Event{Rate: &RateEvent{Rate: rate, Share: share, Capacities: r.capacity}})
	return nil
}

// blocks runs the plan's blocks; a dirty or void one runs again while repeats are left.
func (r *runner) blocks(ctx context.Context) error {
	repeats := r.plan.Blocks / 2
	blocks := r.plan.Blocks
	if r.plan.Order == Sequential {
		blocks, repeats = 1, 0 // there is one block, and repeating it would be a new run
	}
	if len(r.timed) > 0 {
		repeats = 0 // steps come at their time, so that a block cannot be had again
	}
	after := 0 // blocks that followed the last step whole
	for block := 1; block <= blocks || len(r.timed) > 0 && after == 0; block++ {
		if block == blocks+1 {
			r.note("info", "", "the slices took less time than was planned: the run goes on until its last step")
		}
		if r.step == len(r.timed) {
			after++
		}
		if block > 1 && r.plan.StartOf(block) != r.plan.StartOf(block-1) {
			if err := r.startAgain(ctx); err != nil {
				return err
			}
		}
		for attempt := 1; ; attempt++ {
			reasons, err := r.block(ctx, block, attempt)
			if err != nil {
				return err
			}
			outcome := BlockKept
			if len(reasons) > 0 {
				outcome = BlockFlagged
				if repeats > 0 {
					repeats--
					outcome = BlockRepeated
				}
			}
			r.emit(Event{Block: &BlockEvent{Block: block, Attempt: attempt, Outcome: outcome, Reasons: reasons}})
			if outcome != BlockRepeated {
				break
			}
		}
	}
	return nil
}

// block runs the slices of one block and gives the reasons why it should run again. Steps that are due are carried out
// between its slices: a variant that goes has no more of them, one that comes begins with the next block.
func (r *runner) block(ctx context.Context, block, attempt int) ([]string, error) {
	rounds := r.plan.roundsOf(block - 1)
	done := make([]*Slice, 0, 2*len(r.plan.Variants))
	var reasons []string
	position := 0
	for _, ids := range rounds {
		if err := r.takeSteps(ctx); err != nil {
			return nil, err
		}
		var specs []sliceSpec
		for _, id := range ids {
			if i := r.variantIndex(id); i >= 0 {
				r.index++
				specs = append(specs, sliceSpec{
					variant: i, block: block, attempt: attempt, position: position, index: r.index,
					settings: r.plan.Variants[i].Load, settle: r.settle[i], window: r.plan.Slice,
				})
			}
			position++
		}
		measured, err := r.round(ctx, specs)
		if err != nil {
			return nil, err
		}
		done = append(done, measured...)
	}
	for _, s := range done {
		for _, d := range s.Dirty {
			reasons = append(reasons, s.Variant+": "+d)
		}
		if s.Void != "" {
			reasons = append(reasons, s.Variant+": "+s.Void)
		}
	}
	if r.plan.Order != Sequential {
		reasons = append(reasons, speedReasons(done, r.plan.Baseline)...)
	}
	return reasons, nil
}
