package agents

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"regexp"
	"strings"
	"unicode/utf8"

	"benchtop/lab/load"
	"benchtop/lab/load/generator"
	"benchtop/lab/load/histogram"
	"benchtop/targets/printable"
)

// Version is that of the messages; both ends need the same.
const Version = 1

// Limits of messages, which come from a stranger on either end.
const (
	MaxOrder  = 256 << 10 // bytes of an order
	MaxReport = 384 << 10 // bytes of a report; a summary has a histogram for each entry of a mix
	maxText   = 1000      // bytes of a text that says why
	maxName   = 40        // bytes of a name
)

// Order is what an agent is told. It has one of its parts, but for Beat.
type Order struct {
	Benchtop int        `json:"benchtop"`
	Beat     bool       `json:"beat,omitempty"`    // the other end is there; without one an agent ends its task
	Ping     int        `json:"ping,omitempty"`    // to be answered at once with the agent's clock
	Prepare  *Prepare   `json:"prepare,omitempty"` // check a task and make ready for it
	Go       *Departure `json:"go,omitempty"`      // start the task that was prepared
	Abort    int        `json:"abort,omitempty"`   // id of the task to end at once
}

// Prepare is a task, and how the generator is to be started for it.
type Prepare struct {
	Task      load.Task        `json:"task"`
	Generator generator.Config `json:"generator"`
}

// Departure is when a task starts.
type Departure struct {
	ID int   `json:"id"`
	At int64 `json:"at"` // by the agent's own clock, nanoseconds since 1970
}

// Report is what an agent says. It has one of its parts.
type Report struct {
	Benchtop int        `json:"benchtop"`
	Hello    *Hello     `json:"hello,omitempty"` // who it is; again and again while it has no task
	Pong     *Pong      `json:"pong,omitempty"`
	Ready    int        `json:"ready,omitempty"`   // id of the task that it is ready for
	Beat     int        `json:"beat,omitempty"`    // id of the task that it has
	Tick     *load.Tick `json:"tick,omitempty"`    // its times are those of the agent's wall clock
	Done     *Done      `json:"done,omitempty"`    // the end of a task
	Refused  *Refusal   `json:"refused,omitempty"` // a task is not taken
	Bye      bool       `json:"bye,omitempty"`     // the agent ends
}

// Hello says who an agent is.
type Hello struct {
	Name    string   `json:"name"`
	Machine string   `json:"machine"`         // its processors and its system, in words
	Allow   []string `json:"allow,omitempty"` // hosts that it drives besides its own loopback
}

// Pong is the clock of an agent.
type Pong struct {
	N  int   `json:"n"`  // of the ping
	At int64 `json:"at"` // nanoseconds since 1970
}

// Done is what a task came to. The times of its summary are those of the agent's wall clock.
type Done struct {
	Summary load.Summary `json:"summary"`
	Problem string       `json:"problem,omitempty"` // why it was not driven to its end
	Aborted bool         `json:"aborted,omitempty"` // because the other end wanted that
}

// Refusal says why a task is not taken.
type Refusal struct {
	ID   int    `json:"id"`
	Why  string `json:"why"`
	Busy bool   `json:"busy,omitempty"` // it would be taken at another time
}

var ids = regexp.MustCompile(`^[0-9a-f]{16}$`)

// decode reads a message strictly: no more bytes than allowed, no unknown key, nothing behind it, and the same version.
func decode(data []byte, most int, into any, version *int) error {
	if len(data) > most {
		return fmt.Errorf("a message of %d bytes: at most %d are allowed", len(data), most)
	}
	d := json.NewDecoder(bytes.NewReader(data))
	d.DisallowUnknownFields()
	if err := d.Decode(into); err != nil {
		return fmt.Errorf("a message that is none: %w", err)
	}
	if _, err := d.Token(); !errors.Is(err, io.EOF) {
		return errors.New("a message with something behind it")
	}
	if *version != Version {
		return fmt.Errorf("a message of version %d: this is version %d; the same benchtop is needed on both sides", *version, Version)
	}
	return nil
}

// decodeOrder reads what an agent is told.
func decodeOrder(data []byte) (*Order, error) {
	o := &Order{}
	return o, decode(data, MaxOrder, o, &o.Benchtop)
}

// decodeReport reads what an agent says, and makes its texts ones that can be shown.
func decodeReport(data []byte) (*Report, error) {
	r := &Report{}
	if err := decode(data, MaxReport, r, &r.Benchtop); err != nil {
		return nil, err
	}
	if h := r.Hello; h != nil {
		if h.Name, h.Machine = line(h.Name, maxName), line(h.Machine, maxText); h.Name == "" {
			return nil, errors.New("an agent without a name")
		}
		for i := range h.Allow {
			h.Allow[i] = line(h.Allow[i], maxText)
		}
	}
	if r.Refused != nil {
		r.Refused.Why = line(r.Refused.Why, maxText)
	}
	if r.Tick != nil {
		if _, err := histogram.Read(r.Tick.Latency); err != nil {
			return nil, fmt.Errorf("a row: %w", err)
		}
	}
	if r.Done != nil {
		r.Done.Problem = line(r.Done.Problem, maxText)
		return r, readable(&r.Done.Summary)
	}
	return r, nil
}

// line is a text in one line that steers no terminal and is not too long.
func line(s string, most int) string {
	s = strings.TrimSpace(printable.Line(s))
	for len(s) > most {
		_, size := utf8.DecodeLastRuneInString(s)
		s = s[:len(s)-size]
	}
	return s
}
