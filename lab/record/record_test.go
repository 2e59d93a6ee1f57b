package record_test

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"benchtop/lab"
	"benchtop/lab/load"
	"benchtop/lab/record"
)

// events make a small run: a head, a slice, and an end.
func events() []lab.Event {
	plan := lab.Plan{
		ID: "t", Title: "T", Baseline: "a", Metric: "rps", Blocks: 1, Slice: time.Second,
		Variants: []lab.Variant{{ID: "a"}, {ID: "b"}},
	}
	return []lab.Event{
		{Seq: 1, At: 0, Kind: lab.KindRun, Run: &lab.RunEvent{Benchtop: lab.FormatVersion, Plan: plan, Nonce: "n"}},
		{Seq: 2, At: 1e9, Kind: lab.KindPhase, Phase: &lab.PhaseEvent{Phase: lab.PhaseSlice, Variant: "a", Block: 1, Index: 1}},
		{Seq: 3, At: 2e9, Kind: lab.KindSlice, Slice: &lab.Slice{
			Index: 1, Variant: "a", Block: 1, Attempt: 1, Load: load.Summary{From: 1e9, To: 2e9, Counts: load.Counts{Requests: 10, OK: 10}},
		}},
		{Seq: 4, At: 3e9, Kind: lab.KindEnd, End: &lab.EndEvent{How: lab.EndComplete}},
	}
}

