package main

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"testing"

	"golang.org/x/sys/unix"

	"benchtop/lab"
	"benchtop/lab/observe/counters"
	"benchtop/lab/stats"
	"benchtop/targets/fixture/suite"
)

// worker is a service whose every response takes so much work, and as many questions to the system.
const worker = `package main

import (
	"fmt"
	"net/http"
	"os"
)

const steps = 100000

func main() {
	http.HandleFunc("/", func(w http.ResponseWriter, r *http.Request) {
		x := uint64(1)
		for range 2 * steps {
			x ^= x << 13
			x ^= x >> 7
			x ^= x << 17
		}
		for range steps / 20 {
			os.Getppid()
		}
		fmt.Fprintln(w, x != 0)
	})
	panic(http.ListenAndServe("127.0.0.1:"+os.Args[1], nil))
}
`

// threePercentMore has two commits of the worker; more does 3 % more than main.
func threePercentMore(t *testing.T) string {
	t.Helper()
	if _, err := exec.LookPath("git"); err != nil {
		suite.Need(t, err)
	}
	dir := t.TempDir()
	for _, commit := range [][2]string{{"main", worker}, {"more", strings.Replace(worker, "= 100000", "= 103000", 1)}} {
		for name, text := range map[string]string{"main.go": commit[1], "go.mod": "module worker\n\ngo 1.22\n"} {
			if err := os.WriteFile(filepath.Join(dir, name), []byte(text), 0o600); err != nil {
				t.Fatal(err)
			}
		}
		for _, args := range [][]string{{"init", "-q"}, {"add", "-A"}, {"commit", "-qm", commit[0]}, {"tag", commit[0]}} {
			git(t, dir, args...)
		}
	}
	return dir
}

// tracingHere mounts the kernel's trace events where they belong, for this thread and what it starts alone.
func tracingHere() error {
	runtime.LockOSThread() // and not unlocked: the thread ends with the test
	return errors.Join(unix.Unshare(unix.CLONE_FS|unix.CLONE_NEWNS), unix.Mount("", "/", "", unix.MS_REC|unix.MS_PRIVATE, ""),
		unix.Mount("nodev", "/sys/kernel/tracing", "tracefs", 0, ""))
}

// What is counted decides between two revisions that are 3 % apart, on a machine that may be as busy as it likes.
func TestAbDecidesByCounters(t *testing.T) {
	for _, test := range []struct{ metric, event string }{
		{"instructions_per_request", counters.Instructions},
		{"syscalls_per_request", counters.SystemCalls},
	} {
		t.Run(test.metric, func(t *testing.T) {
			if test.event == counters.SystemCalls {
				if err := tracingHere(); err != nil {
					t.Skipf("mounting the kernel's trace events: %v", err)
				}
			}
			if have := counters.System().Here(); !slices.Contains(counters.Available(have), test.event) {
				t.Skipf("%q", counters.Limits(have))
			}
			dir, file := threePercentMore(t), filepath.Join(t.TempDir(), "r.json")
			cmd, _, _ := abOf(t, dir, "main", "more", "--build", "go build -o server .", "--run", "./server {port}", "-c", "1", "--plain",
				"--counters", "--metric", test.metric, "--smallest-effect", "1%", "--blocks", "8", "--slice", "150ms", "--settle", "50ms", "--warmup", "300ms", "--json", file)
			said, err := cmd.CombinedOutput()
			text, readErr := os.ReadFile(file) //nolint:gosec // the test's own
			r := &lab.Result{}
			if err := errors.Join(readErr, json.Unmarshal(text, r)); err != nil {
				t.Fatalf("%v\n%s", err, said)
			}
			t.Logf("%s", ratios(r))
			c := &r.Comparisons[0]
			if c.Pairs < lab.MinPairs || c.Verdict == stats.Refused && len(r.Generator.Reasons) > 0 {
				t.Skipf("the machine is too busy for a verdict: %s", c.Reason)
			}
			if err != nil || c.Metric != test.metric || c.Verdict != stats.Higher || *c.Ratio < 1.02 || *c.Ratio > 1.04 {
				t.Errorf("%v: %+v, %v to %v\n%s", err, c, c.Ratio, c.CI99, said)
			}
			if len(r.Machine.Counters) != len(counters.Events()) {
				t.Errorf("the result says of the counters %+v", r.Machine.Counters)
			}
		})
	}
}

// ratios says what each comparison came to.
func ratios(r *lab.Result) string {
	var out strings.Builder
	for _, c := range r.Comparisons {
		if c.Ratio != nil && c.CI99 != nil {
			fmt.Fprintf(&out, "%s %.4f, 99 %% from %.4f to %.4f; ", c.Metric, *c.Ratio, c.CI99[0], c.CI99[1])
		}
	}
	return out.String()
}

// A metric that is to decide or that is expected something of, and that the machine does not count, is refused before anything
// starts; one that nobody asked to be counted is a mistake.
func TestCountersAreRefusedBeforeTheStart(t *testing.T) {
	try := func(args ...string) (code int, said string) {
		var out, errs bytes.Buffer
		state := t.TempDir()
		code = Main(&Env{Args: append([]string{"run", "--plain"}, args...), Stdout: &out, Stderr: &errs, Stdin: strings.NewReader(""), Getenv: stateIn(state)})
		if left, err := os.ReadDir(state); err != nil || len(left) > 0 {
			t.Errorf("%v: %v, %v are there", args, left, err)
		}
		return code, errs.String() + out.String()
	}
	if code, said := try("noise", "--metric", "context_switches_per_request"); code != exitUsage || !strings.Contains(said, "(counters: true, --counters)") {
		t.Errorf("exit %d: %s", code, said)
	}
	for _, h := range counters.System().Here() {
		if h.Lacks == "" {
			continue
		}
		file := filepath.Join(t.TempDir(), "mine.yaml")
		expects := "benchtop: 1\nid: mine\ntitle: t\ntarget: {server: builtin}\nvariants: [{id: a}, {id: b}]\nload: {connections: 1}\nplan: {counters: true}\n" +
			"expect: [\"errors(a) == 0\", \"" + h.Event + "_per_request(b) < 5\"]\n"
		if err := os.WriteFile(file, []byte(expects), 0o600); err != nil {
			t.Fatal(err)
		}
		for _, args := range [][]string{{"noise", "--counters", "--metric", h.Event + "_per_request"}, {file}} {
			if code, said := try(args...); code != exitEnvironment || !strings.Contains(said, "not available here: "+h.Lacks) {
				t.Errorf("%v: exit %d: %s", args, code, said)
			}
		}
	}
}
