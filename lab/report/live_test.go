package report

import (
	"bytes"
	"math"
	"strings"
	"testing"
	"time"

	"benchtop/lab"
	"benchtop/lab/load"
	"benchtop/lab/rehearsal"
)

// plainRun feeds the printer a run of some seconds on one variant, in rows of 250 ms, and gives its lines.
func plainRun(t *testing.T, plan lab.Plan, seconds int) []string {
	t.Helper()
	var out bytes.Buffer
	fold := lab.NewFold()
	live := NewLive(&out, fold)
	seq, at := uint64(0), int64(0)
	emit := func(e lab.Event) {
		seq++
		e.Seq, e.At = seq, at
		fold.Apply(e)
		live.Event(e)
	}
	emit(lab.Event{Kind: lab.KindRun, Run: &lab.RunEvent{Benchtop: lab.FormatVersion, Plan: plan}})
	emit(lab.Event{Kind: lab.KindPhase, Phase: &lab.PhaseEvent{Phase: lab.PhaseSlice, Variant: "a", Block: 1, Attempt: 1, Index: 1}})
	const row = int64(250 * time.Millisecond)
	for range 4 * seconds {
		at += row
		emit(lab.Event{Kind: lab.KindInterval, Interval: &lab.Interval{
			Variant: "a", Index: 1, Row: load.Row{From: at - row, To: at, Phase: "window", Counts: load.Counts{Requests: 1000, OK: 1000}}, P50: 420, P99: 900, Max: 2000,
		}})
		emit(lab.Event{Kind: lab.KindSample, Sample: &lab.SampleEvent{}})
	}
	emit(lab.Event{Kind: lab.KindNote, Note: &lab.NoteEvent{Level: "warning", Variant: "a", Text: "worker 7 died"}})
	if err := live.Err(); err != nil {
		t.Fatal(err)
	}
	for _, r := range out.String() {
		if r < ' ' && r != '\n' || r == 0x7f || r >= 0x2800 && r < 0x2900 {
			t.Fatalf("%U in\n%s", r, out.String())
		}
	}
	return strings.Split(strings.TrimRight(out.String(), "\n"), "\n")
}

func rows(lines []string) (n int, one string) {
	for _, l := range lines {
		if strings.Contains(l, "p50") {
			n++
			one = l
		}
	}
	return n, one
}

// What is left to drain when a window is over is no rate: 64 requests that end in a millisecond were never 64,000 req/s.
func TestLiveTellsNoRateOfADrain(t *testing.T) {
	var out bytes.Buffer
	fold := lab.NewFold()
	live := NewLive(&out, fold)
	seq := uint64(0)
	emit := func(e lab.Event) {
		seq++
		e.Seq = seq
		fold.Apply(e)
		live.Event(e)
	}
	plan := lab.Plan{ID: "x", Blocks: 3, Slice: time.Second, Baseline: "a", Metric: "rps", Variants: []lab.Variant{{ID: "a"}}}
	emit(lab.Event{Kind: lab.KindRun, Run: &lab.RunEvent{Benchtop: lab.FormatVersion, Plan: plan}})
	at := int64(0)
	for _, row := range []struct {
		warmup bool
		phase  string
		width  time.Duration
		ok     uint64
	}{
		{true, lab.RowWindow, 250 * time.Millisecond, 400},
		{true, lab.RowDrain, time.Millisecond, 64},
		{false, lab.RowSettle, 250 * time.Millisecond, 300},
		{false, lab.RowWindow, 200 * time.Millisecond, 320}, // the last row of a window of 700 ms
		{false, lab.RowWindow, time.Millisecond, 64},        // that of a window of 501 ms
		{false, lab.RowDrain, 2 * time.Second, 4},
	} {
		from := at
		at += int64(row.width)
		emit(lab.Event{Kind: lab.KindInterval, At: from + int64(time.Minute)*int64(seq), Interval: &lab.Interval{
			Variant: "a", Warmup: row.warmup, Row: load.Row{From: from, To: at, Phase: row.phase, Counts: load.Counts{Requests: row.ok, OK: row.ok}}, P50: 40, P99: 90, Max: 200,
		}})
	}
	n, _ := rows(strings.Split(out.String(), "\n"))
	for _, want := range []string{"warm-up      a                 1600 req/s", "settling     a                 1200 req/s", "block 0/3    a                 1600 req/s"} {
		if !strings.Contains(out.String(), want) {
			t.Errorf("%q is missing in\n%s", want, out.String())
		}
	}
	if n != 3 {
		t.Errorf("%d lines, only three rows have a rate:\n%s", n, out.String())
	}
	v := fold.State().Variants[0]
	if v.Now.Phase != lab.RowDrain || v.Now.RPS == nil || *v.Now.RPS != 1600 {
		t.Errorf("what stands large after the drain is %+v", v.Now)
	}
	for i, p := range v.Points {
		if whole := i == 0 || i == 2 || i == 3; whole == math.IsNaN(p.RPS) || p.Phase == lab.PhaseWarmup && i == 1 {
			t.Errorf("row %d is drawn as %v req/s of %s", i, p.RPS, p.Phase)
		}
	}
}

// One line a second, however many rows there are, without escapes and braille.
func TestLiveIsOneLineASecond(t *testing.T) {
	plan := lab.Plan{
		ID: "x", Title: "X?", Blocks: 3, Slice: time.Second, Baseline: "a", Metric: "rps",
		Variants: []lab.Variant{{ID: "a", Load: lab.Load{Model: load.Closed, Connections: 4, KeepAlive: true}}},
	}
	lines := plainRun(t, plan, 5)
	if n, row := rows(lines); n < 5 || n > 6 || !strings.Contains(row, "block 1/3") || !strings.HasSuffix(row, "left") {
		t.Errorf("%d rows in 5 s, the last %q", n, row)
	}
	text := strings.Join(lines, "\n")
	if !strings.Contains(text, "closed, 4 connections, 1 variant, 3 blocks") || !strings.Contains(text, "WARNING a: worker 7 died") {
		t.Error(text)
	}

	// A free run has no blocks, no end to wait for and no share of it.
	plan.Free = true
	lines = plainRun(t, plan, 3)
	n, row := rows(lines)
	if n < 3 || n > 4 || !strings.Contains(row, "slice 1") || strings.Contains(row, "block") || strings.Contains(row, "left") || strings.Contains(row, " %  slice") {
		t.Errorf("%d rows in 3 s, the last %q", n, row)
	}
	if text := strings.Join(lines, "\n"); !strings.Contains(text, "a free run has no end of its own and decides nothing") || strings.Contains(text, "3 blocks") {
		t.Error(text)
	}
}

// A line a second meets every slice of a second in its window, whatever comes before that.
func TestLiveShowsEverySlice(t *testing.T) {
	var out bytes.Buffer
	fold := lab.NewFold()
	live := NewLive(&out, fold)
	slices := 0
	for _, e := range (rehearsal.Script{Blocks: 4}).Events() {
		if e.Slice != nil && !e.Slice.Warmup {
			slices++
		}
		fold.Apply(e)
		live.Event(e)
	}
	if n := strings.Count(out.String(), " block "); n < slices || strings.Contains(out.String(), "settling") {
		t.Errorf("%d lines of %d slices in\n%s", n, slices, out.String())
	}
}
