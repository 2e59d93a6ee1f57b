package main

import (
	"bytes"
	"context"
	"net/netip"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
	"time"

	"benchtop/lab"
	"benchtop/lab/gate"
	"benchtop/lab/stats"
)

func itoa(n int) string { return strconv.Itoa(n) }

// port reads the port of an address in the hexadecimal form of /proc/net/tcp.
func port(t *testing.T, s string) string {
	t.Helper()
	n, err := strconv.ParseUint(s[strings.IndexByte(s, ':')+1:], 16, 16)
	if err != nil {
		t.Fatal(err)
	}
	return strconv.FormatUint(n, 10)
}

func testEnv() (*Env, *bytes.Buffer, *bytes.Buffer) {
	var out, err bytes.Buffer
	return &Env{
		Getenv: func(string) string { return "" }, Stdin: strings.NewReader(""), Stdout: &out, Stderr: &err,
		Now: time.Now, Exit: func(int) {},
	}, &out, &err
}

// names resolves every name to the same addresses.
type names []netip.Addr

func (n names) LookupNetIP(context.Context, string, string) ([]netip.Addr, error) { return n, nil }

func TestANameThatLeavesTheMachineIsRefused(t *testing.T) {
	for _, addr := range []string{"192.0.2.1", "10.0.0.5", "2001:db8::1"} {
		env, _, _ := testEnv()
		f := &loadFlags{
			standard: standardLoad(1), duration: time.Second, threads: 1,
			resolver: names{netip.MustParseAddr("127.0.0.1"), netip.MustParseAddr(addr)},
		}
		err := drive(context.Background(), env, f, "http://rebinding.example/")
		var exit *exitError
		if err == nil || !asExit(err, &exit) || exit.code != exitUsage {
			t.Errorf("%s: %v", addr, err)
		}
	}
}

func TestAHeaderWithALineFeedIsRefused(t *testing.T) {
	env, _, _ := testEnv()
	cmd := loadCommand(env)
	cmd.SetArgs([]string{"http://127.0.0.1:1/", "-H", "A: b\r\nC: d"})
	if err := cmd.Execute(); err == nil || !strings.Contains(err.Error(), "--header: A: the value holds a control character") {
		t.Errorf("error %v", err)
	}
}

func asExit(err error, to **exitError) bool {
	e, ok := err.(*exitError) //nolint:errorlint // the outermost error decides
	*to = e
	return ok
}

func TestTheWorstExitCodeWins(t *testing.T) {
	for _, test := range []struct {
		codes []int
		want  int
	}{
		{nil, 0}, {[]int{0, 3, 1}, 1}, {[]int{3, 0}, 3}, {[]int{1, 4, 3}, 4}, {[]int{2, 1}, 2}, {[]int{4, 130}, 130},
	} {
		if got := worst(test.codes); got != test.want {
			t.Errorf("%v: %d, expected %d", test.codes, got, test.want)
		}
	}
}

func TestOutcomesBecomeExitCodes(t *testing.T) {
	primary := func(v stats.Verdict) []lab.Comparison { return []lab.Comparison{{Primary: true, Verdict: v}} }
	for _, test := range []struct {
		result lab.Result
		want   int
	}{
		{lab.Result{Ended: lab.EndComplete}, exitOK},
		{lab.Result{Ended: lab.EndComplete, Comparisons: primary(stats.Inconclusive)}, exitOK},
		{lab.Result{Ended: lab.EndComplete, Comparisons: primary(stats.Refused)}, exitInconclusive},
		{lab.Result{Ended: lab.EndComplete, Expectations: []lab.Expectation{{Verdict: "confirmed"}, {Verdict: "refuted"}}}, exitRefuted},
		{lab.Result{Ended: lab.EndComplete, Expectations: []lab.Expectation{{Verdict: "inconclusive"}}}, exitInconclusive},
		{lab.Result{Ended: lab.EndComplete, Gate: &gate.Result{Verdict: gate.Passed}}, exitOK},
		{lab.Result{Ended: lab.EndComplete, Gate: &gate.Result{Verdict: gate.Failed}, Comparisons: primary(stats.Inconclusive)}, exitRefuted},
		{lab.Result{Ended: lab.EndComplete, Gate: &gate.Result{Verdict: gate.NotJudged}}, exitInconclusive},
		{lab.Result{Ended: lab.EndInterrupted, Gate: &gate.Result{Verdict: gate.NotJudged}}, exitInterrupt},
		{lab.Result{Ended: lab.EndFailed}, exitEnvironment},
		{lab.Result{Ended: lab.EndRefused}, exitInconclusive},
		{lab.Result{Ended: lab.EndInterrupted}, exitInterrupt},
	} {
		if got := exitOf(context.Background(), test.result.Outcome()); got != test.want {
			t.Errorf("%+v: %d, expected %d", test.result, got, test.want)
		}
	}
}

func TestOutputsAreReplacedWholeOrNotAtAll(t *testing.T) {
	dir := t.TempDir()
	file, link := filepath.Join(dir, "r.json"), filepath.Join(dir, "link")
	if err := os.WriteFile(file, []byte("old"), 0o600); err != nil {
		t.Fatal(err)
	}
	if err := os.Symlink(file, link); err != nil {
		t.Fatal(err)
	}
	if err := writeFile(link, []byte("new")); err != nil {
		t.Fatal(err)
	}
	if got, _ := os.ReadFile(file); string(got) != "new" {
		t.Errorf("the file behind the link holds %q", got)
	}
	if to, err := os.Readlink(link); err != nil || to != file {
		t.Errorf("the link is %q, %v", to, err)
	}
	if err := writeFile("/dev/null", []byte("x")); err != nil {
		t.Error(err)
	}
	if info, err := os.Stat("/dev/null"); err != nil || info.Mode().IsRegular() {
		t.Error("the device was replaced")
	}
	left, err := os.ReadDir(dir)
	if err != nil || len(left) != 2 {
		t.Errorf("%d files are left, expected 2 (%v)", len(left), err)
	}
}
