package lab

import (
	"errors"
	"strings"
	"testing"

	"benchtop/lab/load"
	"benchtop/lab/observe"
	"benchtop/targets"
)

func TestTargetTasks(t *testing.T) {
	defer targets.Register(targets.Descriptor{Name: "url", Found: true, Unmarked: true})()
	const p = tasksPerProcess
	for _, test := range []struct {
		name string
		spec targets.Spec
		want int
	}{
		{"one worker", targets.Spec{Server: "builtin"}, p},
		{"eight workers", targets.Spec{Server: "builtin", Workers: 8}, 8 * p},
		{"a component, its guard and the watcher", targets.Spec{Server: "uvicorn", Workers: 2}, 4 * p},
		{"behind nginx, two copies", targets.Spec{Server: "builtin", Workers: 2, Proxy: &targets.Proxy{Kind: "nginx", Upstreams: 2}}, (4 + 3) * p},
		{"somebody else's", targets.Spec{Server: "url"}, 0},
	} {
		if got := TargetTasks(&test.spec); got != test.want {
			t.Errorf("%s: %d, want %d", test.name, got, test.want)
		}
	}
	plan := Plan{Variants: []Variant{{Target: targets.Spec{Workers: 2}}, {Target: targets.Spec{Workers: 1}}}}
	one := plan.Tasks()
	plan.Order = Together
	if together := plan.Tasks(); one != 3*p+GeneratorTasks() || together != one+GeneratorTasks() {
		t.Errorf("%d, together %d", one, together)
	}
}

func TestCheckTasks(t *testing.T) {
	limit := observe.TaskLimit{Name: "pids.max of /group", Raise: "TasksMax=", Max: 100, Used: 70}
	for need, fits := range map[int]bool{0: true, 30: true, 31: false} {
		if err := CheckTasks(need, limit); (err == nil) != fits {
			t.Errorf("%d: %v", need, err)
		}
	}
	if err := CheckTasks(1<<20, observe.TaskLimit{}); err != nil {
		t.Errorf("without a limit: %v", err)
	}
	err := CheckTasks(31, limit)
	for _, want := range []string{"31 processes and threads", "/group leaves 30 (70 of 100", "TasksMax=", "fewer workers"} {
		if !strings.Contains(err.Error(), want) {
			t.Errorf("%q is not in %v", want, err)
		}
	}
	limit.Used = 200 // a limit may be set below what there is
	if CheckTasks(1, limit) == nil || limit.Left() != 0 {
		t.Errorf("%d are left", limit.Left())
	}
}

// F14: a plan whose connections cannot have ports is refused before the start.
func TestCheckBudgetOfPorts(t *testing.T) {
	defer targets.Register(targets.Descriptor{Name: "url", Found: true, Unmarked: true})()
	machine := observe.Machine{PortLow: 40000, PortHigh: 40009, PortsHeld: 60}
	for _, test := range []struct {
		name   string
		target targets.Spec
		load   Load
		fits   bool
	}{
		{"kept connections", targets.Spec{}, Load{Model: load.Closed, Connections: 10, KeepAlive: true}, true},
		{"too many of them", targets.Spec{}, Load{Model: load.Closed, Connections: 11, KeepAlive: true}, false},
		{"a new one per request", targets.Spec{}, Load{Model: load.Closed, Connections: 11}, true},
		{"more at once than pairs", targets.Spec{}, Load{Model: load.Closed, Connections: 641}, false},
		{"a rate, our server closes first", targets.Spec{}, Load{Model: load.Open, Rate: 10000}, true},
		{"a rate, somebody else's may not", targets.Spec{Server: "url"}, Load{Model: load.Open, Rate: 10000}, false},
	} {
		plan := Plan{Slice: 1e9, Variants: []Variant{{ID: "a", Target: test.target, Load: test.load}}}
		err := CheckBudget(&plan, machine)
		if (err == nil) != test.fits {
			t.Errorf("%s: %v", test.name, err)
		}
		if ports := new(load.PortError); err != nil && (!errors.As(err, &ports) || !strings.Contains(err.Error(), "ip_local_port_range")) {
			t.Errorf("%s: %v", test.name, err)
		}
	}
}
