package class

import (
	"errors"

	"benchtop/lab"
)

// Over is a class that is looked at again by its events: everything is as it was at the end, and nothing can be opened.
func Over(events []Event) Trainer {
	o := &over{}
	for i := range events {
		o.room.Apply(&events[i])
	}
	o.room.Live, o.room.Runs = false, "" // whatever it was cut off in
	return o
}

type over struct{ room Room }

var errOver = errors.New("this class is over, and is looked at again: nothing can be opened in it")

// Room implements Trainer.
func (o *over) Room() *Room { return o.room.Sealed() }

// Changed implements Trainer: it never does.
func (o *over) Changed() <-chan struct{} { return nil }

// Code implements Trainer: nobody can join.
func (o *over) Code() string { return "" }

// QR implements Trainer.
func (o *over) QR(bool) (string, error) { return "", errOver }

// OpenLesson implements Trainer.
func (o *over) OpenLesson(*lab.Plan, []byte) error { return errOver }

// OpenPredictions implements Trainer.
func (o *over) OpenPredictions() error { return errOver }

// OpenAnswers implements Trainer.
func (o *over) OpenAnswers() error { return errOver }

// Stream implements Trainer: nobody watches.
func (o *over) Stream(lab.Event) {}

// End implements Trainer.
func (o *over) End() error { return errOver }
