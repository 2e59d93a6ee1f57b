package lab

import (
	"fmt"
	"math"
	"slices"
	"strconv"
	"strings"
	"time"

	"benchtop/lab/cause"
	"benchtop/lab/figure"
	"benchtop/lab/load"
	"benchtop/lab/metric"
	"benchtop/lab/stats"
)

// Bounds of what a slice may show before its figures are not believed.
const (
	leastOccupied = 0.95 // of the connections, with a request in flight or a user thinking
	mostStalled   = 0.02 // of the window, in which the generator's process stood still
	leastEnded    = 0.95 // of the offered rate: less, and the target did not take it
)

// limitsOf says why the generator was the bottleneck of a slice, in plain words; empty when it was not. Only evidence
// about the generator itself counts: a busy thread, late sends, connections that it left without a request. That its
// connections wait for the target is no such evidence (overloadOf, shortOf).
func limitsOf(m *metric.Slice, l Load) []string {
	s := m.Load
	var out []string
	if s.Busy >= load.BusiestThread {
		out = append(out, "its busiest thread used "+figure.Whole(s.Busy)+" of a core")
	}
	waits := connectionWait(m) > 0
	if l.Model == load.Open && s.Offered > 0 && s.Edge != nil {
		if s.OnTime < load.LeastOnTime*s.Offered && !waits && s.Edge.InFlight < uint64(l.InFlight()) { //nolint:gosec // a small number
			out = append(out, "it sent "+figure.Whole(s.OnTime/s.Offered)+" of the offered rate in time")
		}
	}
	if l.Model == load.Open {
		if limit := lagLimit(m); s.LagP99 > limit {
			out = append(out, "its sends were late by "+time.Duration(s.LagP99).Round(10*time.Microsecond).String()+" at p99")
		}
	}
	if text := unoccupied(s, l); text != "" {
		out = append(out, text)
	}
	if s.Stalled.Longest >= generatorStall && float64(s.Stalled.Total) >= mostStalled*float64(s.Length()) {
		out = append(out, "it stood still for "+figure.Duration(s.Stalled.Total)+" in total")
	}
	return out
}

// unoccupied applies Little's law to a closed slice, N = X * (R + Z): the requests in flight, unanswered ones included, and
// the users that think make up all connections. Fewer means that the generator left some without a request. After a
// failure it does so on purpose, so that only slices without one tell.
func unoccupied(s *load.Summary, l Load) string {
	rate, ok := s.EndedRate()
	if l.Model != load.Closed || !ok || s.Counts.Requests < 1000 || s.Counts.Requests != s.Counts.OK {
		return ""
	}
	n := s.InFlightMean + rate*l.Think.Seconds()
	if n >= leastOccupied*float64(l.InFlight()) {
		return ""
	}
	what := "requests were in flight"
	if l.Think > 0 {
		what += " or users thinking"
	}
	return "by Little's law " + strconv.FormatFloat(n, 'f', 1, 64) + " " + what + " on " + l.places()
}

// overloadOf says that the target did not take the offered rate of an open slice, and what was left over; empty when it
// took it. Throughput is what it could take then, and latency from the schedule is what its users see.
func overloadOf(m *metric.Slice, l Load) string {
	s := m.Load
	rate, ok := s.EndedRate()
	if l.Model != load.Open || s.Edge == nil || !ok || s.Offered <= 0 {
		return ""
	}
	expected := s.Offered * s.Length().Seconds()
	if rate*s.Length().Seconds() > leastEnded*expected-3*math.Sqrt(expected) || shortOf(m, l) != "" {
		return ""
	}
	return fmt.Sprintf("the target could not take the rate: %s of %s req/s ended in the window, and at its end %d requests were without a response, the oldest for %v",
		figure.Lines.Rate(rate), figure.Lines.Rate(s.Offered), s.Edge.InFlight, time.Duration(s.Edge.Oldest).Round(time.Millisecond))
}

