package lab

import (
	"slices"
	"time"

	"benchtop/lab/ablation"
	"benchtop/lab/gate"
	"benchtop/lab/load"
	"benchtop/lab/metric"
	"benchtop/lab/observe/counters"
	"benchtop/lab/profile"
	"benchtop/lab/stats"
)

// Result is the outcome of a run in the shape of --json. Keys are only ever added. A nil number is null: it was not
// measured. Percentages are of one core; latencies are microseconds.
type Result struct {
	Benchtop     int                   `json:"benchtop"`
	Scenario     ScenarioRef           `json:"scenario"`
	Started      time.Time             `json:"started"`
	Seed         uint64                `json:"seed"`
	Complete     bool                  `json:"complete"`
	Ended        string                `json:"ended"`            // complete | interrupted | terminated | failed | refused | cut
	Reason       string                `json:"reason,omitempty"` // why it is not complete
	Quick        bool                  `json:"quick,omitempty"`
	Thinned      string                `json:"thinned,omitempty"` // what the run file lacks of the run; no figure of the result is
	Machine      MachineRef            `json:"machine"`
	Again        string                `json:"again,omitempty"` // command line that does the run again, where it is not that of its scenario
	Order        []string              `json:"order"`
	Metric       string                `json:"metric"`          // primary
	Asked        string                `json:"asked,omitempty"` // the variant that the lesson asks to predict, where it asks for the primary metric
	Smallest     float64               `json:"smallest_effect"`
	Blocks       int                   `json:"blocks"` // kept
	Repeated     int                   `json:"blocks_repeated"`
	Disturbed    int                   `json:"blocks_disturbed,omitempty"` // of these; no repeat was left for them
	DisturbedBy  string                `json:"-"`                          // first cause of that, in words; Flags have all of them
	Scope        string                `json:"scope,omitempty"`            // machine for which a verdict holds that rests on disturbed blocks
	Planned      int                   `json:"-"`                          // blocks; 0: not known
	Flags        []string              `json:"flags,omitempty"`            // everything that a reader must know before believing the figures
	Variants     []VariantResult       `json:"variants"`
	Comparisons  []Comparison          `json:"comparisons"`
	Ablation     *ablation.Result      `json:"ablation,omitempty"` // what each fix is worth, where the plan names fixes
	Profiles     []*profile.Difference `json:"profiles,omitempty"` // where the CPU of each variant differs from that of the baseline
	NoiseFloor   *float64              `json:"noise_floor"`
	Expectations []Expectation         `json:"expectations"`
	Mechanism    []Expectation         `json:"mechanism,omitempty"`
	Gate         *gate.Result          `json:"gate,omitempty"`       // nil: the plan has no threshold
	Conclusion   *Conclusion           `json:"conclusion,omitempty"` // nil: the plan has none that holds, or nothing follows from the run
	Generator    GeneratorResult       `json:"generator"`
	Host         HostResult            `json:"host"`
	Lab          OwnCost               `json:"lab"`
}

// ScenarioRef names the scenario of a result.
type ScenarioRef struct {
	ID     string `json:"id"`
	Title  string `json:"title,omitempty"`
	SHA256 string `json:"sha256"`
}

// MachineRef is the machine as it stands in results.
type MachineRef struct {
	OS       string `json:"os"`
	CPUs     int    `json:"cpus"`
	Model    string `json:"model"`
	Kernel   string `json:"kernel"`
	Go       string `json:"go"`
	Benchtop string `json:"benchtop"`
	Arch     string `json:"arch,omitempty"`
	Memory   int64  `json:"memory_bytes,omitempty"`

	Counters []counters.Have `json:"counters,omitempty"` // what was counted of the server's processes, where the plan asks for it, and why what was not
}

