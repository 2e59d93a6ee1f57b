package ledger

import (
	"bytes"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"benchtop/lab"
	"benchtop/lab/load"
	"benchtop/lab/record"
	"benchtop/scenarios"
	"benchtop/targets/all"
)

func TestMain(m *testing.M) {
	all.Register() // the servers that scenarios name; nothing is started here
	os.Exit(m.Run())
}

// save writes a run file of a plan whose variants answered so many requests per second, a little more in every pair.
func save(t *testing.T, dir string, day int, p *lab.Plan, how string, rates map[string]uint64) {
	t.Helper()
	started := time.Date(2026, 3, day, 12, 0, 0, 0, time.UTC)
	w, err := record.Create(dir, started.Format("20060102T150405.000Z")+"-"+p.ID)
	if err != nil {
		t.Fatal(err)
	}
	seq, index := uint64(0), 0
	event := func(e lab.Event) {
		seq++
		e.Seq, e.At = seq, int64(seq)*1e9
		w.Write(e)
	}
	event(lab.Event{Kind: lab.KindRun, Run: &lab.RunEvent{Benchtop: lab.FormatVersion, Started: started, Plan: *p, Nonce: "n"}})
	for block := 1; block <= 4; block++ {
		for position, id := range p.OrderOf(block) {
			index++
			served := rates[id] + uint64(block*position)
			event(lab.Event{Kind: lab.KindSlice, Slice: &lab.Slice{
				Index: index, Variant: id, Block: block, Attempt: 1, Position: position,
				Load: load.Summary{From: 1e9, To: 2e9, Counts: load.Counts{Requests: served, OK: served}},
			}})
		}
	}
	event(lab.Event{Kind: lab.KindEnd, End: &lab.EndEvent{How: how}})
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
}

func shippedPlan(t *testing.T, id string) *lab.Plan {
	t.Helper()
	file, err := scenarios.Load(id)
	if err != nil {
		t.Fatal(err)
	}
	return file.Plan
}

func answersOf(t *testing.T, dir string, passed ...func(error)) map[string]Answer {
	t.Helper()
	all, err := Read(dir, append(passed, func(err error) { t.Error(err) })[0])
	if err != nil {
		t.Fatal(err)
	}
	out := map[string]Answer{}
	for _, a := range all {
		key := a.Claim + " " + a.Scenario
		if _, twice := out[key]; twice {
			t.Errorf("%s stands twice", key)
		}
		out[key] = a
	}
	return out
}

func TestClaimsWithoutRuns(t *testing.T) {
	answers := answersOf(t, t.TempDir())
	for _, e := range scenarios.List() {
		for _, c := range e.Claims {
			if a, ok := answers[c.ID+" "+e.ID]; !ok || a.Run != "" || a.Date != nil || len(a.Comparisons) != 0 || a.Part != c.Part {
				t.Errorf("%s of %s: %+v", c.ID, e.ID, a)
			}
		}
	}
	if len(answers) == 0 {
		t.Error("no claim is answered")
	}
}

func TestClaimsTellTheNewestRun(t *testing.T) {
	dir, errs := t.TempDir(), ""
	passedOver := func(err error) { errs += err.Error() }
	p := shippedPlan(t, "upstream-keepalive")
	rates := map[string]uint64{"none": 1000, "k8": 1098, "k32": 1300, "k128": 1500}
	save(t, dir, 1, p, lab.EndComplete, map[string]uint64{"none": 1000, "k8": 1010, "k32": 1010, "k128": 1010})
	save(t, dir, 2, p, lab.EndComplete, rates)
	// What comes later is less than the scenario: it does not hide the complete run.
	quick, changed, other, free := *p, *p, *p, *p
	quick.Quick = true
	if err := scenarios.Apply(&changed, []string{"k8.proxy.keepalive=4"}); err != nil {
		t.Fatal(err)
	}
	other.SHA256, other.Blocks = strings.Repeat("0", 64), p.Blocks+1
	free.Free = true
	for i, less := range []*lab.Plan{&quick, &changed, &other, &free} {
		save(t, dir, 3+i, less, lab.EndComplete, map[string]uint64{"none": 1000, "k8": 2000, "k32": 2000, "k128": 2000})
	}
	save(t, dir, 8, p, lab.EndInterrupted, map[string]uint64{"none": 1000, "k8": 3000, "k32": 3000, "k128": 3000})
	twin := *p
	twin.ID = "real-upstream-keepalive" // its files end the same
	save(t, dir, 9, &twin, lab.EndComplete, map[string]uint64{"none": 1000, "k8": 4000, "k32": 4000, "k128": 4000})
	if err := os.WriteFile(filepath.Join(dir, "20260401T000000.000Z-upstream-keepalive.jsonl"), []byte("damaged"), 0o600); err != nil {
		t.Fatal(err)
	}

	a := answersOf(t, dir, passedOver)["C10 upstream-keepalive"]
	if a.Date == nil || a.Date.Day() != 2 || a.Note != "" || len(a.Comparisons) != 3 {
		t.Fatalf("%+v", a)
	}
	if !strings.Contains(errs, "20260401T000000.000Z") {
		t.Errorf("of the damaged file it says %q", errs)
	}
	k8, k128 := a.Comparisons[0], a.Comparisons[2]
	if k8.Variant != "k8" || k8.Metric != "rps" || k8.Baseline != "none" || k8.Ratio == nil || *k8.Ratio < 1.09 || *k8.Ratio > 1.105 || k8.Verdict != "higher" {
		t.Errorf("k8: %+v", k8)
	}
	if k8.Page == nil || k8.Inside == nil || !*k8.Inside {
		t.Errorf("the figure of the page, +9.8 %%, is not told to lie inside: %+v", k8)
	}
	if k128.Page != nil || k128.Inside != nil {
		t.Errorf("k128 has no figure to be held against: %+v", k128)
	}
	if c19 := answersOf(t, dir, passedOver)["C19 upstream-keepalive"]; c19.Comparisons[0].Page != nil {
		t.Error("C19 gives no figure")
	}
}

