package tui

import (
	"context"
	"errors"
	"fmt"
	"path/filepath"
	"reflect"
	"slices"
	"strings"
	"testing"
	"time"

	tea "github.com/charmbracelet/bubbletea"

	"benchtop/lab"
	"benchtop/lab/exports"
	"benchtop/lab/load"
	"benchtop/lab/progress"
	"benchtop/scenarios"
	"benchtop/targets"
	"benchtop/targets/builtin"
	"benchtop/tui/fixture"
)

// freely is a free run of the blank plan, as a run would make it.
func freely(ids ...string) *lab.State {
	p := scenarios.Blank()
	p.Free, p.Title = true, "One built-in server"
	base := p.Variants[0]
	p.Variants = nil
	for i, id := range ids {
		v := base
		v.ID, v.Label = id, "variant "+id
		own := *targets.Own[builtin.Settings](&v.Target)
		own.Accept = "shared" // whatever this machine has, as the backlog
		v.Target.Workers, v.Target.Backlog, v.Target.Own = i+1, 4096, &own
		p.Variants = append(p.Variants, v)
	}
	p.Baseline = ids[0]
	f := lab.NewFold()
	f.Apply(lab.Event{Seq: 1, Run: &lab.RunEvent{Plan: *p}})
	f.Apply(lab.Event{Seq: 2, At: 1, Phase: &lab.PhaseEvent{Phase: lab.PhaseSlice, Variant: ids[0], Index: 1, Block: 1}})
	for i, id := range ids {
		f.Apply(lab.Event{Seq: 3, At: 1e9, Process: &lab.ProcessEvent{Variant: id, PID: 100 + i, Role: "worker", Event: "serving"}})
		f.Apply(lab.Event{Seq: 4, At: 1e9, Interval: &lab.Interval{
			Variant: id, Row: load.Row{From: 0, To: 250e6, Phase: "window", Counts: load.Counts{Requests: 1000, OK: 1000}}, P50: 1000, P99: 2000, Max: 3000,
		}})
	}
	return f.State()
}

func turnsAsked(s *still) []string {
	var out []string
	for _, k := range s.Turns {
		out = append(out, k.Words())
	}
	return out
}

func TestTurns(t *testing.T) {
	s := newStill(free())
	m := testModel(t, "dark", Config{Session: s})
	press(m, runes(" cRk")) // all of them
	want := []string{"all.load.connections = 256", "all.load.rate = 3000", "all.load.keepalive = false"}
	if got := turnsAsked(s); !reflect.DeepEqual(got, want) {
		t.Errorf("turned %v, want %v", got, want)
	}
	if view := plainView(m, 120, 34); !strings.Contains(view, "connections 128 → 256 · rate 5\u202f000/s → 3\u202f000/s · keep-alive on → off") {
		t.Error(view)
	}
	// What has happened is no longer on its way; what was refused neither.
	next := *s.Snapshot
	next.Seq++
	next.Turned += 3
	s.Snapshot = &next
	m.Update(tickMsg{})
	if view := plainView(m, 120, 34); strings.Contains(view, "→ 256") {
		t.Error(view)
	}

	closed := newStill(fixture.Live(2, 1))
	closed.Snapshot.Plan.Free = true
	m = testModel(t, "dark", Config{Session: closed})
	press(m, runes("r"))
	if len(closed.Turns) != 0 || !strings.Contains(plainView(m, 120, 34), "a closed model has no rate") {
		t.Error("the rate of a closed model was turned, or nothing was said")
	}
	if !strings.Contains(plainView(testModel(t, "dark", Config{Session: closed}), 240, 34), "(R r rate)") {
		t.Error("a key that does nothing is not marked")
	}
}