// VariantResult is what one variant came to.
type VariantResult struct {
	ID            string                 `json:"id"`
	Label         string                 `json:"label,omitempty"`
	HTTP          string                 `json:"http,omitempty"`   // version that its requests were of; empty: recorded before there was another than 1.1
	Turned        []TurnResult           `json:"turned,omitempty"` // while it ran: settings, and labels that it got
	Requests      uint64                 `json:"requests"`         // in every window that was measured, discarded slices too
	OK            uint64                 `json:"ok"`
	Errors        map[string]uint64      `json:"errors"`
	RPS           Series                 `json:"rps"`
	Latency       Latency                `json:"latency_us"`
	Service       Quantile               `json:"service_us"`
	Connect       Quantile               `json:"connect_us"`               // without the handshake
	TLS           Quantile               `json:"tls_us"`                   // handshakes
	FirstByte     Quantile               `json:"first_byte_us"`            // from the request written; net engine only, as is Body
	Body          Quantile               `json:"body_us"`                  // from the first byte to the last
	Attempts      uint64                 `json:"attempts,omitempty"`       // tries of the requests, retries included
	Retried       uint64                 `json:"retried,omitempty"`        // tries that were followed by another
	AttemptErrors map[string]uint64      `json:"attempt_errors,omitempty"` // those by class; none of them is in Errors
	Reasons       map[string]load.Reason `json:"error_reasons,omitempty"`  // why, of the classes of both
	CPUPerRequest Series                 `json:"target_cpu_us_per_request"`
	RSS           *float64               `json:"target_rss_bytes"`  // median over slices of the sum over its processes
	Offered       *float64               `json:"offered"`           // open model: scheduled requests per second
	AtEnd         *AtEnd                 `json:"at_end,omitempty"`  // nil: recorded by a version that did not see it
	Refused       string                 `json:"refused,omitempty"` // why no figure of it decides anything: its requests failed
	Mechanism     map[string]float64     `json:"mechanism"`
	Metrics       map[string]Series      `json:"metrics,omitempty"` // every metric of the expectation grammar, per slice
	Processes     []ProcessResult        `json:"processes"`
	Parts         []PartResult           `json:"parts,omitempty"`   // of a target of several: server, proxy, and the services by name
	Entries       []EntryResult          `json:"entries,omitempty"` // of a mix, in its order
	Profile       *profile.Profile       `json:"profile,omitempty"` // nil: none was taken
}

// TurnResult is what a variant was turned to while it ran, or told: a setting, a label, or a signal.
type TurnResult struct {
	After  float64 `json:"after_s"`          // seconds since the first counted slice was begun; of what came in every slice since its window began
	Set    string  `json:"set,omitempty"`    // key=value
	Label  string  `json:"label,omitempty"`  // by which it was called from here on
	Signal string  `json:"signal,omitempty"` // part=NAME that its processes were told
	Slices int     `json:"slices,omitempty"` // in how many slices; 0: once, between two
}

// EntryResult is what one request of a mix came to.
type EntryResult struct {
	Name     string            `json:"name"`
	Share    float64           `json:"share"`    // of the requests, by the weights
	Requests uint64            `json:"requests"` // in every window that was measured, discarded slices too
	OK       uint64            `json:"ok"`
	Errors   map[string]uint64 `json:"errors"`
	RPS      Series            `json:"rps"`
	Latency  Latency           `json:"latency_us"`
}

// AtEnd is what was still without a response when a window was over.
type AtEnd struct {
	InFlight float64 `json:"in_flight"` // requests, median over the kept slices
	Oldest   float64 `json:"oldest_us"` // the longest since its send (open: since it was due), over the kept slices
}

// Series is one metric over the slices of a variant: the median and the mean of the kept ones, and all of them, null
// where a slice was discarded. The mean is that of the expectations: the geometric one, unless a value is not positive.
type Series struct {
	Median *float64   `json:"median"`
	Mean   *float64   `json:"mean"`
	Slices []*float64 `json:"slices"`
}

// Latency is the latency over all kept slices, merged, in microseconds.
type Latency struct {
	metric.Percentiles
	Count   int64    `json:"count"`
	Trusted []string `json:"trusted"`  // percentiles with at least 10/(1-q) samples
	HDR     string   `json:"hdr"`      // HdrHistogram V2, base64
	HDRUnit string   `json:"hdr_unit"` // ns
}

// Bins is the distribution in sixteen bins a decade, microseconds; nil when nothing was recorded.
func (l *Latency) Bins() []Bin {
	h := metric.Histogram(l.HDR)
	if h == nil || h.TotalCount() == 0 {
		return nil
	}
	return bins(h)
}

// Quantile is a short latency, in microseconds.
type Quantile struct {
	P50 *float64 `json:"p50"`
	P99 *float64 `json:"p99"`
	Max *float64 `json:"max"`
}

