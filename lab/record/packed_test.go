package record

import (
	"bytes"
	"compress/gzip"
	"encoding/json"
	"io"
	"os"
	"strings"
	"testing"
	"time"

	"benchtop/lab"
	"benchtop/lab/rehearsal"
)

// packed is the run file of events, as it is after each of them.
func packed(t *testing.T, events []lab.Event, after func(n int, file []byte)) []byte {
	t.Helper()
	w, err := Create(t.TempDir(), "run")
	if err != nil {
		t.Fatal(err)
	}
	read := func() []byte {
		file, err := os.ReadFile(w.Path())
		if err != nil {
			t.Fatal(err)
		}
		return file
	}
	for i, e := range events {
		w.Write(e)
		if after != nil {
			after(i+1, read())
		}
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	return read()
}

// plainLines is the same run as JSON lines.
func plainLines(t *testing.T, events []lab.Event) []byte {
	t.Helper()
	var b bytes.Buffer
	for i := range events {
		line, err := json.Marshal(events[i])
		if err != nil {
			t.Fatal(err)
		}
		b.Write(append(line, '\n'))
	}
	return b.Bytes()
}

// A packed file and JSON lines are the same run, kept or folded on the way; gzip of others reads it too.
func TestPackedAndPlainAreTheSame(t *testing.T) {
	events := rehearsal.Script{Blocks: 2, Slice: 500e6, Trouble: true}.Events()
	file, lines := packed(t, events, nil), plainLines(t, events)
	if 2*len(file) > len(lines) {
		t.Errorf("%d bytes of %d", len(file), len(lines))
	}
	zip, err := gzip.NewReader(bytes.NewReader(file))
	if err != nil {
		t.Fatal(err)
	}
	if got, err := io.ReadAll(zip); err != nil || !bytes.Equal(got, lines) {
		t.Errorf("gzip gives other lines: %v", err)
	}
	var unpacked bytes.Buffer
	if err := Unpack(&unpacked, bytes.NewReader(file)); err != nil || !bytes.Equal(unpacked.Bytes(), lines) {
		t.Errorf("Unpack gives other lines: %v", err)
	}
	want := lab.FoldAll(events)
	for name, file := range map[string][]byte{"packed": file, "plain": lines} {
		run, err := Read(bytes.NewReader(file))
		if err != nil || run.Torn || !rehearsal.Same(run.State(), want) {
			t.Errorf("%s: %v", name, err)
		}
		fold, tail, err := Fold(bytes.NewReader(file))
		if err != nil || tail.Torn {
			t.Fatalf("%s: %v", name, err)
		}
		a, _ := json.Marshal(fold.Result())
		b, _ := json.Marshal(want.Result)
		if !bytes.Equal(a, b) {
			t.Errorf("%s: the result without the rows is another one", name)
		}
	}
}

// When the program is killed, the file has everything but the rows and samples of the last second; and it may be torn
// anywhere.
func TestATornPackedFile(t *testing.T) {
	events := rehearsal.Script{Blocks: 1, Slice: 500e6}.Events()
	file := packed(t, events, func(n int, file []byte) {
		run, err := Read(bytes.NewReader(file))
		if err != nil {
			t.Fatalf("after event %d: %v", n, err)
		}
		have := len(run.Events)
		if run.Torn {
			have-- // the end that says so
		}
		for _, lost := range events[have:n] {
			if lost.Interval == nil && lost.Sample == nil || events[n-1].At-lost.At >= int64(time.Second) {
				t.Fatalf("after event %d the file lacks event %d, %s", n, lost.Seq, lost.Kind)
			}
		}
	})
	before := 0
	for n := 200; n <= len(file); n += 7 {
		run, err := Read(bytes.NewReader(file[:n]))
		if err != nil {
			if before > 0 {
				t.Fatalf("torn at %d of %d: %v", n, len(file), err)
			}
			continue
		}
		if len(run.Events) < before {
			t.Fatalf("torn at %d of %d: %d events, and %d before", n, len(file), len(run.Events), before)
		}
		before = len(run.Events)
		var out bytes.Buffer
		if err := Unpack(&out, bytes.NewReader(file[:n])); err != nil {
			t.Fatal(err)
		}
	}
	if before < len(events)-1 {
		t.Errorf("%d of %d events", before, len(events))
	}
}

// What no run can be is refused with its line, in bounded memory.
func TestEventsThatNoRunHas(t *testing.T) {
	good := rehearsal.Script{Blocks: 1, Slice: 500e6}.Events()
	for name, test := range map[string]struct {
		change func(e []lab.Event) []lab.Event
		want   string
	}{
		"no body": {func(e []lab.Event) []lab.Event {
			e[5] = lab.Event{Seq: 6, At: e[5].At, Kind: lab.KindInterval}
			return e
		}, `line 6: an event of kind "interval" without its body; ` + "`head -n 5`"},
		"another body": {func(e []lab.Event) []lab.Event { e[5].Kind = lab.KindNote; return e }, `line 6: an event of kind "note" with`},
		"a block beyond all": {func(e []lab.Event) []lab.Event {
			return append(e[:len(e)-1], lab.Event{Seq: uint64(len(e)), At: e[len(e)-1].At, Kind: lab.KindSlice, Slice: &lab.Slice{Variant: "one", Block: 1 << 40}})
		}, "with the number 1099511627776: expected 0 to 10000000"},
		"a time below 0": {func(e []lab.Event) []lab.Event { e[3].At = -1; return e }, "line 4: an event at -1 ns"},
		"time backwards": {func(e []lab.Event) []lab.Event { e[len(e)-1].At = 0; return e }, "is earlier than event"},
		"two runs":       {func(e []lab.Event) []lab.Event { e[3] = e[0]; e[3].Seq, e[3].At = 4, e[2].At; return e }, "line 4: a second run begins"},
		"after the end": {func(e []lab.Event) []lab.Event {
			return append(e, lab.Event{Seq: uint64(len(e) + 1), At: e[len(e)-1].At, Kind: "later"})
		}, "follows the end of the run"},
		"no variants":     {func(e []lab.Event) []lab.Event { e[0].Run.Plan.Variants = nil; return e }, "line 1: not a run file: its plan has no variants"},
		"a slice of days": {func(e []lab.Event) []lab.Event { e[0].Run.Plan.Slice = 48 * time.Hour; return e }, "48h0m0s: expected 0 to an hour"},
	} {
		events := make([]lab.Event, len(good))
		for i, e := range good {
			line, _ := json.Marshal(e)
			if err := json.Unmarshal(line, &events[i]); err != nil {
				t.Fatal(err)
			}
		}
		_, err := Read(bytes.NewReader(plainLines(t, test.change(events))))
		if err == nil || !strings.Contains(err.Error(), test.want) {
			t.Errorf("%s: %v", name, err)
		}
	}
	// An event of a kind of tomorrow is passed over.
	late := plainLines(t, append(good[:len(good)-1:len(good)-1], lab.Event{Seq: uint64(len(good)), At: good[len(good)-1].At, Kind: "later"}))
	if run, err := Read(bytes.NewReader(late)); err != nil || !run.Torn {
		t.Errorf("a later kind: %v", err)
	}
}

func TestBadPackedFiles(t *testing.T) {
	events := rehearsal.Script{Blocks: 1, Slice: 500e6}.Events()
	file := packed(t, events, nil)
	damaged := bytes.Clone(file)
	copy(damaged[len(damaged)*3/4:], bytes.Repeat([]byte{0xff}, 64))
	var bomb bytes.Buffer
	zip := gzip.NewWriter(&bomb)
	if _, err := zip.Write(plainLines(t, events[:1])); err != nil {
		t.Fatal(err)
	}
	for range 100 { // a hundred megabytes of empty lines
		if _, err := zip.Write(bytes.Repeat([]byte{'\n'}, 1<<20)); err != nil {
			t.Fatal(err)
		}
	}
	if err := zip.Close(); err != nil {
		t.Fatal(err)
	}
	for name, test := range map[string]struct {
		file []byte
		want string
	}{
		"damaged":      {damaged, "`zcat FILE | head -n "},
		"a bomb":       {bomb.Bytes(), "it unpacks to more than 200 times its size"},
		"a short head": {file[:5], "not a run file"},
		"nothing else": {file[:30], "not a run file"},
		"zstd":         {[]byte{0x28, 0xb5, 0x2f, 0xfd, 0}, "zstdcat FILE | benchtop report -"},
	} {
		if _, err := Read(bytes.NewReader(test.file)); err == nil || !strings.Contains(err.Error(), test.want) {
			t.Errorf("%s: %v", name, err)
		}
	}
}

func FuzzScan(f *testing.F) {
	events := rehearsal.Script{Blocks: 1, Slice: 250e6, Trouble: true}.Events()
	var lines []byte
	for i := range events {
		line, err := json.Marshal(events[i])
		if err != nil {
			f.Fatal(err)
		}
		lines = append(append(lines, line...), '\n')
	}
	f.Add(lines)
	f.Add(lines[:len(lines)/2])
	f.Add([]byte(`{"seq":1,"at":0,"kind":"run","run":{"benchtop":1,"plan":{"id":"x","variants":[{"id":"a"}]}}}` + "\n" + `{"seq":2,"at":0,"kind":"interval"}` + "\n\n"))
	f.Add([]byte("\x1f\x8b"))
	f.Fuzz(func(t *testing.T, file []byte) {
		run, err := Read(bytes.NewReader(file))
		fold, tail, errFold := Fold(bytes.NewReader(file))
		if err != nil {
			return
		}
		if errFold != nil || tail != run.Tail { // it looks at less
			t.Fatalf("kept: %+v; folded: %+v, %v", run.Tail, tail, errFold)
		}
		if run.State().Result == nil || fold.Result() == nil {
			t.Fatal("a run without a result")
		}
		p := NewPlayer(run, func() time.Time { return time.Unix(0, 0) })
		_, total := p.Position()
		p.Seek(total)
		p.State()
		p.Seek(total / 2)
		p.State()
	})
}