// With all variants selected a turn sets all to the value that the selected one comes to, and the words say so.
func TestATurnOfAllSetsAllAlike(t *testing.T) {
	own := newStill(free())
	own.Snapshot.Variants[0].Load.Connections = 8
	own.Snapshot.Variants[1].Load.KeepAlive = false
	m := testModel(t, "dark", Config{Session: own})
	m.w, m.h = 120, 36
	press(m, runes("c ck"))
	want := []string{"one.load.connections = 16", "all.load.connections = 32", "all.load.keepalive = false"}
	if !reflect.DeepEqual(turnsAsked(own), want) {
		t.Errorf("turned %v, want %v", turnsAsked(own), want)
	}
	press(m, runes("o"))
	contains(t, m, "settings of all ", "turns all to the same value", "8 → 32 / 128 → 32", "space turns all")
	press(m, runes("k"))
	if got := turnsAsked(own); got[len(got)-1] != "all.load.keepalive = true" {
		t.Errorf("turned %v", got)
	}

	// One that cannot take the value stays, and that is said.
	own.Snapshot.Variants[1].Load.Model, own.Snapshot.Variants[1].Load.Rate = load.Closed, 0
	m.Update(tickMsg{})
	press(m, runes("r"))
	if got := turnsAsked(own); !strings.HasPrefix(got[len(got)-1], "one.load.rate = ") || strings.Contains(got[len(got)-1], "two") {
		t.Errorf("turned %v", got)
	}
	contains(t, m, "two cannot have load.rate=")
}

// Turns add up before the run has taken the first of them, and no more are made than it can take.
func TestTurnsThatWait(t *testing.T) {
	s := newStill(freely("a", "b"))
	m := testModel(t, "dark", Config{Session: s})
	press(m, runes("www"))
	if want := []string{"a.workers = 2", "a.workers = 3", "a.workers = 4"}; !reflect.DeepEqual(turnsAsked(s), want) {
		t.Errorf("turned %v, want %v", turnsAsked(s), want)
	}
	for range 100 {
		press(m, runes("l"))
	}
	if len(s.Turns) != 48 || !strings.Contains(plainView(m, 120, 34), "still waiting for the next slice") {
		t.Errorf("%d turns wait\n%s", len(s.Turns), plainView(m, 120, 34))
	}
	if s.Turns[3].Words() != "a.engine = fasthttp" || s.Turns[4].Words() != "a.engine = nethttp" {
		t.Errorf("turned %v", turnsAsked(s)[:5])
	}
}

func TestThePanelOfSettings(t *testing.T) {
	for _, size := range [][2]int{{60, 16}, {80, 24}, {120, 36}, {200, 50}} {
		s := newStill(freely("a", "b"))
		m := testModel(t, "dark", Config{Session: s})
		m.w, m.h = size[0], size[1]
		press(m, runes("o"))
		view := plainView(m, size[0], size[1])
		fits(t, view, size[0], size[1])
		for _, want := range []string{"settings of A  a", "▸ connections", "64", "turns this variant", "of the client"} {
			if !strings.Contains(view, want) {
				t.Errorf("%v: %q is missing\n%s", size, want, view)
			}
		}
		if live := strings.Contains(view, "req/s"); live != (size[1] >= 24) {
			t.Errorf("%v: the run is in the picture: %v\n%s", size, live, view)
		}
		// The second setting, the rate, does nothing in a closed model, and says why.
		press(m, tea.KeyMsg{Type: tea.KeyDown})
		press(m, tea.KeyMsg{Type: tea.KeyRight})
		if view := plainView(m, size[0], size[1]); len(s.Turns) != 0 || !strings.Contains(view, "a closed model has no rate") {
			t.Errorf("%v\n%s", size, view)
		}
		// The model takes a rate with it, so that there is one.
		press(m, tea.KeyMsg{Type: tea.KeyDown})
		press(m, tea.KeyMsg{Type: tea.KeyRight})
		if got := turnsAsked(s); len(got) != 1 || !strings.HasPrefix(got[0], "a.load.model = open, a.load.rate = ") {
			t.Errorf("turned %v", got)
		}
		if view := plainView(m, size[0], size[1]); !strings.Contains(view, "closed → open") {
			t.Errorf("%v\n%s", size, view)
		}
		// For all, and back to the live run.
		press(m, tea.KeyMsg{Type: tea.KeySpace, Runes: []rune{' '}})
		mark(m, "proxy")
		press(m, tea.KeyMsg{Type: tea.KeyLeft})
		if got := turnsAsked(s); got[len(got)-1] != "all.proxy = on" {
			t.Errorf("turned %v", got)
		}
		m.notice = notice{}
		if view := plainView(m, size[0], size[1]); !strings.Contains(view, "starts the target again") || !strings.Contains(view, "turns all to the same value") {
			t.Errorf("%v\n%s", size, view)
		}
		pressAll(m, runes(" "), keyTab)
		if m.run.View.Focus != "b" || !strings.Contains(plainView(m, size[0], size[1]), "settings of B") {
			t.Errorf("%v: tab selects %s", size, m.run.View.Focus)
		}
		press(m, tea.KeyMsg{Type: tea.KeyEsc})
		if strings.Contains(plainView(m, size[0], size[1]), "settings of") || at(m) != "run" {
			t.Error("esc does not close the panel alone")
		}
	}
}