// ProcessResult is one process of a variant over its windows.
type ProcessResult struct {
	PID        int      `json:"pid"`
	Role       string   `json:"role"`
	Part       string   `json:"part,omitempty"` // server, proxy, or the name of a service; empty: recorded by a version that did not declare it
	CPUPercent *float64 `json:"cpu_percent"`    // of one core, mean over the variant's windows
	RSS        *int64   `json:"rss_bytes"`      // last
	Threads    *int64   `json:"threads"`
	FDs        *int64   `json:"fds,omitempty"`
	Requests   *uint64  `json:"requests"` // responses in the windows; nil: the process does not say which are its own
	State      string   `json:"state"`    // serving | gone
}

// PartResult is one part of a variant's target.
type PartResult struct {
	Part          string   `json:"part"`
	Processes     int      `json:"processes"` // that lived at the end
	CPUPerRequest Series   `json:"cpu_us_per_request"`
	RSS           *float64 `json:"rss_bytes"` // median over slices of the sum over its processes
}

// Comparison is one metric of one variant against the baseline.
type Comparison struct {
	Metric   string      `json:"metric"`
	Primary  bool        `json:"primary"`
	Variant  string      `json:"variant"`
	Baseline string      `json:"baseline"`
	Ratio    *float64    `json:"ratio"`
	CI95     *[2]float64 `json:"ci95"`
	CI99     *[2]float64 `json:"ci99"`
	Pairs    int         `json:"pairs"`
	// Means are the geometric means of the variant and of the baseline over these pairs: the first over the second is the
	// ratio. They are what stands beside it. Null without a pair.
	Means   *[2]float64   `json:"means"`
	Starts  *stats.Starts `json:"starts,omitempty"` // nil: every target was started once
	Verdict stats.Verdict `json:"verdict"`
	Reason  string        `json:"reason"`
}

// Expectation is one line of `expect` or `mechanism`, evaluated.
type Expectation struct {
	Expr     string      `json:"expr"`
	Verdict  string      `json:"verdict"`
	Measured *float64    `json:"measured"`
	CI95     *[2]float64 `json:"ci95,omitempty"`
	Reason   string      `json:"reason,omitempty"`
}

// GeneratorResult is what the generator says of itself.
type GeneratorResult struct {
	Engine        string   `json:"engine"`
	CPUPerRequest *float64 `json:"cpu_us_per_request"`
	Busy          *float64 `json:"busy"`                // busiest thread, median over slices, 0 to 1; null: nothing was measured
	LagP99        *float64 `json:"schedule_lag_p99_us"` // the largest of a slice; null: no open load, which alone has a schedule
	Stalled       *float64 `json:"stalled_us"`          // longest time for which its process stood still in a slice, 20 ms or more; null: no slice
	Saturated     bool     `json:"saturated"`
	Reasons       []string `json:"reasons,omitempty"`
	RSS           *int64   `json:"rss_bytes,omitempty"`

	Agents []AgentResult `json:"agents,omitempty"` // the machines that drove it together, where more than this one did
}

// AgentResult is what one machine of several drove, and how its generator fared; null where it is not known.
type AgentResult struct {
	Name         string   `json:"name"`
	Void         string   `json:"void,omitempty"`        // why its part does not count
	Lost         int      `json:"lost_slices,omitempty"` // slices of a run in which it was lost
	Requests     *uint64  `json:"requests"`
	Share        *float64 `json:"share"`  // of all requests that count
	P50          *float64 `json:"p50_us"` // of a run the median over its slices, as P99 and Busy
	P99          *float64 `json:"p99_us"`
	Busy         *float64 `json:"busy"`              // busiest thread, 0 to 1
	Offset       float64  `json:"clock_offset_us"`   // of its clock over that of the machine that led
	OffsetWithin float64  `json:"clock_unknown_us"`  // so much the offset may be wrong
	Reasons      []string `json:"reasons,omitempty"` // why its generator was the bottleneck
}

// HostResult is what else the machine did in the windows.
type HostResult struct {
	Steal   *float64 `json:"steal"`                // share of the machine, mean
	Foreign *float64 `json:"foreign"`              // cores, mean
	Idle    *float64 `json:"idle_variants"`        // cores, the most that the variants without load used together in a slice
	Speed   *float64 `json:"machine_speed_spread"` // slowest over fastest of the fixed piece of work, minus 1
}

