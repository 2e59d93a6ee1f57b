package tui

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/charmbracelet/x/exp/golden"

	"benchtop/lab"
	"benchtop/lab/progress"
	"benchtop/lab/stats"
	"benchtop/tui/chart"
	"benchtop/tui/fixture"
	"benchtop/tui/theme"
)

// verdicts are runs of the five answers, with what was predicted before them, and one of four variants.
var verdicts = []struct {
	name  string
	badge string
	st    func() *lab.State
	said  *progress.Prediction
}{
	{"decided", "DECIDED", func() *lab.State { return fixture.Answered(2) }, predicted("two", 1.05, 1.4)},
	{"no difference", "NO DIFFERENCE", fixture.Same, predicted("two", 1.05, 1.4)},
	{"cannot tell", "CANNOT TELL", fixture.Undecided, nil},
	{"refused", "REFUSED", fixture.Refused, predicted("two", 1.05, 1.4)},
	{"disturbed", "DISTURBED", fixture.Disturbed, predicted("two", 0.9, 1.1)},
	{"four", "DECIDED", func() *lab.State { return fixture.Answered(4) }, predicted("four", 1.5, 3)},
}

var verdictSizes = [][2]int{{60, 16}, {80, 24}, {120, 36}, {200, 50}}

// The first page of every answer at every size, on a screen and in large type.
func TestVerdicts(t *testing.T) {
	for _, v := range verdicts {
		t.Run(v.name, func(t *testing.T) {
			var all strings.Builder
			for _, large := range []bool{false, true} {
				for _, size := range verdictSizes {
					m := whyOf(t, "mono", v.st(), v.said, 0)
					m.w, m.h, m.present = size[0], size[1], large
					view := m.View()
					fits(t, view, size[0], size[1])
					fmt.Fprintf(&all, "%dx%d, large %v\n%s\n", size[0], size[1], large, view)
				}
			}
			golden.RequireEqual(t, all.String())
		})
	}
}

// Whatever the size, the badge, the sentence and the interval are there without scrolling, and so are the first words of
// what it means and of the first warning. From 80x24 on nothing of it needs scrolling, and what to do is there too.
func TestWhatIsImportantIsOnTheFirstPage(t *testing.T) {
	for _, v := range verdicts {
		for _, size := range verdictSizes {
			m := whyOf(t, "dark", v.st(), v.said, 0)
			r := m.run.State.Result
			view := plainView(m, size[0], size[1])
			wants := []string{}
			if c := r.Conclusion; c != nil {
				wants = append(wants, "What it means", c.Means[:20], "What to do")
				if size[0] >= 80 {
					wants = append(wants, c.Do[strings.LastIndex(c.Do, " ")+1:])
				}
			}
			if len(r.Flags) > 1 {
				wants = append(wants, "! ")
			}
			if v.badge != "REFUSED" {
				wants = append(wants, "■")
				if v.said != nil {
					wants = append(wants, "you")
				}
			}
			if !strings.Contains(view, v.badge) && !holdsLarge(view, v.badge, 1, theme.Block) {
				t.Errorf("%s at %v: no badge in\n%s", v.name, size, view)
			}
			for _, want := range wants {
				if want == "■" && strings.ContainsAny(view, "■█") {
					continue
				}
				if !strings.Contains(strings.ReplaceAll(view, "`", ""), strings.ReplaceAll(want, "`", "")) {
					t.Errorf("%s at %v: no %q in\n%s", v.name, size, want, view)
				}
			}
			if size[0] >= 80 && strings.Contains(strings.SplitN(view, "\n", 4)[2], " of ") {
				t.Errorf("%s at %v is longer than the screen:\n%s", v.name, size, view)
			}
		}
	}
}

// A verdict that is seen to come moves once, from its first pairs to all of them, and stands then; one that stood before,
// and every one with --still, stands at once.
func TestTheVerdictSettles(t *testing.T) {
	for _, still := range []bool{false, true} {
		clock := &stopped{now: time.Unix(1000, 0)}
		live := fixture.Live(2, 1)
		s := newStill(live)
		m := testModel(t, "dark", Config{Session: s, Now: clock.Now, Still: still})
		m.w, m.h = 120, 36
		m.Pull()
		st := close2(ended(2), 1.148, stats.Higher)
		st.Seq++
		s.Snapshot = st
		m.Pull()
		if at(m) != "verdict" {
			t.Fatalf("the screen is %s", at(m))
		}
		final := "+14.8%"
		first := m.View()
		clock.now = clock.now.Add(time.Second)
		then := m.View()
		clock.now = clock.now.Add(time.Minute)
		last := m.View()
		if still && (first != last || then != last) {
			t.Error("it moves, and should not")
		}
		if !still && (first == then || then == last) {
			t.Error("it does not move")
		}
		if !holdsLarge(plainView(m, 120, 36), final, 3, theme.Block) {
			t.Errorf("it does not stand at %s:\n%s", final, plainView(m, 120, 36))
		}
		clock.now = clock.now.Add(time.Minute)
		if m.View() != last {
			t.Error("it goes on moving")
		}
	}
	if m := testModel(t, "dark", Config{Session: newStill(close2(ended(2), 1.148, stats.Higher))}); !holdsLarge(plainView(m, 120, 36), "+14.8%", 3, theme.Block) {
		t.Error("a verdict that stood before moves")
	}
}

// Letters of the badges can be written large.
func TestBadgesCanBeWrittenLarge(t *testing.T) {
	for _, v := range verdicts {
		for _, word := range strings.Fields(v.badge) {
			for _, r := range word {
				if chart.LargeWidth(string(r), 1) == 0 {
					t.Errorf("%q of %s has no large letter", r, v.badge)
				}
			}
		}
	}
}

// A number of a chapter that stands on the page already says so, instead of nothing.
func TestANumberOfAChapterThatIsShownSaysSo(t *testing.T) {
	m := testModel(t, "mono", Config{Session: newStill(ended(2))})
	m.Update(tickMsg{})
	m.w, m.h = 120, 36
	page := ""
	for _, n := range []string{"1", "2", "3", "4", "5", "6", "7"} {
		press(m, runes(n))
		body := strings.Split(plainView(m, 120, 36), "\n")
		now := strings.Join(body[:len(body)-1], "\n")
		if said := strings.Contains(body[len(body)-1], "is on this page as well"); said != (now == page) {
			t.Errorf("%s: said %v, same page %v: %q", n, said, now == page, body[len(body)-1])
		}
		page = now
	}
}
