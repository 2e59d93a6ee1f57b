package wall_test

import (
	"strings"
	"testing"

	"github.com/charmbracelet/x/ansi"
	"github.com/muesli/termenv"

	"benchtop/lab/answer"
	"benchtop/lab/stats"
	"benchtop/tui/draw"
	"benchtop/tui/theme"
	"benchtop/tui/wall"
)

// A recorded run that several rows show counts once; the screen says so.
func TestARunCountsOnce(t *testing.T) {
	row := func(ratio float64, recorded bool) wall.Row {
		r := wall.Row{Name: "Ada", Ratio: &ratio, CI95: &[2]float64{ratio * 0.9, ratio * 1.1}, Pairs: 8, Verdict: stats.Higher}
		if recorded {
			r.Recorded = "recorded on Linux, 2 cores"
		}
		return r
	}
	look, err := theme.New("mono", termenv.Ascii)
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct {
		ratios   []float64
		recorded int // so many of the first
		seats    int
		words    string
	}{
		{[]float64{2, 2.1, 2.3}, 0, 3, "3 machines together"},
		{[]float64{2, 2, 2.3}, 0, 3, "3 machines together"},
		{[]float64{2, 2, 2, 2.3}, 3, 2, "2 of 4 rows together"},
		{[]float64{2, 2, 2, 2.3}, 3, 2, "3 rows show one and the same recorded run"},
		{[]float64{2, 2.1, 2.2, 2.3}, 3, 2, "3 rows show parts of one and the same recorded run"},
		{[]float64{2, 2, 2}, 3, 0, "3 rows show one and the same recorded run"},
	} {
		var rows []wall.Row
		for i, ratio := range c.ratios {
			rows = append(rows, row(ratio, i < c.recorded))
		}
		all := wall.Pool(rows, 0.02)
		if seats := 0; all != nil {
			if seats = all.Seats; seats != c.seats {
				t.Errorf("%v: %d are joined, want %d", c.ratios, seats, c.seats)
			}
		} else if c.seats != 0 {
			t.Errorf("%v: nothing is joined", c.ratios)
		}
		pen := &wall.Pen{Look: look}
		text := strings.Join(pen.Forest(answer.Asked{Metric: "rps", Variant: "b", Baseline: "a"}, rows, all, "", 120, 30, &draw.Scroll{}), "\n")
		if !strings.Contains(text, c.words) {
			t.Errorf("%v: not said: %s\n%s", c.ratios, c.words, text)
		}
	}
}

// What is refused stands with its word, and without a figure, on the page of results and beside what was predicted; the head
// says how many rows are joined. However wide the figures are, columns do not touch.
func TestWhatIsRefusedHasNoFigure(t *testing.T) {
	look, err := theme.New("mono", termenv.Ascii)
	if err != nil {
		t.Fatal(err)
	}
	pen := &wall.Pen{Look: look}
	of := answer.Asked{Metric: "rps", Variant: "b", Baseline: "a", Smallest: 0.02}
	refused, wide := 0.584, 1.5
	rows := []wall.Row{{Name: "Ada", Said: &[2]float64{0.5, 0.7}, Ratio: &refused, CI95: &[2]float64{1e-9, 1e9}, Pairs: 2, Verdict: stats.Refused}}
	for i := range 3 {
		ratio := 1.86 + float64(i)/100
		rows = append(rows, wall.Row{Name: "Bo", Said: &[2]float64{1.5, 2}, Ratio: &ratio, CI95: &[2]float64{ratio * 0.98, ratio * 1.02}, Pairs: 8, Verdict: stats.Higher})
	}
	line := func(lines []string, name string) string {
		for _, l := range lines {
			l = ansi.Strip(l)
			if strings.HasPrefix(l, "  "+name) {
				return l
			}
		}
		return ""
	}
	for _, w := range []int{62, 78, 118, 198} {
		results := pen.Forest(of, rows, wall.Pool(rows, of.Smallest), "", w, 30, &draw.Scroll{})
		text, ada := ansi.Strip(strings.Join(results, "\n")), line(results, "Ada")
		if !strings.Contains(text, "3 of 4 rows together") || !strings.Contains(ada, " not counted") || strings.ContainsAny(ada, "%■├") || w > 62 && !strings.Contains(ada, "not counted   REFUSED ") {
			t.Errorf("%d:\n%s", w, text)
		}
		for _, best := range []bool{true, false} {
			beside := pen.Beside(rows, best, w, 30, &draw.Scroll{})
			text, ada := ansi.Strip(strings.Join(beside, "\n")), line(beside, "Ada")
			if !strings.Contains(ada, " —  · REFUSED, not ranked") || strings.Contains(ada, "■") || strings.Contains(text, "narrow and right scores best") != best {
				t.Errorf("%d:\n%s", w, text)
			}
		}
	}
	rows[0] = wall.Row{Name: "Ada", Said: &[2]float64{0.0001, 200}, Ratio: &wide, CI95: &[2]float64{1e-9, 1e9}, Pairs: 6, Verdict: stats.Inconclusive, Disturbed: true}
	results := line(pen.Forest(of, rows, wall.Pool(rows, of.Smallest), "", 198, 30, &draw.Scroll{}), "Ada")
	beside := line(pen.Beside(rows, true, 198, 30, &draw.Scroll{}), "Ada")
	if !strings.Contains(results, " +50.0 %  -100.0 to over +10000 %   DISTURBED ") || !strings.Contains(beside, "  · DISTURBED ") || !strings.Contains(beside, "x  ") && !strings.Contains(beside, " %  ") {
		t.Errorf("%s\n%s", results, beside)
	}
}

