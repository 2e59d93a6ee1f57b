package seat

import (
	"fmt"

	"benchtop/lab/answer"
	"benchtop/lab/stats"
	"benchtop/tui/draw"
	"benchtop/tui/screen"
	"benchtop/tui/theme"
	"benchtop/tui/wall"
)

// View is the head of the class, its pages by name, and the one that is shown.
func (s *seat) View(f screen.Frame) []string {
	out := []string{s.head(f), s.tabs(f), theme.Blank(f.W)}
	inside := f
	inside.W, inside.H = f.W-2, f.H-len(out)
	for _, line := range s.body(inside) {
		out = append(out, theme.Blank(1)+line+theme.Blank(1))
	}
	return out
}

func (s *seat) head(f screen.Frame) string {
	l := theme.NewLine(f.W).Space(1).Put(f.Look.Accent, "benchtop").Put(f.Look.Faint, " · ")
	switch {
	case s.stage.Ended:
		l.Put(f.Look.Badge, " ENDED ").Space(1)
	case s.stage.Live:
		l.Put(f.Look.Badge, " "+s.live()+" ").Space(1)
	}
	title := "class " + s.stage.Name
	if s.stage.Lesson != nil {
		title = s.stage.Lesson.Title
	}
	right := theme.NewLine(f.W).Put(f.Look.Strong, fmt.Sprint(s.stage.Seats)).Put(f.Look.Muted, " here").Space(1)
	return l.Put(f.Look.Strong, theme.Fit(title, l.Free()-right.Used()-2)).Right(right).Done()
}

func (s *seat) tabs(f screen.Frame) string {
	l := theme.NewLine(f.W)
	for i, title := range titles {
		text := fmt.Sprintf("%d %s", i+1, title)
		l.Space(1)
		if i == s.page {
			l.Put(f.Look.Select, " "+text+" ")
		} else {
			l.Space(1).Put(f.Look.Key, text[:1]).Put(f.Look.Muted, text[1:]).Space(1)
		}
	}
	return l.Done()
}

func (s *seat) body(f screen.Frame) []string {
	p := &wall.Pen{Look: f.Look, Tier: f.Tier, Large: f.Large}
	const until = "sealed until the trainer opens them"
	of := s.stage.Lesson
	if of == nil || s.page == lesson || s.guest == nil {
		return s.offered(f)
	}
	asked := answer.Asked{Metric: of.Metric, Variant: of.Variant, Baseline: of.Baseline, Smallest: of.Smallest}
	if s.after() && s.plan() != nil {
		asked.Conclusions = s.plan().Conclusions
	}
	switch s.page {
	case predictions:
		if !s.stage.PredictionsOpen {
			return s.sealed(p, "everybody's predictions", until, f)
		}
		said, late := s.said()
		return p.Predictions(asked, said, 0, late, of.Variants, wall.Pool(s.rows(), of.Smallest), f.W, f.H)
	case results:
		if !s.stage.PredictionsOpen {
			return s.sealed(p, "everybody's results", until, f)
		}
		rows := s.rows()
		return p.Forest(asked, rows, wall.Pool(rows, of.Smallest), "", f.W, f.H, &s.scroll[results])
	}
	return p.Quiz(s.asked(), f.W, f.H)
}

// sealed says that something is not opened yet.
func (s *seat) sealed(p *wall.Pen, what, until string, f screen.Frame) []string {
	out := draw.Text{W: f.W}
	for range f.H / 3 {
		out.Blank()
	}
	for _, text := range []string{what, until} {
		l := theme.NewLine(f.W).Space((f.W - theme.Width(text)) / 2)
		out.Add(l.Put(p.Look.Strong, text).Done())
	}
	return fill(out, f.H)
}

func fill(out draw.Text, h int) []string {
	for len(out.Lines) < h {
		out.Blank()
	}
	return out.Lines[:h]
}

