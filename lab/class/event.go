package class

import "time"

// Kind says what an Event is.
type Kind string

// The kinds of events.
const (
	KindClass       Kind = "class"       // the first: the class was opened
	KindResumed     Kind = "resumed"     // the trainer's program was started again
	KindAdmitted    Kind = "admitted"    // a seat came for the first time; nobody else can come as it
	KindHello       Kind = "hello"       // a seat said its name
	KindHere        Kind = "here"        // a seat is heard again
	KindAway        Kind = "away"        // a seat is not heard any more
	KindLesson      Kind = "lesson"      // the trainer opened a lesson
	KindPredictions Kind = "predictions" // the trainer opened the predictions
	KindAnswers     Kind = "answers"     // the trainer opened the answers
	KindLive        Kind = "live"        // the trainer's own run began
	KindLiveEnd     Kind = "live_end"    // and ended
	KindPrediction  Kind = "prediction"  // these came from a seat
	KindProgress    Kind = "progress"
	KindResult      Kind = "result"
	KindAnswer      Kind = "answer"
	KindSkip        Kind = "skip"
	KindStopped     Kind = "stopped"
	KindRefused     Kind = "refused" // something was not taken
	KindEnd         Kind = "end"     // the last: the trainer ended the class
)

// Event is anything that happened in a class, as the trainer's machine saw it. Seq counts from 1 without gaps. What came from a seat has its
// id, the id of its message, and the number of the lesson that it is about.
type Event struct {
	Seq     uint64    `json:"seq"`
	At      time.Time `json:"at"` // the trainer's clock
	Kind    Kind      `json:"kind"`
	Seat    string    `json:"seat,omitempty"`
	Message string    `json:"message,omitempty"`
	Sum     string    `json:"sum,omitempty"` // of that message: the beginning of its SHA-256, hex
	Lesson  int       `json:"lesson,omitempty"`

	Class      *Opening    `json:"class,omitempty"`
	Key        string      `json:"key,omitempty"`  // admitted: SHA-256 of the seat's secret, hex
	Name       string      `json:"name,omitempty"` // hello: as the room calls it; live: id of what runs
	Hello      *Hello      `json:"hello,omitempty"`
	Opened     *Lesson     `json:"opened,omitempty"`
	Right      []int       `json:"right,omitempty"` // lesson: the right options
	Prediction *Prediction `json:"prediction,omitempty"`
	Progress   *Progress   `json:"progress,omitempty"`
	Result     *Result     `json:"result,omitempty"`
	Answer     *Answer     `json:"answer,omitempty"`
	Skip       *Skip       `json:"skip,omitempty"`
	Stopped    *Stopped    `json:"stopped,omitempty"`
	Refused    string      `json:"refused,omitempty"` // why
}

// Opening opens a class.
type Opening struct {
	Benchtop int    `json:"benchtop"` // Version
	ID       string `json:"id"`
	Name     string `json:"name"`
	Program  string `json:"program"` // version of benchtop
}

// Lost reports whether an event may be lost when the machine fails: it is not waited for until the disk has it.
func (e *Event) Lost() bool { return e.Kind == KindProgress }
