package targets_test

import (
	"context"
	"errors"
	"slices"
	"strings"
	"testing"

	"benchtop/targets"
)

func TestCheckOfLimits(t *testing.T) {
	(&stage{}).register(t)
	defer targets.Register(targets.Descriptor{Name: "found", Found: true})()
	for _, test := range []struct {
		name, server string
		limits       targets.Limits
		want         string
	}{
		{name: "a group alone", server: "fake"},
		{name: "both", server: "fake", limits: targets.Limits{CPU: 0.5, Memory: 256e6}},
		{name: "less than the kernel takes", server: "fake", limits: targets.Limits{CPU: 0.001}, want: "limits.cpu: 0.001 is not allowed, want 0.01 to 1024"},
		{name: "negative", server: "fake", limits: targets.Limits{CPU: -1}, want: "limits.cpu: -1 is not allowed, want 0.01 to 1024"},
		{name: "no program runs in it", server: "fake", limits: targets.Limits{Memory: 1e6}, want: "limits.memory: 1000000 is not allowed, want 4000000 to 10000000000000"},
		{name: "of what runs already", server: "found", want: "limits: limits are of what is started, and found runs already"},
	} {
		_, faults := targets.Check(targets.Spec{Server: test.server, Limits: &test.limits})
		var says []string
		for _, f := range faults {
			says = append(says, f.Error())
		}
		if got := strings.Join(says, "; "); got != test.want {
			t.Errorf("%s: %q, want %q", test.name, got, test.want)
		}
	}
	needs := targets.Needs(targets.Spec{Server: "fake", Limits: &targets.Limits{}})
	if !slices.Equal(needs, []string{targets.ComponentCgroup}) || !slices.Contains(targets.Requirable(), targets.ComponentCgroup) {
		t.Errorf("needs %v", needs)
	}
}

// fakeGroup is a control group in which the kernel has killed as many processes as a test says.
type fakeGroup struct {
	stage  *stage
	killed uint64
	fails  error
}

func (g *fakeGroup) Path() string   { return "/group" }
func (g *fakeGroup) PIDs() []int    { return []int{7} }
func (g *fakeGroup) Killed() uint64 { return g.killed }
func (g *fakeGroup) Remove() error {
	g.stage.note("group ends")
	return g.fails
}

// limit makes targets with limits get a group.
func limit(t *testing.T, group *fakeGroup, refuse error) {
	t.Helper()
	t.Cleanup(targets.RegisterLimits(targets.LimitsDescriptor{Name: targets.PartLimits, Start: func(_ context.Context, l targets.Limits) (targets.Limited, error) {
		if l.CPU != 0.5 {
			t.Errorf("the group gets %+v", l)
		}
		return group, refuse
	}}))
}

// The group is there before the server and goes after all of it; what stands in front of the server is not in it.
func TestLimitsAreOfTheServer(t *testing.T) {
	place(t)
	s := &stage{}
	s.register(t)
	limit(t, &fakeGroup{stage: s}, nil)
	running, err := targets.Start(t.Context(), targets.Spec{Server: "fake", Proxy: &targets.Proxy{Kind: "fake"}, Limits: &targets.Limits{CPU: 0.5}}, targets.Hooks{})
	if err != nil {
		t.Fatal(err)
	}
	if got := running.(targets.Grouped).Group(); got != "/group" {
		t.Errorf("the group is %q", got)
	}
	if guards := running.(targets.Guarded).Guards(); !slices.Contains(guards, 7) {
		t.Errorf("guards are %v", guards)
	}
	in := map[string]string{}
	for name, p := range s.parts {
		in[name] = p.spec.Group
	}
	for name, group := range in {
		if want := map[bool]string{true: "/group"}[name != "proxy"]; group != want {
			t.Errorf("%s is in %q, want %q", name, group, want)
		}
	}
	if len(in) < 2 {
		t.Errorf("only %v were started", in)
	}
	if err := running.Stop(t.Context()); err != nil {
		t.Error(err)
	}
	if lines := s.lines(); !strings.HasSuffix(lines, "group ends") {
		t.Errorf("the group does not end last: %s", lines)
	}
}

func TestLimitsThatCannotBeSet(t *testing.T) {
	s := &stage{}
	s.register(t)
	limit(t, nil, errors.New("not delegated"))
	_, err := targets.Start(t.Context(), targets.Spec{Server: "fake", Limits: &targets.Limits{CPU: 0.5}}, targets.Hooks{})
	if err == nil || err.Error() != "target fake: limits: not delegated" || len(s.parts) != 0 {
		t.Errorf("%v, and %d parts were started", err, len(s.parts))
	}
}

// Who was killed at the limit is told so, each process once; a target that is over because of it too.
func TestKilledAtTheLimit(t *testing.T) {
	s := &stage{refuse: "server"}
	var events []string
	group := &fakeGroup{stage: s}
	defer targets.Register(targets.Descriptor{Name: "dies", Start: func(_ context.Context, _ targets.Spec, h targets.Hooks) (targets.Target, error) {
		for _, e := range []targets.Event{
			{Kind: targets.WorkerGone, Text: "before"},
			{Kind: targets.WorkerGone, Text: "one"},
			{Kind: targets.WorkerGone, Text: "another"},
			{Kind: targets.WorkerRecycled, Text: "as planned"},
			{Kind: targets.GaveUp, Text: "all"},
		} {
			h.OnEvent(e)
			group.killed = 1 // after the first
		}
		return nil, errors.New("it did not start")
	}})()
	limit(t, group, nil)
	_, err := targets.Start(t.Context(), targets.Spec{Server: "dies", Limits: &targets.Limits{CPU: 0.5, Memory: 256e6}}, targets.Hooks{OnEvent: func(e targets.Event) { events = append(events, e.Text) }})
	want := []string{"before", "killed by the kernel at limits.memory 256MB: one", "another", "as planned", "1 killed by the kernel at limits.memory 256MB: all"}
	if !slices.Equal(events, want) {
		t.Errorf("told\n%s\nwant\n%s", strings.Join(events, "\n"), strings.Join(want, "\n"))
	}
	if err == nil || err.Error() != "1 killed by the kernel at limits.memory 256MB: it did not start" {
		t.Error(err)
	}
	if s.lines() != "group ends" {
		t.Errorf("afterwards: %s", s.lines())
	}
}
