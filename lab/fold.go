package lab

import (
	"math"
	"slices"
	"strconv"
	"strings"
	"sync"
	"time"

	"benchtop/lab/cause"
	"benchtop/lab/metric"
	"benchtop/lab/observe"
)

// logCap bounds the event log that a State carries; the run file has everything.
const logCap = 500

// Fold turns events into States. It is safe for one writer and many readers. The zero value is not usable; NewFold.
type Fold struct {
	mu       sync.Mutex
	st       State
	all      []*Slice     // every counted slice in order, discarded ones too
	discard  map[int]bool // repeated, or measured under settings that are past
	past     map[string]pastSlices
	counted  int64           // At of the first counted slice
	stale    map[string]bool // variants whose figures are outdated
	acc      []*accumulator
	snapshot *State // of st.Seq, nil when stale
	flags    []string
	blocks   int           // kept
	flagged  int           // of these, the ones that were disturbed
	reasons  []cause.Cause // why
	advised  bool          // what to do about other programs was said
	sampled  bool
	warmed   int // warm-ups that are done, for the progress
	done     int // slices that are, and the time that these took
	spent    time.Duration
	running  struct{ started int64 }
	begun    int           // counted slices, or rounds of them, and by how much these settle longer than was planned
	longer   time.Duration // in all
	rested   int64         // when load ended before a turn; 0: nothing was turned since
}

// NewFold starts an empty fold.
func NewFold() *Fold {
	return &Fold{discard: map[int]bool{}, past: map[string]pastSlices{}}
}

// FoldAll folds a whole run.
func FoldAll(events []Event) *State {
	f := NewFold()
	for i := range events {
		f.Apply(events[i])
	}
	return f.State()
}

// Apply takes the next event. An event of an unknown kind is skipped: run files of a later version may hold some.
func (f *Fold) Apply(e Event) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.snapshot = nil
	f.st.Seq, f.st.At = e.Seq, e.At
	if f.counted > 0 {
		f.st.Elapsed = time.Duration(e.At - f.counted)
	}
	switch {
	case e.Run != nil:
		f.begin(e.Run)
	case f.st.Plan == nil:
		return // a file without its head: nothing can be said
	case e.Process != nil:
		f.process(e.At, e.Process)
	case e.Phase != nil:
		f.phase(e.At, e.Phase)
	case e.Sample != nil:
		f.sample(e.Sample)
	case e.Interval != nil:
		f.interval(e.Interval)
	case e.Slice != nil:
		f.slice(e.At, e.Slice)
	case e.Block != nil:
		f.block(e.At, e.Block)
	case e.Turn != nil:
		f.turn(e.At, e.Turn)
	case e.Rate != nil:
		f.rate(e.At, e.Rate)
	case e.Note != nil:
		f.log(e.At, e.Note.Level, e.Note.Variant, e.Note.Text)
	case e.Profile != nil:
		f.profile(e.At, e.Profile)
	case e.End != nil:
		f.end(e.At, e.End)
	}
	f.progress()
}

func (f *Fold) begin(r *RunEvent) {
	plan := r.Plan
	plan.Variants = slices.Clone(plan.Variants)
	f.st.Plan, f.st.Machine, f.st.Started, f.st.Thinned = &plan, r.Machine, r.Started, r.Thinned
	f.st.Lab.Percent, f.st.Generator.Busy, f.st.Host.Unknown = math.NaN(), math.NaN(), true // until they are read
	f.st.Phase = PhaseEvent{Phase: PhaseStarting}
	f.st.Total = plan.Duration()
	for _, v := range plan.Opening() {
		f.join(v)
	}
}

func (f *Fold) variant(id string) (*VariantState, *accumulator) {
	for i := range f.st.Variants {
		if f.st.Variants[i].ID == id {
			return &f.st.Variants[i], f.acc[i]
		}
	}
	return nil, nil
}

func (f *Fold) log(at int64, level, variant, text string) {
	f.line(LogLine{At: at, Level: level, Variant: variant, Text: text})
	if level == "warning" || level == "error" {
		where := ""
		if variant != "" {
			where = variant + ": "
		}
		f.flag(where + text)
	}
}

// line adds to the event log, and forgets the oldest of too many.
func (f *Fold) line(l LogLine) {
	f.st.Log = append(f.st.Log, l)
	f.st.Logged++
	if len(f.st.Log) > logCap {
		f.st.Log = slices.Clone(f.st.Log[len(f.st.Log)-logCap:])
	}
}

