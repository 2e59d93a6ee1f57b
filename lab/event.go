package lab

import (
	"fmt"
	"math"
	"reflect"
	"time"

	"benchtop/lab/load"
	"benchtop/lab/metric"
	"benchtop/lab/observe"
	"benchtop/lab/profile"
)

// Kind says what an Event is; exactly the field of that name is set.
type Kind string

// The kinds of events, in the order in which a run first shows them.
const (
	KindRun      Kind = "run"      // the first event: the whole plan and the machine
	KindProcess  Kind = "process"  // a process of a target or the generator came, went or was replaced
	KindPhase    Kind = "phase"    // what the run does now
	KindSample   Kind = "sample"   // processes and host, every 250 ms and at both edges of a window
	KindInterval Kind = "interval" // a 250 ms row of load on one variant
	KindSlice    Kind = "slice"    // a finished slice
	KindBlock    Kind = "block"    // a finished block: kept, or repeated
	KindTurn     Kind = "knob"     // a setting was turned, by a person in a free run or by a step of the plan
	KindRate     Kind = "rate"     // the rate of an open model was calibrated
	KindNote     Kind = "note"     // a warning in plain words
	KindProfile  Kind = "profile"  // where the CPU of a variant goes, from a slice that does not count
	KindEnd      Kind = "end"      // the last event
)

// Event is anything that happened in a run. Seq counts from 1 without gaps; At is nanoseconds since the run began.
type Event struct {
	Seq      uint64        `json:"seq"`
	At       int64         `json:"at"`
	Kind     Kind          `json:"kind"`
	Run      *RunEvent     `json:"run,omitempty"`
	Process  *ProcessEvent `json:"process,omitempty"`
	Phase    *PhaseEvent   `json:"phase,omitempty"`
	Sample   *SampleEvent  `json:"sample,omitempty"`
	Interval *Interval     `json:"interval,omitempty"`
	Slice    *Slice        `json:"slice,omitempty"`
	Block    *BlockEvent   `json:"block,omitempty"`
	Turn     *Turn         `json:"knob,omitempty"`
	Rate     *RateEvent    `json:"rate,omitempty"`
	Note     *NoteEvent    `json:"note,omitempty"`
	Profile  *ProfileEvent `json:"profile,omitempty"`
	End      *EndEvent     `json:"end,omitempty"`
}

// FormatVersion is the version of the run file that these events make.
const FormatVersion = 1

// RunEvent opens every run.
type RunEvent struct {
	Benchtop int             `json:"benchtop"` // FormatVersion
	Started  time.Time       `json:"started"`
	Plan     Plan            `json:"plan"`
	Machine  observe.Machine `json:"machine"`
	Nonce    string          `json:"nonce"`
	Thinned  string          `json:"thinned,omitempty"` // what was left out of the file afterwards; empty: nothing
}

// ProcessEvent says that a process came or went. Variant is empty for the generator.
type ProcessEvent struct {
	Variant string `json:"variant,omitempty"`
	PID     int    `json:"pid"`
	Role    string `json:"role"`
	Part    string `json:"part,omitempty"` // of the variant's target; empty where it is not known yet
	Index   int    `json:"index"`
	Addr    string `json:"addr,omitempty"` // of the target, with its first serving event
	Event   string `json:"event"`          // serving | gone | replaced | recycled | hung | gave_up | stopped
	Text    string `json:"text,omitempty"`
}

// Phases of a row of a slice.
const (
	RowSettle = "settle"
	RowWindow = "window"
	RowDrain  = "drain"
)

// Phases of a run.
const (
	PhaseStarting = "starting"
	PhaseWarmup   = "warmup"
	PhaseSlice    = "slice"
	PhaseProfile  = "profile" // a slice that does not count, in which a variant is profiled
	PhaseStopping = "stopping"
)

