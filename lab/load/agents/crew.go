// Package agents is load from many machines: an agent lends the generator of its machine (Lend), and who holds the other end of the
// code gathers agents (Open), measures their clocks, splits a task over them and has them drive it together (Crew.Run).
//
// An agent takes load tasks and nothing else, checked as from a stranger: at its own loopback addresses, or hosts that its owner let
// in; no command, no file, no environment variable.
package agents

import (
	"crypto/subtle"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"sync"
	"time"

	"benchtop/lab/class/bus"
	"benchtop/lab/class/joincode"
	"benchtop/lab/load"
	"benchtop/targets/routine"
)

// Bounds of a crew.
const (
	secretDigits = 32
	forgotten    = 3 * time.Second // an agent without a task that was not heard for so long is gone
	mostHeard    = 4096            // reports that wait to be looked at
)

// CrewConfig is what a crew is gathered with.
type CrewConfig struct {
	Listen string // HOST:PORT; empty: a port of loopback
	Dir    string // where its code is kept, so that agents need no other one for the next load; empty: nowhere
	Now    func() time.Time
	// Trouble hears what was refused. It must not block; nil: nobody does.
	Trouble func(text string)
}

// Agent is an agent as the other end knows it.
type Agent struct {
	ID   string
	Name string // no other agent of the crew has it
	Hello
}

// member is an agent that said hello.
type member struct {
	Agent
	heard time.Time
}

// heard is what an agent said, and when that came in.
type heard struct {
	id     string
	report *Report
	at     time.Time
}

// Crew are the agents of one end. Its methods but Close are for one goroutine.
type Crew struct {
	config CrewConfig
	kept   *kept
	server *bus.Server
	link   *bus.Link
	code   *joincode.Code
	said   chan heard // what is no hello
	loops  routine.Group
	pings  int
	tasks  int // the id of the last one
	closed bool

	mu      sync.Mutex
	secrets map[string]string // by agent
	members []*member         // in the order in which they came
}

// Open opens what agents join.
func Open(c CrewConfig) (*Crew, error) {
	if c.Trouble == nil {
		c.Trouble = func(string) {}
	}
	w := &Crew{config: c, said: make(chan heard, mostHeard), secrets: map[string]string{}}
	if err := w.open(); err != nil {
		return nil, err
	}
	said, err := w.link.HearAgents()
	if err != nil {
		w.Close()
		return nil, err
	}
	w.loops.Go(func() {
		for s := range said {
			w.take(s)
		}
	})
	return w, nil
}

// open serves with the code of before, or with another one.
func (w *Crew) open() error {
	var err error
	if w.kept, err = takeKept(&w.config); err != nil {
		return err
	}
	options := bus.Options{Admit: w.admit, Refused: w.config.Trouble, StoreDir: filepath.Join(os.TempDir(), "benchtop-nothing-is-stored")}
	w.server, w.link, w.code, err = w.kept.Open(options)
	if err != nil && w.config.Listen == "" { // somebody else has the port of before
		if err = w.kept.draw(&w.config); err == nil {
			w.server, w.link, w.code, err = w.kept.Open(options)
		}
	}
	if err == nil {
		err = w.kept.write()
	}
	if err != nil {
		w.Close()
	}
	return err
}

// Close lets the agents go.
func (w *Crew) Close() {
	if w.server != nil && !w.closed {
		w.closed = true
		_ = w.link.Flush(time.Second) // who does not hear it learns it by the end of the connection
		w.link.Close()
		w.server.Close()
	}
	w.loops.Wait()
	w.kept.release()
}

// Code is what agents join with.
func (w *Crew) Code() string { return w.code.String() }

// Address is where agents reach it first.
func (w *Crew) Address() string { return w.code.Addresses[0] }

// admit lets an agent in: who has the token, and, as an agent that is known, who has its secret as well.
func (w *Crew) admit(l bus.Login) error {
	w.mu.Lock()
	defer w.mu.Unlock()
	known := w.secrets[l.Seat]
	why := ""
	switch {
	case subtle.ConstantTimeCompare([]byte(l.Token), []byte(hex.EncodeToString(w.kept.Token))) != 1:
		why = "a wrong token: the code of another load"
	case !l.Agent:
		why = "a seat: this is no class; `benchtop agent CODE` lends a generator"
	case !ids.MatchString(l.Seat) || len(l.Secret) != secretDigits:
		why = "an agent without an id or a secret"
	case known == "" && len(w.secrets) >= load.MostAgents:
		why = fmt.Sprintf("agent %d: there are %d at most", len(w.secrets)+1, load.MostAgents)
	case known == "":
		w.secrets[l.Seat] = l.Secret
		return nil
	case subtle.ConstantTimeCompare([]byte(known), []byte(l.Secret)) != 1:
		why = "a forged agent: it has another secret than the one that came first"
	default:
		return nil
	}
	w.config.Trouble("refused: " + why + ", from " + l.From)
	return errors.New(why)
}

// take takes in what an agent said.
func (w *Crew) take(s bus.Said) {
	at := w.config.Now()
	r, err := decodeReport(s.Data)
	w.mu.Lock()
	defer w.mu.Unlock()
	i := slices.IndexFunc(w.members, func(m *member) bool { return m.ID == s.Seat })
	switch {
	case err != nil:
		name := s.Seat
		if i >= 0 {
			name = w.members[i].Name
		}
		w.config.Trouble("refused: agent " + name + ": " + line(err.Error(), maxText))
		return
	case r.Bye && i >= 0:
		w.members = slices.Delete(w.members, i, i+1)
	case r.Hello != nil && i < 0:
		w.members = append(w.members, &member{Agent: Agent{ID: s.Seat, Name: w.free(r.Hello.Name), Hello: *r.Hello}, heard: at})
		return
	case i >= 0:
		w.members[i].heard = at
	}
	if r.Hello != nil {
		return
	}
	select {
	case w.said <- heard{s.Seat, r, at}:
	default: // an agent that floods loses what it says
	}
}

// free is a name that no agent has; mu is held.
func (w *Crew) free(name string) string {
	taken := func(name string) bool {
		return slices.ContainsFunc(w.members, func(m *member) bool { return m.Name == name })
	}
	out := name
	for n := 2; taken(out); n++ {
		out = name + "-" + strconv.Itoa(n)
	}
	return out
}

// Here are the agents that are there, in the order in which they came.
func (w *Crew) Here() []Agent {
	now := w.config.Now()
	w.mu.Lock()
	defer w.mu.Unlock()
	w.members = slices.DeleteFunc(w.members, func(m *member) bool { return now.Sub(m.heard) > forgotten })
	out := make([]Agent, len(w.members))
	for i, m := range w.members {
		out[i] = m.Agent
	}
	return out
}

// tell tells an agent something; what it does not hear shows by its silence.
func (w *Crew) tell(agent string, o *Order) error {
	o.Benchtop = Version
	data, err := json.Marshal(o)
	if err != nil {
		return fmt.Errorf("an order for an agent: %w", err)
	}
	if len(data) > MaxOrder {
		return fmt.Errorf("the task has %d bytes as a message, at most %d are sent to an agent; use smaller bodies", len(data), MaxOrder)
	}
	return w.link.Order(agent, data)
}

// drain forgets what was said before.
func (w *Crew) drain() {
	for {
		select {
		case <-w.said:
		default:
			return
		}
	}
}
