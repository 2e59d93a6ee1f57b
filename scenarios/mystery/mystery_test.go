package mystery_test

import (
	"encoding/json"
	"errors"
	"strings"
	"testing"
	"time"

	"benchtop/lab"
	"benchtop/lab/metric"
	"benchtop/lab/progress"
	"benchtop/lab/stats"
	"benchtop/scenarios"
	"benchtop/scenarios/mystery"
	"benchtop/targets"
	"benchtop/targets/all"
)

func open(t *testing.T, seed uint64) *mystery.Case {
	t.Helper()
	all.Register()
	c, err := mystery.Open(seed)
	if err != nil {
		t.Fatal(err)
	}
	return c
}

// casesOfAll is a case for each fault.
func casesOfAll(t *testing.T) map[string]*mystery.Case {
	t.Helper()
	out := map[string]*mystery.Case{}
	for seed := range uint64(20) {
		c := open(t, seed)
		out[c.Answer().ID] = c
	}
	return out
}

// Any twenty seeds in a row have every fault, and the same seed has the same one.
func TestSeeds(t *testing.T) {
	for _, first := range []uint64{0, 1, 7, 1_000_003, 1<<64 - 21} {
		found := map[string]bool{}
		c := open(t, first)
		for seed := first; seed < first+20; seed++ {
			c = open(t, seed)
			if again := open(t, seed); again.Answer().ID != c.Answer().ID {
				t.Errorf("seed %d has %s, and then %s", seed, c.Answer().ID, again.Answer().ID)
			}
			found[c.Answer().ID] = true
		}
		if len(found) != len(c.Faults) {
			t.Errorf("twenty seeds from %d on have %d of %d faults", first, len(found), len(c.Faults))
		}
	}
	if n := len(open(t, 0).Faults); n < 6 {
		t.Errorf("%d faults", n)
	}
}

func text(t *testing.T, v any) string {
	t.Helper()
	b, err := json.Marshal(v)
	if err != nil {
		t.Fatal(err)
	}
	return string(b)
}

// What a run says of its plan is the same for all faults, byte for byte, and has none of the settings that they change.
func TestPlansAreAlike(t *testing.T) {
	cases := casesOfAll(t)
	guesses := map[string]string{}
	look := ""
	for id, c := range cases {
		c.Seed = 0
		p := c.Look(20 * time.Second)
		p.Seed = 0
		if look == "" {
			look = text(t, p)
		}
		if text(t, p) != look {
			t.Errorf("%s: the plan of a look differs from that of another fault:\n%s\n%s", id, text(t, p), look)
		}
		for i := range c.Faults {
			f := &c.Faults[i]
			trial := c.Trial(f)
			trial.Seed = 0
			if guesses[f.ID] == "" {
				guesses[f.ID] = text(t, trial)
			}
			if text(t, trial) != guesses[f.ID] {
				t.Errorf("%s: the plan of the guess %s differs from that of another fault", id, f.ID)
			}
		}
		for _, v := range c.Trial(&c.Faults[0]).Variants {
			target := text(t, v.Target)
			for _, key := range v.Sealed {
				if last := key[strings.LastIndexByte(key, '.')+1:]; key != "db.pool" && strings.Contains(target, `"`+last+`":`) && last != "where" && last != "keepalive" {
					t.Errorf("%s stands in the plan: %s", key, target)
				}
			}
			if len(v.Sealed) < len(c.Faults) {
				t.Errorf("sealed: %v", v.Sealed)
			}
		}
	}
}

// The target is started as the scenario has it: with the fault, and repaired without it only when that was named.
func TestUnseal(t *testing.T) {
	file, err := scenarios.Load(mystery.Scenario)
	if err != nil {
		t.Fatal(err)
	}
	for id, c := range casesOfAll(t) {
		for i := range c.Faults {
			f := &c.Faults[i]
			p := c.Trial(f)
			repaired := id
			if f.ID == id {
				repaired = file.Plan.Baseline
			}
			for variant, as := range map[string]string{mystery.Service: id, mystery.Repaired: repaired} {
				got, err := p.Unseal(p.Variant(variant))
				if err != nil {
					t.Fatal(err)
				}
				want, _ := targets.Check(file.Plan.Variant(as).Target)
				if got, faults := targets.Check(got); len(faults) > 0 || text(t, got) != text(t, want) {
					t.Errorf("fault %s, named %s: %s is %s\nwant %s (%v)", id, f.ID, variant, text(t, got), text(t, want), faults)
				}
			}
		}
	}
}

