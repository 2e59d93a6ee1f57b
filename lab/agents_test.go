package lab

import (
	"slices"
	"strings"
	"testing"
	"time"

	"benchtop/lab/load"
	"benchtop/lab/load/histogram"
)

// A load of agents names who was the bottleneck, and says what a part that is void takes away. What it says of each is judged by its own part.
func TestALoadOfAgents(t *testing.T) {
	h := histogram.New()
	for range 300 {
		_ = h.RecordValue(int64(10 * time.Millisecond))
	}
	latency, err := histogram.Encode(h)
	if err != nil {
		t.Fatal(err)
	}
	part := func(name string, busy float64, void string) load.Part {
		return load.Part{
			Agent: name, Void: void, Offset: -time.Millisecond, Trip: time.Millisecond, Task: load.Task{Model: load.Closed, Connections: 4},
			Summary: load.Summary{From: 0, To: int64(time.Second), Latency: latency, Busy: busy, Counts: load.Counts{Requests: 300, OK: 300}},
		}
	}
	run := &LoadRun{
		URL: "http://127.0.0.1:1/", Ended: EndComplete, Settings: Load{Model: load.Closed, Connections: 12},
		Summary: load.Summary{
			From: 0, To: int64(time.Second), Busy: 0.97, Counts: load.Counts{Requests: 600, OK: 600},
			Parts: []load.Part{part("ada", 0.2, ""), part("bob", 0.97, ""), part("cyd", 0, "was lost after 3.2 s")},
		},
	}
	r := run.Result()
	g := r.Generator
	if !g.Saturated || len(g.Reasons) != 1 || !strings.HasPrefix(g.Reasons[0], "agent bob: its busiest thread") {
		t.Errorf("%v", g.Reasons)
	}
	if a := g.Agents; len(a) != 3 || *a[0].Share != 0.5 || len(a[0].Reasons) != 0 || len(a[1].Reasons) != 1 || *a[0].P50 < 10e3 || a[0].Offset != -1000 || a[2].Requests != nil {
		t.Errorf("%+v", a)
	}
	if want := "agent cyd was lost after 3.2 s: its requests do not count, so the load was 67 % of what was asked"; !slices.Contains(r.Flags, want) {
		t.Errorf("%v", r.Flags)
	}
	parts := run.Summary.Parts
	parts[0].Void, parts[1].Void = "left after 1.0 s", "left after 1.0 s"
	run.Summary = load.Summary{Parts: parts}
	if r = run.Result(); !slices.Contains(r.Flags, "agent cyd was lost after 3.2 s: its requests do not count, so the load was 0 % of what was asked") {
		t.Errorf("%v", r.Flags)
	}
}