// Every setting of the panel can be pressed both ways without harm, and the run takes each setting that is asked for.
func TestEverySettingOfThePanel(t *testing.T) {
	s := newStill(freely("a"))
	m := testModel(t, "dark", Config{Session: s})
	m.w, m.h = 120, 36
	press(m, runes("o"))
	all := scenarios.Turnables(&s.Snapshot.Variants[0].Variant)
	for range all {
		for _, key := range []tea.KeyType{tea.KeyRight, tea.KeyLeft} {
			s.Snapshot.Turned = len(s.Turns) // the run has taken them
			m.Update(tickMsg{})
			press(m, tea.KeyMsg{Type: key})
		}
		press(m, tea.KeyMsg{Type: tea.KeyDown})
	}
	all = slices.DeleteFunc(all, func(k scenarios.Turnable) bool { return k.Why != "" }) // which do nothing now
	if len(s.Turns) < len(all) {
		t.Errorf("%d turns of %d asked", len(s.Turns), len(all))
	}
	for _, k := range s.Turns {
		p := lab.Plan{Free: true, Variants: []lab.Variant{s.Snapshot.Variants[0].Variant}}
		if err := scenarios.Turn(&p, k.Set); err != nil {
			t.Errorf("%v: %v", k.Set, err)
		}
	}
}

func TestVariantsAreAddedAndRemoved(t *testing.T) {
	s := newStill(freely("a"))
	m := testModel(t, "dark", Config{Session: s})
	press(m, runes("d"))
	if len(s.Turns) != 0 || !strings.Contains(plainView(m, 120, 34), "the last variant stays") {
		t.Error("the last variant was removed, or nothing was said")
	}
	press(m, runes("aa"))
	if len(s.Turns) != 2 || s.Turns[0].Add == nil || s.Turns[0].Add.ID != "a-2" || s.Turns[1].Add.ID != "a-3" || s.Turns[0].Add.Label != "variant a, copy 2" {
		t.Fatalf("%+v", s.Turns)
	}
	want := s.Snapshot.Variants[0].Variant
	want.ID, want.Label = "a-2", "variant a, copy 2"
	if !reflect.DeepEqual(*s.Turns[0].Add, want) {
		t.Errorf("the copy is %+v, want %+v", *s.Turns[0].Add, want)
	}
	if view := plainView(m, 120, 34); !strings.Contains(view, "a-3 comes with the next slice, as a copy of a") {
		t.Error(view)
	}
	var ids []string
	for n := range scenarios.MaxVariants {
		ids = append(ids, fmt.Sprintf("v%d", n))
	}
	s = newStill(freely(ids...))
	m = testModel(t, "dark", Config{Session: s})
	press(m, runes("a"))
	if len(s.Turns) != 0 || !strings.Contains(plainView(m, 120, 34), "at most 16 variants") {
		t.Error("a seventeenth variant is asked for")
	}
	press(m, tea.KeyMsg{Type: tea.KeyTab})
	press(m, runes("d"))
	if got := turnsAsked(s); !reflect.DeepEqual(got, []string{"v1 goes"}) {
		t.Errorf("asked %v", got)
	}
}

// The label of a copy says what holds now, not what the copied one was at first.
func TestTheLabelOfACopySaysWhatHolds(t *testing.T) {
	s := newStill(freely("a"))
	v := &s.Snapshot.Variants[0]
	v.Label, v.Turned = "a new connection per request", []string{"load.keepalive=true"}
	m := testModel(t, "dark", Config{Session: s})
	if press(m, runes("a")); len(s.Turns) != 1 || s.Turns[0].Add.Label != "keep-alive on, copy 2" {
		t.Errorf("%+v", s.Turns)
	}
}

