package class

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"math"
	"regexp"
	"unicode/utf8"

	"benchtop/targets/printable"
)

// Limits of what a seat may say.
const (
	MaxMessage = 32 << 10 // bytes of a message
	maxName    = 40       // bytes of a person's name
	maxWord    = 200      // of names of machines, metrics, variants
	maxReason  = 1000     // of a text that says why
	maxFlags   = 50
	maxBlocks  = 1000
	mostRatio  = 1e9
	maxCompare = 64 // comparisons
	maxOption  = 64 // options, and questions
	maxLessons = 10_000
)

var ids = regexp.MustCompile(`^[0-9a-f]{16}$`)

// IsID reports whether a text is the id of a seat or of a message: 16 hexadecimal digits.
func IsID(s string) bool { return ids.MatchString(s) }

// Decode reads a message of a seat, and reports why it is none: more bytes than allowed, unknown keys, several bodies or none,
// numbers that no run has, characters that steer a terminal.
func Decode(data []byte) (*Message, error) {
	if len(data) > MaxMessage {
		return nil, fmt.Errorf("a message of %d bytes: at most %d are allowed", len(data), MaxMessage)
	}
	var m Message
	d := json.NewDecoder(bytes.NewReader(data))
	d.DisallowUnknownFields()
	if err := d.Decode(&m); err != nil {
		return nil, fmt.Errorf("a message that is none: %w", err)
	}
	if _, err := d.Token(); !errors.Is(err, io.EOF) {
		return nil, errors.New("a message with something behind it")
	}
	if m.Benchtop != Version {
		return nil, fmt.Errorf("a message of version %d: this is version %d; the same benchtop is needed on both sides", m.Benchtop, Version)
	}
	return &m, m.check()
}

// Confirmed reports whether the message must reach the trainer, and is confirmed.
func (m *Message) Confirmed() bool { return m.Beat == nil && m.Progress == nil }

func (m *Message) check() error {
	bodies := 0
	for _, there := range []bool{m.Hello != nil, m.Beat != nil, m.Prediction != nil, m.Progress != nil, m.Result != nil, m.Answer != nil, m.Skip != nil, m.Stopped != nil} {
		if there {
			bodies++
		}
	}
	switch {
	case bodies != 1:
		return fmt.Errorf("a message with %d bodies: one is wanted", bodies)
	case !IsID(m.Seat):
		return fmt.Errorf("a message of seat %.40q: no seat is called that", m.Seat)
	case m.Confirmed() && !IsID(m.ID):
		return fmt.Errorf("a message with the id %.40q: 16 hexadecimal digits are wanted", m.ID)
	case m.Lesson < 0 || m.Lesson > maxLessons:
		return fmt.Errorf("a message about lesson %d", m.Lesson)
	case m.Lesson == 0 && m.Hello == nil && m.Beat == nil:
		return errors.New("a message about no lesson")
	}
	return m.body()
}

func (m *Message) body() error {
	switch {
	case m.Hello != nil:
		h := m.Hello
		if h.Machine.CPUs < 0 || h.Machine.CPUs > 1<<16 {
			return fmt.Errorf("a machine with %d processors", h.Machine.CPUs)
		}
		return errors.Join(texts(maxName, h.Name), texts(maxWord, h.Machine.OS, h.Machine.Arch, h.Machine.Model, h.Machine.Benchtop))
	case m.Prediction != nil:
		return m.Prediction.check()
	case m.Progress != nil:
		p := m.Progress
		switch p.Doing {
		case Reading, Predicting, Running, Finished:
		default:
			return fmt.Errorf("progress %.40q: allowed are reading, predicting, running, done", p.Doing)
		}
		if p.Block < 0 || p.Blocks < 0 || p.Block > maxBlocks || p.Blocks > maxBlocks {
			return fmt.Errorf("progress of block %d of %d", p.Block, p.Blocks)
		}
		return texts(maxReason, p.Disturbed)
	case m.Result != nil:
		return m.Result.check()
	case m.Answer != nil:
		if a := m.Answer; a.Question < 0 || a.Option < 0 || a.Question >= maxOption || a.Option >= maxOption {
			return fmt.Errorf("option %d of question %d", a.Option, a.Question)
		}
	case m.Skip != nil:
		return texts(maxReason, m.Skip.Reason)
	case m.Stopped != nil:
		return texts(maxReason, m.Stopped.Reason)
	}
	return nil
}

