package host

import (
	"crypto/sha256"
	"crypto/subtle"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"time"

	"benchtop/lab/class"
	"benchtop/lab/class/bus"
)

// Bounds of what one seat may cost the trainer.
const (
	mostAtOnce    = 256 // messages that are written together
	progressEvery = 300 * time.Millisecond
	mostRefusals  = 20 // that are logged of a seat, or of who is none, in a minute
	mostResults   = 1000
	secretDigits  = 32
)

// pace is how much of a seat was taken lately.
type pace struct {
	progress class.Progress
	at       time.Time // of that
	lesson   int       // of that
	refused  int       // in the minute
	minute   time.Time
	results  int
}

func (h *Host) pace(seat string) *pace {
	p := h.paced[seat]
	if p == nil {
		p = &pace{}
		h.paced[seat] = p
	}
	return p
}

// admit decides who may come in: who has the token, and, as a seat that is known, who has its secret as well.
func (h *Host) admit(l bus.Login) error {
	why := ""
	key := sha256.Sum256([]byte(l.Secret))
	text := hex.EncodeToString(key[:])
	h.mu.Lock()
	defer h.mu.Unlock()
	known := h.keys[l.Seat]
	switch {
	case h.log == nil:
		return errors.New("the class is closed")
	case subtle.ConstantTimeCompare([]byte(l.Token), []byte(hex.EncodeToString(h.settings.Token))) != 1:
		why = "a wrong token: the join code of another class"
	case l.Agent:
		why = "an agent: this is a class, which has seats; agents are for `benchtop load --agents`"
	case !class.IsID(l.Seat) || len(l.Secret) != secretDigits:
		why = "a seat without an id or a secret"
	case known == "" && len(h.keys) >= maxSeats:
		why = fmt.Sprintf("seat %d: a class has %d at most", len(h.keys)+1, maxSeats)
	case known == "":
		return h.keep(&class.Event{Kind: class.KindAdmitted, Seat: l.Seat, Key: text})
	case subtle.ConstantTimeCompare([]byte(known), []byte(text)) != 1:
		why = "a forged seat: it has another secret than the seat that came first"
	}
	if why == "" {
		return nil
	}
	seat := ""
	if class.IsID(l.Seat) {
		seat = l.Seat
	}
	h.refused(seat, why+", from "+l.From)
	return errors.New(why)
}

// refused logs what was not taken; mu is held. Of one seat so many are logged in a minute: a flood is no way to fill the trainer's disk.
func (h *Host) refused(seat, why string) {
	p, now := h.pace(seat), h.config.Now()
	if now.Sub(p.minute) > time.Minute {
		p.minute, p.refused = now, 0
	}
	switch p.refused++; {
	case p.refused > mostRefusals:
		return
	case p.refused == mostRefusals:
		why = "more of the same; no more of it is written down in this minute"
	}
	_ = h.keep(&class.Event{Kind: class.KindRefused, Seat: seat, Refused: class.Trimmed(why)}) // its error is told
}

// listen takes what the seats say, as much together as has come.
func (h *Host) listen(said <-chan bus.Said) {
	for first := range said {
		batch := []bus.Said{first}
	more:
		for len(batch) < mostAtOnce {
			select {
			case s, ok := <-said:
				if !ok {
					break more
				}
				batch = append(batch, s)
			default:
				break more
			}
		}
		h.take(batch)
	}
}

// taken is what a batch of messages comes to.
type taken struct {
	events []*class.Event
	seen   map[string]string
	words  map[string]*class.Word // by seat
	order  []string               // of those
	resend map[string]class.Beat
}

func (t *taken) word(seat string) *class.Word {
	if t.words[seat] == nil {
		t.words[seat] = &class.Word{Benchtop: class.Version}
		t.order = append(t.order, seat)
	}
	return t.words[seat]
}

// bears reports whether what is to be kept decides about what a seat says next: its own words before, and names that are
// taken.
func (t *taken) bears(seat string) bool {
	return slices.ContainsFunc(t.events, func(e *class.Event) bool { return e.Seat == seat || e.Kind == class.KindHello })
}

// write keeps what is to be kept so far.
func (h *Host) write(t *taken) error {
	events := t.events
	t.events = nil
	return h.keep(events...)
}

