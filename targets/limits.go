package targets

import (
	"context"
	"fmt"
	"sync"

	"benchtop/targets/setting"
)

// PartLimits is the key of the limits of a target.
const PartLimits = "limits"

// ComponentCgroup is the component that limits need: a control group that is delegated to this process.
const ComponentCgroup = "cgroup"

// Limits are what the processes of the server may use together, all its copies with everything that they start. What stands
// in front of it and its services are not limited.
type Limits struct {
	CPU    float64 `json:"cpu,omitempty"`    // cores; 0: as many as there are
	Memory int64   `json:"memory,omitempty"` // bytes, without swap; 0: as much as there is
}

// Bounds of limits.
const (
	minCores  = 0.01 // of the period of 100 ms, less than which the kernel does not take
	maxCores  = 1024
	minMemory = 4e6
	maxMemory = 1e13
)

// LimitsSetting is the setting of a *Spec that limits its server.
func LimitsSetting() setting.Setting {
	return setting.Setting{
		Key: PartLimits, Said: "in a control group", Doc: "the server's processes get a control group of their own, which may limit them (Linux)", Example: "cpu: 0.5", Fixed: true,
		At:   setting.At(func(s *Spec) **Limits { return &s.Limits }),
		More: "What the server's processes may use together, all its copies with everything that they start, by a control group of version 2 (Linux). A variant's keys are laid over the target's. on: a group of their own without a limit, which is the fair baseline of one with a limit. off: none.",
		Rows: []setting.Setting{
			{
				Key: "cpu", Said: "%s cores at most", Doc: "cores that the server's processes may use together, in periods of 100 ms", Type: setting.Number, Noun: "cores", Unset: true, Min: minCores, Max: maxCores, Fixed: true,
				At: setting.At(func(l *Limits) *float64 { return &l.CPU }),
			},
			{
				Key: "memory", Said: "%s of memory at most", Doc: "memory that the server's processes may use together, without swap; the kernel kills one that needs more", Unset: true, Min: minMemory, Max: maxMemory, Fixed: true,
				At: setting.At(func(l *Limits) *int64 { return &l.Memory }),
			},
		},
	}
}

// Limited is a control group for the processes of a server.
type Limited interface {
	// Path is its folder.
	Path() string
	// PIDs are the processes that remove it when this one is killed.
	PIDs() []int
	// Killed is how many processes of it the kernel has killed because they needed more memory.
	Killed() uint64
	// Remove ends what is left in it, which is nothing after a stop, and removes it.
	Remove() error
}

// LimitsDescriptor is how a control group is made.
type LimitsDescriptor struct {
	Name  string
	Start func(context.Context, Limits) (Limited, error)
}

func (d LimitsDescriptor) name() string { return d.Name }

var limiters kinds[LimitsDescriptor]

// RegisterLimits makes known how limits are set, as Register does; its name is PartLimits.
func RegisterLimits(d LimitsDescriptor) (undo func()) { return limiters.register(d) }

// checkLimits finds what is wrong with the limits of a Spec.
func checkLimits(d Descriptor, s *Spec) []*Fault {
	if s.Limits == nil {
		return nil
	}
	faults := setting.Check([]setting.Setting{LimitsSetting()}, s)
	if d.Found {
		faults = append(faults, &Fault{Key: PartLimits, Msg: "limits are of what is started, and " + d.Name + " runs already"})
	}
	return faults
}

// limited is the control group of a target's server, with what was told of it.
type limited struct {
	Limited
	memory string

	mu   sync.Mutex
	told uint64 // kills
}

// startLimits makes the control group of the server.
func (t *composite) startLimits(ctx context.Context) error {
	kind, known := limiters.lookup(PartLimits)
	if !known {
		return fmt.Errorf("this program has no %s", PartLimits)
	}
	group, err := kind.Start(ctx, *t.spec.Limits)
	if err != nil {
		return fmt.Errorf("target %s: limits: %w", t.spec.Server, err)
	}
	row := setting.Find(LimitsSetting().Rows, "memory")
	t.limits = &limited{Limited: group, memory: row.Shown(t.spec.Limits)}
	return nil
}

// cause puts in front of how processes ended that the kernel killed some of them; one says that it is about one process, of
// which each is told once.
func (l *limited) cause(how string, one bool) string {
	l.mu.Lock()
	defer l.mu.Unlock()
	killed := l.Killed()
	switch {
	case one && killed > l.told:
		l.told++
		return "killed by the kernel at limits.memory " + l.memory + ": " + how
	case !one && killed > 0:
		return fmt.Sprintf("%d killed by the kernel at limits.memory %s: %s", killed, l.memory, how)
	}
	return how
}

// hooks name the limit as the reason where it was.
func (l *limited) hooks(h Hooks) Hooks {
	if on := h.OnEvent; l != nil && on != nil {
		h.OnEvent = func(e Event) {
			if e.Kind == WorkerGone || e.Kind == GaveUp {
				e.Text = l.cause(e.Text, e.Kind == WorkerGone)
			}
			on(e)
		}
	}
	return h
}

// explain names the limit as the reason of a target's end where it was.
func (l *limited) explain(err error) error {
	if l == nil || err == nil || l.Killed() == 0 {
		return err
	}
	return fmt.Errorf("%s%w", l.cause("", false), err)
}

// end removes the control group once nothing of it serves.
func (l *limited) end() error {
	if l == nil {
		return nil
	}
	return l.Remove()
}
