package host_test

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"go.uber.org/goleak"

	"benchtop/lab"
	"benchtop/lab/class"
	"benchtop/lab/class/bus"
	"benchtop/lab/class/guest"
	"benchtop/lab/class/host"
	"benchtop/lab/class/joincode"
	"benchtop/lab/rehearsal"
	"benchtop/lab/stats"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

const deadline = time.Minute

// text of the lesson; nobody parses it here.
const text = "the text of a scenario"

func plan(id string) *lab.Plan {
	p := rehearsal.Script{}.Plan()
	p.ID, p.SHA256, p.Title = id, sum(text), "A lesson"
	p.Predict = &lab.Predict{Ask: "How much?", Metric: p.Metric, Variant: p.Variants[1].ID}
	p.Quiz = []lab.Quiz{{Ask: "Why?", Options: []lab.Option{{Text: "x"}, {Text: "y", Correct: true}}}}
	return &p
}

func sum(s string) string {
	b := sha256.Sum256([]byte(s))
	return hex.EncodeToString(b[:])
}

func open(t *testing.T, dir string) *host.Host {
	t.Helper()
	return openAt(t, dir, "")
}

// openAt opens a class over a server that runs already; nowhere: over its own.
func openAt(t *testing.T, dir, nats string) *host.Host {
	t.Helper()
	h, err := host.Open(host.Config{Dir: dir, Name: "monday", Program: "test", NATS: nats, Now: time.Now, Trouble: func(text string) { t.Log(text) }})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(h.Close)
	return h
}

func codeOf(t *testing.T, h *host.Host) *joincode.Code {
	t.Helper()
	c, err := joincode.Parse(h.Code())
	if err != nil {
		t.Fatal(err)
	}
	return c
}

// read takes every lesson but the one called bad.
func read(l *class.Lesson) *class.Offer {
	if l.ID == "bad" {
		return &class.Offer{Lesson: *l, Refused: "it starts a program"}
	}
	return &class.Offer{Lesson: *l, Plan: plan(l.ID)}
}

func join(t *testing.T, h *host.Host, below, name string, change ...func(*guest.Config)) *guest.Guest {
	t.Helper()
	c := guest.Config{Code: codeOf(t, h), Below: below, Name: name, Now: time.Now, Read: read, Machine: class.Machine{OS: "test", CPUs: 1}}
	for _, f := range change {
		f(&c)
	}
	g, err := guest.Join(t.Context(), c)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(g.Close)
	return g
}

// until waits until something is so, and looks whenever one of the sources may have changed.
func until(t *testing.T, what string, so func() bool) {
	t.Helper()
	late := time.After(deadline)
	for !so() {
		select {
		case <-late:
			t.Fatal("it never came to this: " + what)
		case <-time.After(5 * time.Millisecond):
		}
	}
}

func result(ratio float64) *lab.Result {
	p := plan("workers")
	r := &lab.Result{Scenario: lab.ScenarioRef{ID: p.ID, SHA256: p.SHA256}, Complete: true, Metric: p.Metric, Blocks: 3}
	r.Comparisons = []lab.Comparison{{
		Metric: p.Metric, Primary: true, Variant: p.Variants[1].ID, Baseline: p.Variants[0].ID, Ratio: &ratio, CI95: &[2]float64{ratio * 0.9, ratio * 1.1}, Pairs: 6, Verdict: stats.Higher,
	}}
	return r
}

func refusedAs(h *host.Host, want string) func() bool {
	return func() bool {
		for _, r := range h.Room().Refused {
			if strings.Contains(r.Why, want) {
				return true
			}
		}
		return false
	}
}

func TestAClass(t *testing.T) {
	wholeClass(t, open(t, filepath.Join(t.TempDir(), "class")))
}