func TestAFreeRunIsSaved(t *testing.T) {
	s := newStill(freely("a", "b"))
	saved := map[string]string{}
	c := Config{Session: s, Save: func(name string, content []byte) (string, error) {
		saved[name] = string(content)
		return "./" + name, nil
	}}
	m := testModel(t, "dark", c)
	_, cmd := m.Update(runes("S"))
	m.Update(cmd())
	if view := plainView(m, 120, 34); !strings.Contains(view, "saved as ./blank-free.yaml; this does it again: benchtop run ./blank-free.yaml") {
		t.Error(view)
	}
	if f, err := scenarios.Parse("x.yaml", []byte(saved["blank-free.yaml"])); err != nil || len(f.Plan.Variants) != 2 || f.Plan.Variants[1].Target.Workers != 2 {
		t.Errorf("saved as %v: %v", saved, err)
	}
	c.Save = func(string, []byte) (string, error) { return "", errors.New("no space left on device") }
	m = testModel(t, "dark", c)
	_, cmd = m.Update(runes("S"))
	m.Update(cmd())
	if view := plainView(m, 120, 34); !strings.Contains(view, "nothing was saved: no space left on device") {
		t.Error(view)
	}
	c.Save = nil
	m = testModel(t, "dark", c)
	press(m, runes("S"))
	if view := plainView(m, 120, 34); !strings.Contains(view, "S: this screen cannot write files") {
		t.Error(view)
	}
}

func TestAFreeRunFromNothing(t *testing.T) {
	var begun *lab.Plan
	start := func(_ context.Context, p *lab.Plan, free bool) (Session, error) {
		if !free {
			t.Error("it is a free run")
		}
		begun = p
		return newStill(freely("a")), nil
	}
	m := testModel(t, "dark", Config{Entries: fixtureEntries(), Start: start})
	_, cmd := m.Update(runes("N"))
	m.Update(cmd())
	if begun == nil || len(begun.Variants) != 1 || begun.Variants[0].Target.Server != "builtin" || at(m) != "run" {
		t.Errorf("began %+v", begun)
	}
	m = testModel(t, "dark", Config{Entries: fixtureEntries()})
	press(m, runes("N"))
	if view := plainView(m, 120, 34); !strings.Contains(view, "N: this screen shows one run only") {
		t.Error(view)
	}
}

// Freeze keeps measuring: the numbers of the events go on meanwhile, and without it the newest picture stands there.
func TestFreezeKeepsMeasuring(t *testing.T) {
	st := freely("a", "b")
	f := lab.NewFold()
	f.Apply(lab.Event{Seq: 1, Run: &lab.RunEvent{Plan: *st.Plan}})
	s := newStill(f.State())
	clock := &stopped{now: time.Unix(1000, 0)}
	m := testModel(t, "dark", Config{Session: s, Now: clock.Now})
	row := func(seq uint64, requests uint64) {
		f.Apply(lab.Event{Seq: seq, At: int64(seq) * 250e6, Phase: &lab.PhaseEvent{Phase: lab.PhaseSlice, Variant: "a", Index: 1}})
		f.Apply(lab.Event{Seq: seq, At: int64(seq) * 250e6, Interval: &lab.Interval{
			Variant: "a", Row: load.Row{From: int64(seq-1) * 250e6, To: int64(seq) * 250e6, Phase: "window", Counts: load.Counts{Requests: requests, OK: requests}},
		}})
		s.Snapshot = f.State()
		clock.now = clock.now.Add(tick)
		m.Update(tickMsg{})
	}
	row(2, 1000)
	if view := plainView(m, 120, 34); !strings.Contains(view, "4\u202f000 req/s") {
		t.Fatal(view)
	}
	press(m, runes("f"))
	for seq := uint64(3); seq < 20; seq++ {
		row(seq, 2000)
		if m.run.State.Seq != seq || m.run.Shown().Seq != 2 {
			t.Fatalf("the run is at event %d, the picture at %d, want %d and 2", m.run.State.Seq, m.run.Shown().Seq, seq)
		}
	}
	if view := plainView(m, 120, 34); !strings.Contains(view, "4\u202f000 req/s") || !strings.Contains(view, "FROZEN 1 s") || strings.Contains(view, "8\u202f000 req/s") {
		t.Errorf("the frozen picture moves\n%s", view)
	}
	press(m, runes("f"))
	if view := plainView(m, 120, 34); !strings.Contains(view, "8\u202f000 req/s") || strings.Contains(view, "FROZEN") {
		t.Errorf("the newest picture is not there\n%s", view)
	}
	if n := len(m.run.Shown().Variants[0].Points); n != 18 {
		t.Errorf("%d rows, want all 18 of them", n)
	}
}

