package panel

import (
	"strings"
	"testing"

	"github.com/muesli/termenv"

	"benchtop/lab"
	"benchtop/lab/figure"
	"benchtop/targets"
	"benchtop/targets/setting"
	"benchtop/tui/fixture"
	"benchtop/tui/theme"
)

// A proxy and a service have a CPU line of their own, and their processes stand behind the server's.
func TestThePartsOfATargetStandApart(t *testing.T) {
	look, err := theme.New("mono", termenv.Ascii)
	if err != nil {
		t.Fatal(err)
	}
	st := fixture.Ended(1)
	v := &st.Variants[0]
	v.Parts = []lab.PartState{{Name: "proxy", CPU: 61, PerRequest: fixture.Ptr(43.0)}, {Name: "db", CPU: 17, PerRequest: fixture.Ptr(9.5)}}
	service := lab.ProcState{State: "serving"}
	service.PID, service.Role, service.Part = 4711, "worker", "db"
	v.Procs = append([]lab.ProcState{service}, v.Procs...)
	p := Pen{Look: look, Tier: theme.Block, State: st, Scales: Scales{CPU: 100, Clock: figure.Millis}}
	lines := p.cpu(0, 80, 3)
	for k, want := range [][2]string{{"target", "109"}, {"proxy", "43.0"}, {"db", "9.50"}} {
		if k >= len(lines) || !strings.Contains(lines[k], want[0]) || !strings.Contains(lines[k], want[1]) {
			t.Fatalf("line %d of %q has no %q", k, lines, want)
		}
	}
	if got := p.cpu(0, 80, 2); len(got) != 2 {
		t.Errorf("in two rows there are %d", len(got))
	}
	table := p.workers(v, 80, 20, false)
	if last := table[len(table)-1]; !strings.Contains(last, "4711") || !strings.Contains(last, "db") {
		t.Errorf("the last process is %q", last)
	}
}

// A service says what it holds and found: on a line of its own where there is room, behind its name where there is a little.
func TestServicesGiveAccount(t *testing.T) {
	type own struct{ Slots int }
	t.Cleanup(targets.RegisterService(targets.ServiceDescriptor{
		Name: "toy database", New: func() any { return new(own) },
		Settings: []setting.Setting{{Key: "slots", Doc: "slots", Type: setting.Int, Max: 100, At: setting.At(func(o *own) *int { return &o.Slots })}},
	}))
	look, err := theme.New("mono", termenv.Ascii)
	if err != nil {
		t.Fatal(err)
	}
	st := fixture.Shop()
	v := &st.Variants[1]
	v.Target.Services["database"] = targets.Part{Kind: "toy database", Settings: &own{Slots: 25}}
	p := Pen{Look: look, Tier: theme.Block, State: st, Scales: Scales{CPU: 100, Clock: figure.Millis}}
	if got, want := p.workerRows(v), len(v.Procs)+2; got != want {
		t.Errorf("%d rows, want %d", got, want)
	}
	for rows, want := range map[int][]string{
		20: {"20 of 25 connections open · 4 refused", "hit ratio 87 % · 812 entries"},
		5:  {"database 20/25", "cache 87 %"},
	} {
		table := p.workers(v, 80, rows, false)
		for _, text := range want {
			if len(table) > rows || !strings.Contains(strings.Join(table, "\n"), text) {
				t.Errorf("in %d rows no %q:\n%s", rows, text, strings.Join(table, "\n"))
			}
		}
	}
	if got := strings.Join(p.workers(v, 36, 5, false), "\n"); !strings.Contains(got, "database") {
		t.Errorf("in a narrow column:\n%s", got)
	}
}

// The requests of a mix have a table in a zoomed column, and none in another.
func TestEntriesOfAMix(t *testing.T) {
	look, err := theme.New("mono", termenv.Ascii)
	if err != nil {
		t.Fatal(err)
	}
	st := fixture.Shop()
	p := Pen{Look: look, Tier: theme.Block, State: st, Scales: Scales{CPU: 100, Clock: figure.Millis}}
	if n := p.needs(1, 80, true); n.entries != 0 {
		t.Errorf("a table of %d rows without zoom", n.entries)
	}
	p.Set.Zoom = true
	if n := p.needs(1, 80, true); n.entries != 6 {
		t.Errorf("a table of %d rows", n.entries)
	}
	table := strings.Join(p.entries(&st.Variants[1], 80, 6), "\n")
	for _, want := range []string{"requests", "users with their posts", "20.0 %", "a slow report"} {
		if !strings.Contains(table, want) {
			t.Errorf("no %q in\n%s", want, table)
		}
	}
	if short := p.entries(&st.Variants[1], 40, 4); len(short) != 4 || !strings.Contains(short[3], "and 3 more") {
		t.Errorf("%q", short)
	}
}

// A service keeps its name when all have stopped, and has its line before anybody has read its CPU.
func TestAServiceIsCalledByItsName(t *testing.T) {
	look, err := theme.New("mono", termenv.Ascii)
	if err != nil {
		t.Fatal(err)
	}
	st := fixture.Shop()
	v := &st.Variants[1]
	for k := range v.Procs {
		v.Procs[k].State = "stopped"
	}
	p := Pen{Look: look, Tier: theme.Block, State: st, Scales: Scales{CPU: 100, Clock: figure.Millis}}
	if table := strings.Join(p.workers(v, 80, 20, false), "\n"); strings.Count(table, "stopped") != 2 || !strings.Contains(table, "cache") || !strings.Contains(table, "database") {
		t.Errorf("at the end:\n%s", table)
	}
	v.Parts = nil
	for _, w := range []int{26, 36, 56, 80} {
		lines := p.cpu(1, w, 3)
		if len(lines) != 3 || !strings.Contains(lines[1], "cache") || !strings.Contains(lines[2], "database") || !strings.Contains(lines[0], "/req") {
			t.Errorf("in %d cells %q", w, lines)
		}
	}
}

// A variant that is shown alone has axes of its own data.
func TestAZoomedVariantHasItsOwnScale(t *testing.T) {
	st := fixture.Live(4, 1)
	all, alone := ScalesOf(st, Settings{}, 40), ScalesOf(st, Settings{Zoom: true}, 40)
	if all.RPS[0] != all.RPS[3] || !(alone.RPS[0] < all.RPS[0]) {
		t.Errorf("beside each other %v, alone %v", all.RPS, alone.RPS)
	}
}