// wholeClass is a class from its first seat to its end.
func wholeClass(t *testing.T, h *host.Host) {
	t.Helper()
	ada, grace := join(t, h, t.TempDir(), "Ada"), join(t, h, t.TempDir(), "Ada")
	spectator := join(t, h, t.TempDir(), "", func(c *guest.Config) { c.Watch = true })
	until(t, "three are here", func() bool { return len(h.Room().Seats) == 3 })
	if a, b := h.Room().Seats[0].Name, h.Room().Seats[1].Name; a == b {
		t.Errorf("two seats are called %s", a)
	}
	if err := h.OpenPredictions(); !errors.Is(err, host.ErrNoLesson) {
		t.Error(err)
	}
	if err := h.OpenLesson(plan("workers"), []byte(text)); err != nil {
		t.Fatal(err)
	}
	for _, g := range []*guest.Guest{ada, grace, spectator} {
		until(t, "the lesson is there", func() bool { return g.Offer() != nil && g.Stage().Lesson != nil })
	}
	if err := ada.Answer(0, 1); !errors.Is(err, guest.ErrSealed) {
		t.Errorf("answered before the run: %v", err)
	}
	if err := ada.Predict(class.Prediction{Low: 2, High: 3, Winner: plan("").Variants[1].ID}); err != nil {
		t.Fatal(err)
	}
	if err := ada.Predict(class.Prediction{Low: 1, High: 1}); err == nil {
		t.Error("a second prediction is taken")
	}
	until(t, "it is sealed at the trainer's", func() bool { e := h.Room().Now().Entry(ada.ID()); return e != nil && e.Predicted })
	until(t, "it is confirmed", func() bool { return ada.Link().Waiting == 0 })
	if e := h.Room().Now().Entry(ada.ID()); e.Prediction != nil || grace.Stage().Predictions != nil {
		t.Error("a sealed prediction is shown")
	}
	if err := h.OpenPredictions(); err != nil {
		t.Fatal(err)
	}
	until(t, "everybody has the predictions", func() bool { return len(grace.Stage().Predictions) == 1 && len(spectator.Stage().Predictions) == 1 })
	ada.Progress(class.Progress{Doing: class.Running, Block: 1, Blocks: 3})
	until(t, "the progress", func() bool { return h.Room().Now().Entry(ada.ID()).Block == 1 })
	if err := ada.Stopped("the port is taken"); err != nil || ada.State().Stopped != "the port is taken" {
		t.Fatal(err, ada.State())
	}
	until(t, "a run without a result", func() bool {
		e := h.Room().Now().Entry(ada.ID())
		return e.Stopped == "the port is taken" && e.Doing == class.Reading && e.Block == 0 && e.Result == nil
	})
	ada.Progress(class.Progress{Doing: class.Running, Block: 2, Blocks: 3})
	until(t, "another run goes on", func() bool {
		e := h.Room().Now().Entry(ada.ID())
		return e.Block == 2 && e.Stopped == "" && ada.State().Stopped == ""
	})
	if err := ada.Finish(result(2.5)); err != nil {
		t.Fatal(err)
	}
	if err := ada.Answer(0, 1); err != nil {
		t.Fatal(err)
	}
	until(t, "the result and the answer", func() bool {
		e := h.Room().Now().Entry(ada.ID())
		return e.Main() != nil && *e.Main().Ratio == 2.5 && e.Answered == 1 && e.Answers == nil
	})
	until(t, "the others see it", func() bool { r := grace.Stage().Results; return len(r) == 1 && *r[0].Ratio == 2.5 })
	if err := h.OpenAnswers(); err != nil {
		t.Fatal(err)
	}
	until(t, "the answers are open", func() bool { st := grace.Stage(); return len(st.Votes) == 1 && st.Votes[0][1] == 1 && st.Right[0] == 1 })
	if err := spectator.Predict(class.Prediction{Skipped: true}); err == nil {
		t.Error("a spectator predicts")
	}
	if err := h.End(); err != nil {
		t.Fatal(err)
	}
	<-grace.Done()
	if err := h.OpenAnswers(); !errors.Is(err, host.ErrEnded) {
		t.Error(err)
	}
}