// shortOf says that an open slice had too few connections for its rate, so that its requests waited for one although the
// target took no longer than for its fastest: more connections could have carried more. A target whose responses take
// longer the more it is asked is the one that is slow (overloadOf).
func shortOf(m *metric.Slice, l Load) string {
	s, wait := m.Load, connectionWait(m)
	if l.Model != load.Open || wait == 0 || s.Edge == nil {
		return ""
	}
	typical := m.Service.ValueAtQuantile(50)
	if s.Fastest == 0 || float64(typical) > 1.5*float64(s.Fastest) {
		return ""
	}
	return fmt.Sprintf("%s were too few for %s req/s: half of the requests waited at least %v for one to become free, and each took %v as at the start",
		l.places(), figure.Lines.Rate(s.Offered), wait.Round(10*time.Microsecond), time.Duration(typical).Round(10*time.Microsecond))
}

// places are what requests can be in flight on.
func (l *Load) places() string {
	if l.Multiplexed() {
		return plural(l.InFlight(), "stream")
	}
	return plural(l.Connections, "connection")
}

// lagLimit is how late sends may be at p99: a tenth of the median latency, and at least 2 ms, below which the
// schedule's own timer resolution on a shared machine would decide.
func lagLimit(m *metric.Slice) int64 {
	limit := int64(2 * time.Millisecond)
	if m.Latency != nil {
		limit = max(limit, m.Latency.ValueAtQuantile(50)/10)
	}
	return limit
}

// connectionWait is how long the typical request of an open slice waited for a connection before it was sent, by the medians
// from the schedule and from the send; 0 when that is within the limit for late sends, or when most did not have to: all
// connections waited for the target then.
func connectionWait(m *metric.Slice) time.Duration {
	if 2*m.Load.Queued < m.Load.Counts.Sent || m.Latency == nil || m.Service == nil || m.Service.TotalCount() == 0 {
		return 0
	}
	typical := m.Service.ValueAtQuantile(50)
	wait := m.Latency.ValueAtQuantile(50) - typical
	if wait <= max(int64(2*time.Millisecond), typical/10) {
		return 0
	}
	return time.Duration(wait)
}

// causesOf are the reasons of a block, each of which begins with the id of its variant.
func causesOf(b *BlockEvent, block int) []cause.Cause {
	out := make([]cause.Cause, len(b.Reasons))
	for i, r := range b.Reasons {
		who, text, named := strings.Cut(r, ": ")
		if !named {
			who, text = "", r
		}
		out[i] = cause.Cause{Variant: who, Block: block, Text: text}
	}
	return out
}

// voidSlices says which slices of blocks that count do not, one line for each cause.
func (f *Fold) voidSlices() []string {
	var causes []cause.Cause
	for _, s := range f.all {
		if s.Void != "" && !f.discard[s.Index] {
			causes = append(causes, cause.Cause{Variant: s.Variant, Block: s.Block, Text: s.Void})
		}
	}
	var out []string
	for _, g := range cause.Grouped(causes) {
		what := "a slice of " + cause.List(g.Variants) + " does not count"
		if g.N > 1 {
			what = strconv.Itoa(g.N) + " slices of " + cause.List(g.Variants) + " do not count"
		}
		if text := cause.BlockWords(g.Blocks); text != "" && !f.st.Plan.Free {
			what += " (" + text + ")"
		}
		out = append(out, what+": "+g.Text)
	}
	return out
}

// flaggedBlocks says in one line which blocks were disturbed and did not run again, and how many of their slices count: one in
// which the generator stood still, say, does not. Empty when there is no such block.
func (f *Fold) flaggedBlocks() string {
	if f.flagged == 0 {
		return ""
	}
	of := max(f.st.Plan.Blocks, f.blocks) // more of them where a run went on to its last step
	if f.st.Plan.Order == Sequential {
		of = 1
	}
	return disturbedWords(f.flagged, of) + " " + f.flaggedCount() + ": " + cause.Join(f.reasons)
}

func disturbedWords(n, of int) string {
	were := " were"
	if n == 1 {
		were = " was"
	}
	return strconv.Itoa(n) + " of " + figure.Lines.Counted(of, "block") + were + " disturbed"
}

// DisturbedWords say how many blocks were disturbed and did not run again: "6 of 6 blocks were disturbed".
func (r *Result) DisturbedWords() string { return disturbedWords(r.Disturbed, r.Blocks) }