func written(t *testing.T, events []lab.Event) []byte {
	t.Helper()
	var b bytes.Buffer
	w := record.NewWriter(&b)
	for _, e := range events {
		w.Write(e)
	}
	if err := w.Err(); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

func TestAFileGivesBackItsEvents(t *testing.T) {
	dir := t.TempDir()
	w, err := record.Create(dir, "20260101T000000-t")
	if err != nil {
		t.Fatal(err)
	}
	for _, e := range events() {
		w.Write(e)
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	latest, err := record.Latest(dir)
	if err != nil || latest != w.Path() {
		t.Fatalf("latest is %q, %v", latest, err)
	}
	run, err := record.Open(latest)
	if err != nil || run.Torn {
		t.Fatalf("%+v, %v", run, err)
	}
	want, _ := json.Marshal(lab.FoldAll(events()).Result)
	got, _ := json.Marshal(run.State().Result)
	if !bytes.Equal(want, got) {
		t.Errorf("got %s\nwant %s", got, want)
	}
}

// A run file may be cut anywhere: after every prefix the reader either says that it is no run, or gives the whole
// events before the cut and an end that says so.
func TestATornTailIsLeftOut(t *testing.T) {
	whole := written(t, events())
	first := bytes.IndexByte(whole, '\n')
	for n := range whole {
		run, err := record.Read(bytes.NewReader(whole[:n]))
		if n < first {
			if !errors.Is(err, record.ErrNotRun) {
				t.Fatalf("cut at %d: %v", n, err)
			}
			continue
		}
		if err != nil {
			t.Fatalf("cut at %d: %v", n, err)
		}
		if n >= len(whole)-1 {
			if run.Torn || run.Notice() != "" {
				t.Fatalf("cut at %d of %d, which is the last line feed: %s", n, len(whole), run.Notice())
			}
			continue
		}
		if !run.Torn || run.State().End.How != lab.EndedCut || run.State().Result.Complete {
			t.Fatalf("cut at %d of %d: torn %v, end %+v", n, len(whole), run.Torn, run.State().End)
		}
		// A line without its line feed is whole when it is one event.
		lines := bytes.Count(whole[:n], []byte("\n"))
		if whole[n] == '\n' {
			lines++
		}
		want := fmt.Sprintf("cut at line %d", lines+1)
		if run.Cut != lines+1 || len(run.Events) != lines+1 || !strings.Contains(run.Notice(), want) || !strings.Contains(run.State().End.Reason, want) {
			t.Fatalf("cut at %d: line %d of %d events: %s", n, run.Cut, len(run.Events), run.Notice())
		}
	}
}

func TestBadFilesAreRefusedWithTheReason(t *testing.T) {
	newer := events()
	newer[0].Run.Benchtop, newer[0].Run.Machine.Benchtop = 9, "v9"
	strange := []byte(`{"run": {"benchtop": 7, "plan": ["in", "a", "new", "shape"], "machine": {"benchtop": "v7"}}}` + "\n")
	missing := append(events()[:1:1], events()[2:]...)
	damaged := bytes.Replace(written(t, events()), []byte(`{"seq":2`), []byte(`{"seq"2`), 1)
	for name, test := range map[string]struct {
		file []byte
		want string
	}{
		"empty":          {nil, "it is empty"},
		"something else": {[]byte("hello\n"), "line 1: not a run file"},
		"other JSON":     {[]byte("{}\n"), `expected an event of kind "run"`},
		"newer format":   {written(t, newer), "has format 9, this benchtop reads up to 1: use the benchtop that wrote it (v9)"},
		"another shape":  {strange, "has format 7, this benchtop reads up to 1: use the benchtop that wrote it (v7) or a newer one"},
		"a missing line": {written(t, missing), "line 2: event 3 follows event 1"},
		"a damaged line": {damaged, "line 2: a damaged event"},
		"what is left":   {damaged, "`head -n 1` of the file is a run that is cut there"},
	} {
		if _, err := record.Read(bytes.NewReader(test.file)); err == nil || !strings.Contains(err.Error(), test.want) {
			t.Errorf("%s: %v", name, err)
		}
	}
}

func TestEscapesInTextsAreReplaced(t *testing.T) {
	evil := events()
	evil[0].Run.Plan.Title = "a\x1b]0;owned\x07b\u202ec"
	run, err := record.Read(bytes.NewReader(written(t, evil)))
	if err != nil {
		t.Fatal(err)
	}
	if got := run.State().Plan.Title; got != "a\uFFFD]0;owned\uFFFDb\uFFFDc" {
		t.Errorf("title %q", got)
	}
}

func TestAFullDiskStopsTheFileNotTheRun(t *testing.T) {
	f, err := os.OpenFile("/dev/full", os.O_WRONLY, 0)
	if err != nil {
		t.Skip("no /dev/full here:", err)
	}
	defer func() { _ = f.Close() }()
	w := record.NewWriter(f)
	for _, e := range events() {
		w.Write(e)
	}
	if w.Err() == nil {
		t.Error("the full disk was not noticed")
	}
}

func TestLatestSaysWhenThereIsNone(t *testing.T) {
	if _, err := record.Latest(filepath.Join(t.TempDir(), "none")); err == nil || !strings.Contains(err.Error(), "benchtop run noise") {
		t.Errorf("error %v", err)
	}
}

func TestAPlayerShowsTheRunAsItWas(t *testing.T) {
	run, err := record.Read(bytes.NewReader(written(t, events())))
	if err != nil {
		t.Fatal(err)
	}
	now := time.Unix(0, 0)
	p := record.NewPlayer(run, func() time.Time { return now })
	step := func(d time.Duration, want uint64) {
		t.Helper()
		now = now.Add(d)
		if got := p.State().Seq; got != want {
			t.Errorf("event %d at %v, expected %d", got, now.Sub(time.Unix(0, 0)), want)
		}
	}
	step(0, 1)
	step(time.Second, 2)
	p.Pause(true)
	step(time.Hour, 2)
	p.Pause(false)
	p.Speed(2)
	step(500*time.Millisecond, 3)
	p.Seek(1500 * time.Millisecond)
	step(0, 2)
	p.Seek(time.Hour)
	step(0, 4)
	if at, total := p.Position(); at != total || total != 3*time.Second {
		t.Errorf("position %v of %v", at, total)
	}
	if p.State().Result == nil {
		t.Error("the end shows no result")
	}
}

// A run file may come from anybody: none of its texts steers a terminal, and only those that have lines keep them.
func TestTextsOfARunFileAreSafeToPrint(t *testing.T) {
	evil := "a\x1b[2J\u202e\u200b\nforged"
	list := events()
	p := &list[0].Run.Plan
	p.Title, p.ID, p.Lesson, p.Variants[0].Label = evil, evil, evil, evil
	list[3].End.Reason = evil
	run, err := record.Read(bytes.NewReader(written(t, list)))
	if err != nil {
		t.Fatal(err)
	}
	const lines, line = "a\uFFFD[2J\uFFFD\uFFFD\nforged", "a\uFFFD[2J\uFFFD\uFFFD forged"
	got := run.Events[0].Run.Plan
	for _, test := range []struct{ got, want string }{
		{got.Title, line}, {got.ID, line}, {got.Variants[0].Label, line}, {got.Lesson, lines}, {run.Events[3].End.Reason, lines},
	} {
		if test.got != test.want {
			t.Errorf("%q, want %q", test.got, test.want)
		}
	}
}