// F27: the trainer is gone at any moment and comes back with the same state: seats are the same seats, and of what they said meanwhile
// nothing is lost and nothing is there twice.
func TestTheTrainerComesBack(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "class")
	h := open(t, dir)
	if err := h.OpenLesson(plan("workers"), []byte(text)); err != nil {
		t.Fatal(err)
	}
	const seats, each = 10, 30
	belows, guests := make([]string, seats), make([]*guest.Guest, seats)
	for i := range guests {
		belows[i] = t.TempDir()
		guests[i] = join(t, h, belows[i], fmt.Sprintf("seat %d", i))
	}
	for _, g := range guests {
		until(t, "the lesson", func() bool { return g.Offer() != nil && g.Link().Waiting == 0 })
	}
	code := h.Code()
	h.Close()
	var all sync.WaitGroup
	for _, g := range guests {
		until(t, "it knows that the trainer is gone", func() bool { return !g.Link().Connected })
		all.Go(func() {
			for k := range each {
				if err := g.Finish(result(1 + float64(k)/100)); err != nil {
					t.Error(err)
				}
			}
		})
	}
	all.Wait()
	again := guests[0].ID()
	guests[0].Close() // and this one's program is started again, before the trainer is back
	h = open(t, dir)
	if h.Code() != code {
		t.Error("the class has another code")
	}
	guests[0] = join(t, h, belows[0], "seat 0")
	if guests[0].ID() != again {
		t.Error("it is another seat")
	}
	for _, g := range guests {
		until(t, "all is confirmed", func() bool { return g.Link().Waiting == 0 })
	}
	h.Close()
	events, err := class.Replay(dir)
	if err != nil {
		t.Fatal(err)
	}
	came := map[string]int{}
	for i := range events {
		if events[i].Kind == class.KindResult {
			came[events[i].Seat+events[i].Message]++
		}
	}
	if len(came) != seats*each {
		t.Errorf("%d results of %d", len(came), seats*each)
	}
	for id, n := range came {
		if n != 1 {
			t.Errorf("%s came %d times", id, n)
		}
	}
}

// raw is a connection that breaks the rules.
func raw(t *testing.T, code *joincode.Code, seat, secret string) (*bus.Link, <-chan bus.State) {
	t.Helper()
	states := make(chan bus.State, 100)
	l, err := bus.Dial(code, seat, secret, func(s bus.State) { states <- s })
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(l.Close)
	return l, states
}

func is(t *testing.T, states <-chan bus.State, so func(bus.State) bool) {
	t.Helper()
	late := time.After(deadline)
	for {
		select {
		case s := <-states:
			if so(s) {
				return
			}
		case <-late:
			t.Fatal("the connection never came to this")
		}
	}
}

const (
	mallory = "00000000000000ff"
	secret  = "0123456789abcdef0123456789abcdef"
)

