// Package host is the trainer's side of a class: it lets seats in, keeps what they say on the disk before it confirms it, folds it
// into the Room, and tells seats what is opened. Killed at any moment and opened again in the same folder, it goes on.
package host

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/netip"
	"sync"
	"time"

	"benchtop/lab/class"
	"benchtop/lab/class/bus"
	"benchtop/lab/class/held"
	"benchtop/lab/class/joincode"
	"benchtop/targets/routine"
)

const (
	turn      = 250 * time.Millisecond // how often what has changed is told, and who is silent is looked at
	silent    = 15 * time.Second       // a seat that was not heard for so long is away
	maxSeats  = 250                    // of a class, spectators included
	flushTime = 2 * time.Second
)

// Config is what a class is opened with.
type Config struct {
	Dir     string // its folder, which is made when it is missing; one of before goes on
	Name    string // of the class
	Listen  string // HOST:PORT; empty: as before, or a free port of loopback
	NATS    string // URL of a server that runs already, instead
	Export  string // the folder that it is exported to when it is left; empty: as before
	Program string // version of benchtop
	Now     func() time.Time
	// Trouble hears what the trainer should know, such as a disk that is full. It must not block; nil: nobody does.
	Trouble func(text string)
}

// Host is an open class; it is a class.Trainer.
type Host struct {
	config   Config
	settings settings
	code     *joincode.Code
	server   *bus.Server // nil: the trainer named one
	link     *bus.Link
	release  func()
	changed  chan struct{}
	refusals chan string // of the server itself, which must not wait
	done     chan struct{}
	closing  sync.Once
	loops    routine.Group
	live     stream

	mu      sync.Mutex
	log     *class.Log
	room    class.Room
	keys    map[string]string    // of the seats: SHA-256 of their secrets, hex
	seen    map[string]string    // messages that the disk has: their sums by seat and id
	heard   map[string]time.Time // when a seat last said something
	paced   map[string]*pace     // by seat
	told    uint64               // number of the newest stage that was told
	dirty   bool                 // the stage has changed since
	trouble string               // that was last told
}

var _ class.Trainer = (*Host)(nil)

// Open opens a class, or goes on with the one of the folder.
func Open(c Config) (*Host, error) {
	release, err := held.Take(c.Dir)
	if errors.Is(err, held.ErrHeld) {
		return nil, fmt.Errorf("%w: that class is open in another terminal", err)
	}
	if err != nil {
		return nil, err
	}
	h := &Host{
		config: c, release: release, changed: make(chan struct{}, 1), refusals: make(chan string, 64), done: make(chan struct{}),
		keys: map[string]string{}, seen: map[string]string{}, heard: map[string]time.Time{}, paced: map[string]*pace{},
	}
	if err := h.open(); err != nil {
		h.Close()
		return nil, err
	}
	h.loops.Go(h.run)
	return h, nil
}

func (h *Host) open() error {
	events, err := h.remember()
	if err != nil {
		return err
	}
	for i := range events {
		h.apply(&events[i])
	}
	first := class.Event{Kind: class.KindResumed}
	if len(events) == 0 {
		id := (&joincode.Code{Token: h.settings.Token}).Class()
		first = class.Event{Kind: class.KindClass, Class: &class.Opening{Benchtop: class.Version, ID: id, Name: h.settings.Name, Program: h.config.Program}}
	}
	h.mu.Lock()
	err = h.keep(&first)
	h.mu.Unlock()
	if err != nil {
		return err
	}
	if err := h.connect(); err != nil {
		return err
	}
	return h.settings.write(h.config.Dir)
}

// remember reads what the folder has, or draws what a new class needs.
func (h *Host) remember() ([]class.Event, error) {
	log, events, err := class.OpenLog(h.config.Dir)
	if err != nil {
		return nil, err
	}
	h.log = log
	if s, err := readSettings(h.config.Dir); err == nil {
		h.settings = *s
		if h.config.NATS != "" {
			h.settings.NATS = h.config.NATS
		}
		if h.config.Listen != "" {
			h.settings.Listen, h.settings.NATS = h.config.Listen, ""
		}
		if h.config.Export != "" {
			h.settings.Export = h.config.Export
		}
		return events, nil
	} else if len(events) > 0 {
		return nil, fmt.Errorf("the folder %s has the events of a class without its %s: %w; begin another class", h.config.Dir, settingsName, err)
	}
	identity, err := bus.NewIdentity(h.config.Listen)
	if err != nil {
		return nil, err
	}
	h.settings = settings{Identity: identity, Benchtop: class.Version, Name: class.Named(h.config.Name), Created: h.config.Now(), NATS: h.config.NATS, Export: h.config.Export}
	return nil, nil
}

// connect opens the server, or reaches the one that was named, and listens to the seats.
func (h *Host) connect() (err error) {
	if h.settings.NATS != "" {
		if h.link, h.code, err = bus.Reach(h.settings.NATS, h.settings.Token); err != nil {
			return err
		}
	} else if err = h.serve(); err != nil {
		return err
	}
	said, err := h.link.Hear()
	if err != nil {
		return err
	}
	h.loops.Go(func() { h.listen(said) })
	return nil
}

