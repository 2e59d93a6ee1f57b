package host

import (
	"encoding/json"
	"fmt"
	"sync"

	"benchtop/lab"
	"benchtop/lab/class"
	"benchtop/lab/class/bus"
)

// Bounds of the trainer's run as it is kept for spectators who come later or who lost a part.
const (
	mostKept  = 64 << 20 // bytes, packed
	mostAgain = 1 << 20  // bytes that are sent again at one beat: who comes in the middle of a long run soon has it
)

// stream is the trainer's own run on its way to those who watch.
type stream struct {
	mu    sync.Mutex
	run   string   // its nonce; empty: there is none
	id    string   // of the scenario
	lines [][]byte // that were not sent yet
	first uint64   // of those
	begun bool     // the room does not know yet that it began
	ended bool     // nor that it has ended
	parts []part
	kept  int // bytes of parts
}

// part is a message that was sent.
type part struct {
	first, last uint64 // events
	data        []byte
}

// Stream takes an event of the trainer's run. It does not wait.
func (h *Host) Stream(e lab.Event) {
	line, err := json.Marshal(e)
	if err != nil {
		return // no run has such an event
	}
	s := &h.live
	s.mu.Lock()
	defer s.mu.Unlock()
	if e.Run != nil {
		s.run, s.lines, s.parts, s.kept = e.Run.Nonce, nil, nil, 0
		s.id = class.Named(e.Run.Plan.ID)
		s.begun, s.ended = true, false
	}
	if s.run == "" {
		return
	}
	if len(s.lines) == 0 {
		s.first = e.Seq
	}
	s.lines = append(s.lines, line)
	s.ended = s.ended || e.End != nil
}

// flush sends what has gathered, and notes that a run began or ended.
func (s *stream) flush(h *Host) {
	s.mu.Lock()
	begun, id, ended := s.begun, s.id, s.ended && len(s.lines) == 0
	s.begun = false
	if ended {
		s.ended = false
	}
	var out [][]byte
	for len(s.lines) > 0 {
		if data := s.pack(); data != nil {
			out = append(out, data)
		}
	}
	s.mu.Unlock()
	if begun {
		h.note(&class.Event{Kind: class.KindLive, Name: id})
	}
	for _, data := range out {
		if err := h.link.Tell("", bus.Live, data); err != nil {
			h.mu.Lock()
			h.say(fmt.Sprintf("the run does not reach those who watch: %v", err))
			h.mu.Unlock()
		}
	}
	if ended {
		h.note(&class.Event{Kind: class.KindLiveEnd})
	}
}

// pack makes a message of the first lines; mu is held.
func (s *stream) pack() []byte {
	n, size := 0, 0
	for n < len(s.lines) && (n == 0 || size+len(s.lines[n]) <= class.MaxBatch) {
		size += len(s.lines[n])
		n++
	}
	b := class.Batch{Run: s.run, First: s.first, Events: s.lines[:n]}
	data, err := b.Pack()
	p := part{first: s.first, last: s.first + uint64(n) - 1, data: data} //nolint:gosec // a count
	s.lines, s.first = s.lines[n:], p.last+1
	if err != nil || len(data) > bus.MaxPayload {
		return nil // an event that no message can carry: those who watch see a run with a gap, and say so
	}
	if s.kept+len(data) <= mostKept { // the end of a longer one is not sent again
		s.parts, s.kept = append(s.parts, p), s.kept+len(data)
	}
	return data
}

// note keeps that the run began or ended.
func (h *Host) note(e *class.Event) {
	h.mu.Lock()
	defer h.mu.Unlock()
	if h.log != nil && h.room.Ended.IsZero() {
		_ = h.keep(e) // its error is told
	}
}

// resend tells a spectator the parts of the run that it does not have.
func (s *stream) resend(h *Host, seat string, has class.Beat) {
	s.mu.Lock()
	var again [][]byte
	for i, size := 0, 0; i < len(s.parts) && size < mostAgain; i++ {
		if p := &s.parts[i]; has.Run != s.run || p.last > has.Live {
			again, size = append(again, p.data), size+len(p.data)
		}
	}
	s.mu.Unlock()
	for _, data := range again {
		if h.link.Tell(seat, bus.Live, data) != nil {
			return // it asks again
		}
	}
}
