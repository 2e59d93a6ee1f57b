package lines

import (
	"fmt"
	"io"
	"time"

	"benchtop/lab/class"
)

// Replay prints a class from its events, as the trainer's lines were.
func Replay(out io.Writer, events []class.Event) error {
	now := time.Time{}
	var room class.Room
	s := &teaching{Teaching: &Teaching{Now: func() time.Time { return now }}, printer: printer{out: out}, room: room.Sealed, said: map[string]string{}}
	for i := range events {
		e := &events[i]
		now = e.At
		room.Apply(e)
		s.look()
		switch e.Kind {
		case class.KindClass:
			s.stamped(fmt.Sprintf("class %s %s", room.Class, room.Name))
		case class.KindPredictions:
			s.predictions()
		case class.KindAnswers:
			s.answers()
		case class.KindEnd:
			s.stamped("the class has ended")
		}
	}
	return s.err
}
