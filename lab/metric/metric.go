// Package metric is the one table of metrics: what each is called, what it is measured in, who is accountable for it, and
// how it is computed from a slice. Everything else that names metrics walks the table: the expectation grammar, results,
// reports, the screen, the schema of scenario files and the table of the README.
package metric

import (
	"math"
	"slices"
	"strings"

	"benchtop/lab/figure"
)

// Metric is a row of the table.
type Metric struct {
	Name  string // in scenario files, results and expectations
	Unit  Unit
	Doc   string // what it is, one line
	Words string // in sentences and in tables
	Short string // over narrow columns; empty: Words
	// Claim says in a sentence that a variant has more of it, with %s for how much: "serves %s". Empty: it is longer or higher.
	Claim string

	Scope Scope
	Kind  Kind
	Lower bool // a lower value is the better one
	Exact bool // a count: compared exactly, without an interval
	Over  Over // of an exact one: how its slices are taken together
	// Bare: a number may stand without a unit although the metric has one, because the name says which:
	// target_cpu_us_per_request in microseconds, target_rss_bytes in bytes.
	Bare     bool
	Spoiled  bool   // a generator that was the bottleneck falsifies it
	Failures bool   // it says how many requests failed or what else did, so that too many failures do not refuse it
	TLS      bool   // only a target with TLS has it
	Counter  string // the event of the kernel's or the processor's counters that it is made of (lab/observe/counters); the plan must ask for them

	In    Place  // the lists that it is always in; it is in the others when somebody asks for it
	Bench string // its unit in the benchmark format of Go; empty: it is not written there

	// Of a mechanism: its place among those that the screen explains a ratio with, from 1 (0: none), the value that it has
	// where nothing happened, and whether it is shown only where the plan names it.
	Why   int
	Usual *float64
	Asked bool

	Quantile float64                           // of the latency, above 0 to 1 (the longest); 0: it is no quantile
	Of       func(*Slice) (v float64, ok bool) // of one slice; ok is false where it was not measured. A Quantile needs none

	// Some is the metric of a set of a target's parts. What has it is a metric of services, and can be asked of each of them.
	Some func(in func(part string) bool) func(*Slice) (v float64, ok bool)
}

// Over is how the slices of an exact metric are taken together.
type Over int

// The ways. Counts per request are alike in every slice, or else what they are on average.
const (
	Sum Over = iota
	EachAlike
	TheMost
)

// Together takes the values of an exact metric together; those that are not numbers are of slices that do not count. ok is
// false when there is none.
func (m *Metric) Together(slices []float64) (all float64, ok bool) {
	n, same := 0.0, true
	first := math.NaN()
	for _, v := range slices {
		if math.IsNaN(v) {
			continue
		}
		if n == 0 {
			first = v
		}
		n++
		same = same && v == first
		if m.Over == TheMost {
			all = max(all, v)
		} else {
			all += v
		}
	}
	switch {
	case m.Over == EachAlike && same: // no rounding
		return first, n > 0
	case m.Over == EachAlike:
		return all / n, true
	}
	return all, n > 0
}

// PerSlice are the words for the mean over the slices: that of a count is of one slice and no total, and says so.
func (m *Metric) PerSlice() string {
	if m.Exact && m.Over != EachAlike {
		return m.Words + " per slice"
	}
	return m.Words
}

// Scope is what a metric is a property of.
type Scope string

// The scopes.
const (
	Load    Scope = "load"    // what the generator saw
	Target  Scope = "target"  // every process of the target
	Server  Scope = "server"  // the server's processes
	Proxy   Scope = "proxy"   // the processes of the proxy in front of it
	Service Scope = "service" // those of the services besides it
	Link    Scope = "link"    // the declared link in front of it
	Machine Scope = "machine" // everything on this machine, other programs as well
)

// Kind says what a metric is for.
type Kind int

// A figure is compared; a mechanism is a counter that explains the ratio of a figure.
const (
	Figure Kind = iota
	Mechanism
)

// Place is a set of the lists that a metric is always in.
type Place uint8

// The lists, each in the order of the table.
const (
	Compared   Place = 1 << iota // comparisons with the baseline in every result, besides the primary metric
	Summary                      // columns of the table of variants in reports and plain lines
	Screen                       // figures above the counters on the screen
	SideBySide                   // figures of two runs
)

// All are the rows of the table, in the order in which they are documented. Nobody changes them.
func All() []Metric { return table }

// In are the rows of a list.
func In(list Place) []Metric {
	return where(func(m *Metric) bool { return m.In&list != 0 })
}

// Latencies are the quantiles of the latency.
func Latencies() []Metric { return where(func(m *Metric) bool { return m.Quantile > 0 }) }

