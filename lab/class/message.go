package class

import "time"

// Message is what a seat says; exactly one field below Lesson is set. Those with an ID are confirmed, and sent again, with the same ID,
// until they are. The others may be lost.
type Message struct {
	Benchtop int       `json:"benchtop"` // Version
	ID       string    `json:"id,omitempty"`
	Class    string    `json:"class"` // id of the class
	Seat     string    `json:"seat"`  // id; that of the subject, or it is refused
	At       time.Time `json:"at"`    // the seat's clock: shown, never computed with
	Lesson   int       `json:"lesson,omitempty"`

	Hello      *Hello      `json:"hello,omitempty"`
	Beat       *Beat       `json:"beat,omitempty"`
	Prediction *Prediction `json:"prediction,omitempty"`
	Progress   *Progress   `json:"progress,omitempty"`
	Result     *Result     `json:"result,omitempty"`
	Answer     *Answer     `json:"answer,omitempty"`
	Skip       *Skip       `json:"skip,omitempty"`
	Stopped    *Stopped    `json:"stopped,omitempty"`
}

// Hello opens a seat, or opens it again after the program was started anew.
type Hello struct {
	Name     string  `json:"name"`
	Watch    bool    `json:"watch,omitempty"`    // a spectator: runs nothing
	Recorded bool    `json:"recorded,omitempty"` // a seat of a rehearsal that shows a recorded run, not one of its machine
	Machine  Machine `json:"machine"`
}

// Machine is the machine of a seat, in words. Nothing is computed from it.
type Machine struct {
	OS       string `json:"os"`
	Arch     string `json:"arch"`
	Model    string `json:"model"`
	CPUs     int    `json:"cpus"`
	Benchtop string `json:"benchtop"`
}

// Beat says every few seconds that a seat is there, and what it knows, so that the trainer repeats what got lost.
type Beat struct {
	Stage  uint64 `json:"stage"`          // number of the newest
	Lesson int    `json:"lesson"`         // number of the newest whose text it has
	Live   uint64 `json:"live,omitempty"` // of a spectator: the last event of the trainer's run that it has
	Run    string `json:"run,omitempty"`  // nonce of that run
}

// Doing is how far a seat is in the current lesson.
type Doing string

// The ways through a lesson. Declined: the seat's program refused the lesson, or its machine cannot run it (Skip).
const (
	Reading    Doing = "reading"
	Predicting Doing = "predicting"
	Running    Doing = "running"
	Finished   Doing = "done"
	Declined   Doing = "declined"
)

// Progress is how far a person or a run is.
type Progress struct {
	Doing     Doing  `json:"doing"`
	Block     int    `json:"block,omitempty"`  // of the run, 1-based
	Blocks    int    `json:"blocks,omitempty"` // planned
	Disturbed string `json:"disturbed,omitempty"`
}

// Result is what a run of the lesson came to on the machine of a seat. Comparisons are those of the primary metric.
type Result struct {
	Scenario    string       `json:"scenario"`
	SHA256      string       `json:"sha256"`
	Complete    bool         `json:"complete"`
	Reason      string       `json:"reason,omitempty"` // why it is not
	Quick       bool         `json:"quick,omitempty"`
	Recorded    string       `json:"recorded,omitempty"` // where the run was recorded, if it was not measured on the seat's machine
	Part        string       `json:"part,omitempty"`     // of the recorded run, where it is not all of it; seats with one recorded run count once
	Disturbed   string       `json:"disturbed,omitempty"`
	Blocks      int          `json:"blocks"`
	Main        int          `json:"main"` // index in Comparisons of the lesson's main one; -1: it has none
	Comparisons []Comparison `json:"comparisons"`
	Flags       []string     `json:"flags,omitempty"`
}

// Comparison is one variant of a Result against its baseline.
type Comparison struct {
	Metric   string      `json:"metric"`
	Variant  string      `json:"variant"`
	Baseline string      `json:"baseline"`
	Ratio    *float64    `json:"ratio"`
	CI95     *[2]float64 `json:"ci95"`
	Pairs    int         `json:"pairs"`
	Verdict  string      `json:"verdict"` // as lab.Comparison has it
	Reason   string      `json:"reason,omitempty"`
}

// Answer is the answer to one question of the quiz; both are indexes.
type Answer struct {
	Question int `json:"question"`
	Option   int `json:"option"`
}

// Skip says that a seat cannot run the lesson, or refuses to.
type Skip struct {
	Reason string `json:"reason"`
}

// Stopped says that a run of the lesson ended on the machine of a seat without a result, or did not begin.
type Stopped struct {
	Reason string `json:"reason"`
}
