package main

import (
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"testing"
	"time"

	"benchtop/lab"
	"benchtop/lab/figure"
	"benchtop/lab/stats"
)

// servicesEnv asks for the comparisons of services in several languages, which take an hour.
const servicesEnv = "BENCHTOP_TEST_AB"

// services compute for each response; with planted changes of so much more of it.
var (
	services = []struct{ name, file, needs, build, run string }{
		{"Go", "main.go.txt", "go", "go build -o server main.go", "./server {port}"},
		{"Python", "main.py", "python3", "", "python3 main.py {port}"},
		{"Node", "main.js", "node", "", "node main.js {port}"},
	}
	planted = []struct {
		ref  string
		more float64
	}{{"same", 0}, {"five", 0.05}, {"twenty", 0.20}}
	equal      = 40 // pairs of equal revisions, over the services in turn
	perPlanted = 2
)

// rounds stands in each service.
var rounds = regexp.MustCompile(`rounds = (\d+)`)

// serviceOf is a repository with a commit of a service as it is, and one with each planted change.
func serviceOf(t *testing.T, file string) string {
	t.Helper()
	text, err := os.ReadFile(filepath.Join("testdata", "services", file))
	if err != nil {
		t.Fatal(err)
	}
	dir := t.TempDir()
	commit := func(name string, text []byte) {
		if err := os.WriteFile(filepath.Join(dir, strings.TrimSuffix(file, ".txt")), text, 0o600); err != nil {
			t.Fatal(err)
		}
		for _, args := range [][]string{{"init", "-q"}, {"add", "-A"}, {"commit", "-q", "--allow-empty", "-m", name}, {"tag", name}} {
			git(t, dir, args...)
		}
	}
	commit("base", text)
	n, err := strconv.Atoi(string(rounds.FindSubmatch(text)[1]))
	if err != nil {
		t.Fatal(err)
	}
	for _, p := range planted {
		commit(p.ref, rounds.ReplaceAll(text, fmt.Appendf(nil, "rounds = %.0f", float64(n)*(1+p.more))))
	}
	return dir
}

// Equal revisions give no alarm, but for one in so many; a planted change of a fifth is found, one of a twentieth never called
// an improvement.
func TestAbOnServices(t *testing.T) {
	if os.Getenv(servicesEnv) == "" {
		t.Skip("it takes an hour: " + servicesEnv + "=1 asks for it")
	}
	compare := func(t *testing.T, dir string, i int, ref string) *lab.Comparison {
		t.Helper()
		s := services[i]
		out := filepath.Join(t.TempDir(), "r.json")
		args := []string{"base", ref, "--run", s.run, "--json", out}
		if s.build != "" {
			args = append(args, "--build", s.build)
		}
		began := time.Now()
		cmd, _, temporary := abOf(t, dir, args...)
		said, _ := cmd.CombinedOutput() // its exit code says less than the result
		text, err := os.ReadFile(out)
		r := &lab.Result{}
		if err := errors.Join(err, json.Unmarshal(text, r)); err != nil {
			t.Fatalf("%s: %v\n%s", s.name, err, said)
		}
		nothingLeft(t, dir, temporary)
		c := &r.Comparisons[0]
		t.Logf("%-6s base %-6s %-13s %s, %d pairs, %v %s", s.name, ref, c.Verdict, measuredBy(c), c.Pairs, time.Since(began).Round(time.Second), c.Reason)
		return c
	}
	var dirs []string
	for _, s := range services {
		dir := ""
		if _, err := exec.LookPath(s.needs); err != nil {
			t.Logf("%s is not installed: its service is not compared", s.needs)
		} else {
			dir = serviceOf(t, s.file)
		}
		dirs = append(dirs, dir)
	}
	for _, p := range planted[1:] {
		t.Run(p.ref, func(t *testing.T) {
			for i, dir := range dirs {
				for n := 0; n < perPlanted && dir != ""; n++ {
					if c := compare(t, dir, i, p.ref); c.Verdict == stats.Higher || p.more >= 0.2 && c.Verdict == stats.NoDifference {
						t.Errorf("%s with %s more to compute: %s", services[i].name, figure.Whole(p.more), c.Verdict)
					}
				}
			}
		})
	}
	t.Run("same", func(t *testing.T) {
		alarms, told := 0, 0
		for n := range equal {
			i := n % len(dirs)
			if dirs[i] == "" {
				continue
			}
			c := compare(t, dirs[i], i, "same")
			told++
			if c.Verdict == stats.Higher || c.Verdict == stats.Lower {
				alarms++
			}
		}
		t.Logf("%d pairs of equal revisions, %d alarms", told, alarms)
		if alarms > 1 {
			t.Errorf("%d of %d pairs of equal revisions were called different", alarms, told)
		}
	})
}

// measuredBy is a change with its interval.
func measuredBy(c *lab.Comparison) string {
	if c.Ratio == nil || c.CI95 == nil {
		return "no ratio"
	}
	return figure.Change(*c.Ratio) + " (" + figure.Changes(c.CI95) + ")"
}