// F28: wrong codes, forged seats, replayed and oversized messages are refused, written down, and harm nobody.
func TestWhoBreaksTheRulesIsRefused(t *testing.T) {
	h := open(t, filepath.Join(t.TempDir(), "class"))
	ada := join(t, h, t.TempDir(), "Ada")
	if err := h.OpenLesson(plan("workers"), []byte(text)); err != nil {
		t.Fatal(err)
	}
	until(t, "Ada has the lesson", func() bool { return ada.Offer() != nil && ada.Link().Waiting == 0 })

	wrong := codeOf(t, h)
	wrong.Token = []byte("another 10")
	_, states := raw(t, wrong, mallory, secret)
	is(t, states, func(s bus.State) bool { return s.Over && errors.Is(s.Err, bus.ErrRefused) })
	until(t, "a wrong token", refusedAs(h, "wrong token"))

	_, states = raw(t, codeOf(t, h), ada.ID(), secret)
	is(t, states, func(s bus.State) bool { return s.Over && errors.Is(s.Err, bus.ErrRefused) })
	until(t, "a forged seat", refusedAs(h, "forged seat"))

	agent, err := bus.DialAgent(codeOf(t, h), mallory, secret, func(bus.State) {})
	if err == nil {
		t.Cleanup(agent.Close)
	}
	until(t, "an agent", refusedAs(h, "this is a class, which has seats"))

	other := codeOf(t, h)
	other.Fingerprint[3]++
	_, states = raw(t, other, mallory, secret)
	is(t, states, func(s bus.State) bool { return errors.Is(s.Err, bus.ErrCertificate) })

	l, states := raw(t, codeOf(t, h), mallory, secret)
	is(t, states, func(s bus.State) bool { return s.Connected })
	say := func(as string, change func(*class.Message)) []byte {
		m := &class.Message{Benchtop: class.Version, ID: "0123456789abcdef", Class: wrong.Class(), Seat: mallory, At: time.Now()}
		m.Class = codeOf(t, h).Class()
		change(m)
		data, err := json.Marshal(m)
		if err != nil {
			t.Fatal(err)
		}
		if err := l.Say(as, data); err != nil {
			t.Error(err)
		}
		return data
	}
	prediction := func(m *class.Message) { m.Lesson, m.Prediction = 1, &class.Prediction{Low: 1, High: 2} }
	say(mallory, prediction)
	until(t, "no hello", refusedAs(h, "has not said what it is"))
	say(ada.ID(), func(m *class.Message) { prediction(m); m.Seat = ada.ID() }) // the server holds the subject
	until(t, "another's subject", refusedAs(h, "Violation"))
	say(mallory, func(m *class.Message) { prediction(m); m.Seat = ada.ID() })
	until(t, "another's name", refusedAs(h, "in the name of seat"))
	say(mallory, func(m *class.Message) { m.Hello = &class.Hello{Name: "Mallory"} })
	until(t, "it is here", func() bool { return h.Room().Seat(mallory) != nil })
	first := say(mallory, func(m *class.Message) { m.ID = "1111111111111111"; prediction(m) })
	until(t, "its prediction", func() bool { e := h.Room().Now().Entry(mallory); return e != nil && e.Predicted })
	seq := h.Room().Seq
	if err := l.Say(mallory, first); err != nil { // a message that comes again is nothing new
		t.Error(err)
	}
	say(mallory, func(m *class.Message) { m.ID = "1111111111111111"; prediction(m); m.Prediction.High = 9 })
	until(t, "a replayed id", refusedAs(h, "replayed"))
	if r := h.Room(); r.Seq != seq+1 {
		t.Errorf("%d events more", r.Seq-seq)
	}
	say(mallory, func(m *class.Message) { m.ID = "2222222222222222"; prediction(m) })
	until(t, "a second prediction", refusedAs(h, "second prediction"))
	say(mallory, func(m *class.Message) {
		m.ID, m.Lesson, m.Result = "3333333333333333", 1, &class.Result{Scenario: "other", Main: -1}
	})
	until(t, "another's result", refusedAs(h, "not the file of the lesson"))
	if err := l.Say(mallory, make([]byte, class.MaxMessage+1)); err != nil {
		t.Error(err)
	}
	until(t, "an oversized message", refusedAs(h, "at most 32768"))
	if err := l.Say(mallory, []byte(`{"benchtop":1,"run":"rm"}`)); err != nil {
		t.Error(err)
	}
	until(t, "an unknown key", refusedAs(h, "unknown field"))
	if heard, err := l.Listen(ada.ID()); err == nil { // the server refuses it
		_ = heard
	}
	until(t, "listening to another", refusedAs(h, "Subscription Violation"))

	if err := ada.Predict(class.Prediction{Low: 2, High: 3}); err != nil {
		t.Fatal(err)
	}
	until(t, "Ada goes on", func() bool { e := h.Room().Now().Entry(ada.ID()); return e != nil && e.Predicted })
}

// A flood of refusals does not fill the disk of the trainer.
func TestRefusalsAreCounted(t *testing.T) {
	h := open(t, filepath.Join(t.TempDir(), "class"))
	l, states := raw(t, codeOf(t, h), mallory, secret)
	is(t, states, func(s bus.State) bool { return s.Connected })
	for range 500 {
		if err := l.Say(mallory, []byte("x")); err != nil {
			t.Fatal(err)
		}
	}
	until(t, "it is enough", refusedAs(h, "more of the same"))
	if n := h.Room().Refusals; n > 25 {
		t.Errorf("%d refusals are written down", n)
	}
}

// A lesson that this machine refuses is told to the trainer; nothing is started, and it does not come again.
func TestALessonIsRefused(t *testing.T) {
	h := open(t, filepath.Join(t.TempDir(), "class"))
	ada := join(t, h, t.TempDir(), "Ada")
	if err := h.OpenLesson(plan("bad"), []byte(text)); err != nil {
		t.Fatal(err)
	}
	until(t, "the trainer knows", func() bool {
		e := h.Room().Now().Entry(ada.ID())
		return e != nil && e.Doing == class.Declined && strings.Contains(e.Declined, "starts a program")
	})
	if o := ada.Offer(); o.Plan != nil || ada.Link().Remarks != 1 {
		t.Errorf("%+v, %+v", o, ada.Link())
	}
}

