package host

import (
	"encoding/json"
	"errors"
	"fmt"

	"benchtop/lab"
	"benchtop/lab/class"
	"benchtop/lab/class/bus"
)

// ErrEnded is the error of everything that is asked of a class that has ended.
var ErrEnded = errors.New("the class has ended; `benchtop class` opens another")

// OpenLesson offers a scenario to every seat.
func (h *Host) OpenLesson(plan *lab.Plan, text []byte) error {
	l, right := LessonOf(plan, text)
	h.mu.Lock()
	defer h.mu.Unlock()
	l.Number = len(h.room.Rounds) + 1
	word, err := json.Marshal(&class.Word{Benchtop: class.Version, Lesson: &l})
	if err != nil {
		return fmt.Errorf("opening the lesson %s: %w", l.ID, err)
	}
	if len(word) > bus.MaxPayload {
		return fmt.Errorf("opening the lesson %s: it is %d bytes as a message, at most %d are sent", l.ID, len(word), bus.MaxPayload)
	}
	if err := h.did(&class.Event{Kind: class.KindLesson, Lesson: l.Number, Opened: &l, Right: right}); err != nil {
		return err
	}
	if err := h.link.Tell("", bus.Word, word); err != nil {
		h.say(fmt.Sprintf("the lesson was not sent: %v", err)) // seats ask for it
	}
	return nil
}

// LessonOf is a scenario as a class has it, with the right option of each question.
func LessonOf(plan *lab.Plan, text []byte) (l class.Lesson, right []int) {
	l = class.Lesson{ID: plan.ID, Title: plan.Title, SHA256: plan.SHA256, Text: string(text), Metric: plan.Metric, Baseline: plan.Baseline, Smallest: plan.SmallestEffect}
	for i := range plan.Variants {
		id := plan.Variants[i].ID
		l.Variants = append(l.Variants, id)
		if l.Variant == "" && id != plan.Baseline {
			l.Variant = id
		}
	}
	if p := plan.Predict; p != nil {
		l.Ask = p.Ask
		if p.Metric == plan.Metric {
			l.Variant = p.Variant
		}
	}
	for _, q := range plan.Quiz {
		asked, is := class.Question{Ask: q.Ask}, -1
		for i, o := range q.Options {
			asked.Options = append(asked.Options, o.Text)
			if o.Correct {
				is = i
			}
		}
		l.Quiz, right = append(l.Quiz, asked), append(right, is)
	}
	return l, right
}

// OpenPredictions shows everybody's predictions, and what was measured, without names.
func (h *Host) OpenPredictions() error { return h.openNow(class.KindPredictions) }

// OpenAnswers shows the answers to the quiz, and which are right.
func (h *Host) OpenAnswers() error { return h.openNow(class.KindAnswers) }

// ErrNoLesson is the error of what needs a lesson, before the first.
var ErrNoLesson = errors.New("there is no lesson yet; open one first")

func (h *Host) openNow(kind class.Kind) error {
	h.mu.Lock()
	defer h.mu.Unlock()
	if len(h.room.Rounds) == 0 {
		return ErrNoLesson
	}
	return h.did(&class.Event{Kind: kind, Lesson: len(h.room.Rounds)})
}

// did keeps what the trainer did and tells it at once; mu is held.
func (h *Host) did(e *class.Event) error {
	if h.log == nil || !h.room.Ended.IsZero() {
		return ErrEnded
	}
	if err := h.keep(e); err != nil {
		return err
	}
	h.tellStage()
	return nil
}

// tellStage tells all what they may see; mu is held.
func (h *Host) tellStage() {
	st := h.room.Stage()
	h.told, h.dirty = st.Number, false
	h.tell("", &class.Word{Benchtop: class.Version, Stage: &st})
}

// End ends the class: it is not gone on with.
func (h *Host) End() error {
	h.mu.Lock()
	defer h.mu.Unlock()
	if err := h.did(&class.Event{Kind: class.KindEnd}); err != nil {
		return err
	}
	h.settings.Ended = true
	return errors.Join(h.settings.write(h.config.Dir), h.link.Flush(flushTime))
}