// PhaseEvent says what the run does from now on. Times are nanoseconds since the run began; for a slice they are
// fixed before it starts.
type PhaseEvent struct {
	Phase   string `json:"phase"`
	Variant string `json:"variant,omitempty"`
	// Together are the ids of the variants under load, with a blank between them, where they are at the same time; Variant
	// is empty then.
	Together string `json:"together,omitempty"`

	Block   int   `json:"block,omitempty"` // 1-based
	Attempt int   `json:"attempt,omitempty"`
	Index   int   `json:"index,omitempty"` // of the slice in the run, 1-based; of several the first
	Start   int64 `json:"start,omitempty"` // settle begins
	From    int64 `json:"from,omitempty"`  // window
	To      int64 `json:"to,omitempty"`
}

// SampleEvent is one reading of all processes, with shares computed against the previous one.
type SampleEvent struct {
	observe.Sample
	Usage  observe.HostUsage        `json:"usage"`            // of the machine since the previous sample
	Levels map[int]map[string]int64 `json:"levels,omitempty"` // by process, what workers and services hold where that has changed
}

// Interval is a 250 ms row of one variant. From and To are nanoseconds since the run began. Times in microseconds;
// a percentile is 0 when nothing ended in the row.
type Interval struct {
	Variant string `json:"variant"`
	Index   int    `json:"index"` // of the slice, 1-based; 0 in a warm-up
	Warmup  bool   `json:"warmup,omitempty"`
	load.Row
	P50 float64 `json:"p50"`
	P90 float64 `json:"p90"`
	P95 float64 `json:"p95"`
	P99 float64 `json:"p99"`
	Max float64 `json:"max"`
	load.Gauges
	Spread  *Spread `json:"spread,omitempty"`  // of the latencies, nil when nothing ended in the row
	Latency string  `json:"latency,omitempty"` // HDR V2, nanoseconds: in older run files, which have no Spread
}

// shortestRow is the shortest row that a rate is told of, the shortest window that a plan may ask for. In less, the few
// responses that happen to fall into it decide.
const shortestRow = 100 * time.Millisecond

// Rate is the responses per second of the row. ok is false where they are none: the requests of a drain were sent
// before it, nothing replaces them, and the row is as long as the last of them took.
func (i *Interval) Rate() (rps float64, ok bool) {
	width := time.Duration(i.To - i.From)
	if i.Phase == RowDrain || width < shortestRow {
		return 0, false
	}
	return float64(i.Counts.OK) / width.Seconds(), true
}

// Slice is one finished slice. From and To are the window's edges in nanoseconds since the run began.
type Slice struct {
	Index    int                   `json:"index"` // in the run, 1-based; 0 for a warm-up
	Variant  string                `json:"variant"`
	Warmup   bool                  `json:"warmup,omitempty"`
	Block    int                   `json:"block"` // 1-based
	Attempt  int                   `json:"attempt"`
	Position int                   `json:"position"` // in the block, 0-based
	From     int64                 `json:"from"`
	To       int64                 `json:"to"`
	Load     load.Summary          `json:"load"`
	Figures  map[string]float64    `json:"figures,omitempty"`  // of a thinned run: what its own histograms said; those of Load are of all slices then
	Idle     *float64              `json:"idle,omitempty"`     // of a thinned run: cores that the variants without load used together
	Usage    observe.Usage         `json:"usage"`              // between the two edges
	Workers  []metric.WorkerWindow `json:"workers,omitempty"`  // what the workers themselves counted over the whole slice
	Speed    [2]int64              `json:"speed"`              // nanoseconds of the fixed piece of work before and after; 0 unknown
	Dirty    []string              `json:"dirty,omitempty"`    // reasons of the rule fixed beforehand
	Void     string                `json:"void,omitempty"`     // why it cannot count at all
	Aborted  bool                  `json:"aborted,omitempty"`  // the run ended in it
	Limits   []string              `json:"limits,omitempty"`   // why the generator was the bottleneck here
	Agents   []AgentSlice          `json:"agents,omitempty"`   // the machines that drove it together, where more than this one did
	Short    string                `json:"short,omitempty"`    // why the load was not what was asked for, through nobody's fault
	Overload string                `json:"overload,omitempty"` // why the target could not take the load
	Settings Load                  `json:"settings"`           // what was really driven
	Epoch    int                   `json:"epoch,omitempty"`    // counts the turned settings; slices before and after one do not compare
}

