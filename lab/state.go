package lab

import (
	"cmp"
	"math"
	"slices"
	"time"

	"benchtop/lab/load"
	"benchtop/lab/metric"
	"benchtop/lab/observe"
	"benchtop/lab/profile"
	"benchtop/lab/stats"
	"benchtop/targets"
)

// State is everything that is known of a run at one moment: a fold over its events. A State handed out by a Fold is
// a snapshot that nobody changes any more; its slices may be shared with later snapshots and must not be written.
type State struct {
	Seq      uint64 // of the last event
	At       int64  // of the last event, nanoseconds since the run began
	Plan     *Plan
	Machine  observe.Machine
	Thinned  string // what its file lacks of the run; empty: nothing
	Started  time.Time
	Phase    PhaseEvent // the last one
	Progress float64    // 0 to 1; 0 in a free run
	Left     time.Duration
	Total    time.Duration
	Extra    Extra // why Total is longer than was planned
	Variants []VariantState
	// Provisional comparisons of the primary metric, one per variant but the baseline; decided only when End is set.
	Compare    []Provisional
	NoiseFloor *float64
	Generator  GeneratorState
	Lab        ProcState
	Host       observe.HostUsage // since the previous sample; at the end of the whole run
	Log        []LogLine         // the last ones, oldest first
	Logged     int               // lines so far, forgotten ones too
	Turns      []Turn            // turned so far, by a person or by steps of the plan; refused ones are not among them
	Turned     int               // turns that were taken, refused ones too
	Elapsed    time.Duration     // since the first counted slice was begun
	Rounds     int               // of a free run: how often every variant had its turn
	Rate       *RateEvent
	Repeated   int // blocks
	End        *EndEvent
	Result     *Result // set with End
}

// Extra is what a run takes longer than it was planned to, by cause; estimated, as is Total.
type Extra struct {
	Blocks   time.Duration // measured again: State.Repeated of them
	Warmups  time.Duration // measured again: Rewarmed of them
	Settling time.Duration // slices settle for longer, by what the warm-up measured
	Turns    time.Duration // nothing is measured while settings are turned
	Rewarmed int
}

// Statuses of a variant.
const (
	StatusStarting = "starting"
	StatusIdle     = "idle"
	StatusWarmup   = "warm-up"
	StatusLoad     = "under load"
	StatusStopped  = "stopped"
)

// VariantState is one column.
type VariantState struct {
	Variant
	Turned        []string // settings that were turned since it got its label, key=value; as it began: none
	Addr          string
	Status        string
	Now           Live       // of the last row; kept while the variant is idle
	Settled       Live       // over all kept windows so far, merged
	Means         Means      // over the kept slices so far, as the verdict compares them
	Points        []Point    // one per row since the run began, in order; gaps in time are gaps
	Slices        []SliceDot // counted slices in order
	Procs         []ProcState
	CPU           float64                // per cent of one core, the server's processes, in the last row under load, at the end in all windows; NaN: none of them is known
	Parts         []PartState            // the other parts of its target: its proxy and its services, in this order
	CPUPerRequest *float64               // microseconds, mean over kept slices
	Errors        map[string]uint64      // in all windows so far
	Attempts      uint64                 // tries of those requests, retries included
	Retried       uint64                 // tries that failed and were followed by another
	AttemptErrors map[string]uint64      // those by class; none of them is in Errors
	Reasons       map[string]load.Reason // of the classes of both, as they were first found
	Requests      uint64
	Entries       []EntryState       // of the mix, in its order; nil: there is none, or nothing was measured
	Mechanism     map[string]float64 // means over kept slices
	Bins          []Bin              // latency distribution over kept windows, for histograms; log-spaced
	Profile       *profile.Profile   // nil: none was taken, or not yet
}

// EntryState is what one request of a mix has come to so far.
type EntryState struct {
	Name               string
	Share              float64           // of the requests, by the weights
	Requests           uint64            // in all windows so far
	OK                 uint64            // of these
	Errors             map[string]uint64 // of these
	metric.Percentiles                   // over all kept windows, merged
}

// PartState is a part of a target besides its server.
type PartState struct {
	Name       string
	CPU        float64  // per cent of one core, as of the server; NaN: not known
	PerRequest *float64 // microseconds of CPU, mean over kept slices
}

// Live is a set of figures that are shown large. Latencies are microseconds; a nil figure is a dash.
type Live struct {
	Phase   string   // of the last row: warmup | settle | window | drain; empty: nothing yet
	RPS     *float64 // of the last row that is long enough for a rate and no drain, as is the rest
	Offered *float64 // scheduled requests per second of a row in the open model
	metric.Percentiles
	Trusted map[string]bool // by p50, p90 ...: enough samples
	Open    int
	Flight  int
}

// Means are means over slices, microseconds, nil where nothing was measured.
type Means struct{ P50, P99 *float64 }

// Point is one row of the time charts.
type Point struct {
	At      int64   // end of the row, nanoseconds since the run began
	Width   int64   // nanoseconds
	Phase   string  // warmup | settle | window | drain
	RPS     float64 // NaN: the row has no rate, see Interval.Rate
	Offered float64 // scheduled requests per second; 0 in the closed model
	P50     float64 // microseconds, 0 when nothing ended
	P99     float64
	Max     float64
	Errors  uint64
	CPU     float64 // percent of one core, of the variant's processes; 0 or NaN: unknown
	Spread  Spread
}