// A run of all variants at the same time says so, and that they share the machine.
func TestTogetherSaysThatTheMachineIsShared(t *testing.T) {
	for _, size := range sizes {
		st := fixture.Live(2, 1)
		st.Plan.Order = lab.Together
		st.Phase.Variant, st.Phase.Together = "", "one two"
		for i := range st.Variants {
			st.Variants[i].Status = lab.StatusLoad
		}
		m := testModel(t, "dark", Config{Session: newStill(st)})
		view := plainView(m, size[0], size[1])
		fits(t, view, size[0], size[1])
		if !strings.Contains(view, "block 4/10 · all at once, sharing the machine") || strings.Contains(view, "provisional") {
			t.Errorf("%v\n%s", size, view)
		}
		if n := max(strings.Count(view, "● under load"), strings.Count(view, "● load")); n != 2 {
			t.Errorf("%v: under load stands there %d times\n%s", size, n, view)
		}
	}
}

// A race is one key away in a free run, a turn stands over the picture for 3 s, and a mark in the charts of those that it changed.
func TestARaceIsTurnedOnTheScreen(t *testing.T) {
	s := newStill(fixture.Free())
	m := testModel(t, "mono", Config{Session: s})
	if view := plainView(m, 80, 24); !strings.Contains(view, "s stop  T race  space turns one  k keep-alive") {
		t.Errorf("the foot does not say what the keys do\n%s", view)
	}
	press(m, runes("TT"))
	press(m, tea.KeyMsg{Type: tea.KeyTab})
	press(m, runes("k"))
	if want := []string{"all at once", "one after the other", "two.load.keepalive = false"}; !reflect.DeepEqual(turnsAsked(s), want) {
		t.Errorf("turned %v", turnsAsked(s))
	}
	v := s.Snapshot.Variants[1].Variant
	v.Load.KeepAlive = false
	at := s.Snapshot.At
	for age, stands := range map[time.Duration]bool{0: true, 2900 * time.Millisecond: true, 3 * time.Second: false} {
		for _, size := range [][2]int{{60, 16}, {80, 24}, {120, 36}} {
			for _, large := range []bool{false, true} {
				next := *s.Snapshot
				next.Seq++
				next.At = at + int64(age)
				next.Turns = []lab.Turn{{Set: []string{"two.load.keepalive=false"}, Now: []lab.Variant{v}, At: at}}
				s.Snapshot = &next
				m.Update(tickMsg{})
				m.present = large
				view := plainView(m, size[0], size[1])
				fits(t, view, size[0], size[1])
				if got := strings.Contains(view, "KEEP-ALIVE ON → OFF · B"); got != stands {
					t.Errorf("after %s at %v, large %v: the banner stands: %v\n%s", age, size, large, got, view)
				}
				if size[1] == 36 && !strings.Contains(view, "┆") {
					t.Errorf("large %v: no mark in the charts\n%s", large, view)
				}
			}
		}
	}
}

// After a turn a title says what the variant is now, and its label as what it was; what was measured before has its reason.
func TestTitlesAfterATurn(t *testing.T) {
	s := newStill(freely("a", "b"))
	v := &s.Snapshot.Variants[1]
	v.Label, v.Turned = "a new connection per request", []string{"load.keepalive=true"}
	value := 1000.0
	for i := range 6 {
		v.Slices = append(v.Slices, lab.SliceDot{Index: i + 1, Value: &value, Past: i < 4, Discarded: i < 4})
	}
	m := testModel(t, "dark", Config{Session: s})
	for size, wants := range map[[2]int][]string{
		{80, 24}:  {"now keep-alive on"},
		{120, 36}: {"now keep-alive on; first: a new connection per request", "slices  ••", "2 of 6 count: 4 before a turn"},
		{200, 50}: {"now keep-alive on; first: a new connection per request", "2 of 6 count: 4 before a turn"},
	} {
		view := plainView(m, size[0], size[1])
		fits(t, view, size[0], size[1])
		for _, want := range wants {
			if !strings.Contains(view, want) {
				t.Errorf("%v: %q is missing\n%s", size, want, view)
			}
		}
	}
	v.Turned = []string{"load.connections=2000", "workers=4", "load.keepalive=true"}
	for _, size := range [][2]int{{80, 24}, {100, 24}} { // the last turn is said, and the id is whole
		s.Snapshot.Seq++
		m.Update(tickMsg{})
		if view := plainView(m, size[0], size[1]); !strings.Contains(view, " B  b  ") || !strings.Contains(view, "keep-alive on +2 ") {
			t.Errorf("%v: of three turns not the last one is said\n%s", size, view)
		}
	}
}