// decoded is the slice with its histograms read.
func (s *Slice) decoded() *metric.Slice {
	return metric.Decode(s.Variant, &s.Load, s.Usage, s.Workers)
}

// Block outcomes.
const (
	BlockKept     = "kept"
	BlockRepeated = "repeated" // dirty or void; its slices do not count, it runs again
	BlockFlagged  = "flagged"  // dirty, but no repeat was left: kept, and said so
)

// BlockEvent closes a block.
type BlockEvent struct {
	Block   int      `json:"block"`
	Attempt int      `json:"attempt"`
	Outcome string   `json:"outcome"`
	Reasons []string `json:"reasons,omitempty"`
}

// RateEvent says which rate an open model drives, and the capacities that it was drawn from.
type RateEvent struct {
	Rate       float64            `json:"rate"`
	Share      float64            `json:"share"`
	Capacities map[string]float64 `json:"capacities"` // requests per second by variant, closed, in the warm-up
}

// ProfileEvent is the profile of a variant.
type ProfileEvent struct {
	Variant string `json:"variant"`
	profile.Profile
}

// NoteEvent is a warning or a remark for the person.
type NoteEvent struct {
	Level   string `json:"level"` // info | warning | error
	Variant string `json:"variant,omitempty"`
	Text    string `json:"text"`
}

// Ends of a run.
const (
	EndComplete    = "complete"
	EndInterrupted = "interrupted" // the person stopped it
	EndTerminated  = "terminated"  // a signal stopped it
	EndFailed      = "failed"      // the environment failed: a target or the generator died
	EndRefused     = "refused"     // the plan cannot be measured as it is
)

// EndEvent closes every run that was not killed.
type EndEvent struct {
	How    string `json:"how"`
	Reason string `json:"reason,omitempty"` // in plain words
	Class  string `json:"class,omitempty"`  // generator_died | target_died | start_failed | window_too_short | wrong_run | no_response
}

// Bounds of what an event that was read may say. They are far beyond every run, and so near that no sum or product of
// what lies within them breaks the arithmetic of a fold or of a screen.
const (
	mostTime     = int64(366 * 24 * time.Hour) // since the run began
	mostWhole    = 1 << 60                     // nanoseconds of a clock, bytes
	mostCount    = 1 << 53                     // requests
	mostReal     = 1e18
	mostIndex    = 1e7 // slices, blocks, attempts
	mostVariants = 64
	mostBars     = 128 // of a Spread
)

// Check reports why no run could have an event that was read from a file or a socket. Folds
// and printers take every sequence of events that passes. An event of an unknown kind passes when it has no body that is
// known: it is of a later version, and is skipped.
func (e *Event) Check() error {
	var own reflect.Value // the body, invalid for an unknown kind
	for _, b := range e.bodies() {
		switch v := reflect.ValueOf(b.of); {
		case b.kind == e.Kind && v.IsNil():
			return fmt.Errorf("an event of kind %q without its body", e.Kind)
		case b.kind == e.Kind:
			own = v
		case !v.IsNil():
			return fmt.Errorf("an event of kind %q with the body of a %q", e.Kind, b.kind)
		}
	}
	if e.At < 0 || e.At > mostTime {
		return fmt.Errorf("an event at %d ns: expected 0 to a year", e.At)
	}
	switch {
	case !own.IsValid():
		return nil
	case e.Run != nil:
		return e.Run.Plan.check()
	}
	if err := bounded(own); err != nil {
		return fmt.Errorf("an event of kind %q: %w", e.Kind, err)
	}
	return e.places()
}

