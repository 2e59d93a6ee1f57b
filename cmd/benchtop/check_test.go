package main

import (
	"bytes"
	"context"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"benchtop/lab"
	"benchtop/lab/load"
	"benchtop/lab/stats"
)

func expectation(expr, verdict string) lab.Expectation {
	return lab.Expectation{Expr: expr, Verdict: verdict}
}

// What contradicts the lesson, what leaves it open and what could not be tried are three things.
func TestTaught(t *testing.T) {
	complete := func(e ...lab.Expectation) *lab.Result {
		return &lab.Result{Ended: lab.EndComplete, Complete: true, Expectations: e}
	}
	held, refuted := expectation("rps(a) / rps(b) >= 1.1", "confirmed"), expectation("errors(a) == 0", "refuted")
	open, unmeant := expectation("p99(a) < 5 ms", "inconclusive"), expectation("p99(b) < 5 ms", "not_applicable")
	mechanism := complete(held)
	mechanism.Mechanism = []lab.Expectation{refuted}
	saturated := complete(held)
	saturated.Comparisons = []lab.Comparison{{Primary: true, Verdict: stats.Refused, Reason: "the generator was the bottleneck at a"}}
	failed := complete(open)
	failed.Ended, failed.Complete, failed.Reason = lab.EndFailed, false, "a: the worker did not start"
	short := complete(open)
	short.Ended, short.Complete, short.Reason = lab.EndRefused, false, "the windows are too short"
	stopped := complete(refuted)
	stopped.Ended, stopped.Complete = lab.EndInterrupted, false
	for name, test := range map[string]struct {
		r    *lab.Result
		code int
		want string
	}{
		"all hold":                     {complete(held, held), exitOK, "shows what it teaches, 2 of 2 lines are confirmed"},
		"nothing is stated":            {complete(), exitOK, "it states nothing"},
		"one is refuted":               {complete(held, refuted, open), exitRefuted, "CONTRADICTED: 1 of 3 lines are refuted, 1 confirmed, 1 not decided"},
		"the mechanism is refuted":     {mechanism, exitRefuted, "CONTRADICTED: 1 of 2 lines are refuted"},
		"one is open":                  {complete(held, open), exitInconclusive, "not decided: 1 of 2 lines are confirmed, none refuted; --full"},
		"one was not measured":         {complete(held, unmeant), exitInconclusive, "not decided: 1 of 2"},
		"the generator was the limit":  {saturated, exitInconclusive, "no answer, the verdict is refused: the generator was the bottleneck at a"},
		"the target did not start":     {failed, exitEnvironment, "no answer, the environment failed: a: the worker did not start"},
		"the plan cannot be measured":  {short, exitInconclusive, "no answer, refused: the windows are too short"},
		"stopped with a refuted count": {stopped, exitInterrupt, "no answer, stopped before its end"},
	} {
		got := taught(test.r)
		if text := got.summary(false); got.code != test.code || !strings.Contains(text, test.want) {
			t.Errorf("%s: exit %d, %q; want %d, %q", name, got.code, text, test.code, test.want)
		}
		if n := len(test.r.Expectations) + len(test.r.Mechanism); len(got.lines) != n {
			t.Errorf("%s: %d lines for %d expectations", name, len(got.lines), n)
		}
	}
}

// The short form never makes a run longer, and stages keep their length.
func TestShortForm(t *testing.T) {
	long := shortForm(lab.Plan{Blocks: 10, Slice: 3 * time.Second, Warmup: 5 * time.Second})
	if long.Blocks != tryBlocks || long.Slice != trySlice || long.Warmup != tryWarmup {
		t.Errorf("a long plan becomes %d blocks of %v after %v", long.Blocks, long.Slice, long.Warmup)
	}
	short := shortForm(lab.Plan{Blocks: 1, Slice: 200 * time.Millisecond, Warmup: 300 * time.Millisecond})
	if short.Blocks != 1 || short.Slice != 200*time.Millisecond || short.Warmup != 300*time.Millisecond {
		t.Errorf("a short plan becomes %d blocks of %v after %v", short.Blocks, short.Slice, short.Warmup)
	}
	staged := lab.Plan{Blocks: 6, Slice: 4 * time.Second, Variants: []lab.Variant{{Load: lab.Load{Stages: load.Stages{{For: 4 * time.Second, Rate: 10}}}}}}
	if got := shortForm(staged).Slice; got != 4*time.Second {
		t.Errorf("stages of 4 s become a slice of %v", got)
	}
}

// checking is a checker whose runs are results from a list.
func checking(ctx context.Context, t *testing.T, f checkFlags, results ...*lab.Result) (c *checker, out *bytes.Buffer, plans *[]lab.Plan) {
	t.Helper()
	out, plans = &bytes.Buffer{}, &[]lab.Plan{}
	c = &checker{env: &Env{Stdout: out, Stderr: out, Now: func() time.Time { return time.Unix(0, 0).UTC() }}, flags: &f, ctx: ctx}
	c.measure = func(_ context.Context, p lab.Plan) (*lab.Result, error) {
		*plans = append(*plans, p)
		r := results[0]
		results = results[1:]
		return r, nil
	}
	return c, out, plans
}

func held() *lab.Result {
	return &lab.Result{Ended: lab.EndComplete, Complete: true, Expectations: []lab.Expectation{expectation("errors(once) == 0", "confirmed")}}
}

