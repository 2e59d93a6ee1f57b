package scenarios

import (
	"reflect"
	"strings"
	"testing"
	"time"

	"benchtop/lab/load"
)

func TestApply(t *testing.T) {
	p := parsed(t, good)
	set := []string{
		"a.workers=3", "a.engine=fasthttp", "a.keepalive=false", "a.endpoint=/work?units=9", "a.load.connections=20", "a.load.keepalive=false",
		"b.load.rate=60%", "b.load.model=open", "b.load.timeout=1s",
	}
	if err := Apply(p, set); err != nil {
		t.Fatal(err)
	}
	a, b := p.Variants[0], p.Variants[1]
	if s := a.Target; s.Workers != 3 || s.Shown("engine") != "fasthttp" || s.Shown("keepalive") != "false" || s.Endpoint != "/work?units=9" {
		t.Errorf("target of a is %v", s)
	}
	if a.Load.Connections != 20 || a.Load.KeepAlive || a.Load.Model != load.Closed {
		t.Errorf("load of a is %+v", a.Load)
	}
	if b.Load.Model != load.Open || b.Load.RateShare != 0.6 || b.Load.Arrivals != "constant" || b.Load.Timeout != time.Second || b.Target.Workers != 1 {
		t.Errorf("b is %+v", b)
	}
	if err := Apply(p, []string{"b.load.model=closed"}); err != nil || p.Variants[1].Load.RateShare != 0 {
		t.Errorf("back to closed: %v, %+v", err, p.Variants[1].Load)
	}
	if err := Apply(p, nil); err != nil {
		t.Error(err)
	}
}

func TestApplyRefuses(t *testing.T) {
	for set, want := range map[string]string{
		"a":                        "wants variant.key=value",
		"workers=2":                "for example --set a.workers=2",
		"=":                        "wants variant.key=value",
		"a.=2":                     "wants variant.key=value",
		"c.workers=2":              `there is no variant "c"`,
		"a.wrokers=2":              `did you mean "workers"?`,
		"a.connections=2":          `did you mean "load.connections"?`,
		"a.load.conections=2":      `did you mean "load.connections"?`,
		"a.server=nginx":           "unknown key",
		"a.proxy=1":                "on or off",
		"a.load.retries=1":         `did you mean "load.retry"?`,
		"a.workers=two":            "wants a whole number from 1 to 64",
		"a.workers=0":              "workers is 0",
		"a.workers=65":             "workers is 65",
		"a.workers=":               "wants a whole number",
		"a.engine=fasthtp":         `did you mean "fasthttp"?`,
		"a.keepalive=yes":          "write true",
		"a.endpoint=hello":         "is not a path",
		"a.endpoint=/nope":         "is not served",
		"a.load.connections=20001": "connections is 20001",
		"a.load.rate=100":          "a rate in a closed model",
		"a.load.model=open":        "the open model has no rate",
		"a.load.timeout=5":         "without a unit",
		"a.load.body=x":            "a body in a GET request",
		"a.load.header=x":          "unknown key",
		"a.load.stages=1s:5":       "unknown key",
		"a.load.arrivals=poisson":  "arrivals in a closed model",
		"a.x\x1b=1":                "unknown key",
	} {
		p := parsed(t, good)
		before := parsed(t, good)
		err := Apply(p, []string{"b.workers=2", set})
		e := wantErrors(t, err)
		if text := e.Error(); !strings.Contains(text, want) || !strings.HasPrefix(text, "--set") || strings.ContainsRune(text, 0x1b) {
			t.Errorf("--set %q: %q\nwant %q", set, text, want)
		}
		if !reflect.DeepEqual(p, before) {
			t.Errorf("--set %q changed the plan although it was refused", set)
		}
	}
}

func TestValidateAfterChanges(t *testing.T) {
	p := parsed(t, good)
	if problems := Validate(p); len(problems) > 0 {
		t.Fatalf("a good plan: %v", problems)
	}
	p.Blocks, p.Slice, p.Warmup, p.Metric = 201, 10*time.Millisecond, 0, "rpss"
	p.Expect = []string{"rps(z) > 1"}
	problems := Validate(p)
	got := map[string]bool{}
	for _, problem := range problems {
		got[problem.Path] = true
		if problem.Line != 0 || !strings.HasPrefix(problem.Msg, problem.Path+": ") {
			t.Errorf("problem %+v", problem)
		}
	}
	want := map[string]bool{"plan.blocks": true, "plan.slice": true, "plan.warmup": true, "plan.metric": true, "expect[0]": true}
	if !reflect.DeepEqual(got, want) {
		t.Errorf("problems at %v, want %v", got, want)
	}
	p = parsed(t, good)
	p.Free, p.Blocks, p.Slice = true, 200, time.Minute // a free run ends when it is stopped
	if problems := Validate(p); len(problems) > 0 {
		t.Errorf("a free run: %v", problems)
	}
}
