package mystery_test

import (
	"strings"
	"testing"
	"time"

	"github.com/muesli/termenv"

	"benchtop/lab"
	"benchtop/tui/fixture"
	"benchtop/tui/mystery"
	"benchtop/tui/screen"
	"benchtop/tui/theme"
	"benchtop/tui/watch"
)

// A game from its first guess to the right one: the look ends, the repair is measured, what it comes to opens by itself.
func TestAGame(t *testing.T) {
	look, trial, healthy := fixture.Free(), fixture.Ended(2), fixture.Free()
	healthy.Plan.ID, healthy.Plan.Variants = "healthy", []lab.Variant{{ID: "healthy"}}
	healthy.Variants[0].ID = "healthy"
	desk, run := &fixture.Desk{Clock: time.Unix(1000, 0)}, &watch.Run{}
	watched := fixture.NewStill(look)
	run.Attach(watched, nil)
	run.Pull()
	judged := []string{}
	game := &mystery.Game{
		Seed: 7, Begun: time.Unix(900, 0), Faults: []mystery.Fault{{ID: "pool", Label: "one connection"}, {ID: "keys", Label: "KEYS on the cache"}},
		Look:    func() *lab.Plan { return look.Plan },
		Healthy: func() *lab.Plan { return healthy.Plan },
		Trial:   func(string) *lab.Plan { return trial.Plan },
		Judge: func(fault string, named time.Time, r *lab.Result) ([]string, bool) {
			if r != trial.Result || !named.Equal(desk.Clock) {
				t.Errorf("judged %v, named at %v", r, named)
			}
			judged = append(judged, fault)
			return []string{"what " + fault + " came to"}, fault == "keys"
		},
	}
	s := mystery.New(desk, run, game)
	view := func() string {
		style, err := theme.New("mono", termenv.Ascii)
		if err != nil {
			t.Fatal(err)
		}
		text := strings.Join(s.View(screen.Frame{W: 80, H: 23, Look: style, Tier: theme.ASCII}), "\n")
		fixture.Fits(t, text, 80, 23)
		return text
	}
	if text := view(); !strings.Contains(text, "pool") || !strings.Contains(text, "KEYS on the cache") || !strings.Contains(text, "mystery 7") {
		t.Error(text)
	}
	ends := func() { // the trial comes to its end
		run.Attach(fixture.NewStill(trial), nil)
		run.Pull()
		s.Hear(screen.Snapshot{Turned: true})
	}
	fixture.Press(desk, s, "enter")
	if watched.Stops != 1 || len(desk.Started) != 1 || desk.Started[0] != trial.Plan {
		t.Fatalf("the look was stopped %d times, and %d runs were started", watched.Stops, len(desk.Started))
	}
	fixture.Press(desk, s, "enter") // twice is once
	if len(desk.Started) != 1 || !strings.Contains(view(), "is measured") {
		t.Error(view())
	}
	ends()
	if text := view(); !strings.Contains(text, "what pool came to") || !strings.Contains(text, "tried") {
		t.Error(text)
	}
	fixture.Press(desk, s, "h")
	if len(desk.Started) != 2 || desk.Started[1] != healthy.Plan {
		t.Error("no healthy service was started")
	}
	run.Attach(fixture.NewStill(healthy), nil)
	run.Pull()
	s.Hear(screen.Snapshot{}) // it is judged once
	if text := view(); !strings.Contains(text, "healthy") {
		t.Error(text)
	}
	desk.Started = desk.Started[:1]
	fixture.Press(desk, s, "l")
	if len(desk.Started) != 2 || desk.Started[1] != look.Plan {
		t.Error("no look was started again")
	}
	fixture.Press(desk, s, "down", "enter")
	trial.Result = fixture.Ended(2).Result
	ends()
	desk.Clock = desk.Clock.Add(time.Hour) // the clock stands once it is found
	if text := view(); !strings.Contains(text, "what keys came to") || strings.Contains(text, "tried") || !strings.Contains(text, "found") || strings.Contains(text, "since it began") {
		t.Error(text)
	}
	if got := strings.Join(judged, " "); got != "pool keys" {
		t.Errorf("judged %s", got)
	}
	fixture.Press(desk, s, "enter")
	if len(desk.Started) != 3 {
		t.Error("what is found was named again")
	}
}

// asked is how often a desk was asked to open the overlay.
func asked(desk *fixture.Desk) (n int) {
	for _, what := range desk.Opened {
		if _, is := what.(mystery.Ask); is {
			n++
		}
	}
	return n
}