// The summary of the predictions is what the histogram shows: the sliver between two ends, thinner than a column, is none.
func TestTheSummaryIsWhatTheHistogramShows(t *testing.T) {
	look, err := theme.New("mono", termenv.Ascii)
	if err != nil {
		t.Fatal(err)
	}
	pen := &wall.Pen{Look: look}
	said := []wall.Said{{Winner: "b", Low: 1.5, High: 3.2801}, {Winner: "b", Low: 3.28, High: 5}, {Winner: "b", Low: 3.1, High: 4.2}, {Winner: "b", Low: 3.3, High: 4.5}}
	text := strings.Join(pen.Predictions(answer.Asked{Metric: "rps", Variant: "b", Baseline: "a"}, said, 0, 0, []string{"a", "b"}, nil, 120, 30), "\n")
	if !strings.Contains(text, "3 of 4 ranges hold 3.3x to 4.2x") {
		t.Error(text)
	}
}

// Places and scores stand whole under a head that says which score is good, and the reason of somebody disturbed is cut by words.
func TestNothingIsCutInAWord(t *testing.T) {
	look, err := theme.New("mono", termenv.Ascii)
	if err != nil {
		t.Fatal(err)
	}
	pen := &wall.Pen{Look: look}
	var rows []wall.Row
	var people []wall.Person
	for i := range 12 {
		ratio := 3.9
		rows = append(rows, wall.Row{
			Name: "Margaret", Said: &[2]float64{0.5 + float64(i)/10, 1 + float64(i)/10}, Ratio: &ratio, CI95: &[2]float64{3.8, 4}, Pairs: 8, Verdict: stats.Higher,
		})
		people = append(people, wall.Person{Name: "Margaret", State: wall.Disturbed, Why: "other programs used 1.4 of the 2 cores; the machine stood still for 300 ms"})
	}
	text := strings.Join(pen.Beside(rows, true, 118, 30, &draw.Scroll{}), "\n")
	if !strings.Contains(text, "score 0 best, over 1 poor") || !strings.Contains(text, "12. 14.30") || strings.Contains(text, "…") {
		t.Error(text)
	}
	for h, want := range map[int]string{30: people[0].Why, 10: "other programs used 1.4 of the 2 …"} {
		if text = strings.Join(pen.People(people, 118, h, &draw.Scroll{}), "\n"); !strings.Contains(text, want) {
			t.Error(text)
		}
	}
}

// The reason for the right option stands below the options once it is open, and gives way where there is no room.
func TestTheReasonOfAQuestion(t *testing.T) {
	look, err := theme.New("mono", termenv.Ascii)
	if err != nil {
		t.Fatal(err)
	}
	pen := &wall.Pen{Look: look}
	q := wall.Question{Number: 1, Of: 1, Ask: "Why?", Options: []string{"so", "otherwise"}, Votes: []int{1, 2}, Right: 0, Mine: -1, Why: "because of that"}
	for _, c := range []struct {
		right, h int
		want     bool
	}{{0, 20, true}, {-1, 20, false}, {0, 7, false}} {
		q.Right = c.right
		text := strings.Join(pen.Quiz(q, 110, c.h), "\n")
		if got := strings.Contains(text, q.Why); got != c.want || !strings.Contains(text, "otherwise") {
			t.Errorf("%+v:\n%s", c, text)
		}
	}
}
