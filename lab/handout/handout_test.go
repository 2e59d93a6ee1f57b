package handout

import (
	"bytes"
	"strings"
	"testing"
	"time"

	"benchtop/lab"
	"benchtop/lab/class"
)

func plan() *lab.Plan {
	return &lab.Plan{
		ID: "workers", Title: "What do more <workers> buy?", Minutes: 8, Metric: "rps", Baseline: "w1",
		Lesson:   "## Why it matters\n\nOne *worker* <script>alert(1)</script> [here](javascript:alert(2))\n\n    w1 -> w4\n",
		Look:     "- the bars",
		Variants: []lab.Variant{{ID: "w1", Label: "1 worker"}, {ID: "w4", Label: "4 workers"}},
		Predict:  &lab.Predict{Ask: "How many times as much?", Metric: "rps", Variant: "w4"},
		Quiz: []lab.Quiz{{Ask: "What helps?", Why: "one keeps one core busy", Options: []lab.Option{
			{Text: "more cores"}, {Text: "more workers", Correct: true},
		}}},
		Conclusions: []lab.Conclusion{{When: []string{"verdict(w4) == higher"}, Means: "it serves more", Do: "start more"}},
		Notes:       "ask for the cores",
	}
}

func TestAWorksheetHasTheQuestionsAndNoAnswer(t *testing.T) {
	var b bytes.Buffer
	if err := HTML(&b, []Sheet{{Plan: plan()}, {Plan: plan()}}); err != nil {
		t.Fatal(err)
	}
	page := b.String()
	for _, want := range []string{
		"What do more &lt;workers&gt; buy?", "<h2>Why it matters</h2>", "How many times as much?", "<b>4 workers</b>", "<b>1 worker</b>", "the bars", "What helps?", "<li>more workers</li>",
		"default-src &#39;none&#39;", "size: A4", "about 8 minutes", "w1 -&gt; w4",
	} {
		if !strings.Contains(page, want) && !strings.Contains(page, strings.ReplaceAll(want, "&#39;", "'")) {
			t.Errorf("it has no %q", want)
		}
	}
	for _, never := range []string{"it serves more", "one keeps one core busy", `class="right"`, "ask for the cores", "<script", "javascript:", "verdict(w4)", "ZgotmplZ", "POLICY", "://"} {
		if strings.Contains(page, never) {
			t.Errorf("it has %q", never)
		}
	}
	if n := strings.Count(page, `<article class="sheet">`); n != 2 {
		t.Errorf("%d worksheets, want 2", n)
	}
}

func TestAnswersAreAddedAfterTheClass(t *testing.T) {
	var b bytes.Buffer
	if err := HTML(&b, []Sheet{{Plan: plan(), Answers: true}}); err != nil {
		t.Fatal(err)
	}
	for _, want := range []string{`<li class="right">more workers</li>`, "one keeps one core busy", "it serves more", "start more", "throughput of w4: higher than of w1", "I am 80 % sure"} {
		if !strings.Contains(b.String(), want) {
			t.Errorf("it has no %q", want)
		}
	}
	if strings.Contains(b.String(), `class="right">more cores`) {
		t.Error("a wrong option is marked")
	}
}