// OwnCost is what the lab itself cost.
type OwnCost struct {
	CPUPercent *float64 `json:"cpu_percent"` // of one core
	RSS        *int64   `json:"rss_bytes"`
}

// Figure is the one figure that a variant came to in a metric, in the metric's unit, for every place that shows one:
// the mean over the pairs of slices that its change against the baseline rests on, so that the figures of two variants
// never contradict the change between them. Where nothing was compared it is the mean over its slices, and the longest
// latency is the longest of all. Nil when it was not measured.
func (r *Result) Figure(variant, name string) *float64 {
	for i := range r.Comparisons {
		c := &r.Comparisons[i]
		if c.Metric != name || c.Means == nil {
			continue
		}
		switch variant {
		case c.Variant:
			return &c.Means[0]
		case c.Baseline:
			return &c.Means[1]
		}
	}
	for i := range r.Variants {
		if v := &r.Variants[i]; v.ID == variant {
			return v.Mean(name)
		}
	}
	return nil
}

// Paired reports whether Figure gives a metric over the pairs of a comparison, and not over all slices of a variant.
func (r *Result) Paired(name string) bool {
	return slices.ContainsFunc(r.Comparisons, func(c Comparison) bool { return c.Metric == name && c.Means != nil })
}

// Mean is the mean of a metric over the kept slices of a variant, as expectations measure it; of the longest latency it is
// the longest of all. A result without slices of a percentile, as that of a stretch of load, gives the one over all its
// requests.
func (v *VariantResult) Mean(name string) *float64 {
	if s, ok := v.Metrics[name]; ok && metric.Named(name).Quantile != 1 {
		return s.Mean
	}
	return v.Latency.Of(name)
}

// Slices are the values of a metric slice by slice, nil where one was discarded or did not measure it.
func (v *VariantResult) Slices(name string) []*float64 { return v.Metrics[name].Slices }

// EntrySlices is the throughput of a request of the mix over the slices; nil when the variant has none of that name.
func (v *VariantResult) EntrySlices(name string) []*float64 {
	for i := range v.Entries {
		if v.Entries[i].Name == name {
			return v.Entries[i].RPS.Slices
		}
	}
	return nil
}

// Variant is the variant with an id; one without figures when there is none.
func (r *Result) Variant(id string) *VariantResult {
	for i := range r.Variants {
		if r.Variants[i].ID == id {
			return &r.Variants[i]
		}
	}
	return &VariantResult{}
}

// Classes of ends that somebody decides on.
const (
	ClassGeneratorDied  = "generator_died"
	ClassTargetDied     = "target_died"
	ClassStartFailed    = "start_failed"
	ClassWindowTooShort = "window_too_short"
	ClassWrongRun       = "wrong_run"
	ClassNoResponse     = "no_response"
	ClassAgents         = "agents"
)

// EndedCut is what a Result says of a run whose file ends in the middle.
const EndedCut = "cut"

// Outcome condenses a Result into what the exit code tells.
type Outcome int

// The outcomes, in the order of the exit codes.
const (
	OutcomeConfirmed    Outcome = iota // every expectation confirmed, or none stated
	OutcomeRefuted                     // at least one refuted
	OutcomeInconclusive                // inconclusive or refused
	OutcomeFailed                      // the environment failed
	OutcomeInterrupted
)

// Outcome tells how the run ended for a script.
func (r *Result) Outcome() Outcome {
	switch r.Ended {
	case EndFailed:
		return OutcomeFailed
	case EndInterrupted, EndTerminated:
		return OutcomeInterrupted
	case EndRefused, EndedCut:
		return OutcomeInconclusive
	}
	out := OutcomeConfirmed
	if r.Gate != nil && r.Gate.Verdict == gate.Failed {
		return OutcomeRefuted
	}
	if r.Gate != nil && r.Gate.Verdict == gate.NotJudged {
		out = OutcomeInconclusive
	}
	for _, e := range r.Expectations {
		switch e.Verdict {
		case "refuted":
			return OutcomeRefuted
		case "inconclusive", "not_applicable":
			out = OutcomeInconclusive
		}
	}
	for i := range r.Variants {
		if r.Variants[i].Refused != "" {
			out = OutcomeInconclusive
		}
	}
	for _, c := range r.Comparisons {
		if c.Primary && (c.Verdict == stats.Refused || c.Verdict == stats.NotApplicable) {
			out = OutcomeInconclusive
		}
	}
	return out
}