// Those who watch have the trainer's run event by event, also who comes late.
func TestWatching(t *testing.T) {
	h := open(t, filepath.Join(t.TempDir(), "class"))
	watch := func(c *guest.Config) { c.Watch = true }
	early := join(t, h, t.TempDir(), "early", watch)
	until(t, "it is here", func() bool { return len(h.Room().Seats) == 1 })
	events := rehearsal.Script{Blocks: 6}.Events()
	for _, e := range events[:len(events)/2] {
		h.Stream(e)
	}
	until(t, "half of it", func() bool { f := early.Live(); return f != nil && f.State().Plan != nil })
	late := join(t, h, t.TempDir(), "late", watch)
	for _, e := range events[len(events)/2:] {
		h.Stream(e)
	}
	want, err := json.Marshal(lab.FoldAll(events).Result)
	if err != nil {
		t.Fatal(err)
	}
	for _, g := range []*guest.Guest{early, late} {
		until(t, "all of it", func() bool { f := g.Live(); return f != nil && f.State().End != nil })
		if got, err := json.Marshal(g.Live().Result()); err != nil || string(got) != string(want) {
			t.Errorf("another result: %v", err)
		}
	}
	until(t, "it has ended", func() bool { return !h.Room().Live })
}

// What comes for an earlier lesson is late: the seat is told, and nothing is refused.
func TestALateMessageIsNotRefused(t *testing.T) {
	h := open(t, filepath.Join(t.TempDir(), "class"))
	for _, id := range []string{"workers", "threads"} {
		if err := h.OpenLesson(plan(id), []byte(text)); err != nil {
			t.Fatal(err)
		}
	}
	link, states := raw(t, codeOf(t, h), mallory, secret)
	is(t, states, func(s bus.State) bool { return s.Connected })
	say := func(m class.Message) {
		m.Benchtop, m.Class, m.Seat, m.At = class.Version, codeOf(t, h).Class(), mallory, time.Now()
		said, err := json.Marshal(m)
		if err == nil {
			err = link.Say(mallory, said)
		}
		if err != nil {
			t.Fatal(err)
		}
	}
	say(class.Message{ID: "00000000000000a1", Hello: &class.Hello{Name: "M"}})
	say(class.Message{ID: "00000000000000a2", Lesson: 1, Prediction: &class.Prediction{Winner: "none such", Low: 1, High: 2}})
	say(class.Message{ID: "00000000000000a3", Lesson: 2, Prediction: &class.Prediction{Winner: "nor this", Low: 1, High: 2}})
	until(t, "the one of now is refused", refusedAs(h, "nor this"))
	if n := h.Room().Refusals; n != 1 {
		t.Errorf("%d were refused: %+v", n, h.Room().Refused)
	}
	// What comes together is judged one after the other.
	say(class.Message{ID: "00000000000000a4", Lesson: 2, Prediction: &class.Prediction{Low: 1, High: 2}})
	say(class.Message{ID: "00000000000000a5", Lesson: 2, Prediction: &class.Prediction{Low: 3, High: 4}})
	until(t, "a second prediction is refused", refusedAs(h, "a second prediction"))
	if err := h.OpenPredictions(); err != nil {
		t.Fatal(err)
	}
	if p := h.Room().Now().Entry(mallory).Prediction; p == nil || p.Low != 1 {
		t.Errorf("kept %+v", p)
	}
}

func TestOneTrainerAFolder(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "class")
	h := open(t, dir)
	if _, err := host.Open(host.Config{Dir: dir, Now: time.Now}); err == nil || !strings.Contains(err.Error(), "another terminal") {
		t.Errorf("opened twice: %v", err)
	}
	below := filepath.Dir(dir)
	if last, err := host.Last(below, time.Hour, time.Now()); err != nil || last != dir {
		t.Errorf("%s, %v", last, err)
	}
	if last, err := host.Last(below, time.Hour, time.Now().Add(2*time.Hour)); err != nil || last != "" {
		t.Errorf("an old one: %s, %v", last, err)
	}
	if err := h.End(); err != nil {
		t.Fatal(err)
	}
	if last, err := host.Last(below, time.Hour, time.Now()); err != nil || last != "" {
		t.Errorf("one that has ended: %s, %v", last, err)
	}
}

func TestAPortThatIsTaken(t *testing.T) {
	h := open(t, filepath.Join(t.TempDir(), "class"))
	_, err := host.Open(host.Config{Dir: filepath.Join(t.TempDir(), "class"), Listen: h.Address(), Now: time.Now})
	if err == nil || !strings.Contains(err.Error(), "--listen") {
		t.Error(err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	h.Wait(ctx)
}
