package format_test

import (
	"strings"
	"testing"

	"benchtop/lab/progress"
	"benchtop/tui/fixture"
	"benchtop/tui/format"
)

// What was predicted, and how it turned out, in words.
func TestPredicted(t *testing.T) {
	ci := &[2]float64{1.1, 1.2}
	for _, c := range []struct {
		p    *progress.Prediction
		o    progress.Outcome
		want []string
	}{
		{nil, progress.Outcome{}, nil},
		{&progress.Prediction{Skipped: true}, progress.Outcome{}, []string{"you predicted nothing: skipped"}},
		{
			fixture.Predicted("two", 1.05, 1.4),
			progress.Outcome{Winner: progress.GuessRight, Best: []string{"two"}, Measured: fixture.Ptr(1.15), CI95: ci, Covered: true, Score: fixture.Ptr(0.29)},
			[]string{"two is best in throughput: right", "+5 to +40 % for two against one; measured +15.0 %: inside, a good range (score 0.29; 0 best, over 1 poor)"},
		},
		{
			fixture.Predicted("two", 1.14, 1.16),
			progress.Outcome{Winner: progress.GuessShared, Best: []string{"two", "four"}, Measured: fixture.Ptr(1.15), CI95: ci, Covered: true, Score: fixture.Ptr(0.02)},
			[]string{"right, but there is no difference that counts between two and four", "measured +15.0 %, known to +10 to +20 % only: inside, a sharp range"},
		},
		{
			fixture.Predicted("=", 0.5, 2),
			progress.Outcome{Winner: progress.GuessWrong, Best: []string{"two"}, Measured: fixture.Ptr(1.15), CI95: ci, Covered: true, Score: fixture.Ptr(1.39)},
			[]string{"no variant differs in throughput by what counts: wrong, two is", "-50 to +100 % for two against one; measured +15.0 %: inside, a very wide range"},
		},
		{
			fixture.Predicted("two", 0.2, 0.4),
			progress.Outcome{Winner: progress.GuessWrong, Best: []string{"="}, Measured: fixture.Ptr(1.0), CI95: &[2]float64{0.99, 1.01}, Score: fixture.Ptr(9.8)},
			[]string{"wrong, there is no difference that counts", "0.2x to 0.4x for two against one; measured +0.0 %: outside by a factor of 2.5"},
		},
		{
			fixture.Predicted("one", 1.2, 1.3),
			progress.Outcome{Winner: progress.GuessOpen, Reason: "the verdict is refused"},
			[]string{"one is best in throughput: not decided", "not scored: the verdict is refused"},
		},
		{
			fixture.Predicted("one", 1.2, 1.3),
			progress.Outcome{Winner: progress.GuessWrong, Best: []string{"two", "four"}, Measured: fixture.Ptr(1.15), CI95: ci, Score: fixture.Ptr(0.5)},
			[]string{"wrong, two and four are", "measured +15.0 %, known to +10 to +20 % only: outside by 4.3 %"},
		},
	} {
		got := format.Predicted(c.p, &c.o)
		if len(got) != len(c.want) {
			t.Errorf("%+v: %q", c.p, got)
			continue
		}
		for i := range got {
			if !strings.Contains(got[i], c.want[i]) {
				t.Errorf("%q, want %q", got[i], c.want[i])
			}
		}
	}
}