// The label of a variant is typed, and what is typed is no key.
func TestAVariantIsRenamed(t *testing.T) {
	s := newStill(fixture.Free())
	m := testModel(t, "mono", Config{Session: s})
	press(m, runes("n"))
	press(m, runes("quit k")) // in the place of the old one
	if view := plainView(m, 80, 24); !strings.Contains(view, "label of one  quit k▏") {
		t.Error(view)
	}
	press(m, keyEnter)
	if want := []string{"one is called quit k"}; !reflect.DeepEqual(turnsAsked(s), want) {
		t.Errorf("turned %v", turnsAsked(s))
	}
	press(m, runes("n"))
	press(m, tea.KeyMsg{Type: tea.KeyRight}) // keeps it, to go on with
	press(m, runes("s"))
	if view := plainView(m, 80, 24); !strings.Contains(view, "label of one  quit ks▏") {
		t.Error(view)
	}
	press(m, tea.KeyMsg{Type: tea.KeyEsc})
	if len(s.Turns) != 1 || at(m) != "run" {
		t.Error("esc does not leave the label as it was")
	}
}

// A new label stands on the screen at once, wherever the variant is named, while the run takes it with its next slice.
func TestANewLabelStandsAtOnce(t *testing.T) {
	s := newStill(freely("a", "b"))
	s.Snapshot.Variants[0].Turned = []string{"load.connections=128"}
	m := testModel(t, "mono", Config{Session: s})
	m.w, m.h = 120, 36
	m.View()
	pressAll(m, runes("n"), runes("fast"), keyEnter)
	toggle := func(key string) {
		if key != "" {
			press(m, runes(key))
		}
	}
	everywhere := func(when string) {
		t.Helper()
		m.notice = notice{}
		for _, size := range [][2]int{{80, 24}, {120, 36}, {200, 50}} {
			for _, key := range []string{"", "P", "o"} {
				toggle(key)
				if view := plainView(m, size[0], size[1]); !strings.Contains(view, "a  fast") || strings.Contains(view, "now connections") {
					t.Errorf("%s, at %v after %q:\n%s", when, size, key, view)
				}
				toggle(key)
			}
		}
	}
	everywhere("before the run has taken it")
	if s.Snapshot.Variants[0].Label == "fast" {
		t.Error("the snapshot of the run is written to")
	}
	next := *s.Snapshot
	next.Variants = slices.Clone(next.Variants)
	next.Seq++
	next.Turned++
	next.Variants[0].Label, next.Variants[0].Turned = "fast", nil
	s.Snapshot = &next
	m.Update(tickMsg{})
	everywhere("once it has")
	next.Variants[0].Label = "slow" // by another turn
	next.Seq++
	m.Update(tickMsg{})
	if view := plainView(m, 120, 36); !strings.Contains(view, "a  slow") {
		t.Errorf("the label of before stays\n%s", view)
	}
}

// Where no folder for exports was chosen yet, saving asks for it, and says where it wrote.
func TestAFreeRunIsSavedWhereExportsGo(t *testing.T) {
	dir, saved := t.TempDir(), ""
	place := exports.New(progress.Memory(), filepath.Join(dir, "exports"), "")
	m := testModel(t, "dark", Config{Session: newStill(freely("a", "b")), Exports: place, Save: func(name string, _ []byte) (string, error) {
		saved = filepath.Join(place.Folder(), name)
		return saved, nil
	}})
	m.w, m.h = 200, 50
	settle(m, runes("S"))
	contains(t, m, "into which folder?", place.Proposed())
	if saved != "" {
		t.Fatal("it was written before the folder was chosen")
	}
	settle(m, keyEnter)
	if want := filepath.Join(dir, "exports", "blank-free.yaml"); saved != want {
		t.Fatalf("saved as %q, want %q", saved, want)
	}
	contains(t, m, "saved as "+saved)
}

// A copy has what was turned just before it, also while that waits for the next slice.
func TestACopyHasWhatWasTurned(t *testing.T) {
	st := freely("a")
	st.Variants[0].Load.KeepAlive, st.Variants[0].Label = false, "a new connection per request"
	s := newStill(st)
	m := testModel(t, "mono", Config{Session: s})
	press(m, runes("ka"))
	if copied := s.Turns[len(s.Turns)-1].Add; copied == nil || !copied.Load.KeepAlive || strings.Contains(copied.Label, "new connection") || !strings.Contains(copied.Label, ", copy 2") {
		t.Errorf("the copy is %+v", copied)
	}
}
