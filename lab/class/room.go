package class

import (
	"slices"
	"time"
)

// Room is the class as its events tell it: a pure fold (Apply). The trainer's screen, the export and the replay of a class read nothing
// else.
type Room struct {
	Class    string    `json:"class"` // id
	Name     string    `json:"name"`
	Started  time.Time `json:"started"`
	Ended    time.Time `json:"ended,omitzero"`    // zero: it goes on
	Seats    []Seat    `json:"seats"`             // in the order in which they came
	Rounds   []Round   `json:"rounds"`            // the lessons, in the order in which they were opened
	Live     bool      `json:"live,omitempty"`    // the trainer's run is going on
	Runs     string    `json:"runs,omitempty"`    // id of the scenario that it runs
	Refused  []Refusal `json:"refused,omitempty"` // the newest, in order
	Refusals int       `json:"refusals"`          // all of them
	Seq      uint64    `json:"seq"`               // of the last event
}

// Seat is who takes part.
type Seat struct {
	ID       string    `json:"id"`
	Name     string    `json:"name"`               // unique in the room: a second one gets a number
	Watch    bool      `json:"watch,omitempty"`    // a spectator
	Recorded bool      `json:"recorded,omitempty"` // of a rehearsal: it shows a recorded run
	Machine  Machine   `json:"machine"`
	Here     bool      `json:"here"`
	Since    time.Time `json:"since"` // of Here
}

// Round is one lesson of the class with what the seats did in it.
type Round struct {
	Lesson          Lesson    `json:"lesson"`
	Opened          time.Time `json:"opened"`
	PredictionsOpen bool      `json:"predictions_open"`
	AnswersOpen     bool      `json:"answers_open"`
	Right           []int     `json:"right"`   // by question, the index of the right option; not in a Room that is Sealed, while AnswersOpen is false
	Entries         []Entry   `json:"entries"` // of the seats that did something, in the order of Room.Seats
}

// Entry is what one seat did in a round.
type Entry struct {
	Seat      string    `json:"seat"` // id
	Doing     Doing     `json:"doing"`
	Block     int       `json:"block,omitempty"` // of the run, 1-based; 0: not known
	Blocks    int       `json:"blocks,omitempty"`
	Since     time.Time `json:"since"`               // when Doing began
	Disturbed string    `json:"disturbed,omitempty"` // why the machine did not measure undisturbed; empty: it did, or has not yet
	Declined  string    `json:"declined,omitempty"`  // why the lesson does not run there
	Stopped   string    `json:"stopped,omitempty"`   // why the last run there ended without a result; empty: it did not, or another one goes on
	Result    *Result   `json:"result,omitempty"`    // the last one that is complete, else the last one
	Predicted bool      `json:"predicted"`           // a prediction is locked
	Late      bool      `json:"late,omitempty"`      // after the predictions were opened: it is kept, and takes no part
	Answered  int       `json:"answered"`            // questions that are answered

	// Not in a Room that is Sealed, while the round has them closed.
	Prediction *Prediction `json:"prediction,omitempty"`
	Answers    []int       `json:"answers,omitempty"` // option by question, -1: none
}

// Main is the lesson's main comparison, nil while there is none.
func (e *Entry) Main() *Comparison {
	if e.Result == nil {
		return nil
	}
	return e.Result.main()
}

func (r *Result) main() *Comparison {
	if r.Main < 0 || r.Main >= len(r.Comparisons) {
		return nil
	}
	return &r.Comparisons[r.Main]
}

// Estimate is what the room shows of a result, nil where it has no main comparison.
func (r *Result) Estimate() *Estimate {
	c := r.main()
	if c == nil {
		return nil
	}
	return &Estimate{Ratio: c.Ratio, CI95: c.CI95, Pairs: c.Pairs, Verdict: c.Verdict, Disturbed: r.Disturbed != "", Recorded: r.Recorded}
}

// Refusal is something that was not taken: a wrong token, a forged seat, a message that breaks the rules.
type Refusal struct {
	At   time.Time `json:"at"`
	Seat string    `json:"seat"` // id as it was claimed; empty: none was
	Why  string    `json:"why"`
}

// Now is the current lesson with what was done in it, nil before the first.
func (r *Room) Now() *Round {
	if len(r.Rounds) == 0 {
		return nil
	}
	return &r.Rounds[len(r.Rounds)-1]
}

// Counted are the seats that a round counts, "of" so many: those who are here, and those who have left and delivered something.
// Spectators never do.
func (r *Room) Counted(rd *Round) []Seat {
	return slices.DeleteFunc(slices.Clone(r.Seats), func(s Seat) bool {
		return s.Watch || !s.Here && (rd == nil || !rd.Entry(s.ID).delivered())
	})
}

// delivered reports whether a seat has said or measured something that stays when it leaves; nil has not.
func (e *Entry) delivered() bool {
	return e != nil && (e.Predicted || e.Result != nil || e.Answered > 0)
}

// AfterOpening says of a prediction that it was late.
const AfterOpening = "after the opening"

// InTime reports whether a prediction came before the predictions were opened. Only such ones are counted and ranked.
func (e *Entry) InTime() bool { return e.Predicted && !e.Late }

// Seat finds a seat by its id, nil if there is none.
func (r *Room) Seat(id string) *Seat {
	for i := range r.Seats {
		if r.Seats[i].ID == id {
			return &r.Seats[i]
		}
	}
	return nil
}

// Entry finds what a seat did, nil if it did nothing yet.
func (rd *Round) Entry(seat string) *Entry {
	for i := range rd.Entries {
		if rd.Entries[i].Seat == seat {
			return &rd.Entries[i]
		}
	}
	return nil
}

// Sealed is the room without what its trainer has not opened: no screen can show it by accident.
func (r *Room) Sealed() *Room {
	out := *r
	out.Rounds = make([]Round, len(r.Rounds))
	for i := range r.Rounds {
		rd := r.Rounds[i]
		rd.Entries = slices.Clone(rd.Entries)
		for k := range rd.Entries {
			if !rd.PredictionsOpen {
				rd.Entries[k].Prediction = nil
			}
			if !rd.AnswersOpen {
				rd.Entries[k].Answers = nil
			}
		}
		if !rd.AnswersOpen {
			rd.Right = nil
		}
		out.Rounds[i] = rd
	}
	return &out
}