// texts refuses what is too long, no UTF-8, or steers a terminal.
func texts(most int, all ...string) error {
	for _, s := range all {
		if len(s) > most {
			return fmt.Errorf("a text of %d bytes: at most %d are allowed", len(s), most)
		}
		if !utf8.ValidString(s) || printable.Line(s) != s {
			return fmt.Errorf("a text with characters that are not to be printed: %.60q", s)
		}
	}
	return nil
}

// check tells why it is no prediction.
func (p *Prediction) check() error {
	if p.Skipped {
		if p.Low != 0 || p.High != 0 || p.Winner != "" {
			return errors.New("a prediction that was skipped, with a range")
		}
		return nil
	}
	if !ratio(p.Low) || !ratio(p.High) || p.Low > p.High {
		return fmt.Errorf("a prediction from %g to %g: two ratios over 0 are wanted, the lower one first", p.Low, p.High)
	}
	return texts(maxWord, p.Winner)
}

func ratio(x float64) bool { return x > 0 && x <= mostRatio } // not a NaN either

func (r *Result) check() error {
	if len(r.Comparisons) > maxCompare || len(r.Flags) > maxFlags || r.Main < -1 || r.Main >= len(r.Comparisons) || r.Blocks < 0 || r.Blocks > maxBlocks {
		return fmt.Errorf("a result with %d comparisons, main one %d, %d flags, %d blocks", len(r.Comparisons), r.Main, len(r.Flags), r.Blocks)
	}
	if err := errors.Join(texts(maxWord, r.Scenario, r.SHA256), texts(maxReason, r.Reason, r.Recorded, r.Part, r.Disturbed), texts(maxReason, r.Flags...)); err != nil {
		return err
	}
	for i := range r.Comparisons {
		c := &r.Comparisons[i]
		if err := errors.Join(texts(maxWord, c.Metric, c.Variant, c.Baseline, c.Verdict), texts(maxReason, c.Reason)); err != nil {
			return err
		}
		wrong := c.Ratio != nil && !ratio(*c.Ratio) || c.Pairs < 0 || c.Pairs > 2*maxBlocks
		if ci := c.CI95; ci != nil {
			wrong = wrong || c.Ratio == nil || math.IsNaN(ci[0]) || ci[0] < 0 || ci[1] < ci[0] || math.IsInf(ci[1], 0)
		}
		if wrong {
			return fmt.Errorf("a result with a ratio of %s that no run has", c.Variant)
		}
	}
	return nil
}

// Check reports why no class could have an event that was read from a file.
func (e *Event) Check() error {
	m := Message{Hello: e.Hello, Prediction: e.Prediction, Progress: e.Progress, Result: e.Result, Answer: e.Answer, Skip: e.Skip, Stopped: e.Stopped}
	err := errors.Join(texts(maxReason, e.Seat, e.Message, e.Key, e.Name, e.Refused), m.body())
	if e.Class != nil {
		err = errors.Join(err, texts(maxWord, e.Class.ID, e.Class.Name, e.Class.Program))
		if e.Class.Benchtop > Version {
			return fmt.Errorf("the class has version %d, this benchtop reads up to %d: use a newer one", e.Class.Benchtop, Version)
		}
	}
	if l := e.Opened; l != nil {
		err = errors.Join(err, texts(maxWord, l.ID, l.SHA256, l.Metric, l.Variant, l.Baseline), texts(maxReason, l.Title, l.Ask), texts(maxWord, l.Variants...))
		for _, q := range l.Quiz {
			err = errors.Join(err, texts(maxReason, q.Ask), texts(maxReason, q.Options...))
		}
	}
	return err
}

// Trimmed is a text as a message may have it.
func Trimmed(s string) string { return trimmed(s, maxReason) }

// Named is the name of a person or a machine as a message may have it.
func Named(s string) string { return trimmed(s, maxName) }

func trimmed(s string, most int) string {
	s = printable.Line(s)
	for len(s) > most {
		_, size := utf8.DecodeLastRuneInString(s)
		s = s[:len(s)-size]
	}
	return s
}
