package observe

import (
	"math"
	"os"
	"runtime"
	"testing"
	"time"
)

const second = int64(time.Second)

func TestBetween(t *testing.T) {
	p := func(pid int, at, cpu, born int64) ProcSample {
		return ProcSample{Proc: Proc{PID: pid, Role: "worker"}, At: at, CPU: cpu, Born: born, Switches: value(cpu / 1000)}
	}
	gone := func(s ProcSample) ProcSample { s.Gone = true; return s }
	from, to := 100*second, 102*second
	for _, c := range []struct {
		name          string
		before, after []ProcSample
		cpu, wall     int64
		switches      *int64
		listed        int
	}{
		{"stayed", []ProcSample{p(1, from, 5*second, second)}, []ProcSample{p(1, to, 6*second, second)}, second, 2 * second, value(second / 1000), 1},
		{"other windows of its own", []ProcSample{p(1, from+5, 0, second)}, []ProcSample{p(1, to-5, 10, second)}, 10, 2*second - 10, value(int64(0)), 1},
		{"died", []ProcSample{p(1, from, 5*second, second)}, []ProcSample{gone(p(1, from+second, 6*second, second))}, second, second, value(second / 1000), 1},
		{"born in between", nil, []ProcSample{p(1, to, second/2, from+second)}, second / 2, second, value(second / 2000), 1},
		{"PID reused in between", []ProcSample{p(1, from, 9*second, second)}, []ProcSample{p(1, to, second/2, from+second)}, second / 2, second, value(second / 2000), 1},
		{"watched too late", nil, []ProcSample{p(1, to, 50*second, second)}, 0, 0, nil, 1},
		{"not watched any more", []ProcSample{p(1, from, 5*second, second)}, nil, 0, 0, nil, 0},
		{"gone before", []ProcSample{gone(p(1, from-second, 5*second, second))}, []ProcSample{gone(p(1, from-second, 5*second, second))}, 0, 0, value(int64(0)), 1},
	} {
		u := Between(Sample{At: from, Procs: c.before}, Sample{At: to, Procs: c.after})
		if u.From != from || u.To != to || len(u.Procs) != c.listed {
			t.Errorf("%s: %+v", c.name, u)
			continue
		}
		if c.listed == 0 {
			continue
		}
		got := u.Procs[0]
		if got.CPU != c.cpu || got.Wall != c.wall || got.Gone != c.after[0].Gone {
			t.Errorf("%s: %+v, want %d of %d", c.name, got, c.cpu, c.wall)
		}
		if (got.Switches == nil) != (c.switches == nil) || got.Switches != nil && *got.Switches != *c.switches {
			t.Errorf("%s: switches %v, want %v", c.name, got.Switches, c.switches)
		}
	}
}

func TestBetweenHost(t *testing.T) {
	host := func(at, busy, steal int64) HostSample {
		return HostSample{At: at, Busy: busy, Foreign: busy - at/10, Total: 4 * at, Steal: &steal, Throttled: value(at / 100)}
	}
	ours := func(cpu int64) []ProcSample { return []ProcSample{{Proc: Proc{PID: 1}, CPU: cpu}} }
	a := Sample{At: 10 * second, Host: host(10*second, 5*second, second), Procs: ours(0)}
	b := Sample{At: 12 * second, Host: host(12*second, 8*second, 2*second), Procs: ours(second)}
	u := Between(a, b).Host
	// Busy 3 s in 2 s; processes 3 s - 0.2 s, ours 1 s; stolen 1 s of 8 s.
	if u.Busy != 1.5 || math.Abs(u.Foreign-0.9) > 1e-9 || u.Steal == nil || *u.Steal != 0.125 || u.Throttled == nil || *u.Throttled != second/50 || u.Unknown {
		t.Errorf("usage of the host %+v", u)
	}
	b.Procs = ours(5 * second)
	if u := Between(a, b).Host; u.Foreign != 0 {
		t.Errorf("ours is more than the host's: foreign %v, want 0", u.Foreign)
	}
	if u := Between(Sample{At: 1}, Sample{At: 2}).Host; !u.Unknown || u.Steal != nil || u.Throttled != nil {
		t.Errorf("a system without times: %+v", u)
	}
	if u := Between(a, a).Host; math.IsNaN(u.Busy) || math.IsNaN(u.Foreign) || u.Steal != nil {
		t.Errorf("nothing in between: %+v", u)
	}
}

// What this process burns is not foreign when it is watched, and is when it is not.
func TestForeign(t *testing.T) {
	o := New(monotonic)
	o.Watch([]Proc{{PID: os.Getpid(), Role: "lab"}})
	a := o.SampleEdge()
	spend(400 * time.Millisecond)
	b := o.SampleEdge()
	watched := Between(a, b).Host
	if watched.Unknown {
		t.Skip("this system gives no times of the whole machine")
	}
	for _, s := range []*Sample{&a, &b} {
		s.Procs = nil
	}
	alone := Between(a, b).Host
	wall := float64(b.Host.At - a.Host.At)
	// At least what was burnt, less two ticks of every core; the rest of the machine may have worked as well.
	if least := (0.4 - 0.02*float64(runtime.NumCPU())) * 1e9 / wall; alone.Foreign < least || alone.Busy < least {
		t.Errorf("burnt 0.4 s in %.2f s unwatched: foreign %.3f and busy %.3f of a core, want at least %.3f", wall/1e9, alone.Foreign, alone.Busy, least)
	}
	if watched.Foreign > alone.Foreign-0.3e9/wall {
		t.Errorf("foreign is %.3f of a core with this process watched, %.3f without", watched.Foreign, alone.Foreign)
	}
	t.Logf("busy %.3f, foreign %.3f of a core (%.3f with this process)", watched.Busy, watched.Foreign, alone.Foreign)
}
