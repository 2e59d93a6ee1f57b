package room

import (
	"cmp"
	"slices"

	"benchtop/lab"
	"benchtop/lab/answer"
	"benchtop/lab/class"
	"benchtop/lab/stats"
	"benchtop/tui/draw"
	"benchtop/tui/screen"
	"benchtop/tui/wall"
)

// Page is one drawing of a class.
type Page int

// The pages, in the order in which a lesson comes to them.
const (
	Join Page = iota
	Here
	Predictions
	Results
	Beside
	Quiz
)

// titles are what the pages are called.
var titles = [...]string{Join: "join", Here: "who is here", Predictions: "predictions", Results: "results", Beside: "beside", Quiz: "quiz"}

// Picture draws a page of a class, without what is around it: for handouts and pictures. Rows stand in the order of the seats, or
// the best predictors first; question counts from 0.
func Picture(r *class.Room, page Page, question int, best bool, f screen.Frame) []string {
	return view{room: r, round: r.Now(), question: question, best: best}.page(page, f, &draw.Scroll{})
}

// view is what is seen of a room.
type view struct {
	room     *class.Room
	round    *class.Round // that is looked at; nil: there is none
	question int
	best     bool
	until    string    // what opens what is sealed
	plan     *lab.Plan // of the lesson; nil: it is not known here
}

func (v view) page(page Page, f screen.Frame, scroll *draw.Scroll) []string {
	p := &wall.Pen{Look: f.Look, Tier: f.Tier, Large: f.Large}
	rd := v.round
	if rd == nil {
		rd = &class.Round{}
	}
	of := answer.Asked{Metric: rd.Lesson.Metric, Variant: rd.Lesson.Variant, Baseline: rd.Lesson.Baseline, Smallest: rd.Lesson.Smallest}
	if v.plan != nil {
		of.Conclusions = v.plan.Conclusions
	}
	switch page {
	case Predictions:
		if !rd.PredictionsOpen {
			return p.Sealed(predicted(rd), len(v.room.Counted(rd)), "have predicted", cmp.Or(v.until, "sealed"), f.W, f.H)
		}
		said, skipped, late := saidOf(rd)
		return p.Predictions(of, said, skipped, late, rd.Lesson.Variants, wall.Pool(measured(v.room, rd), rd.Lesson.Smallest), f.W, f.H)
	case Results:
		rows := measured(v.room, rd)
		return p.Forest(of, rows, wall.Pool(rows, rd.Lesson.Smallest), Waiting(v.room, rd), f.W, f.H, scroll)
	case Beside:
		if !rd.PredictionsOpen {
			return p.Sealed(predicted(rd), len(v.room.Counted(rd)), "have predicted", cmp.Or(v.until, "sealed"), f.W, f.H)
		}
		return p.Beside(besides(v.room, rd), v.best, f.W, f.H, scroll)
	case Quiz:
		return p.Quiz(v.ask(rd), f.W, f.H)
	}
	return p.People(people(v.room, rd), f.W, f.H, scroll)
}

// Seats are those who take part, without spectators.
func Seats(r *class.Room) []class.Seat {
	return slices.DeleteFunc(slices.Clone(r.Seats), func(s class.Seat) bool { return s.Watch })
}

func count(rd *class.Round, is func(*class.Entry) bool) int {
	n := 0
	for i := range rd.Entries {
		if is(&rd.Entries[i]) {
			n++
		}
	}
	return n
}

func predicted(rd *class.Round) int {
	return count(rd, (*class.Entry).InTime)
}

func finished(rd *class.Round) int {
	return count(rd, func(e *class.Entry) bool { return e.Result != nil })
}

// row is what a seat measured.
func row(name string, e *class.Entry) wall.Row {
	r := wall.Row{Name: name}
	if e == nil {
		return r
	}
	r.Late = e.Late
	if p := e.Prediction; p != nil && !p.Skipped {
		r.Said = &[2]float64{p.Low, p.High}
	}
	if e.Result != nil {
		r.Disturbed, r.Recorded = e.Result.Disturbed != "", e.Result.Recorded
		switch {
		case e.Result.Recorded != "":
			r.Note = "recorded"
		case e.Result.Quick:
			r.Note = "quick"
		}
	}
	if c := e.Main(); c != nil {
		r.Ratio, r.CI95, r.Pairs, r.Verdict = c.Ratio, c.CI95, c.Pairs, stats.Verdict(c.Verdict)
	}
	return r
}

