package class

import (
	"cmp"
	"fmt"
	"slices"
)

// mostRefused is how many refusals a Room keeps in words.
const mostRefused = 100

// Apply takes the next event in. Values that a room shares with a Clone are replaced, never changed.
func (r *Room) Apply(e *Event) {
	r.Seq = e.Seq
	switch e.Kind {
	case KindClass:
		if e.Class != nil {
			r.Class, r.Name, r.Started = e.Class.ID, e.Class.Name, e.At
		}
	case KindResumed:
		r.Live, r.Runs = false, ""
		for i := range r.Seats {
			r.Seats[i].Here = false // who is there says so
		}
	case KindHello, KindHere, KindAway:
		r.seat(e)
	case KindLesson:
		if e.Opened != nil {
			r.Rounds = append(r.Rounds, Round{Lesson: *e.Opened, Opened: e.At, Right: e.Right})
		}
	case KindPredictions, KindAnswers:
		if rd := r.round(e.Lesson); rd != nil {
			rd.PredictionsOpen = rd.PredictionsOpen || e.Kind == KindPredictions
			rd.AnswersOpen = rd.AnswersOpen || e.Kind == KindAnswers
		}
	case KindLive, KindLiveEnd:
		r.Live, r.Runs = e.Kind == KindLive, e.Name
	case KindRefused:
		r.Refusals++
		r.Refused = append(slices.Clone(r.Refused[max(0, len(r.Refused)-mostRefused+1):]), Refusal{At: e.At, Seat: e.Seat, Why: e.Refused})
	case KindEnd:
		r.Ended, r.Live, r.Runs = e.At, false, ""
	default:
		if rd := r.round(e.Lesson); rd != nil && r.Seat(e.Seat) != nil {
			en := rd.entry(r, e.Seat)
			if e.Prediction != nil && en.Prediction == nil {
				en.Late = rd.PredictionsOpen
			}
			en.apply(e)
		}
	}
}

// round finds the lesson of a number, nil if there is none.
func (r *Room) round(number int) *Round {
	if number < 1 || number > len(r.Rounds) {
		return nil
	}
	return &r.Rounds[number-1]
}

func (r *Room) seat(e *Event) {
	s := r.Seat(e.Seat)
	if s == nil {
		if e.Hello == nil {
			return
		}
		r.Seats = append(r.Seats, Seat{ID: e.Seat, Since: e.At})
		s = &r.Seats[len(r.Seats)-1]
	}
	if h := e.Hello; h != nil {
		s.Name, s.Watch, s.Recorded, s.Machine = e.Name, h.Watch, h.Recorded, h.Machine
	}
	if here := e.Kind != KindAway; here != s.Here {
		s.Here, s.Since = here, e.At
	}
}

// Free is a name that no other seat has: the wanted one, or that with a number.
func (r *Room) Free(seat, wanted string) string {
	wanted = cmp.Or(wanted, "seat")
	for n := 1; ; n++ {
		name := wanted
		if n > 1 {
			name = fmt.Sprintf("%s %d", wanted, n)
		}
		if !slices.ContainsFunc(r.Seats, func(s Seat) bool { return s.ID != seat && s.Name == name }) {
			return name
		}
	}
}

// entry finds or makes the entry of a seat, in the order of the room.
func (rd *Round) entry(r *Room, seat string) *Entry {
	if e := rd.Entry(seat); e != nil {
		return e
	}
	place := func(id string) int { return slices.IndexFunc(r.Seats, func(s Seat) bool { return s.ID == id }) }
	at := slices.IndexFunc(rd.Entries, func(e Entry) bool { return place(e.Seat) > place(seat) })
	if at < 0 {
		at = len(rd.Entries)
	}
	rd.Entries = slices.Insert(rd.Entries, at, Entry{Seat: seat})
	return &rd.Entries[at]
}

