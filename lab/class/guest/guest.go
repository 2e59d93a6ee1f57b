// Package guest is a seat's side of a class: it takes a lesson as a file from a stranger, which only a person starts, and sees to it that
// what it says reaches the trainer. What must not be lost is on the disk before it is sent, and is sent until it is confirmed;
// started again, the program is the same seat.
package guest

import (
	"context"
	"crypto/rand"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"sync"
	"time"

	"benchtop/lab"
	"benchtop/lab/class"
	"benchtop/lab/class/bus"
	"benchtop/lab/class/joincode"
	"benchtop/targets/routine"
)

const (
	turn        = 250 * time.Millisecond // how often is looked what is to be sent
	beatEvery   = 4 * time.Second
	watchEvery  = time.Second // beats of a spectator: it may lack a part of the run
	firstAgain  = time.Second // until a message is sent again
	lastAgain   = 5 * time.Second
	mostUnheard = 64 // messages on their way
	mostRemarks = 20 // refusals that are kept for the person
)

// Config is what a seat joins with.
type Config struct {
	Code     *joincode.Code
	Below    string // the folder below which seats are kept
	Name     string // of the person; empty: that of before, or none
	Watch    bool
	Recorded bool // it shows a recorded run, for a rehearsal
	Machine  class.Machine
	Now      func() time.Time
	// Read reads a lesson as a file from a stranger.
	Read func(l *class.Lesson) *class.Offer
	// Watching gives what hears the trainer's run, once for each run; nil: nobody does.
	Watching func(*lab.Fold) lab.Sink
}

// Guest is a seat; it is a class.Guest.
type Guest struct {
	config  Config
	link    *bus.Link
	changed chan struct{}
	done    chan struct{}
	loops   routine.Group
	stop    context.CancelFunc
	ending  sync.Once
	closing sync.Once
	live    watched // of the listening goroutine, but for its fold

	mu      sync.Mutex
	kept    *folder
	stage   class.Stage
	offer   *class.Offer
	state   class.Link
	hello   []byte // nil: the trainer knows this seat
	helloID string
	again   time.Time // when the hello is sent
	beaten  time.Time // when the last beat was
	err     error     // why it is over
}

var _ class.Guest = (*Guest)(nil)

// Join takes a seat: the one of before, where this machine had one in the class that nobody has now. It waits for the first try to
// connect, and goes on trying; ctx ends it.
func Join(ctx context.Context, c Config) (*Guest, error) {
	kept, err := openFolder(c.Below, c.Code.Class(), c.Name)
	if err != nil {
		return nil, err
	}
	g := &Guest{config: c, kept: kept, changed: make(chan struct{}, 1), done: make(chan struct{})}
	if l := kept.seat.Lesson; l != nil {
		g.offer = c.Read(l)
	}
	name := kept.seat.Name
	if err := g.greet(name); err != nil {
		kept.close()
		return nil, err
	}
	ctx, g.stop = context.WithCancel(ctx)
	if g.link, err = bus.Dial(c.Code, kept.seat.ID, kept.seat.Secret, g.connected); err != nil {
		g.stop()
		kept.close()
		return nil, err
	}
	heard, err := g.link.Listen(kept.seat.ID)
	if err != nil {
		g.Close()
		return nil, err
	}
	g.loops.Go(func() { g.listen(heard) })
	g.loops.Go(func() { g.run(ctx) })
	return g, nil
}

// greet makes the message by which the trainer knows this seat.
func (g *Guest) greet(name string) error {
	m := g.message()
	m.ID = drawID()
	m.Hello = &class.Hello{Name: class.Named(name), Watch: g.config.Watch, Recorded: g.config.Recorded, Machine: g.config.Machine}
	text, err := json.Marshal(m)
	if err != nil {
		return fmt.Errorf("joining the class: %w", err)
	}
	if _, err := class.Decode(text); err != nil {
		return fmt.Errorf("joining the class: %w", err)
	}
	g.hello, g.helloID = text, m.ID
	return nil
}

func (g *Guest) message() *class.Message {
	return &class.Message{Benchtop: class.Version, Class: g.config.Code.Class(), Seat: g.kept.seat.ID, At: g.config.Now().UTC()}
}

// drawID draws the id of a seat or a message.
func drawID() string {
	var b [8]byte
	_, _ = rand.Read(b[:]) // never fails, it ends the program instead
	return hex.EncodeToString(b[:])
}

// connected hears how the connection is.
func (g *Guest) connected(s bus.State) {
	g.mu.Lock()
	defer g.mu.Unlock()
	if s.Connected != g.state.Connected {
		g.state.Since = g.config.Now()
	}
	g.state.Connected, g.state.Trouble = s.Connected, ""
	if s.Err != nil {
		g.state.Trouble = class.Trimmed(s.Err.Error())
	}
	if s.Connected { // whatever was on its way may be lost
		g.again, g.beaten = time.Time{}, time.Time{}
		g.kept.outbox.hurry()
	}
	if s.Over && g.err == nil {
		g.err = s.Err
		g.end()
	}
	g.tell()
}