// take writes what is to be kept, then confirms it. What the disk does not take is not confirmed: it comes again.
func (h *Host) take(batch []bus.Said) {
	h.mu.Lock()
	defer h.mu.Unlock()
	if h.log == nil {
		return
	}
	t := &taken{seen: map[string]string{}, words: map[string]*class.Word{}, resend: map[string]class.Beat{}}
	for i := range batch {
		if t.bears(batch[i].Seat) && h.write(t) != nil {
			return
		}
		h.judge(t, &batch[i])
	}
	if h.write(t) != nil {
		return
	}
	for _, seat := range t.order {
		h.tell(seat, t.words[seat])
	}
	for seat, beat := range t.resend {
		h.repair(seat, beat)
	}
}

// judge decides about one message.
func (h *Host) judge(t *taken, said *bus.Said) {
	m, err := class.Decode(said.Data)
	switch {
	case err != nil:
		h.refused(said.Seat, err.Error())
		return
	case m.Seat != said.Seat:
		h.refused(said.Seat, "a message in the name of seat "+m.Seat)
		return
	case m.Class != h.room.Class:
		h.refused(said.Seat, "a message to another class")
		return
	}
	h.heard[m.Seat] = h.config.Now()
	if m.Beat != nil {
		h.beat(t, m)
		return
	}
	if m.Progress != nil {
		h.progress(t, m)
		return
	}
	key, sum := m.Seat+m.ID, sumOf(said.Data)
	before, known := h.seen[key]
	if !known {
		before, known = t.seen[key]
	}
	switch {
	case known && before == sum: // its confirmation was lost
		w := t.word(m.Seat)
		w.Confirmed = append(w.Confirmed, m.ID)
		return
	case known:
		h.refused(m.Seat, "a replayed message: its id was another message's")
		return
	}
	e, why := h.event(m)
	w := t.word(m.Seat)
	if why != "" {
		if m.Hello != nil || m.Lesson >= len(h.room.Rounds) { // what comes for an earlier lesson is late, and nobody's fault
			h.refused(m.Seat, why)
		}
		w.Refused = append(w.Refused, class.Refused{ID: m.ID, Why: class.Trimmed(why)})
		return
	}
	e.Sum = sum
	t.events = append(t.events, e)
	t.seen[key] = sum
	w.Confirmed = append(w.Confirmed, m.ID)
	if m.Hello != nil {
		t.resend[m.Seat] = class.Beat{}
	}
}

// beat notes that a seat is there again, and has what it lacks told.
func (h *Host) beat(t *taken, m *class.Message) {
	if s := h.room.Seat(m.Seat); s != nil && !s.Here {
		t.events = append(t.events, &class.Event{Kind: class.KindHere, Seat: m.Seat})
	}
	t.resend[m.Seat] = *m.Beat
}

// progress takes what has changed, and not too much of it.
func (h *Host) progress(t *taken, m *class.Message) {
	p, now := h.pace(m.Seat), h.config.Now()
	same := p.lesson == m.Lesson && p.progress.Doing == m.Progress.Doing
	if m.Lesson != len(h.room.Rounds) || h.room.Seat(m.Seat) == nil || p.lesson == m.Lesson && p.progress == *m.Progress || same && now.Sub(p.at) < progressEvery {
		return
	}
	p.progress, p.at, p.lesson = *m.Progress, now, m.Lesson
	t.events = append(t.events, &class.Event{Kind: class.KindProgress, Seat: m.Seat, Lesson: m.Lesson, Progress: m.Progress})
}

// sumOf tells messages with one id apart.
func sumOf(data []byte) string {
	sum := sha256.Sum256(data)
	return hex.EncodeToString(sum[:8])
}