func (f *Fold) flag(text string) {
	if !slices.Contains(f.flags, text) && len(f.flags) < 100 {
		f.flags = append(f.flags, text)
	}
}

func (f *Fold) process(at int64, p *ProcessEvent) {
	if p.Variant == "" {
		f.generatorProcess(at, p)
		return
	}
	v, acc := f.variant(p.Variant)
	if v == nil {
		return
	}
	if p.Addr != "" {
		v.Addr = p.Addr
	}
	who := p.Role + " " + strconv.Itoa(p.PID)
	if p.Event == "serving" && v.Status == StatusStopped { // its target was started again
		v.Procs = slices.DeleteFunc(v.Procs, func(p ProcState) bool { return p.State == "stopped" })
		v.Status = StatusStarting
	}
	row := f.row(v, acc, p)
	switch p.Event {
	case "serving":
		row.State = "serving"
		if v.Status == StatusStarting {
			v.Status = StatusIdle
		}
		f.log(at, "info", p.Variant, who+" serves")
	case "replaced":
		row.State = "serving"
		f.log(at, "info", p.Variant, who+" replaces it")
	case "stopped":
		row.State = "stopped"
		v.Status = StatusStopped
	case "gave_up":
		f.log(at, "error", p.Variant, p.Text)
	case "recycled":
		row.State = "gone"
		f.log(at, "info", p.Variant, who+" ends as planned, "+p.Text)
	default: // gone, hung
		row.State = "gone"
		text := who + " is gone"
		if p.Text != "" {
			text = who + ": " + p.Text
		}
		f.log(at, "warning", p.Variant, text)
	}
}

// row finds or adds the row of a process.
func (f *Fold) row(v *VariantState, acc *accumulator, p *ProcessEvent) *ProcState {
	if row := rowOf(v, p.PID); row != nil {
		return row
	}
	if p.PID == 0 {
		return &ProcState{}
	}
	v.Procs = append(v.Procs, newProcState(observe.Proc{PID: p.PID, Role: p.Role, Variant: p.Variant, Part: p.Part}, acc))
	row := &v.Procs[len(v.Procs)-1]
	row.Index, row.State = p.Index, "starting"
	return row
}

// newProcState is the row of a process of which nothing was measured yet.
func newProcState(p observe.Proc, acc *accumulator) ProcState {
	return ProcState{since: acc.slices, ProcSample: observe.ProcSample{Proc: p, Percent: math.NaN()}}
}

// loaded reports whether a variant is under load, warm-up included.
func (v *VariantState) loaded() bool { return v.Status == StatusLoad || v.Status == StatusWarmup }

// rowOf finds the row of a process, nil when there is none. Those that live were added last.
func rowOf(v *VariantState, pid int) *ProcState {
	for i := len(v.Procs) - 1; i >= 0; i-- {
		if v.Procs[i].PID == pid {
			return &v.Procs[i]
		}
	}
	return nil
}

func (f *Fold) generatorProcess(at int64, p *ProcessEvent) {
	g := &f.st.Generator
	g.PID, g.Role = p.PID, p.Role
	switch p.Event {
	case "serving":
		g.State = "serving"
		f.log(at, "info", "", "generator "+strconv.Itoa(p.PID)+" is ready")
	case "stopped":
		g.State = "stopped"
	default:
		g.State = "gone"
		f.log(at, "error", "", "generator "+strconv.Itoa(p.PID)+": "+p.Text)
	}
}

func (f *Fold) phase(at int64, p *PhaseEvent) {
	f.st.Phase = *p
	f.running.started = at
	f.delays(at, p)
	if p.Phase == PhaseSlice && f.counted == 0 {
		f.counted = at
	}
	for i := range f.st.Variants {
		v := &f.st.Variants[i]
		switch {
		case v.Status == StatusStopped:
		case p.Phase == PhaseStarting && v.Status == StatusStarting:
		case p.Variant == v.ID && (p.Phase == PhaseWarmup || p.Phase == PhaseProfile):
			v.Status = StatusWarmup
		case (p.Variant == v.ID || slices.Contains(strings.Fields(p.Together), v.ID)) && p.Phase == PhaseSlice:
			v.Status = StatusLoad
		case v.Status == StatusWarmup || v.Status == StatusLoad:
			v.Status = StatusIdle
		}
	}
}

