package report

import (
	"bytes"
	"strings"
	"testing"
	"time"

	"benchtop/lab"
	"benchtop/lab/load"
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
			Variant: "a", Index: 1, From: at - row, To: at, Phase: "window", Counts: load.Counts{Requests: 1000, OK: 1000}, P50: 420, P99: 900, Max: 2000,
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
	if !strings.Contains(text, "closed, 4 connections, 1 variants, 3 blocks") || !strings.Contains(text, "WARNING a: worker 7 died") {
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