// event is what a message comes to, or why it is not taken.
func (h *Host) event(m *class.Message) (e *class.Event, why string) {
	e = &class.Event{Seat: m.Seat, Message: m.ID, Lesson: m.Lesson}
	if m.Hello != nil {
		if !h.room.Ended.IsZero() {
			return nil, "the class has ended"
		}
		e.Kind, e.Hello, e.Lesson = class.KindHello, m.Hello, 0
		e.Name = h.room.Free(m.Seat, m.Hello.Name)
		return e, ""
	}
	s := h.room.Seat(m.Seat)
	switch {
	case s == nil:
		return nil, "a seat that has not said what it is"
	case s.Watch:
		return nil, "a spectator that says more than that it is there"
	case m.Lesson > len(h.room.Rounds):
		return nil, fmt.Sprintf("a message about lesson %d, of %d", m.Lesson, len(h.room.Rounds))
	}
	rd := &h.room.Rounds[m.Lesson-1]
	en := rd.Entry(m.Seat)
	if en == nil {
		en = &class.Entry{}
	}
	switch {
	case m.Prediction != nil:
		e.Kind, e.Prediction = class.KindPrediction, m.Prediction
		return e, predictable(rd, en, m.Prediction)
	case m.Result != nil:
		e.Kind, e.Result = class.KindResult, m.Result
		return e, h.measurable(rd, m)
	case m.Answer != nil:
		e.Kind, e.Answer = class.KindAnswer, m.Answer
		return e, answerable(rd, m.Answer)
	case m.Stopped != nil:
		e.Kind, e.Stopped = class.KindStopped, m.Stopped
		h.pace(m.Seat).progress = class.Progress{} // another run begins anew
		return e, ""
	}
	e.Kind, e.Skip = class.KindSkip, m.Skip
	return e, ""
}

func predictable(rd *class.Round, en *class.Entry, p *class.Prediction) string {
	switch {
	case en.Prediction != nil:
		return "a second prediction: the first one is sealed"
	case en.Result != nil:
		return "a prediction after the result"
	case p.Winner != "" && p.Winner != class.NoDifference && !slices.Contains(rd.Lesson.Variants, p.Winner):
		return fmt.Sprintf("a prediction for %.40q, which the lesson does not have", p.Winner)
	}
	return ""
}

func answerable(rd *class.Round, a *class.Answer) string {
	switch {
	case rd.AnswersOpen:
		return "an answer after the answers were opened"
	case a.Question >= len(rd.Lesson.Quiz) || a.Option >= len(rd.Lesson.Quiz[a.Question].Options):
		return fmt.Sprintf("option %d of question %d, which the lesson does not have", a.Option+1, a.Question+1)
	}
	return ""
}

// measurable holds a result against its lesson. Which comparison is the main one, the lesson says, not the seat.
func (h *Host) measurable(rd *class.Round, m *class.Message) string {
	r, l := m.Result, &rd.Lesson
	p := h.pace(m.Seat)
	if r.SHA256 != l.SHA256 || r.Scenario != l.ID {
		return fmt.Sprintf("a result of %.40q, which is not the file of the lesson", r.Scenario)
	}
	if p.results++; p.results > mostResults {
		return fmt.Sprintf("more than %d results", mostResults)
	}
	r.Main = -1
	for i := range r.Comparisons {
		c := &r.Comparisons[i]
		if !slices.Contains(l.Variants, c.Variant) || !slices.Contains(l.Variants, c.Baseline) {
			return fmt.Sprintf("a result that compares %.40q with %.40q, which the lesson does not have", c.Variant, c.Baseline)
		}
		if c.Metric == l.Metric && c.Variant == l.Variant && c.Baseline == l.Baseline {
			r.Main = i
		}
	}
	return ""
}

// tell tells one seat something; what gets lost is told again at one of its next beats.
func (h *Host) tell(seat string, w *class.Word) {
	text, err := json.Marshal(w)
	if err == nil {
		err = h.link.Tell(seat, bus.Word, text)
	}
	if err != nil {
		h.say(fmt.Sprintf("what a seat should hear was not sent: %v", err))
	}
}

// repair tells a seat what it lacks.
func (h *Host) repair(seat string, has class.Beat) {
	w := &class.Word{Benchtop: class.Version}
	if rd := h.room.Now(); rd != nil && has.Lesson < rd.Lesson.Number {
		w.Lesson = &rd.Lesson
	}
	if has.Stage < h.told {
		st := h.room.Stage()
		w.Stage = &st
	}
	if w.Lesson != nil || w.Stage != nil {
		h.tell(seat, w)
	}
	if s := h.room.Seat(seat); s != nil && s.Watch {
		h.live.resend(h, seat, has)
	}
}
