package draw

import (
	"fmt"
	"slices"
	"strings"

	"benchtop/lab"
	"benchtop/tui/screen"
	"benchtop/tui/theme"
)

// steps of a lesson, as the screens name them.
var steps = []string{"read", "predict", "run", "why", "quiz"}

// LessonHead is the first line of a lesson's screens: the question, and where on the way one is.
func LessonHead(f screen.Frame, title, step string) string {
	l := theme.NewLine(f.W)
	l.Space(1).Put(f.Look.Accent, "benchtop").Put(f.Look.Faint, " · ")
	right := theme.NewLine(f.W)
	at := slices.Index(steps, step)
	all := 5 + 4*(len(steps)-1) // cells of all steps, beside their words
	for _, s := range steps {
		all += theme.Width(s)
	}
	if theme.Width(title) > l.Free()-all { // the question is worth more
		right.Put(f.Look.Strong, "["+step+"]").Put(f.Look.Muted, fmt.Sprintf(" %d of %d", at+1, len(steps))).Space(1)
	} else {
		for i, s := range steps {
			if i > 0 {
				right.Put(f.Look.Faint, " → ")
			}
			ink := f.Look.Muted
			if i == at {
				s, ink = "["+s+"]", f.Look.Strong
			}
			right.Put(ink, s)
		}
		right.Space(1)
	}
	return l.Put(f.Look.Strong, theme.Fit(title, l.Free()-right.Used()-2)).Right(right).Done()
}

// LessonWidth is the longest line of text that reads well.
const LessonWidth = 92

// LessonText is a text of a lesson as it was drawn last. The zero value has drawn none.
type LessonText struct {
	plan  *lab.Plan
	look  *theme.Theme
	w     int
	told  bool
	lines []string
}

// Draw is the text of a plan's lesson, drawn again only for another plan, width or theme; every line is w cells wide. told
// adds what is kept back until a prediction is locked.
func (t *LessonText) Draw(look *theme.Theme, p *lab.Plan, w int, told bool) []string {
	if t.plan != p || t.look != look || t.w != w || t.told != told {
		text := p.Lesson
		if told && p.Look != "" {
			text += "\n\n" + lookHead + p.Look
		}
		*t = LessonText{p, look, w, told, Markdown(look, text, w)}
	}
	return t.lines
}

const lookHead = "## What to look at\n\n"

// Look is what to look at in the run of a plan, without what explains the outcome, nil where it does not say; every line is
// w cells wide.
func Look(look *theme.Theme, p *lab.Plan, w int) []string {
	text, _, _ := strings.Cut(p.Look, "\n## ")
	if text == "" {
		return nil
	}
	return Markdown(look, lookHead+text, w)
}
