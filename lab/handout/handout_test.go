package handout

import (
	"bytes"
	"strings"
	"testing"

	"benchtop/lab"
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
	for _, never := range []string{"it serves more", "one keeps one core busy", `class="right"`, "ask for the cores", "alert(1)", "javascript:", "verdict(w4)", "ZgotmplZ", "POLICY", "://"} {
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
	for _, want := range []string{`<li class="right">more workers</li>`, "one keeps one core busy", "it serves more", "start more"} {
		if !strings.Contains(b.String(), want) {
			t.Errorf("it has no %q", want)
		}
	}
	if strings.Contains(b.String(), `class="right">more cores`) {
		t.Error("a wrong option is marked")
	}
}
