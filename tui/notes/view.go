package notes

import (
	"fmt"
	"strings"
	"time"

	"benchtop/lab"
	"benchtop/lab/figure"
	"benchtop/lab/follow"
	"benchtop/tui/chart"
	"benchtop/tui/draw"
	"benchtop/tui/screen"
	"benchtop/tui/theme"
)

// View draws the trainer's screen: exactly h lines, none wider than w.
func (n *notes) View() string {
	if n.w <= 0 || n.h <= 0 {
		return ""
	}
	s := strings.Join(n.frame(), "\n")
	if n.tier == theme.ASCII {
		s = theme.ToASCII(s)
	}
	return s
}

func (n *notes) frame() []string {
	if n.w < screen.LeastWidth || n.h < screen.LeastHeight {
		return draw.TooSmall(n.look, n.w, n.h)
	}
	lines := n.head()
	body := n.body(min(n.w-4, draw.LessonWidth))
	room := n.h - len(lines) - 2
	cut, mark := n.scroll.Cut(body, room)
	pad := 2
	for _, line := range cut {
		lines = append(lines, theme.Blank(pad)+line+theme.Blank(n.w-pad-min(n.w-4, draw.LessonWidth)))
	}
	for len(lines) < n.h-1 {
		lines = append(lines, theme.Blank(n.w))
	}
	foot := theme.NewLine(n.w).Space(1)
	keys := [][2]string{{"g", "glyphs"}, {"q", "quit"}}
	if !n.scroll.Whole() {
		keys = append([][2]string{{"↑↓", "scroll"}, {"space", "page"}}, keys...)
	}
	for _, k := range keys {
		foot.Put(n.look.Key, k[0]).Put(n.look.Muted, " "+k[1]+"  ")
	}
	return append(lines, foot.Right(theme.NewLine(n.w).Put(n.look.Muted, mark).Space(1)).Done())
}

// where is the place of the followed lab, nil when there is none.
func (n *notes) where() *follow.Where {
	if n.followed.Lab == nil {
		return nil
	}
	return n.followed.Lab.Where
}

// head says whose notes these are, who is followed, and where that one is.
func (n *notes) head() []string {
	plan := n.cfg.Plan
	first := theme.NewLine(n.w).Space(1).Put(n.look.Accent, "benchtop notes").Put(n.look.Faint, " · ")
	first.Put(n.look.Strong, theme.Fit(plan.Title, first.Free()-1))
	out := []string{first.Done()}
	ink := n.look.Muted
	if n.followed.Lab == nil || len(n.followed.Others) > 0 {
		ink = n.look.Warn
	}
	for _, part := range theme.Wrap(n.followed.Who(), n.w-2) {
		out = append(out, theme.NewLine(n.w).Space(1).Put(ink, part).Done())
	}
	w := n.where()
	if w == nil {
		return append(out, theme.Blank(n.w))
	}
	line := theme.NewLine(n.w).Space(1)
	left := LeftText(w, n.cfg.Now())
	line.Put(n.look.Badge, " "+placeWord(w)+" ").Space(1).Put(n.look.Strong, theme.Fit(strings.TrimPrefix(WhereText(w, plan), w.Place+": "), n.w-line.Used()-theme.Width(left)-3))
	if left != "" {
		line.Right(theme.NewLine(n.w).Put(n.look.Strong, left).Space(1))
	}
	out = append(out, line.Done())
	if left != "" {
		bar := theme.NewLine(n.w).Space(1).Put(n.look.Faint, "▕")
		bar.Put(n.look.Accent, chart.Bar(n.progress(w), n.w-4, n.tier)).Put(n.look.Faint, "▏")
		out = append(out, bar.Done())
	}
	return append(out, theme.Blank(n.w))
}

func (n *notes) progress(w *follow.Where) float64 {
	left := time.Duration(w.Left) - n.cfg.Now().Sub(w.At)
	return min(max(1-float64(left)/float64(w.Total), 0), 1)
}

// placeWord is the step of the lesson.
func placeWord(w *follow.Where) string {
	if w.Place == follow.Run && w.Ended != "" {
		return "RUN ENDED"
	}
	return strings.ToUpper(w.Place)
}

// body is what to say now, then everything else: the part of the notes for this moment, the quiz with its answers, the
// other parts.
func (n *notes) body(w int) []string {
	place := n.where()
	name, text := n.parts.now(place)
	key := name
	if place != nil {
		key += place.Place + place.Ended
	}
	if key != n.place {
		n.place = key
		n.scroll.Top()
	}
	out := said{look: n.look, Text: draw.Text{W: w}}
	out.put(n.look.Heading, "NOW")
	for _, s := range SayNow(place, n.cfg.Plan) {
		out.put(n.look.Strong, s)
	}
	if place != nil && place.Predicted != "" && place.Place != follow.Predict {
		out.put(n.look.Text, "Predicted: "+place.Predicted)
	}
	for _, s := range n.happened(3) {
		out.put(n.look.Warn, "! "+s)
	}
	inQuiz := place != nil && place.Place == follow.Quiz
	if inQuiz {
		out.quiz(n.cfg.Plan, place.Question)
	}
	out.part(name, text)
	out.part("Any time", n.parts.any)
	for _, p := range []struct{ name, text string }{{"Before", n.parts.before}, {"During", n.parts.during}, {"After", n.parts.after}} {
		if p.name != name {
			out.part(p.name, p.text)
		}
	}
	if n.cfg.Plan.Notes == "" {
		out.Blank()
		out.put(n.look.Muted, fmt.Sprintf("%s has no notes; write them under the key notes:, with the headings Before, During and After", n.cfg.Plan.ID))
	}
	if !inQuiz {
		out.quiz(n.cfg.Plan, 0)
	}
	return out.Lines
}

// said is a text in parts.
type said struct {
	draw.Text
	look *theme.Theme
}

func (t *said) put(ink theme.Ink, s string) {
	for _, part := range hang(s, t.W) {
		t.Add(theme.NewLine(t.W).Put(ink, part).Done())
	}
}

// part is a heading with a text in Markdown, nothing without one.
func (t *said) part(title, text string) {
	if text == "" {
		return
	}
	t.Blank()
	t.put(t.look.Heading, title)
	t.Add(draw.Markdown(t.look, text, t.W)...)
}

// quiz is the questions of a plan with their answers; the one at, from 1, stands out.
func (t *said) quiz(plan *lab.Plan, at int) {
	if len(plan.Quiz) == 0 {
		return
	}
	t.Blank()
	t.put(t.look.Heading, "Quiz, with the answers")
	for i, q := range QuizAnswers(plan, at) {
		for k, s := range q {
			ink := t.look.Text
			switch {
			case k == 0 && i+1 == at:
				ink = t.look.Strong
			case k == 1:
				ink = t.look.Good
			case k > 1:
				ink = t.look.Muted
			}
			t.put(ink, s)
		}
	}
}

// happened are the last events that a trainer should know of.
func (n *notes) happened(most int) []string {
	if n.followed.Lab == nil || n.where().Place != follow.Run {
		return nil
	}
	var out []string
	for i := range n.followed.Lab.Events {
		e := &n.followed.Lab.Events[i]
		if s := EventText(e); s != "" {
			out = append(out, figure.Countdown(time.Duration(e.At))+"  "+s)
		}
	}
	return out[max(len(out)-most, 0):]
}
