package report_test

import (
	"bytes"
	"encoding/json"
	"io"
	"math/rand/v2"
	"testing"

	"benchtop/lab"
	"benchtop/lab/compare"
	"benchtop/lab/follow"
	"benchtop/lab/marks"
	"benchtop/lab/rehearsal"
	"benchtop/lab/report"
)

// wild lets everything that takes events, but the screen, take them.
func wild(t *testing.T, choices []byte) {
	events := rehearsal.Wild(choices)
	fold := lab.NewFold()
	live := report.NewLive(io.Discard, fold)
	for i := range events {
		fold.Apply(events[i])
		live.Event(events[i])
		if i%7 == 0 {
			fold.State()
			follow.FromState(fold.State())
		}
	}
	marks.Of(events)
	st := fold.State()
	clone := fold.Clone()
	if clone.State().Seq != st.Seq {
		t.Error("a clone stands elsewhere")
	}
	_, _ = lab.Redo(st) // most of them are no free run
	// Looking on the way must not matter.
	atOnce := lab.FoldAll(events)
	if !rehearsal.Same(st, atOnce) {
		t.Error("the state depends on when somebody looked")
	}
	r := fold.Result()
	r.Outcome()
	report.Verdicts(r)
	for name, write := range map[string]func(io.Writer, *lab.Result) error{
		"plain": report.Plain, "md": report.Markdown, "github": report.GitHubSummary, "html": report.HTML, "json": report.JSON, "csv": report.CSV, "benchstat": report.Benchstat,
	} {
		var out bytes.Buffer
		if err := write(&out, r); err != nil {
			t.Errorf("%s: %v", name, err)
		}
		if name == "json" && !json.Valid(out.Bytes()) {
			t.Error("the result is no JSON")
		}
	}
	half := lab.FoldAll(rehearsal.Wild(choices[len(choices)/2:]))
	for _, pair := range [][2]*lab.State{{st, half}, {half, st}, {lab.FoldAll(rehearsal.Script{Blocks: 1}.Events()), st}} {
		if err := report.Versus(io.Discard, compare.Runs(pair[0], pair[1])); err != nil {
			t.Error(err)
		}
	}
}

// Every fold and every printer takes every sequence of events that can be read.
func TestEverythingTakesWildEvents(t *testing.T) {
	for seed := range uint64(60) {
		r := rand.New(rand.NewPCG(seed, 1)) //nolint:gosec // a reproducible sample, no secret
		choices := make([]byte, r.IntN(600))
		for i := range choices {
			choices[i] = byte(r.UintN(256)) //nolint:gosec // a byte
		}
		wild(t, choices)
		if t.Failed() {
			t.Fatalf("seed %d", seed)
		}
	}
}

func FuzzWildEvents(f *testing.F) {
	f.Add([]byte{})
	f.Add([]byte("the choices of which the events are made"))
	f.Fuzz(wild)
}
