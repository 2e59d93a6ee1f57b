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
	"benchtop/scenarios/watch"
)

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
	return &lab.Result{Ended: lab.EndComplete, Complete: true, Expectations: []lab.Expectation{{Expr: "errors(once) == 0", Verdict: "confirmed"}}}
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
	if len(*plans) != 2 || (*plans)[0].Slice != time.Second || (*plans)[1].Slice != 4*time.Second || (*plans)[1].Blocks != 3 {
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

// The test report has a suite for each scenario that was run; on standard output it stands alone.
func TestATestReportOfWhatWasTried(t *testing.T) {
	path := filepath.Join(t.TempDir(), "mine.yaml")
	write(t, path, scenario)
	c, _, _ := checking(context.Background(), t, checkFlags{run: true, junit: "-"}, held(), held())
	var report bytes.Buffer
	c.env.Stdout = &report
	if err := c.once([]string{path, path}); err != nil {
		t.Fatal(err)
	}
	if text := report.String(); !strings.HasPrefix(text, "<?xml") || strings.Count(text, "<testsuite ") != 2 || strings.Count(text, `name="errors(once) == 0"`) != 2 {
		t.Error(text)
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
	go func() { ended <- c.follow([]*watch.File{watch.New(path)}, ticks) }()
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