// A look at a healthy service is the same for all faults, and without any; the signs of all of them come first in every run.
func TestHealthy(t *testing.T) {
	file, err := scenarios.Load(mystery.Scenario)
	if err != nil {
		t.Fatal(err)
	}
	want, _ := targets.Check(file.Plan.Variant(file.Plan.Baseline).Target)
	for id, c := range casesOfAll(t) {
		p := c.Healthy(time.Minute)
		got, err := p.Unseal(&p.Variants[0])
		if err != nil {
			t.Fatal(err)
		}
		if got, _ := targets.Check(got); text(t, got) != text(t, want) {
			t.Errorf("%s: the healthy service is %s\nwant %s", id, text(t, got), text(t, want))
		}
		for _, p := range []*lab.Plan{p, c.Look(time.Minute), c.Trial(c.Answer())} {
			if len(p.Signs) != len(c.Faults) {
				t.Errorf("%s: the signs of %s are %v", id, p.ID, p.Signs)
			}
			for _, name := range p.Signs {
				if metric.Named(name).Why == 0 {
					t.Errorf("%s is shown on no screen", name)
				}
			}
		}
	}
}

// Sealed settings cannot be turned, are not shown, and no file does the run again; the load can be turned.
func TestSealed(t *testing.T) {
	p := open(t, 3).Look(time.Minute)
	for _, set := range []string{"db.pool=20", "db=off", "concurrency=async", "proxy=off", "proxy.keepalive=8", "services.database.slots=9"} {
		if err := scenarios.Turn(p, []string{mystery.Service + "." + set}); err == nil || !strings.Contains(err.Error(), "sealed") {
			t.Errorf("%s: %v", set, err)
		}
	}
	if err := scenarios.Turn(p, []string{mystery.Service + ".load.connections=8"}); err != nil || p.Variants[0].Load.Connections != 8 {
		t.Error(err)
	}
	sealed := 0
	for _, k := range scenarios.Turnables(&p.Variants[0]) {
		if k.Value == "sealed" {
			sealed++
			if k.Why == "" {
				t.Errorf("%s can be turned", k.Key)
			}
		}
	}
	if sealed < 3 {
		t.Errorf("%d settings are shown as sealed", sealed)
	}
	p.Free = true
	if _, _, err := scenarios.Redo(&lab.State{Plan: p}); err == nil || !strings.Contains(err.Error(), "sealed") {
		t.Error(err)
	}
}

func TestNamed(t *testing.T) {
	c := open(t, 0)
	if f, err := c.Named("pool"); err != nil || f.ID != "pool" {
		t.Error(f, err)
	}
	if _, err := c.Named("poool"); !errors.Is(err, mystery.ErrNoFault) || !strings.Contains(err.Error(), `did you mean "pool"?`) || !strings.Contains(err.Error(), "nagle") {
		t.Error(err)
	}
}

// Only the fault that the service has is right, and only a repair that is better shows.
func TestJudge(t *testing.T) {
	c := open(t, 0)
	ratio := 2.0
	r := &lab.Result{Comparisons: []lab.Comparison{{Metric: c.Answer().Metric, Primary: true, Ratio: &ratio, CI95: &[2]float64{1.8, 2.2}, Verdict: c.Answer().Better()}}}
	at := time.Unix(1000, 0)
	right := c.Judge(c.Answer(), r, at)
	if !right.Right || !right.Shows || *right.Ratio != 2 {
		t.Errorf("%+v", right)
	}
	said := strings.Join(c.Told(&right, &progress.Mystery{Begun: at.Add(-time.Minute), Tries: []progress.Try{right}}, r), "\n")
	if !strings.Contains(said, "Yes, it is "+c.Answer().ID) || !strings.Contains(said, "100 points") {
		t.Error(said)
	}
	r.Comparisons[0].Verdict, r.Comparisons[0].Reason = stats.Refused, "the generator was late"
	unsure := c.Judge(c.Answer(), r, at)
	said = strings.Join(c.Told(&unsure, &progress.Mystery{Begun: at, Tries: []progress.Try{unsure}}, r), "\n")
	if !unsure.Right || unsure.Shows || !strings.Contains(said, "could not show what its repair does: REFUSED, the generator was late.") || !strings.Contains(said, "Yes, it is") {
		t.Error(said)
	}
	for i := range c.Faults {
		f := &c.Faults[i]
		if f.ID == c.Answer().ID {
			continue
		}
		r.Comparisons[0].Verdict = stats.NoDifference
		wrong := c.Judge(f, r, at)
		if wrong.Right || wrong.Shows {
			t.Errorf("%+v", wrong)
		}
		said := strings.Join(c.Told(&wrong, &progress.Mystery{Begun: at, Tries: []progress.Try{wrong}}, r), "\n")
		if !strings.Contains(said, "No, it is not "+f.ID) || strings.Contains(said, c.Answer().Label) {
			t.Error(said)
		}
	}
}