func TestAfterAClassASheetHasItsResults(t *testing.T) {
	ratio, other, third, refused, p := 1.82, 2.1, 2.2, 0.584, plan()
	lesson := class.Lesson{ID: "workers", Text: "the text", Metric: "rps", Variant: "w4", Baseline: "w1", Smallest: 0.05}
	room := &class.Room{
		Name:  "Tuesday",
		Seats: []class.Seat{{ID: "a", Name: "Ada", Machine: class.Machine{Model: "M3", CPUs: 8, OS: "darwin"}}, {ID: "b", Name: "Bo"}, {ID: "c", Name: "idle"}, {ID: "d", Name: "Di", Machine: class.Machine{CPUs: 1}}, {ID: "e", Name: "Ed", Recorded: true}, {ID: "f", Name: "Fay"}, {ID: "g", Name: "Gus"}, {ID: "h", Name: "Hu", Recorded: true}},
		Rounds: []class.Round{{Lesson: lesson, Opened: time.Date(2026, 5, 1, 14, 5, 0, 0, time.UTC), Entries: []class.Entry{
			{
				Seat: "a", Prediction: &class.Prediction{Winner: "w4", Low: 3, High: 4}, Answers: []int{1},
				Result: &class.Result{Comparisons: []class.Comparison{{Ratio: &ratio, CI95: &[2]float64{1.7, 1.9}, Pairs: 16, Verdict: "no_difference"}}},
			},
			{Seat: "b", Declined: "needs Linux", Answers: []int{0}},
			{Seat: "f", Prediction: &class.Prediction{Low: 2, High: 3}, Late: true},
			{Seat: "c"},
			{Seat: "g", Result: &class.Result{Comparisons: []class.Comparison{{Ratio: &refused, CI95: &[2]float64{1e-9, 1e9}, Pairs: 2, Verdict: "refused", Reason: "the generator was the bottleneck"}}}},
			{Seat: "d", Result: &class.Result{Complete: true, Disturbed: "2 of 8 blocks were disturbed", Comparisons: []class.Comparison{{Ratio: &other, CI95: &[2]float64{2.0, 2.2}, Pairs: 16, Verdict: "higher", Reason: "the 99 % interval excludes 1"}}}},
			{Seat: "e", Result: &class.Result{Complete: true, Recorded: "recorded on Linux, 2 cores", Part: "without block 2", Comparisons: []class.Comparison{{Ratio: &other, CI95: &[2]float64{2.0, 2.2}, Pairs: 16, Verdict: "higher"}}}},
			{Seat: "h", Result: &class.Result{Complete: true, Recorded: "recorded on Linux, 2 cores", Comparisons: []class.Comparison{{Ratio: &third, CI95: &[2]float64{2.1, 2.4}, Pairs: 18, Verdict: "higher"}}}},
		}}, {Lesson: lesson}},
	}
	sheets, err := OfClass(room, func(l *class.Lesson) (*lab.Plan, error) {
		if l.Text != "the text" {
			t.Errorf("asked for %q", l.Text)
		}
		return p, nil
	})
	if err != nil {
		t.Fatal(err)
	}
	var b bytes.Buffer
	if err := HTML(&b, sheets); err != nil {
		t.Fatal(err)
	}
	for _, want := range []string{
		"What the class measured: Tuesday", "<td>Ada</td><td>M3, 8 cores, darwin</td><td>3x to 4x</td>", "<td>2x to 3x, after the opening</td>", "<td>NO DIFFERENCE; not complete</td>", "<td>skipped: needs Linux</td>",
		"<td>1.82x (1.70x to 1.90x)</td>", "<td>DECIDED; disturbed: 2 of 8 blocks were disturbed</td>", "<td>1 core</td>", "<td>recorded on Linux, 2 cores, without block 2</td>", "<td>recorded on Linux, 2 cores</td>", "<td>3 of 7 rows</td>", `<tr class="out"><td>Gus</td><td>not known</td><td></td><td>not counted</td><td>REFUSED: the generator was the bottleneck; not complete</td></tr>`,
		"It depends on the machine", "2 rows show parts of one and the same recorded run, as in a rehearsal; together they count once, by the middle one.", "lesson 1 of 2 of the class, opened at 14:05", "lesson 2 of 2 of the class, the same as before: time 2", "benchtop join CODE",
		`<li class="right">more workers <span class="meta">1 of the class</span>`,
	} {
		if !strings.Contains(b.String(), want) {
			t.Errorf("it has no %q", want)
		}
	}
	if strings.Contains(b.String(), "0.584") {
		t.Error("what was refused has its figure")
	}
	if strings.Contains(b.String(), "idle") {
		t.Error("a seat that did nothing has a row")
	}
}