// A window that is too short for what it measures is tried again with the length that the file gives.
func TestATooShortWindowIsTriedAsTheFileSays(t *testing.T) {
	path := filepath.Join(t.TempDir(), "slow.yaml")
	write(t, path, strings.Replace(scenario, "slice: 1s", "slice: 4s", 1))
	refused := &lab.Result{Ended: lab.EndRefused, Reason: "the windows are too short"}
	c, out, plans := checking(context.Background(), t, checkFlags{run: true}, refused, held())
	if err := c.once([]string{path}); err != nil {
		t.Fatal(err)
	}
	if len(*plans) != 2 || (*plans)[0].Slice != trySlice || (*plans)[1].Slice != 4*time.Second || (*plans)[1].Blocks != tryBlocks {
		t.Errorf("plans %+v", *plans)
	}
	if !strings.Contains(out.String(), "with slices as long as the file says") || !strings.Contains(out.String(), "shows what it teaches") {
		t.Error(out)
	}
}

// With a file that is wrong nothing is run, and a program that a file names needs permission.
func TestNothingIsRunOfWhatIsWrong(t *testing.T) {
	dir := t.TempDir()
	good, bad, exec := filepath.Join(dir, "good.yaml"), filepath.Join(dir, "bad.yaml"), filepath.Join(dir, "exec.yaml")
	write(t, good, scenario)
	write(t, bad, strings.Replace(scenario, "target:", "tarrget:", 1))
	write(t, exec, strings.Replace(scenario, "{server: builtin}", "{server: command, command: [./x, \"{port}\"]}", 1))
	c, out, plans := checking(context.Background(), t, checkFlags{run: true})
	var exit *exitError
	if err := c.once([]string{good, bad}); !errors.As(err, &exit) || exit.code != exitUsage || len(*plans) != 0 {
		t.Errorf("%v with %d plans run:\n%s", err, len(*plans), out)
	}
	if err := c.once([]string{exec}); !errors.As(err, &exit) || exit.code != exitUsage || len(*plans) != 0 || !strings.Contains(out.String(), "--allow-exec") {
		t.Errorf("%v with %d plans run:\n%s", err, len(*plans), out)
	}
}

const scenario = `benchtop: 1
id: watched
title: A watched file
target: {server: builtin}
variants: [{id: once}, {id: twice}]
load: {model: closed, connections: 4}
plan: {slice: 1s}
`

func write(t *testing.T, path, text string) {
	t.Helper()
	if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
}

// A file is checked again at each save: its errors are told with their place, it may go and come back, and nothing of
// it ends the watch.
func TestWatch(t *testing.T) {
	path := filepath.Join(t.TempDir(), "watched.yaml")
	write(t, path, scenario)
	ctx, cancel := context.WithCancel(context.Background())
	defer cancel()
	c, out, plans := checking(ctx, t, checkFlags{watch: true, run: true}, held(), held())
	ticks := make(chan time.Time)
	ended := make(chan error)
	go func() { ended <- c.follow([]*watchedFile{watchFile(path)}, ticks) }()
	// A tick that is taken tells that everything before it has been done.
	step := func(what, want string) {
		t.Helper()
		for range 3 {
			ticks <- time.Time{}
		}
		said := out.String()
		out.Reset()
		if want == "" && said != "" || !strings.Contains(said, want) {
			t.Errorf("%s: %q, want %q", what, said, want)
		}
	}
	step("nothing has changed", "")
	write(t, path, strings.Replace(scenario, "target:", "tarrget:", 1))
	step("an error", "watched.yaml:4:1: error: unknown key \"tarrget\"")
	step("the same error", "")
	if len(*plans) != 0 {
		t.Errorf("%d runs of a wrong file", len(*plans))
	}
	write(t, path, strings.Replace(scenario, "A watched file", "Another title", 1))
	step("right again", "shows what it teaches")
	if err := os.Remove(path); err != nil {
		t.Fatal(err)
	}
	step("gone", "it is gone; waiting")
	step("still gone", "")
	write(t, path, scenario)
	step("back", "watched.yaml: ok, watched, 2 variants")
	cancel()
	var exit *exitError
	if err := <-ended; !errors.As(err, &exit) || exit.code != exitInterrupt {
		t.Errorf("ended with %v", err)
	}
}

// The screen of a run is told what becomes of its file.
func TestTheScreenIsToldOfItsFile(t *testing.T) {
	path := filepath.Join(t.TempDir(), "watched.yaml")
	write(t, path, scenario)
	for _, test := range []struct {
		text, want string
		wrong      bool
	}{
		{strings.Replace(scenario, "target:", "tarrget:", 1), "watched.yaml was saved with an error at 4:1: unknown key \"tarrget\"", true},
		{scenario, "watched.yaml was saved and is valid", false},
		{"", "watched.yaml was saved with an error at 1:1", true},
	} {
		write(t, path, test.text)
		if got := aboutFile(path, true); !strings.Contains(got.Text, test.want) || got.Wrong != test.wrong || !strings.HasSuffix(got.Text, "this run goes on as it began") {
			t.Errorf("%+v, want %q", got, test.want)
		}
	}
	if got := aboutFile(path, false); !got.Wrong || !strings.Contains(got.Text, "is gone") {
		t.Errorf("%+v", got)
	}
}