// body is a field of an Event, and the kind that has it.
type body struct {
	kind Kind
	of   any // a pointer, nil in events of other kinds
}

func (e *Event) bodies() [12]body {
	return [...]body{
		{KindRun, e.Run},
		{KindProcess, e.Process},
		{KindPhase, e.Phase},
		{KindSample, e.Sample},
		{KindInterval, e.Interval},
		{KindSlice, e.Slice},
		{KindBlock, e.Block},
		{KindTurn, e.Turn},
		{KindRate, e.Rate},
		{KindNote, e.Note},
		{KindProfile, e.Profile},
		{KindEnd, e.End},
	}
}

// places checks the times and the numbers by which slices and blocks are told apart.
func (e *Event) places() error {
	var times []int64
	var indexes []int
	switch {
	case e.Phase != nil:
		p := e.Phase
		times, indexes = []int64{p.Start, p.From, p.To}, []int{p.Block, p.Attempt, p.Index}
	case e.Interval != nil:
		i := e.Interval
		times, indexes = []int64{i.From, i.To}, []int{i.Index, i.Open, i.InFlight}
		if s := i.Spread; s != nil && (s.First < -mostBars || s.First > mostBars || len(s.Counts) > mostBars) {
			return fmt.Errorf("a row with %d bars from bar %d: expected at most %d", len(s.Counts), s.First, mostBars)
		}
	case e.Slice != nil:
		s := e.Slice
		times, indexes = []int64{s.From, s.To}, []int{s.Index, s.Block, s.Attempt, s.Position}
	case e.Block != nil:
		indexes = []int{e.Block.Block, e.Block.Attempt}
	case e.Process != nil:
		indexes = []int{e.Process.Index}
	case e.Profile != nil:
		return e.Profile.Check()
	case e.Turn != nil:
		times, indexes = []int64{int64(e.Turn.After), int64(e.Turn.In)}, []int{e.Turn.Turns, e.Turn.Slice, len(e.Turn.Now) * mostIndex / mostVariants}
	}
	for _, t := range times {
		if t < 0 || t > mostTime {
			return fmt.Errorf("an event of kind %q with the time %d ns: expected 0 to a year", e.Kind, t)
		}
	}
	for _, i := range indexes {
		if i < 0 || i > mostIndex {
			return fmt.Errorf("an event of kind %q with the number %d: expected 0 to %d", e.Kind, i, int(mostIndex))
		}
	}
	return nil
}

// bounded looks at every number of a value.
func bounded(v reflect.Value) error {
	switch v.Kind() {
	case reflect.Pointer, reflect.Interface:
		if !v.IsNil() {
			return bounded(v.Elem())
		}
	case reflect.Struct:
		for i := range v.NumField() {
			if err := bounded(v.Field(i)); err != nil {
				return err
			}
		}
	case reflect.Slice, reflect.Array:
		if v.Type().Elem().Kind() == reflect.String {
			return nil
		}
		for i := range v.Len() {
			if err := bounded(v.Index(i)); err != nil {
				return err
			}
		}
	case reflect.Map:
		for _, k := range v.MapKeys() {
			if err := bounded(v.MapIndex(k)); err != nil {
				return err
			}
		}
	case reflect.Int, reflect.Int64, reflect.Int32:
		if n := v.Int(); n < -mostWhole || n > mostWhole {
			return fmt.Errorf("the number %d is beyond every run", n)
		}
	case reflect.Uint64, reflect.Uint32, reflect.Uint:
		if n := v.Uint(); n > mostCount {
			return fmt.Errorf("the count %d is beyond every run", n)
		}
	case reflect.Float64:
		if x := v.Float(); math.IsNaN(x) || math.Abs(x) > mostReal {
			return fmt.Errorf("the figure %g is beyond every run", x)
		}
	}
	return nil
}

func kindOf(e *Event) Kind {
	for _, b := range e.bodies() {
		if !reflect.ValueOf(b.of).IsNil() {
			return b.kind
		}
	}
	return ""
}