func TestClaimsMarkWhatIsLess(t *testing.T) {
	rates := map[string]uint64{"none": 1000, "k8": 1300, "k32": 1300, "k128": 1300}
	shipped := shippedPlan(t, "upstream-keepalive")
	for want, change := range map[string]func(p *lab.Plan) string{
		"quick run":                      func(p *lab.Plan) string { p.Quick = true; return lab.EndComplete },
		"interrupted":                    func(*lab.Plan) string { return lab.EndInterrupted },
		"the scenario has changed since": func(p *lab.Plan) string { p.SHA256 = "1"; p.Blocks++; return lab.EndComplete },
		"": func(p *lab.Plan) string { // other words, the same figures
			p.SHA256, p.Lesson, p.Expect, p.Seed = "1", "new", nil, p.Seed+1
			return lab.EndComplete
		},
		"with changed settings": func(p *lab.Plan) string {
			if err := scenarios.Apply(p, []string{"k8.workers=2"}); err != nil {
				t.Fatal(err)
			}
			return lab.EndComplete
		},
		"interrupted, quick run": func(p *lab.Plan) string { p.Quick = true; return lab.EndInterrupted },
		"free run":               func(p *lab.Plan) string { p.Free = true; return lab.EndComplete },
	} {
		dir := t.TempDir()
		p := *shipped
		how := change(&p)
		save(t, dir, 1, &p, how, rates)
		if a := answersOf(t, dir)["C10 upstream-keepalive"]; a.Note != want || a.Run == "" {
			t.Errorf("note %q, want %q", a.Note, want)
		}
	}
}

func TestFormatsOfClaims(t *testing.T) {
	dir := t.TempDir()
	save(t, dir, 2, shippedPlan(t, "upstream-keepalive"), lab.EndComplete, map[string]uint64{"none": 1000, "k8": 1098, "k32": 1300, "k128": 1500})
	save(t, dir, 2, shippedPlan(t, "upstream-keepalive-async"), lab.EndComplete, map[string]uint64{"none": 1000, "k8": 1300, "k128": 1500, "sync-k8": 1300})
	answers, err := Read(dir, func(err error) { t.Error(err) })
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct {
		write func(io.Writer, []Answer) error
		cells int // of a row; 0: it is no table
		want  []string
	}{
		{Plain, 0, []string{
			"C10  kept connections from proxy to application", "(page 1, lines 34 to 44; page 4, lines 36 to 47)\n", "  upstream-keepalive, 2026-03-02\n",
			"    throughput of k8 over none: +9.", "higher; the page's +9.8 % lies inside\n", "higher; the page's +15.1 % lies outside\n",
			"  client-keepalive: not run here\n    in part: one connection kept or a new one for every request, to one host",
			"  upstream-keepalive, 2026-03-02\n    in part: a sync endpoint\n    throughput",
		}},
		{Markdown, 9, []string{
			"| claim | what the page says |", "| `upstream-keepalive` | throughput of k8 over none | +9.", "| higher | +9.8 % lies inside | 2026-03-02 |",
			"| `client-pool`, in part: how many connections a pool keeps to one host; no pools for ten hosts |  |  | not run here |  |  |",
			"| `upstream-socket` |  |  | not run here |  |  |",
		}},
		{HTML, 0, []string{
			`<div class="number">C10</div>`, `<div class="number">C97</div>`, "<code>upstream-keepalive</code>, embedded parts: 2026-03-02", "<code>upstream-socket</code>, embedded parts: not run here",
			`<span class="verdict higher">higher</span> throughput of k8 over none: &#43;9.`, "the page's &#43;9.8 % lies inside", "<code>benchtop replay " + dir, "default-src 'none'", "Settled without a run; refuted",
		}},
	} {
		var out bytes.Buffer
		if err := c.write(&out, answers); err != nil {
			t.Fatal(err)
		}
		for _, want := range c.want {
			if !strings.Contains(out.String(), want) {
				t.Errorf("no %q in\n%s", want, out.String())
			}
		}
		if c.cells > 0 { // every row has as many cells as the head
			table, _, _ := strings.Cut(out.String(), "\n\n") // the counts stand below it
			for _, line := range strings.Split(strings.TrimSpace(table), "\n") {
				if strings.Count(strings.ReplaceAll(line, `\|`, ""), "|") != c.cells {
					t.Errorf("cells of %q", line)
				}
			}
		}
	}
}