func (g *Guest) end() { g.ending.Do(func() { close(g.done) }) }

// tell says that something has changed; mu is held.
func (g *Guest) tell() {
	select {
	case g.changed <- struct{}{}:
	default:
	}
}

// run sends what is to be sent.
func (g *Guest) run(ctx context.Context) {
	defer g.end()
	routine.Every(turn, ctx.Done(), g.send)
}

// send sends the hello, then the messages that the trainer has not confirmed, and a beat now and then.
func (g *Guest) send() {
	g.mu.Lock()
	defer g.mu.Unlock()
	if !g.state.Connected {
		return
	}
	now := g.config.Now()
	if g.hello != nil {
		if now.Before(g.again) {
			return
		}
		g.again = now.Add(firstAgain)
		_ = g.link.Say(g.kept.seat.ID, g.hello) // it is sent again
		return
	}
	for _, text := range g.kept.outbox.due(now) {
		_ = g.link.Say(g.kept.seat.ID, text) // the same
	}
	every := beatEvery
	if g.config.Watch {
		every = watchEvery
	}
	if now.Sub(g.beaten) < every {
		return
	}
	g.beaten = now
	m := g.message()
	m.Beat = &class.Beat{Stage: g.stage.Number, Live: g.live.last(), Run: g.live.nonce()}
	if g.kept.seat.Lesson != nil {
		m.Beat.Lesson = g.kept.seat.Lesson.Number
	}
	g.say(m)
}

// say sends what may be lost; mu is held.
func (g *Guest) say(m *class.Message) {
	if text, err := json.Marshal(m); err == nil {
		_ = g.link.Say(g.kept.seat.ID, text) // it may be lost
	}
}

// listen takes what the trainer says.
func (g *Guest) listen(heard <-chan bus.Said) {
	for s := range heard {
		switch s.What {
		case bus.Live:
			if g.config.Watch {
				g.watch(s.Data)
			}
		case bus.Word:
			w, err := class.Hear(s.Data)
			g.mu.Lock()
			if err != nil {
				g.remark(err.Error())
			} else {
				g.take(w)
			}
			g.tell()
			g.mu.Unlock()
		}
	}
}

// remark keeps what was not taken for the person; mu is held.
func (g *Guest) remark(text string) {
	g.state.Remarks++
	old := g.state.Refused
	g.state.Refused = append(slices.Clone(old[max(0, len(old)-mostRemarks+1):]), class.Trimmed(text))
}

// take takes a word of the trainer; mu is held.
func (g *Guest) take(w *class.Word) {
	for _, id := range w.Confirmed {
		g.settled(id)
	}
	for _, r := range w.Refused {
		if g.settled(r.ID) {
			g.remark("the trainer does not take it: " + r.Why)
		}
	}
	if w.Lesson != nil {
		g.lesson(w.Lesson)
	}
	if st := w.Stage; st != nil && st.Number > g.stage.Number {
		if st.Class != g.config.Code.Class() {
			g.remark("a stage of another class")
			return
		}
		g.stage = *st
		if st.Ended {
			g.end()
		}
	}
}

// settled forgets a message that is not to be sent again, and reports whether it was one.
func (g *Guest) settled(id string) bool {
	if id == g.helloID && g.hello != nil {
		g.hello = nil
		return true
	}
	known, err := g.kept.outbox.remove(id)
	if err != nil {
		g.state.Trouble = class.Trimmed(err.Error())
	}
	return known
}

// lesson takes a lesson of the trainer: a later one than this seat has. One of before is a replay.
func (g *Guest) lesson(l *class.Lesson) {
	if has := g.kept.seat.Lesson; has != nil && l.Number <= has.Number {
		if l.Number < has.Number || l.SHA256 != has.SHA256 {
			g.remark(fmt.Sprintf("lesson %d (%s) after lesson %d: a lesson is not opened twice", l.Number, l.ID, has.Number))
		}
		return
	}
	offer := g.config.Read(l)
	state := class.GuestState{Lesson: l.Number}
	for range l.Quiz {
		state.Answers = append(state.Answers, -1)
	}
	g.offer = offer
	g.kept.seat.Lesson, g.kept.seat.State = l, state
	if err := g.kept.write(); err != nil {
		g.state.Trouble = class.Trimmed(err.Error())
	}
	if offer.Refused != "" {
		g.remark("the lesson is refused: " + offer.Refused)
		if err := g.skip("refused: " + offer.Refused); err != nil {
			g.state.Trouble = class.Trimmed(err.Error())
		}
	}
}

// Close leaves the class; the seat can be taken again.
func (g *Guest) Close() {
	g.closing.Do(func() {
		g.stop()
		g.link.Close()
		g.loops.Wait()
		g.end()
		g.mu.Lock()
		defer g.mu.Unlock()
		g.kept.close()
	})
}

// Err says why the seat is over, when the trainer does not let it in.
func (g *Guest) Err() error {
	g.mu.Lock()
	defer g.mu.Unlock()
	return g.err
}

// ErrSealed is the error of what would give an outcome away.
var ErrSealed = errors.New("sealed until your own run is done")