// A fault that was named beforehand is judged at the end of the first run; a look that is stopped opens the overlay, and one that is
// left for another run does not.
func TestItOpensByItself(t *testing.T) {
	look, trial := fixture.Free(), fixture.Ended(2)
	desk, run := &fixture.Desk{Clock: time.Unix(1000, 0)}, &watch.Run{}
	judged := ""
	game := &mystery.Game{
		Faults: []mystery.Fault{{ID: "pool"}, {ID: "keys"}}, Named: "keys",
		Look:    func() *lab.Plan { return look.Plan },
		Healthy: func() *lab.Plan { return &lab.Plan{ID: "healthy", Variants: []lab.Variant{{ID: "healthy"}}} },
		Trial:   func(string) *lab.Plan { return trial.Plan },
		Judge: func(fault string, _ time.Time, _ *lab.Result) ([]string, bool) {
			judged = fault
			return nil, false
		},
	}
	s := mystery.New(desk, run, game)
	pull := func() {
		turned, _ := run.Pull()
		s.Hear(screen.Snapshot{Turned: turned})
	}
	run.Attach(fixture.NewStill(trial), nil)
	if pull(); judged != "keys" || asked(desk) != 1 {
		t.Errorf("judged %q, opened %d times", judged, asked(desk))
	}
	for _, leaves := range []bool{false, true} {
		st := *look
		still := fixture.NewStill(&st)
		run.Attach(still, nil)
		pull()
		before := asked(desk)
		if leaves {
			fixture.Press(desk, s, "h")
		}
		st.End = &lab.EndEvent{How: lab.EndInterrupted}
		if pull(); (asked(desk) > before) == leaves {
			t.Errorf("the look was left: %v; opened %d times, %d before", leaves, asked(desk), before)
		}
	}
}

// Without a game nothing opens it, and its keys do nothing.
func TestNoGame(t *testing.T) {
	desk := &fixture.Desk{}
	s := mystery.New(desk, &watch.Run{}, nil)
	if o, ok := s.(screen.Opener); !ok || len(o.Opens()) > 0 {
		t.Error("it can be opened")
	}
	fixture.Press(desk, s, "enter", "down", "l")
	if len(desk.Started) > 0 {
		t.Error("something was started")
	}
}

// A service whose fault was found before says so, and when; one that is still to be found marks all that was tried.
func TestAGameThatWentOn(t *testing.T) {
	look := fixture.Free()
	for _, found := range [][]string{nil, {"Found today 10:04: it is keys.", "50 points: with try 2."}} {
		desk, run := &fixture.Desk{Clock: time.Unix(1000, 0)}, &watch.Run{}
		game := &mystery.Game{
			Begun: time.Unix(900, 0), Faults: []mystery.Fault{{ID: "pool"}, {ID: "keys"}, {ID: "leak"}}, Tried: []string{"pool", "leak"}, Found: found,
			Look:    func() *lab.Plan { return look.Plan },
			Healthy: func() *lab.Plan { return &lab.Plan{ID: "healthy", Variants: []lab.Variant{{ID: "healthy"}}} },
			Trial:   func(string) *lab.Plan { return &lab.Plan{ID: "trial"} },
		}
		s := mystery.New(desk, run, game)
		run.Attach(fixture.NewStill(look), nil)
		run.Pull()
		s.Hear(screen.Snapshot{})
		style, err := theme.New("mono", termenv.Ascii)
		if err != nil {
			t.Fatal(err)
		}
		text := strings.Join(s.View(screen.Frame{W: 80, H: 23, Look: style, Tier: theme.ASCII}), "\n")
		fixture.Press(desk, s, "enter")
		if found == nil {
			if strings.Count(text, "tried") != 2 || !strings.Contains(text, "since it began") || len(desk.Started) != 1 {
				t.Errorf("%d runs were started: %s", len(desk.Started), text)
			}
			continue
		}
		for _, line := range append(found, "found", "service") {
			if !strings.Contains(text, line) {
				t.Errorf("%q is missing: %s", line, text)
			}
		}
		if word := s.(screen.Opener).Opens()[0].Word(); strings.Contains(text, "since it began") || len(desk.Started) > 0 || word != "the answer" {
			t.Errorf("%s, %d runs were started: %s", word, len(desk.Started), text)
		}
	}
}

// A healthy service can be looked at from the screen of the look.
func TestHealthyFromTheLook(t *testing.T) {
	look, healthy := fixture.Free(), &lab.Plan{ID: "healthy", Variants: []lab.Variant{{ID: "healthy"}}}
	desk, run := &fixture.Desk{}, &watch.Run{}
	game := &mystery.Game{Faults: []mystery.Fault{{ID: "pool"}}, Look: func() *lab.Plan { return look.Plan }, Healthy: func() *lab.Plan { return healthy }}
	s := mystery.New(desk, run, game)
	k := screen.Find([]screen.Section{{Keys: s.(screen.Opener).Opens()}}, "H")
	if k == nil || k.Reason() == "" {
		t.Fatal("it works before there is a service")
	}
	run.Attach(fixture.NewStill(look), nil)
	run.Pull()
	if k.Reason() != "" {
		t.Fatal(k.Reason())
	}
	if k.Do("H"); len(desk.Started) != 1 || desk.Started[0] != healthy {
		t.Errorf("started: %v", desk.Started)
	}
}