// MostlyDisturbed reports whether most blocks were disturbed. More of them do not cure that.
func (r *Result) MostlyDisturbed() bool { return most(r.Disturbed, r.Blocks) }

// most reports whether so many are more than half of all.
func most(n, of int) bool { return 2*n > of }

// remedy is what may decide a comparison that is open.
func (f *Fold) remedy() string {
	if most(f.flagged, f.blocks) {
		return "it takes a quieter machine"
	}
	return "more blocks, or a quieter machine"
}

// scope says for which machine a verdict holds that rests on disturbed blocks, most of those that count: its interval holds what
// varied in the run, and nothing of another state. Empty where nothing is decided, or most blocks were not disturbed.
func (f *Fold) scope(list []Comparison) string {
	if !slices.ContainsFunc(list, func(c Comparison) bool {
		return c.Primary && slices.Contains([]stats.Verdict{stats.Higher, stats.Lower, stats.NoDifference}, c.Verdict)
	}) {
		return ""
	}
	counts, voids := map[int]bool{}, map[string]bool{}
	for _, s := range f.all {
		if f.keeps(s) && !f.discard[s.Index] {
			counts[s.Block] = true
		}
		voids[s.Void] = true
	}
	disturbed := map[int]bool{}
	var causes []cause.Cause
	for _, c := range f.reasons {
		if counts[c.Block] && !voids[c.Text] { // a void slice decides nothing
			disturbed[c.Block] = true
			causes = append(causes, c)
		}
	}
	if !most(len(disturbed), len(counts)) {
		return ""
	}
	first := cause.Group{}
	for _, g := range cause.Grouped(causes) {
		if len(g.Blocks) > len(first.Blocks) {
			first = g
		}
	}
	machine := "in the same state"
	switch {
	case strings.HasPrefix(first.Text, foreignWords):
		machine = "as busy as that"
	case strings.HasPrefix(first.Text, stealWords):
		machine = "that loses as much to others"
	case strings.HasPrefix(first.Text, speedWords):
		machine = "whose speed varies like that"
	}
	return fmt.Sprintf("%s in %d of %s: this holds for a machine %s", first.Text, len(first.Blocks), figure.Lines.Counted(len(counts), "block"), machine)
}

// busyAdvice is said once, when other programs disturb the first block.
const busyAdvice = "other programs keep this machine busy: close what else runs"

// advise says it.
func (f *Fold) advise(at int64, b *BlockEvent) {
	if !f.advised && slices.ContainsFunc(b.Reasons, func(r string) bool { return strings.Contains(r, ": "+foreignWords) }) {
		f.advised = true
		f.log(at, "info", "", busyAdvice)
	}
}

// disturbedBy is the first cause of the blocks that were disturbed and did not run again, empty where there is no such block.
func (f *Fold) disturbedBy() string {
	if causes := cause.Grouped(f.reasons); len(causes) > 0 {
		return causes[0].Text
	}
	return ""
}

// flaggedCount says how much of the disturbed blocks counts.
func (f *Fold) flaggedCount() string {
	blocks := map[int]bool{}
	for _, c := range f.reasons {
		blocks[c.Block] = true
	}
	n, kept := 0, 0
	for _, s := range f.all {
		if !blocks[s.Block] || f.discard[s.Index] {
			continue
		}
		n++
		if f.keeps(s) {
			kept++
		}
	}
	switch kept {
	case n:
		return "and count"
	case 0:
		return "and do not count"
	}
	return "and " + strconv.Itoa(kept) + " of their " + strconv.Itoa(n) + " slices count"
}

// Words say what became of a block that was disturbed, for the event log and for jumps; empty for one that was not.
func (b *BlockEvent) Words() string {
	switch b.Outcome {
	case BlockRepeated:
		return "block " + strconv.Itoa(b.Block) + " runs again: " + cause.Join(causesOf(b, 0))
	case BlockFlagged:
		return "block " + strconv.Itoa(b.Block) + " was disturbed; no repeat is left, so that what was measured in it counts: " + cause.Join(causesOf(b, 0))
	}
	return ""
}