// What a guess came to has a figure of the repair only where the verdict of the run decides it; otherwise it has the badge of
// the verdict, and why.
func TestToldAsTheVerdictHasIt(t *testing.T) {
	c := open(t, 0)
	better, ratio := c.Answer().Better(), 1.241
	wide := &[2]float64{1.006, 1.532}
	for _, test := range []struct {
		name   string
		o      lab.Comparison
		spoilt int // blocks that other programs disturbed
		want   string
		figure bool
	}{
		{"decided", lab.Comparison{Verdict: better, CI95: wide}, 0, "Its repair: repaired ", true},
		{"no difference", lab.Comparison{Verdict: stats.NoDifference, CI95: wide}, 0, "do not differ in", true},
		{"refused", lab.Comparison{Verdict: stats.Refused, CI95: wide, Reason: "it was late"}, 0, "REFUSED, it was late.", false},
		{"one pair", lab.Comparison{Verdict: stats.Inconclusive, Pairs: 1, Reason: "1 pair"}, 3, "DISTURBED, 1 pair; 3 of 4 blocks were disturbed.", false},
		{"too wide", lab.Comparison{Verdict: stats.Inconclusive, CI95: &[2]float64{0.5, 2}, Pairs: 8}, 0, "CANNOT TELL, this run cannot tell whether", false},
	} {
		test.o.Metric, test.o.Variant, test.o.Baseline, test.o.Primary, test.o.Ratio = c.Answer().Metric, mystery.Repaired, mystery.Service, true, &ratio
		r := &lab.Result{Complete: true, Comparisons: []lab.Comparison{test.o}, Disturbed: test.spoilt, Blocks: 4}
		for i := range c.Faults {
			try := c.Judge(&c.Faults[i], r, time.Unix(1000, 0))
			said := strings.Join(c.Told(&try, &progress.Mystery{Tries: []progress.Try{try}}, r), "\n")
			if !strings.Contains(said, test.want) || strings.Contains(said, "95 % CI") != test.figure || strings.Contains(said, "was not measured") {
				t.Errorf("%s, %s: %s", test.name, c.Faults[i].ID, said)
			}
		}
	}
}

// No conclusion of a trial says which fault it is: the plan is the same for a right guess and for a wrong one. Each verdict that
// there can be has one of its own.
func TestConclusionsOfATrial(t *testing.T) {
	c := open(t, 0)
	for i := range c.Faults {
		p := c.Trial(&c.Faults[i])
		whens := map[string]bool{}
		for _, of := range p.Conclusions {
			whens[strings.Join(of.When, " ")] = true
			if strings.Contains(of.Means, "The service has") || strings.Contains(of.Means, "another one") {
				t.Errorf("%s: %s", c.Faults[i].ID, of.Means)
			}
		}
		for _, v := range []stats.Verdict{stats.Higher, stats.Lower, stats.NoDifference} {
			if !whens["verdict("+mystery.Repaired+") == "+string(v)] {
				t.Errorf("%s: nothing is said of %s", c.Faults[i].ID, v)
			}
		}
	}
}

// What is kept of a fault that was found says when, with which try and how long it took.
func TestFound(t *testing.T) {
	c := open(t, 0)
	begun := time.Date(2026, 3, 1, 10, 0, 0, 0, time.UTC)
	m := &progress.Mystery{Begun: begun, Tries: []progress.Try{{Fault: "other", At: begun.Add(time.Minute)}}}
	if said := c.Found(m, begun); said != nil {
		t.Errorf("found: %v", said)
	}
	m.Tries = append(m.Tries, progress.Try{Fault: c.Answer().ID, At: begun.Add(2 * time.Minute), Right: true, Shows: true}, progress.Try{Fault: "third"})
	said := strings.Join(c.Found(m, begun.Add(48*time.Hour)), "\n")
	if want := "Found 1 Mar 10:02: it is " + c.Answer().ID + ", " + c.Answer().Label + ".\n50 points: with try 2, in 2 min."; said != want {
		t.Errorf("%q, want %q", said, want)
	}
}