// measured are the seats with a result.
func measured(room *class.Room, rd *class.Round) []wall.Row {
	var out []wall.Row
	for _, s := range Seats(room) {
		if e := rd.Entry(s.ID); e != nil && e.Main() != nil {
			out = append(out, row(s.Name, e))
		}
	}
	return out
}

// besides are the seats that predicted or measured something.
func besides(room *class.Room, rd *class.Round) []wall.Row {
	var out []wall.Row
	for _, s := range Seats(room) {
		if e := rd.Entry(s.ID); e != nil && (e.Prediction != nil || e.Main() != nil) {
			out = append(out, row(s.Name, e))
		}
	}
	return out
}

func saidOf(rd *class.Round) (said []wall.Said, skipped, late int) {
	for i := range rd.Entries {
		switch p := rd.Entries[i].Prediction; {
		case p == nil:
		case p.Skipped:
			skipped++
		case rd.Entries[i].Late:
			late++
		default:
			said = append(said, wall.Said{Winner: p.Winner, Low: p.Low, High: p.High})
		}
	}
	return said, skipped, late
}

// Waiting is who is still to come.
func Waiting(room *class.Room, rd *class.Round) string {
	all := people(room, rd)
	n := map[wall.State]int{}
	for i := range all {
		n[all[i].State]++
	}
	return wall.Still(n)
}

// people are the seats with how far each is, then the spectators.
func people(room *class.Room, rd *class.Round) []wall.Person {
	var out, watching []wall.Person
	for i := range room.Seats {
		s := &room.Seats[i]
		if s.Watch {
			if s.Here {
				watching = append(watching, wall.Person{Name: s.Name, State: wall.Watching})
			}
			continue
		}
		out = append(out, person(s, rd.Entry(s.ID)))
	}
	return append(out, watching...)
}

func person(s *class.Seat, e *class.Entry) wall.Person {
	who := wall.Person{Name: s.Name}
	if e != nil {
		who.Block, who.Blocks = e.Block, e.Blocks
		who.State, who.Why = stateOf(e)
	}
	switch {
	case s.Here:
	case who.State == wall.Done, who.State == wall.Disturbed:
		who.Away = true
	default:
		who.State, who.Why = wall.Gone, ""
	}
	return who
}

func stateOf(e *class.Entry) (state wall.State, why string) {
	switch e.Doing {
	case class.Declined:
		return wall.Declined, e.Declined
	case class.Running:
		return wall.Running, ""
	case class.Finished:
		if why = e.Disturbed; why == "" && e.Result != nil {
			why = e.Result.Disturbed
		}
		if why != "" {
			return wall.Disturbed, why
		}
		return wall.Done, ""
	}
	switch {
	case e.Predicted:
		state = wall.Ready
	case e.Doing == class.Predicting:
		state = wall.Predicting
	case e.Doing == class.Reading:
		state = wall.Reading
	}
	if e.Stopped != "" {
		why = "no result: " + e.Stopped
	}
	return state, why
}

// ask is the question that is shown, with what was answered.
func (v view) ask(rd *class.Round) wall.Question {
	all := rd.Lesson.Quiz
	q := wall.Question{Of: len(all), Right: -1, Mine: -1, Seats: len(v.room.Counted(rd))}
	if len(all) == 0 {
		return q
	}
	at := min(max(v.question, 0), len(all)-1)
	q.Number, q.Ask, q.Options = at+1, all[at].Ask, all[at].Options
	q.Answered = count(rd, func(e *class.Entry) bool { return e.Answered > at })
	if !rd.AnswersOpen {
		return q
	}
	q.Votes, q.Answered = make([]int, len(q.Options)), 0
	for i := range rd.Entries {
		if a := rd.Entries[i].Answers; at < len(a) && a[at] >= 0 && a[at] < len(q.Votes) {
			q.Votes[a[at]]++
			q.Answered++
		}
	}
	if at < len(rd.Right) {
		q.Right = rd.Right[at]
	}
	if v.plan != nil && at < len(v.plan.Quiz) {
		q.Why = v.plan.Quiz[at].Why
	}
	return q
}