// apply takes in what the seat did.
func (en *Entry) apply(e *Event) {
	doing := en.Doing
	switch {
	case e.Prediction != nil:
		if en.Prediction == nil {
			en.Prediction, en.Predicted = e.Prediction, true
		}
	case e.Progress != nil:
		if doing != Finished || e.Progress.Doing == Running { // a late word does not undo a result; another run begins
			doing, en.Block, en.Blocks = e.Progress.Doing, e.Progress.Block, e.Progress.Blocks
		}
		if doing == Running {
			en.Stopped = ""
		}
		if e.Progress.Disturbed != "" {
			en.Disturbed = e.Progress.Disturbed
		}
	case e.Result != nil:
		if en.Result == nil || e.Result.Complete || !en.Result.Complete {
			en.Result, en.Disturbed = e.Result, e.Result.Disturbed
		}
		doing, en.Block, en.Blocks, en.Declined, en.Stopped = Finished, 0, 0, "", ""
	case e.Answer != nil:
		en.answer(e.Answer)
	case e.Skip != nil:
		doing, en.Declined = Declined, e.Skip.Reason
	case e.Stopped != nil:
		doing, en.Block, en.Blocks, en.Stopped = Reading, 0, 0, e.Stopped.Reason
	}
	if doing != en.Doing {
		en.Doing, en.Since = doing, e.At
	}
}

func (en *Entry) answer(a *Answer) {
	answers := slices.Clone(en.Answers)
	for len(answers) <= a.Question {
		answers = append(answers, -1)
	}
	if answers[a.Question] >= 0 {
		return // the first one counts
	}
	answers[a.Question] = a.Option
	en.Answers = answers
	en.Answered++
}

// Clone is a room that does not change with this one.
func (r *Room) Clone() *Room {
	out := *r
	out.Seats = slices.Clone(r.Seats)
	out.Rounds = slices.Clone(r.Rounds)
	for i := range out.Rounds {
		out.Rounds[i].Entries = slices.Clone(out.Rounds[i].Entries)
	}
	return &out
}

// Stage is what seats are shown of the room.
func (r *Room) Stage() Stage {
	st := Stage{Class: r.Class, Name: r.Name, Number: r.Seq, Live: r.Live, Runs: r.Runs, Ended: !r.Ended.IsZero()}
	for i := range r.Seats {
		if r.Seats[i].Here && !r.Seats[i].Watch {
			st.Seats++
		}
	}
	rd := r.Now()
	st.Counted = len(r.Counted(rd))
	if rd == nil {
		return st
	}
	lesson := rd.Lesson
	lesson.Text = ""
	st.Lesson, st.PredictionsOpen, st.AnswersOpen = &lesson, rd.PredictionsOpen, rd.AnswersOpen
	if rd.PredictionsOpen {
		st.Predictions, st.Results = rd.predictions(), rd.estimates()
	}
	if rd.AnswersOpen {
		st.Votes, st.Right = rd.votes(), rd.Right
	}
	return st
}

// predictions of all, without those that were skipped or came late, in an order that does not say whose they are.
func (rd *Round) predictions() []Prediction {
	out := []Prediction{}
	for i := range rd.Entries {
		if p := rd.Entries[i].Prediction; p != nil && !p.Skipped && rd.Entries[i].InTime() {
			out = append(out, *p)
		}
	}
	slices.SortFunc(out, func(a, b Prediction) int {
		return cmp.Or(cmp.Compare(a.Low, b.Low), cmp.Compare(a.High, b.High), cmp.Compare(a.Winner, b.Winner))
	})
	return out
}

// estimates of all main comparisons, in an order that does not say whose they are; those without a ratio come first.
func (rd *Round) estimates() []Estimate {
	out := []Estimate{}
	for i := range rd.Entries {
		if r := rd.Entries[i].Result; r != nil && r.Estimate() != nil {
			out = append(out, *r.Estimate())
		}
	}
	ratio := func(e *Estimate) float64 {
		if e.Ratio == nil {
			return 0
		}
		return *e.Ratio
	}
	slices.SortFunc(out, func(a, b Estimate) int { return cmp.Compare(ratio(&a), ratio(&b)) })
	return out
}

// votes counts the seats by question and option.
func (rd *Round) votes() [][]int {
	out := make([][]int, len(rd.Lesson.Quiz))
	for q := range out {
		out[q] = make([]int, len(rd.Lesson.Quiz[q].Options))
		for i := range rd.Entries {
			if answers := rd.Entries[i].Answers; q < len(answers) && answers[q] >= 0 && answers[q] < len(out[q]) {
				out[q][answers[q]]++
			}
		}
	}
	return out
}
