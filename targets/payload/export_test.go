package payload_test

import (
	"bytes"
	"encoding/csv"
	"fmt"
	"strings"
	"testing"
	"time"

	"benchtop/targets"
	"benchtop/targets/endpoint"
	"benchtop/targets/payload"
)

// waiting is a worker that does not wait, but adds up what it was asked to.
type waiting struct {
	endpoint.Worker
	waited time.Duration
}

func (w *waiting) Wait(d time.Duration) { w.waited += d }

// exported is the response of /export in its chunks, a whole one as one of them.
func exported(t *testing.T, w *waiting, query string) (chunks [][]byte) {
	t.Helper()
	for _, e := range payload.Rows(payload.Open(nil, nil)) {
		if e.Path != "/export" {
			continue
		}
		x := &endpoint.Exchange{Worker: w}
		if err := x.Parse(e, query); err != nil {
			t.Fatal(err)
		}
		e.Handle(x)
		if x.Response.Next == nil {
			return [][]byte{x.Response.Body}
		}
		for b := x.Response.Next(x); len(b) > 0; b = x.Response.Next(x) {
			chunks = append(chunks, bytes.Clone(b))
		}
		if b := x.Response.Next(x); len(b) > 0 {
			t.Errorf("%s: after the end: %q", query, b)
		}
	}
	return chunks
}

// However it is sent, an export is the same CSV after the same waits; how only says in which chunks.
func TestExports(t *testing.T) {
	for rows, portions := range map[int]int{1: 1, 999: 1, 1000: 1, 1001: 2, 2500: 3} {
		var want []byte
		for _, test := range []struct {
			how    string
			chunks int
		}{{"whole", 1}, {"rows", rows}, {"portions", portions}, {"portions&collect=1000", portions}} {
			w := &waiting{}
			chunks := exported(t, w, fmt.Sprintf("rows=%d&wait=3ms&how=%s", rows, test.how))
			got := bytes.Join(chunks, nil)
			if want == nil {
				want = got
			}
			if len(chunks) != test.chunks || !bytes.Equal(got, want) || w.waited != time.Duration(portions)*3*time.Millisecond {
				t.Errorf("%d rows, %s: %d chunks of %d bytes after %v, want %d chunks of %d bytes", rows, test.how, len(chunks), len(got), w.waited, test.chunks, len(want))
			}
		}
		lines, err := csv.NewReader(bytes.NewReader(want)).ReadAll()
		if err != nil || len(lines) != rows+1 || lines[0][0] != "id" || lines[rows][0] != fmt.Sprint(rows-1) || len(lines[rows]) != 10 {
			t.Errorf("%d rows: %d lines, %v", rows, len(lines), err)
		}
		if perRow := len(want) / rows; rows >= 999 && (perRow < 480 || perRow > 520) {
			t.Errorf("a row has %d bytes, the documents say 500", perRow)
		}
	}
}

// A worker counts what it allocates, and the collections that a handler calls for, with the pauses of each since the last mark.
func TestMemory(t *testing.T) {
	p := payload.Open(nil, nil)
	var before, after, later targets.WorkerStatus
	p.Status(&before)
	if err := p.Marked(&before); err != nil {
		t.Fatal(err)
	}
	body := exported(t, &waiting{}, "rows=5000&collect=1000")[0]
	p.Status(&after)
	if err := p.Marked(&after); err != nil {
		t.Fatal(err)
	}
	if n := after.Counters["memory_collections"] - before.Counters["memory_collections"]; n < 5 {
		t.Errorf("%d collections, want at least 5", n)
	}
	if n := after.Counters["memory_allocated_bytes"] - before.Counters["memory_allocated_bytes"]; n < uint64(len(body)) {
		t.Errorf("%d bytes allocated for a body of %d", n, len(body))
	}
	if after.Histograms["memory_pause"] == "" {
		t.Error("no pauses")
	}
	if err := p.Marked(&later); err != nil || later.Histograms["memory_pause"] == after.Histograms["memory_pause"] {
		t.Errorf("the pauses of the mark before once more, or %v", err)
	}
	if text := string(p.AppendMetrics(nil, "1")); !strings.Contains(text, "benchtop_worker_memory_collections_total{pid=\"1\"} ") || strings.Contains(text, "pause") {
		t.Errorf("%s", text)
	}
}
