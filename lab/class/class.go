// Package class is what a class of many laptops is made of: the messages of the seats, the events that the trainer keeps of
// them, the Room that these come to, and the Stage, which is what seats are shown of it. Everything here is plain: no
// network, no screen. lab/class/host is the trainer's side, lab/class/guest that of a seat, lab/class/bus what carries both.
//
//	seat: Message --> host: checked, kept as an Event, confirmed --> Room (fold) --> Stage --> seats
//
// Machines are never compared by their own figures: a result is the ratio of two variants on one machine.
package class

import (
	"context"
	"time"

	"benchtop/lab"
)

// Version of the messages and of the events.
const Version = 1

// Trainer is the class as the trainer has it. Its methods may be called from any goroutine.
type Trainer interface {
	// Room is the room as it is now, Sealed; the caller does not change it.
	Room() *Room
	// Changed has a value when the room has changed since the last one was taken.
	Changed() <-chan struct{}
	// Code is what seats join with, to be read out or typed.
	Code() string
	// QR is the code for a camera, in half blocks, one line of text a row; dark marks on a light paper unless inverted.
	QR(inverted bool) (string, error)
	// OpenLesson offers a scenario to every seat, by the text of its file. Seats start nothing by themselves.
	OpenLesson(plan *lab.Plan, text []byte) error
	// OpenPredictions shows everybody's predictions for the current lesson to everybody, without names. Until then a
	// prediction is known to its seat and to the trainer's file alone.
	OpenPredictions() error
	// OpenAnswers shows the answers to the quiz and which are right, as OpenPredictions does.
	OpenAnswers() error
	// Stream gives an event of the trainer's own run to those who watch. It is a lab.Sink, and never blocks.
	Stream(e lab.Event)
	// End ends the class: seats are told, nothing more is taken.
	End() error
}

// Guest is a seat in its own program. Its methods may be called from any goroutine. What is to reach the trainer is kept on
// the disk first, and sent until the trainer confirms it: none of the methods waits for the network.
type Guest interface {
	// Stage is the newest that the trainer said.
	Stage() Stage
	// Offer is the lesson that the trainer has opened, nil before the first. It is there for a person to start.
	Offer() *Offer
	// State is what this seat has done in the current lesson, also before the program was started again.
	State() GuestState
	// Changed has a value when Stage, Offer or Link have changed since the last one was taken.
	Changed() <-chan struct{}
	// Link says how this seat is connected.
	Link() Link
	// Predict seals the person's prediction for the current lesson. The first one counts.
	Predict(p Prediction) error
	// Progress says how far the person or the run is. It may be lost.
	Progress(p Progress)
	// Finish gives the result of this machine's own run of the current lesson. The last complete one counts.
	Finish(r *lab.Result) error
	// Answer answers a question of the quiz (index) with an option (index). The first one counts. It is an error before Finish,
	// or Skip, because the quiz gives the outcome away.
	Answer(question, option int) error
	// Skip says that this machine cannot run the current lesson, and why in plain words.
	Skip(reason string) error
	// Stopped says that a run of the current lesson ended without a result, or did not begin, and why in plain words. It is nothing once
	// there is a result, or the lesson is skipped.
	Stopped(reason string) error
	// Live has the trainer's run, for those who watch; nil while there is none. The fold is shared: use its State alone.
	Live() *lab.Fold
	// Done is closed when the trainer has ended the class, or ctx of Join is over.
	Done() <-chan struct{}
}

// Offer is a lesson as it reached a seat: read as a file from a stranger.
type Offer struct {
	Lesson Lesson
	Plan   *lab.Plan // nil: it was refused
	// Refused says why the lesson cannot run here: a program that it wants started, an address outside of this machine, an
	// error in the file. Empty: it can, when the person says so.
	Refused string
	// Remarks are what a person should know before starting it, such as an address of this machine that it drives.
	Remarks []string
}

// Sealed reports whether the answers, expectations and notes of the offered lesson are to be kept off this seat's screen:
// until its own run is done or skipped.
func (g *GuestState) Sealed() bool { return g.Lesson > 0 && !g.Finished && !g.Skipped }

// GuestState is what a seat has done in the current lesson, kept on its disk.
type GuestState struct {
	Lesson     int         `json:"lesson"` // number
	Prediction *Prediction `json:"prediction,omitempty"`
	Finished   bool        `json:"finished,omitempty"`
	Skipped    bool        `json:"skipped,omitempty"`
	Stopped    string      `json:"stopped,omitempty"` // why the last run ended without a result; empty: it did not, or another one goes on
	Answers    []int       `json:"answers,omitempty"` // option by question, -1: none yet
}

// Link is how a seat is connected.
type Link struct {
	Connected bool
	Since     time.Time // of that
	Waiting   int       // of what the person did, messages that the trainer has not confirmed
	Refused   []string  // what was not taken, by the trainer or by this seat, the newest last
	Remarks   int       // how many there were; Refused has the last of them
	Trouble   string    // why it is not connected, or what cannot be kept on the disk; empty: nothing is wrong
}

// Runner carries a lesson out on this machine; ctx ends it.
type Runner func(ctx context.Context, plan *lab.Plan, each lab.Sink) (*lab.Result, error)
