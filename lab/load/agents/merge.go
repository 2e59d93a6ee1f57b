package agents

import (
	"fmt"
	"maps"
	"strings"

	"benchtop/lab/load"
	"benchtop/lab/load/histogram"
)

// histograms are those of a summary.
func histograms(s *load.Summary) []*string {
	out := []*string{&s.Latency, &s.Service, &s.Connect, &s.TLS, &s.FirstByte, &s.Body}
	for i := range s.Entries {
		out = append(out, &s.Entries[i].Latency)
	}
	return out
}

// readable reports, as an error, why a summary that came from a stranger is none, and makes its texts ones that can be shown.
func readable(s *load.Summary) error {
	if s.To < s.From || s.Busy < 0 || s.InFlightMean < 0 || s.Offered < 0 || s.OnTime < 0 || len(s.Entries) > load.MaxEntries {
		return fmt.Errorf("a summary with figures that no load has")
	}
	for _, text := range histograms(s) {
		if _, err := histogram.Read(*text); err != nil {
			return fmt.Errorf("a summary: %w", err)
		}
	}
	s.Engine, s.HTTP, s.Note, s.WrongRun = line(s.Engine, maxName), line(s.HTTP, maxName), line(s.Note, maxText), line(s.WrongRun, maxText)
	for class, r := range s.Reasons {
		s.Reasons[class] = load.Reason{Text: line(r.Text, maxText), Bytes: line(r.Bytes, maxText)}
	}
	return nil
}

// Merge is what the parts that count came to together: counts and rates are added, histograms merged. Of what the generators say of themselves the
// worst holds. Its Parts are what each drove.
func Merge(parts []*Outcome) (load.Summary, error) {
	var out load.Summary
	var sums []histogram.Sum
	var each []load.Part
	first := true
	for _, o := range parts {
		each = append(each, load.Part{Agent: o.Agent.Name, Task: o.Task, Offset: o.Clock.Offset, Trip: o.Clock.Trip, Void: o.Void, Summary: o.Summary})
		if o.Void != "" {
			continue
		}
		s := o.Summary // its maps and slices are only read
		if first {
			out = load.Summary{Slice: s.Slice, Engine: s.Engine, HTTP: s.HTTP, From: s.From, To: s.To, Ended: s.Ended, Entries: make([]load.EntrySummary, len(s.Entries))}
			sums, first = make([]histogram.Sum, len(histograms(&s))), false
		}
		for i, text := range histograms(&s) {
			h, err := histogram.Read(*text)
			if err != nil {
				return out, fmt.Errorf("agent %s: %w", o.Agent.Name, err)
			}
			sums[i].Add(h)
		}
		add(&out, &s)
	}
	for i, text := range histograms(&out) {
		var err error
		if *text, err = histogram.Encode(sums[i].Histogram()); err != nil {
			return out, err
		}
	}
	out.Parts = each
	return out, nil
}

// add adds a summary, its histograms aside.
func add(out, s *load.Summary) {
	if !strings.Contains(out.Engine, s.Engine) {
		out.Engine += " and " + s.Engine
	}
	out.Threads += s.Threads
	out.To = max(out.To, out.From+int64(s.Length()))
	out.Ended = max(out.Ended, s.Ended)
	addCounts(&out.Counts, &s.Counts)
	addCounts(&out.Total, &s.Total)
	if s.Edge != nil {
		if out.Edge == nil {
			out.Edge = &load.Edge{}
		}
		out.Edge.Add(s.Edge)
	}
	out.Offered += s.Offered
	out.OnTime += s.OnTime
	out.Queued += s.Queued
	out.InFlightMean += s.InFlightMean
	out.Handshakes += s.Handshakes
	out.Resumed += s.Resumed
	out.CPU += s.CPU
	out.Busy = max(out.Busy, s.Busy)
	out.LagP99 = max(out.LagP99, s.LagP99)
	out.LagMax = max(out.LagMax, s.LagMax)
	out.Stalled.Total = max(out.Stalled.Total, s.Stalled.Total)
	out.Stalled.Longest = max(out.Stalled.Longest, s.Stalled.Longest)
	if s.Fastest > 0 && (out.Fastest == 0 || s.Fastest < out.Fastest) {
		out.Fastest = s.Fastest
	}
	out.Workers = addMap(out.Workers, s.Workers)
	out.TotalWorkers = addMap(out.TotalWorkers, s.TotalWorkers)
	out.ConnsPerWorker = addMap(out.ConnsPerWorker, s.ConnsPerWorker)
	addTexts(out, s)
	for i := range s.Entries {
		e, o := &s.Entries[i], &out.Entries[i]
		o.Requests += e.Requests
		o.OK += e.OK
		o.InTime += e.InTime
		o.Errors = addMap(o.Errors, e.Errors)
	}
}

// addTexts takes over what the first part says that says something.
func addTexts(out, s *load.Summary) {
	if out.WrongRun == "" {
		out.WrongRun = s.WrongRun
	}
	if out.Note == "" {
		out.Note = s.Note
	}
	switch {
	case out.BodyHash == "":
		out.BodyHash = s.BodyHash
	case s.BodyHash != "" && s.BodyHash != out.BodyHash && out.Note == "":
		out.Note = "the agents got different bodies: do they drive the same server?"
	}
	reasons := maps.Clone(s.Reasons)
	if reasons == nil {
		return
	}
	maps.Copy(reasons, out.Reasons) // the first one stays
	out.Reasons = reasons
}

func addCounts(out, c *load.Counts) {
	out.Sent += c.Sent
	out.Requests += c.Requests
	out.OK += c.OK
	out.Connects += c.Connects
	out.BytesIn += c.BytesIn
	out.Attempts += c.Attempts
	out.Retried += c.Retried
	out.Errors = addMap(out.Errors, c.Errors)
	out.AttemptErrors = addMap(out.AttemptErrors, c.AttemptErrors)
}

func addMap[K comparable, N int | uint64](out, more map[K]N) map[K]N {
	if out == nil && len(more) > 0 {
		out = map[K]N{}
	}
	for k, n := range more {
		out[k] += n
	}
	return out
}

// Rows are the rows of the window of the parts that count.
func Rows(parts []*Outcome) []load.Tick {
	var out []load.Tick
	for i := 0; ; i++ {
		var all []load.Tick
		for _, o := range parts {
			if o.Void == "" && i < len(o.ticks) {
				all = append(all, o.ticks[i])
			}
		}
		if len(all) == 0 {
			return out
		}
		out = append(out, mergeTicks(all))
	}
}

// mergeTicks is one row of several agents; at least one is given.
func mergeTicks(all []load.Tick) load.Tick {
	out := all[0]
	out.Latency, out.Counts, out.Gauges, out.Offered = "", load.Counts{}, load.Gauges{}, 0
	var latency histogram.Sum
	for i := range all {
		if h, err := histogram.Read(all[i].Latency); err == nil { // decodeReport has read it before
			latency.Add(h)
		}
		addCounts(&out.Counts, &all[i].Counts)
		out.Offered += all[i].Offered
		out.Open += all[i].Open
		out.InFlight += all[i].InFlight
	}
	if latency.Sparse().TotalCount() > 0 {
		out.Latency, _ = histogram.Encode(latency.Histogram()) // without it the row has no latencies
	}
	return out
}