// offered is what the trainer offers, and what comes next here.
func (s *seat) offered(f screen.Frame) []string {
	w := min(f.W, draw.LessonWidth)
	out := draw.Text{W: w}
	name := ""
	if s.guest != nil {
		name = s.guest.Name
	}
	out.Blank()
	switch {
	case s.stage.Ended:
		out.Put(f.Look.Heading, "The class has ended.")
		out.Blank()
		out.Put(f.Look.Text, "What you did is kept on this machine. `benchtop` opens the lab.")
	case s.guest != nil && s.nobody():
		out.Put(f.Look.Heading, "Nobody is there under this code yet.")
		out.Blank()
		out.Put(f.Look.Text, "The trainer has not opened the class, or has left it, or this machine does not reach it. It goes on trying by itself; the lesson appears here then.")
		if why := s.guest.Link().Trouble; why != "" {
			out.Blank()
			out.Put(f.Look.Muted, why)
		}
	case s.stage.Lesson == nil:
		out.Put(f.Look.Heading, "Welcome, "+name+".")
		out.Blank()
		out.Put(f.Look.Text, "The trainer has not offered a lesson yet. It appears here when that happens; nothing starts on this machine before you press a key.")
	default:
		s.next(&out, f)
	}
	lines := fill(out, f.H)
	for i := range lines {
		lines[i] += theme.Blank(f.W - w)
	}
	return lines
}

// next is what comes next in the lesson.
func (s *seat) next(out *draw.Text, f screen.Frame) {
	of := s.stage.Lesson
	out.Put(f.Look.Heading, of.Title)
	out.Blank()
	if of.Ask != "" {
		out.Code(f.Look, f.Look.Text, "", 0, of.Ask)
		out.Blank()
	}
	if s.offer != nil {
		for _, remark := range s.offer.Remarks {
			out.Hang(f.Look.Warn, "! ", 2, remark)
		}
	}
	step := func(done bool, text string) {
		ink, glyph := f.Look.Text, "○ "
		if done {
			ink, glyph = f.Look.Good, "✓ "
		}
		out.Hang(ink, glyph, 2, text)
	}
	switch {
	case s.guest.Watch:
		out.Put(f.Look.Text, "You look on. `v` watches the run of the trainer while it goes on.")
		return
	case s.offer == nil:
		out.Put(f.Look.Muted, "The text of the lesson is on its way.")
		return
	case s.offer.Refused != "" && !s.after():
		out.Put(f.Look.Bad, "✕ It does not run on this machine: "+s.offer.Refused)
		out.Blank()
		out.Put(f.Look.Text, "S skips it: then "+s.opened()+" open here.")
		return
	}
	step(s.state.Prediction != nil, "read, and predict")
	switch {
	case s.state.Skipped:
		step(true, "skipped: this machine does not run it")
	case s.state.Stopped != "":
		out.Hang(f.Look.Bad, "✕ ", 2, "your run ended without a result: "+s.state.Stopped)
	default:
		step(s.state.Finished, "run it on this machine")
	}
	given := 0
	for _, a := range s.state.Answers {
		if a >= 0 {
			given++
		}
	}
	if n := len(of.Quiz); n > 0 {
		step(given >= n, fmt.Sprintf("the quiz: %d of %d answered", given, n))
	}
	out.Blank()
	s.onward(out, f, given < len(of.Quiz))
}

// opened is what is open to a seat that has run the lesson or skipped it.
func (s *seat) opened() string {
	if s.desk.WhyNoReference(s.stage.Lesson.ID) != "" {
		return "the quiz is"
	}
	return "the recorded run and the quiz are"
}

// onward is what leads on from here; asked: questions of the quiz have no answer yet.
func (s *seat) onward(out *draw.Text, f screen.Frame, asked bool) {
	switch {
	case s.state.Stopped != "":
		out.Put(f.Look.Strong, "S goes on without a run of this machine: "+s.opened()+" open here then.")
		out.Put(f.Look.Text, "enter opens the lesson, to run it again.")
	case !s.after():
		out.Put(f.Look.Strong, "enter opens the lesson.")
	case asked:
		out.Put(f.Look.Strong, "enter opens the quiz.")
	default:
		out.Put(f.Look.Text, "Done. What the class predicted, measured and answered appears here as the trainer opens it.")
	}
	if s.whyNoReference() == "" {
		out.Put(f.Look.Text, "R shows the recorded run.")
	}
}

