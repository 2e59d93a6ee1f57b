package panel

import (
	"strings"
	"testing"

	"github.com/muesli/termenv"

	"benchtop/lab"
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
	p := Pen{Look: look, Tier: theme.Block, State: st, Scales: Scales{CPU: 100}}
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