func (h *Host) serve() (err error) {
	h.server, h.link, h.code, err = h.settings.Open(bus.Options{
		StoreDir: h.config.Dir, Admit: h.admit,
		Refused: func(text string) {
			select {
			case h.refusals <- text:
			default: // more than can be written down
			}
		},
	})
	return err
}

// NotEnforced says what a server that the trainer named does not hold, empty for the trainer's own.
func (h *Host) NotEnforced() string {
	if h.server != nil {
		return ""
	}
	text := "this server knows nothing of seats: whoever has the join code can read what all seats say, sealed predictions and answers too, and say something in the " +
		"name of another seat or of the trainer; benchtop still refuses messages that break the rules"
	if h.code.Plain() {
		text += ". The connection is not encrypted"
	}
	return text
}

// Export is the folder that the class is exported to when it is left, empty for none.
func (h *Host) Export() string { return h.settings.Export }

// Local reports whether the class is reached from this machine alone.
func (h *Host) Local() bool {
	for _, address := range h.code.Addresses {
		name, _, err := net.SplitHostPort(address)
		if ip, ipErr := netip.ParseAddr(name); err != nil || name != "localhost" && (ipErr != nil || !ip.IsLoopback()) {
			return false
		}
	}
	return true
}

// Address is where seats reach the class first.
func (h *Host) Address() string { return h.code.Addresses[0] }

// Code is the join code.
func (h *Host) Code() string { return h.code.String() }

// QR draws the join code.
func (h *Host) QR(inverted bool) (string, error) { return joincode.QR(h.Code(), inverted) }

// Dir is the folder of the class.
func (h *Host) Dir() string { return h.config.Dir }

// Room is the room as it is now, sealed.
func (h *Host) Room() *class.Room {
	h.mu.Lock()
	defer h.mu.Unlock()
	return h.room.Clone().Sealed()
}

// Changed has a value when the room has changed.
func (h *Host) Changed() <-chan struct{} { return h.changed }

// keep writes events and takes them into the room; mu is held.
func (h *Host) keep(events ...*class.Event) error {
	if len(events) == 0 {
		return nil
	}
	now := h.config.Now().UTC()
	for _, e := range events {
		e.At = now
	}
	if err := h.log.Append(events...); err != nil {
		h.say(err.Error())
		return err
	}
	h.trouble = ""
	for _, e := range events {
		h.apply(e)
	}
	select {
	case h.changed <- struct{}{}:
	default:
	}
	return nil
}

// apply takes an event in that the disk has; mu is held, or nobody else knows the host yet.
func (h *Host) apply(e *class.Event) {
	h.room.Apply(e)
	if e.Message != "" && e.Sum != "" {
		h.seen[e.Seat+e.Message] = e.Sum
	}
	switch e.Kind {
	case class.KindAdmitted:
		h.keys[e.Seat] = e.Key
	case class.KindProgress, class.KindRefused:
		return
	}
	h.dirty = true
}

// say tells the trainer of trouble, once.
func (h *Host) say(text string) {
	if h.config.Trouble != nil && text != h.trouble {
		h.config.Trouble(text)
	}
	h.trouble = text
}

// run tells what has changed, and looks who is silent.
func (h *Host) run() {
	routine.Every(turn, h.done, func() {
		h.live.flush(h)
		h.mu.Lock()
		defer h.mu.Unlock()
		for n := len(h.refusals); n > 0; n-- {
			h.refused("", <-h.refusals)
		}
		h.silence()
		if h.dirty {
			h.tellStage()
		}
	})
}

// silence notes the seats that are not heard any more; mu is held.
func (h *Host) silence() {
	now := h.config.Now()
	var away []*class.Event
	for i := range h.room.Seats {
		if s := &h.room.Seats[i]; s.Here && now.Sub(h.heard[s.ID]) > silent {
			away = append(away, &class.Event{Kind: class.KindAway, Seat: s.ID})
		}
	}
	_ = h.keep(away...) // its error is told; they are away the next time as well
}

// Wait waits until ctx or the class ends.
func (h *Host) Wait(ctx context.Context) {
	select {
	case <-ctx.Done():
	case <-h.done:
	}
}

// Close closes the class without ending it: opened again it goes on.
func (h *Host) Close() {
	h.closing.Do(func() { close(h.done) })
	if h.link != nil {
		_ = h.link.Flush(flushTime) // who does not hear it now is told again
		h.link.Close()
	}
	if h.server != nil {
		h.server.Close()
	}
	h.loops.Wait()
	h.mu.Lock()
	defer h.mu.Unlock()
	if h.log != nil {
		_ = h.log.Close() // each event is on the disk since it was confirmed
		h.log = nil
	}
	if h.release != nil {
		h.release()
		h.release = nil
	}
}