// live is the badge of the trainer's run.
func (s *seat) live() string {
	id := ""
	if s.stage.Lesson != nil {
		id = s.stage.Lesson.ID
	}
	return wall.Live(s.stage.Runs, id)
}

// said are the predictions that are open; one of those that equal the own one is marked. Where none does, the own one came after
// the opening.
func (s *seat) said() (out []wall.Said, late int) {
	own := s.state.Prediction
	for _, p := range s.stage.Predictions {
		mine := own != nil && *own == p
		if mine {
			own = nil
		}
		out = append(out, wall.Said{Winner: p.Winner, Low: p.Low, High: p.High, Mine: mine})
	}
	if own != nil && !own.Skipped {
		late = 1
	}
	return out, late
}

// rows are the results that are open, without names; that of this machine is marked.
func (s *seat) rows() []wall.Row {
	own := s.own()
	out := make([]wall.Row, len(s.stage.Results))
	for i := range s.stage.Results {
		e := &s.stage.Results[i]
		out[i] = wall.Row{Ratio: e.Ratio, CI95: e.CI95, Pairs: e.Pairs, Verdict: stats.Verdict(e.Verdict), Disturbed: e.Disturbed, Recorded: e.Recorded}
		if e.Recorded != "" {
			out[i].Note = "recorded"
		}
		if own != nil && e.Ratio != nil && *e.Ratio == *own {
			out[i].Name, out[i].Mine, own = "you", true, nil
		}
	}
	return out
}

// own is the ratio that this machine measured, nil for none.
func (s *seat) own() *float64 {
	of := s.stage.Lesson
	for _, v := range s.course.Kept.Scenarios[of.ID].Verdicts {
		if v.Metric == of.Metric && v.Variant == of.Variant && v.Baseline == of.Baseline {
			return v.Ratio
		}
	}
	return nil
}

// asked is the question that is shown. Before the own run it is not.
func (s *seat) asked() wall.Question {
	of := s.stage.Lesson
	q := wall.Question{Of: len(of.Quiz), Right: -1, Mine: -1, Seats: s.stage.Counted}
	if len(of.Quiz) == 0 {
		return q
	}
	at := min(s.question, len(of.Quiz)-1)
	q.Number = at + 1
	if !s.after() && !s.guest.Watch {
		q.Ask = "The questions are here after the run of this machine."
		return q
	}
	q.Ask, q.Options = of.Quiz[at].Ask, of.Quiz[at].Options
	if at < len(s.state.Answers) {
		q.Mine = s.state.Answers[at]
	}
	if at < len(s.stage.Votes) {
		q.Votes = s.stage.Votes[at]
		for _, n := range q.Votes {
			q.Answered += n
		}
	}
	if s.stage.AnswersOpen && at < len(s.stage.Right) {
		q.Right = s.stage.Right[at]
		if p := s.plan(); p != nil && at < len(p.Quiz) {
			q.Why = p.Quiz[at].Why
		}
	}
	return q
}

// Foot says what the trainer has done that was not looked at yet, which class this seat is in, under which name, and whether it is connected.
func Foot(look *theme.Theme, guest *Seat, w int) string {
	link, stage := guest.Link(), guest.Stage()
	l := theme.NewLine(w).Space(1)
	if guest.news != "" && !stage.Ended {
		l.Put(look.Badge, " "+guest.news+": K ").Put(look.Faint, "· ")
	}
	l.Put(look.Muted, "class ").Put(look.Text, theme.Fit(stage.Name, w/3)).Put(look.Faint, " · ")
	l.Put(look.Text, theme.Fit(guest.Name, w/4)).Put(look.Faint, " · ")
	switch {
	case stage.Ended:
		return l.Put(look.Muted, "○ the class has ended").Done()
	case link.Connected:
		l.Put(look.Good, "● connected")
	case stage.Number == 0:
		return l.Put(look.Warn, "◌ nobody there yet, trying again").Done()
	default:
		l.Put(look.Warn, "◌ not connected, trying again")
	}
	if n := link.Waiting; n > 0 {
		l.Put(look.Muted, fmt.Sprintf(" · %d to send", n))
	}
	if link.Trouble != "" {
		l.Put(look.Muted, " · "+link.Trouble)
	}
	return l.Done()
}