func (f *Fold) sample(s *SampleEvent) {
	f.st.Host = s.Usage
	generators := 0
	for i := range s.Procs {
		p := s.Procs[i]
		switch {
		case p.Role == labRole:
			f.st.Lab.ProcSample = p
			if !f.sampled {
				f.st.Lab.Percent = math.NaN()
			}
		case p.Role == guardRole: // no row on the screen: it is there so that nobody else is blamed
		case p.Variant == "" && generators > 0: // one per variant that is under load at the same time
			f.st.Generator.Percent += p.Percent
			f.st.Generator.CPU += p.CPU
		case p.Variant == "":
			f.st.Generator.ProcSample = p
			generators++
		default:
			f.procSample(p)
		}
	}
	if !f.sampled { // the first reading has nothing to be compared with
		f.st.Host.Unknown = true
	}
	f.sampled = true
	for i := range f.st.Variants {
		v := &f.st.Variants[i]
		for pid, levels := range s.Levels {
			if row := rowOf(v, pid); row != nil {
				row.Levels = levels
			}
		}
		if v.loaded() {
			v.CPU, v.Parts = cpuOf(v.Procs, v.Parts)
		}
	}
}

func (f *Fold) procSample(p observe.ProcSample) {
	v, acc := f.variant(p.Variant)
	if v == nil {
		return
	}
	row := rowOf(v, p.PID)
	if row == nil {
		v.Procs = append(v.Procs, newProcState(p.Proc, acc))
		row = &v.Procs[len(v.Procs)-1]
		row.State = "serving"
	}
	if !v.loaded() { // what a process uses while its variant is idle says nothing of it
		p.Percent = row.Percent
	}
	row.ProcSample = p
}

func (f *Fold) interval(r *Interval) {
	v, _ := f.variant(r.Variant)
	if v == nil || r.To <= r.From {
		return
	}
	phase := r.Phase
	if r.Warmup && phase != RowDrain {
		phase = PhaseWarmup
	}
	rps, whole := r.Rate()
	point := Point{
		At: r.To, Width: r.To - r.From, Phase: phase, RPS: rps, Offered: r.Offered, P50: r.P50, P99: r.P99, Max: r.Max,
		Errors: r.Counts.Requests - r.Counts.OK, CPU: v.CPU,
	}
	if !whole {
		point.RPS = math.NaN()
	}
	if phase == PhaseWarmup || phase == RowWindow { // what is drawn
		s := r.Spread
		if s == nil {
			s = spread(metric.Histogram(r.Latency))
		}
		if s != nil {
			point.Spread = *s
		}
	}
	v.Points = append(v.Points, point)
	if !whole { // the figures of the last whole row stay
		v.Now.Phase, v.Now.Open, v.Now.Flight = phase, r.Open, r.InFlight
		return
	}
	live := Live{Phase: phase, RPS: &rps, Open: r.Open, Flight: r.InFlight}
	if r.Offered > 0 {
		offered := r.Offered
		live.Offered = &offered
	}
	if r.Max > 0 {
		row := *r
		live.P50, live.P90, live.P95, live.P99, live.Max = &row.P50, &row.P90, &row.P95, &row.P99, &row.Max
		live.Trusted = trusted(int64(r.Counts.Requests)) //nolint:gosec // a count of 250 ms
	}
	v.Now = live
}

func (f *Fold) end(at int64, e *EndEvent) {
	end := *e
	f.st.End = &end
	f.st.Phase = PhaseEvent{Phase: PhaseStopping}
	for i := range f.st.Variants {
		f.st.Variants[i].Status = StatusStopped
	}
	level := "info"
	if e.How == EndFailed || e.How == EndRefused {
		level = "error"
	}
	text := "run " + e.How
	if e.Reason != "" {
		text += ": " + e.Reason
	}
	f.line(LogLine{At: at, Level: level, Text: text}) // no flag: the result says how it ended
	f.st.Result = f.result()
	f.st.NoiseFloor = f.st.Result.NoiseFloor
	f.whole(f.st.Result)
	for _, c := range f.st.Result.Comparisons {
		for i := range f.st.Compare {
			if p := &f.st.Compare[i]; c.Primary && p.Variant == c.Variant {
				p.Verdict, p.Reason = c.Verdict, c.Reason
			}
		}
	}
}
