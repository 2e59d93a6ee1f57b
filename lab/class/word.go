package class

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
)

// Word is what the trainer says, to one seat or to all.
type Word struct {
	Benchtop  int       `json:"benchtop"` // Version
	Stage     *Stage    `json:"stage,omitempty"`
	Lesson    *Lesson   `json:"lesson,omitempty"`    // with its text
	Confirmed []string  `json:"confirmed,omitempty"` // ids of messages that the trainer has on its disk
	Refused   []Refused `json:"refused,omitempty"`   // messages that it will not take: they are not sent again
}

// Refused is a message that the trainer does not take.
type Refused struct {
	ID  string `json:"id"`
	Why string `json:"why"`
}

// maxWordBytes is the largest Word: a lesson whose text is as long as a scenario may be, in JSON.
const maxWordBytes = 2 << 20

// Hear reads a Word as a seat has to: the trainer is a stranger too.
func Hear(data []byte) (*Word, error) {
	if len(data) > maxWordBytes {
		return nil, fmt.Errorf("a word of the trainer with %d bytes: at most %d are read", len(data), maxWordBytes)
	}
	var w Word
	d := json.NewDecoder(bytes.NewReader(data))
	d.DisallowUnknownFields()
	if err := d.Decode(&w); err != nil {
		return nil, fmt.Errorf("a word of the trainer that is none: %w", err)
	}
	if _, err := d.Token(); !errors.Is(err, io.EOF) {
		return nil, errors.New("a word of the trainer with something behind it")
	}
	if w.Benchtop != Version {
		return nil, fmt.Errorf("the trainer speaks version %d, this benchtop version %d: use the trainer's benchtop", w.Benchtop, Version)
	}
	for _, l := range []*Lesson{w.Lesson, w.lessonOfStage()} {
		if l == nil {
			continue
		}
		if err := (&Event{Opened: l}).Check(); err != nil {
			return nil, fmt.Errorf("a lesson of the trainer: %w", err)
		}
		if l.Number < 1 || l.Number > maxLessons || len(l.Quiz) > maxOption {
			return nil, fmt.Errorf("a lesson of the trainer with the number %d and %d questions", l.Number, len(l.Quiz))
		}
	}
	return &w, w.check()
}

func (w *Word) lessonOfStage() *Lesson {
	if w.Stage == nil {
		return nil
	}
	return w.Stage.Lesson
}

// check looks at what a screen will show.
func (w *Word) check() error {
	var err error
	for _, r := range w.Refused {
		err = errors.Join(err, texts(maxReason, r.ID, r.Why))
	}
	st := w.Stage
	if st == nil {
		return err
	}
	err = errors.Join(err, texts(maxWord, st.Class, st.Name, st.Runs))
	for i := range st.Predictions {
		err = errors.Join(err, st.Predictions[i].check())
	}
	for i := range st.Results {
		err = errors.Join(err, (&Result{Comparisons: []Comparison{{Ratio: st.Results[i].Ratio, CI95: st.Results[i].CI95, Pairs: st.Results[i].Pairs, Verdict: st.Results[i].Verdict}}}).check())
	}
	if len(st.Votes) > maxOption || len(st.Right) > maxOption {
		err = errors.Join(err, errors.New("a stage with more questions than a quiz has"))
	}
	if err != nil {
		return fmt.Errorf("a stage of the trainer: %w", err)
	}
	return nil
}
