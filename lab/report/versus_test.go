package report_test

import (
	"bytes"
	"errors"
	"strings"
	"testing"
	"time"

	"benchtop/lab"
	"benchtop/lab/compare"
	"benchtop/lab/observe"
	"benchtop/lab/rehearsal"
	"benchtop/lab/report"
)

func TestVersusInPlainWords(t *testing.T) {
	of := func(ratio float64, kernel string) *lab.State {
		return lab.FoldAll(rehearsal.Script{
			Blocks: 6, Slice: 250 * time.Millisecond, Ratio: ratio, Machine: func(m *observe.Machine) { m.Kernel = kernel },
		}.Events())
	}
	v := compare.Runs(of(1.15, "6.1.0"), of(1.4, "6.2.0"))
	v.Runs[0].File, v.Runs[1].File = "monday.jsonl", "friday.jsonl"
	v.Runs[1].Started = v.Runs[0].Started.Add(98*time.Hour + 5*time.Minute)
	var b bytes.Buffer
	if err := report.Versus(&b, v); err != nil {
		t.Fatal(err)
	}
	got := b.String()
	for _, want := range []string{
		"run 1  monday.jsonl", "run 2  friday.jsonl", "Run 2 began 4 d 2 h after run 1.", "machine: kernel  6.1.0  6.2.0",
		"two over one, throughput (primary)", "the runs differ: the 99 % interval excludes 1", "do not overlap",
		"absolute figures, means over the pairs that count, else over the slices: nothing is decided by them", "not interleaved", "12 pairs  higher",
	} {
		if !strings.Contains(got, want) {
			t.Errorf("no %q in\n%s", want, got)
		}
	}
	for line := range strings.SplitSeq(got, "\n") {
		if len([]rune(line)) > 110 {
			t.Errorf("%d columns: %s", len([]rune(line)), line)
		}
	}
	// No verdict stands beside an absolute figure.
	if _, figures, _ := strings.Cut(got, "absolute figures"); strings.Contains(figures, "%") || strings.Contains(figures, "higher") {
		t.Error(figures)
	}
	var x bytes.Buffer
	if err := report.VersusJUnit(&x, v); err != nil || strings.Count(x.String(), "<testcase ") != 1 || !strings.Contains(x.String(), `against `) {
		t.Errorf("%v\n%s", err, x.String())
	}
	if err := report.Versus(full{}, v); err == nil {
		t.Error("a full disk is not noticed")
	}
}

// full is a disk without room.
type full struct{}

func (full) Write([]byte) (int, error) { return 0, errors.New("no space left on device") }