// Benched are the rows that the benchmark format of Go has.
func Benched() []Metric { return where(func(m *Metric) bool { return m.Bench != "" }) }

// Mechanisms are the counters that explain a ratio.
func Mechanisms() []Metric { return where(func(m *Metric) bool { return m.Kind == Mechanism }) }

// Explaining are those that the screen explains a ratio with, the most telling first.
func Explaining() []Metric {
	out := where(func(m *Metric) bool { return m.Why > 0 })
	slices.SortStableFunc(out, func(a, b Metric) int { return a.Why - b.Why })
	return out
}

// OfOneService are those that can be asked of one service.
func OfOneService() []Metric {
	return where(func(m *Metric) bool { return m.Some != nil })
}

// Key is the name under which a slice has the value of a metric, and of one service's.
func Key(name, service string) string {
	if service == "" {
		return name
	}
	return name + "(" + service + ")"
}

func where(has func(*Metric) bool) []Metric {
	var out []Metric
	for i := range table {
		if has(&table[i]) {
			out = append(out, table[i])
		}
	}
	return out
}

// Names are the names of metrics.
func Names(list []Metric) []string {
	out := make([]string, len(list))
	for i := range list {
		out[i] = list[i].Name
	}
	return out
}

// Lookup finds a metric by its name.
func Lookup(name string) (m Metric, known bool) {
	for i := range table {
		if table[i].Name == name {
			return table[i], true
		}
	}
	return Metric{}, false
}

// Named is the row of a metric. What the table does not know, as a metric of a run file of a later version, is called by
// its name, has no unit, and is better when it is lower.
func Named(name string) Metric {
	if m, known := Lookup(name); known {
		return m
	}
	return Metric{Name: name, Words: name, Lower: true}
}

// Head is what stands over a narrow column of a metric.
func Head(name string) string { return Named(name).Head() }

// Words is a metric in plain words.
func Words(name string) string { return Named(name).Words }

// Head stands over a narrow column of the metric.
func (m Metric) Head() string {
	if m.Short != "" {
		return m.Short
	}
	return m.Words
}

// Column is the name of a metric where it stands alone, as over a column of plain numbers: with its unit, once. Shares,
// counts and rates per second have none.
func (m Metric) Column() string {
	switch {
	case m.Bare: // the name holds it
		return m.Name
	case m.Unit == Duration:
		return m.Name + "_us"
	case m.Unit == Bytes:
		return m.Name + "_bytes"
	}
	return m.Name
}

// Whose is the metric of somebody, in words: "k8's p99 latency", "k8's proxy's CPU per request".
func (m Metric) Whose(who string) string { return who + "'s " + strings.TrimPrefix(m.Words, "the ") }

// Write writes a value of the metric with its unit.
func (m Metric) Write(on figure.Medium, v *float64) string {
	return figure.Of(on, v, func(v float64) string { return m.Unit.write(on, v) })
}

// Says is a ratio of the metric in words: "k8 serves 12.0 % more than none", "k8's p99 latency is 3.00 times as long as
// none's".
func (m Metric) Says(who, whom string, ratio float64) string {
	much, times := figure.Much(ratio)
	more := ratio > 1
	if whom = grade(times, more, " than ", " than ", " as ") + whom; m.Claim == "" {
		whom += "'s"
	}
	if m.Claim != "" {
		return who + " " + strings.Replace(m.Claim, "%s", much+" "+grade(times, more, "more", "less", "much"), 1) + whom
	}
	word := grade(times, more, "higher", "lower", "high")
	if m.Unit == Duration && !m.Bare {
		word = grade(times, more, "longer", "shorter", "long")
	}
	return m.Whose(who) + " " + m.verb() + " " + much + " " + word + whom
}

// verb goes with the words of the metric: what is counted is in the plural.
func (m Metric) verb() string {
	head, _, _ := strings.Cut(strings.TrimPrefix(m.Words, "the "), " per ")
	head, _, _ = strings.Cut(head, " of ")
	for word := range strings.FieldsSeq(head) {
		if strings.HasSuffix(word, "s") && !strings.HasSuffix(word, "ss") && !strings.HasSuffix(word, "'s") && !strings.HasSuffix(word, "s'") {
			return "are"
		}
	}
	return "is"
}

func grade(times, more bool, up, down, as string) string {
	switch {
	case times:
		return as
	case more:
		return up
	}
	return down
}

// Register adds a row until undo is called, or puts it in the place of the one with its name. It is for tests, which show that
// nothing but the table has to know a metric, and what it is called.
func Register(m Metric) (undo func()) {
	before := table
	table = slices.Clone(table)
	if i := slices.IndexFunc(table, func(old Metric) bool { return old.Name == m.Name }); i >= 0 {
		table[i] = m
	} else {
		table = append(table, m)
	}
	return func() { table = before }
}