// Spread is a latency distribution in a few numbers, for a picture: Counts[i] requests took from
// 10^((First+i)/SpreadPerDecade) microseconds to the next such edge. Without counts it is not known.
type Spread struct {
	First  int      `json:"first"`
	Counts []uint32 `json:"counts"`
}

// SpreadPerDecade is how many bars of a Spread a factor of ten has.
const SpreadPerDecade = 8

// SliceDot is one slice on the screen. One without an Index holds the place of a slice that a variant did not have,
// because it was not there yet.
type SliceDot struct {
	Index     int
	Block     int
	Attempt   int
	Position  int
	Value     *float64 // of the primary metric
	Metrics   metric.Values
	Parts     []metric.Part // of a target of several
	Discarded bool
	Empty     bool // nothing succeeded in its window
	Past      bool // measured before a setting was turned: it is discarded, because it does not compare with what came after
	Dirty     []string
	Idle      float64 // cores, what the variants without load used together meanwhile; NaN: not known
	Void      string
	At        int64
}

// ProcState is one row of the worker table.
type ProcState struct {
	observe.ProcSample // Percent is that of the last sample under load, at the end that in all windows; NaN: not known
	Index              int
	State              string            // serving | gone | stopped
	Requests           *uint64           // responses so far, in windows; nil: the process does not say which are its own
	Share              *float64          // of the variant's responses, 0 to 1
	Levels             map[string]int64  // what a worker or a service holds, by name
	Counted            map[string]uint64 // what it counted in the last slice, by name
	since              int               // counted slices of the variant when it came
}

// Bin is one bar of a latency histogram: [From, To) microseconds.
type Bin struct {
	From, To float64
	Count    int64
}

// Provisional is a comparison while the run goes on: an interval, never a verdict. With End set it has the verdict.
type Provisional struct {
	Variant string
	stats.Ratio
	Verdict stats.Verdict // empty while running
	Reason  string
}

// GeneratorState is the generator's row.
type GeneratorState struct {
	ProcState
	Engine    string
	Busy      float64 // of the last slice, at the end of the run; NaN: there was none
	LagP99    float64 // microseconds
	Saturated bool
	Reasons   []string
}

// LogLine is one line of the event log.
type LogLine struct {
	At      int64
	Level   string // info | warning | error
	Variant string
	Text    string
}

// partOf is the part of its target that a process belongs to: one of a target in a single part is the server's.
func partOf(p *targets.Process) string { return cmp.Or(p.Part, targets.PartServer) }

// cpuOf is the CPU of the server's processes and of the other parts of the target, in per cent of a core, NaN of a part none of
// whose processes is known. What a request costs in those is taken over from before.
func cpuOf(procs []ProcState, before []PartState) (server float64, others []PartState) {
	server = math.NaN()
	add := func(to *float64, percent float64) {
		switch {
		case math.IsNaN(percent):
		case math.IsNaN(*to):
			*to = percent
		default:
			*to += percent
		}
	}
	for i := range procs {
		p := &procs[i]
		if p.State != "serving" && p.State != "stopped" || p.Gone {
			continue
		}
		name := metric.PartOf(p.Part, p.Role)
		if name == targets.PartServer {
			add(&server, p.Percent)
			continue
		}
		part := partIn(others, name)
		if part == nil {
			others = append(others, PartState{Name: name, CPU: math.NaN()})
			part = &others[len(others)-1]
			if old := partIn(before, name); old != nil {
				part.PerRequest = old.PerRequest
			}
		}
		add(&part.CPU, p.Percent)
	}
	slices.SortFunc(others, func(a, b PartState) int { return metric.ByPart(a.Name, b.Name) })
	return server, others
}

// partIn finds a part by its name, nil when it is not there.
func partIn(parts []PartState, name string) *PartState {
	if i := slices.IndexFunc(parts, func(p PartState) bool { return p.Name == name }); i >= 0 {
		return &parts[i]
	}
	return nil
}

// partValues are those of one part of the target.
func partValues(dots []SliceDot, name string, of func(*metric.Part) float64) []float64 {
	return valuesOf(dots, func(d *SliceDot) float64 {
		for i := range d.Parts {
			if p := &d.Parts[i]; p.Name == name {
				return of(p)
			}
		}
		return math.NaN()
	})
}

func partCPU(p *metric.Part) float64 { return p.CPU }
func partRSS(p *metric.Part) float64 { return p.RSS }

// Microseconds per nanosecond.
const usPerNs = 1e-3

// partResults are what the parts of a target of several came to.
func partResults(v *VariantState) []PartResult {
	var out []PartResult
	for i := range v.Slices {
		for _, p := range v.Slices[i].Parts {
			if !slices.ContainsFunc(out, func(r PartResult) bool { return r.Part == p.Name }) {
				out = append(out, PartResult{Part: p.Name})
			}
		}
	}
	slices.SortFunc(out, func(a, b PartResult) int { return metric.ByPart(a.Part, b.Part) })
	for i := range out {
		r := &out[i]
		r.CPUPerRequest = seriesOf(partValues(v.Slices, r.Part, partCPU))
		r.RSS = seriesOf(partValues(v.Slices, r.Part, partRSS)).Median
		for k := range v.Procs {
			if p := &v.Procs[k]; metric.PartOf(p.Part, p.Role) == r.Part && p.State != "gone" {
				r.Processes++
			}
		}
	}
	return out
}
