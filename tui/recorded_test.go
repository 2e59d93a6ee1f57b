package tui

import (
	"bufio"
	"encoding/json"
	"os"
	"path/filepath"
	"sync"
	"testing"
	"time"

	"benchtop/lab"
	"benchtop/lab/progress"
	"benchtop/tui/panel"
	"benchtop/tui/screen"
)

// The recorded runs: real ones, as `benchtop run ID --save` wrote them.
const (
	runOfTwo  = "nodelay"        // two variants
	runOfFour = "keepalive-race" // four variants, two of which have errors
)

// moment is a recorded run at a time.
type moment struct {
	name string
	at   time.Duration
}

// recordings are the events of the recorded runs, and the runs as they stood at moments, read once.
var recordings = struct {
	sync.Mutex
	events map[string][]lab.Event
	states map[moment]*lab.State
}{events: map[string][]lab.Event{}, states: map[moment]*lab.State{}}

func recording(t testing.TB, name string) []lab.Event {
	t.Helper()
	recordings.Lock()
	defer recordings.Unlock()
	if events, ok := recordings.events[name]; ok {
		return events
	}
	f, err := os.Open(filepath.Join("testdata", "runs", name+".jsonl"))
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = f.Close() }()
	var events []lab.Event
	lines := bufio.NewScanner(f)
	lines.Buffer(nil, 1<<24)
	for lines.Scan() {
		var e lab.Event
		if err := json.Unmarshal(lines.Bytes(), &e); err != nil {
			t.Fatal(err)
		}
		events = append(events, e)
	}
	if err := lines.Err(); err != nil || len(events) == 0 {
		t.Fatalf("%s: %d events, %v", name, len(events), err)
	}
	recordings.events[name] = events
	return events
}

// recorded is a recorded run as it stood at a moment; 0 is its end.
func recorded(t testing.TB, name string, at time.Duration) *lab.State {
	t.Helper()
	events := recording(t, name)
	if at > 0 {
		for i := range events {
			if events[i].At > int64(at) {
				events = events[:i]
				break
			}
		}
	}
	recordings.Lock()
	defer recordings.Unlock()
	st, ok := recordings.states[moment{name, at}]
	if !ok {
		st = lab.FoldAll(events)
		recordings.states[moment{name, at}] = st
	}
	return st
}

func BenchmarkFold(b *testing.B) {
	events := recording(b, runOfFour)
	for b.Loop() {
		lab.FoldAll(events)
	}
}

// recordedModel shows a recorded run at a moment.
func recordedModel(t testing.TB, look, name string, at time.Duration) *model {
	t.Helper()
	return testModel(t, look, Config{Session: newStill(recorded(t, name, at)), Claim: fixtureClaim})
}

// recordedEnd is a chapter of the verdict on a recorded run.
func recordedEnd(t testing.TB, look, name string, chapter int, said *progress.Prediction) *model {
	t.Helper()
	m := recordedModel(t, look, name, 0)
	m.Home(screen.Verdict{})
	m.run.Said = said
	press(m, runes(string(rune('1'+chapter))))
	return m
}

// recordedLab is a lab whose one scenario is that of a recorded run.
func recordedLab(t testing.TB, look, name string) *model {
	t.Helper()
	plan := &recording(t, name)[0].Run.Plan
	entries := append(fixtureEntries(), Entry{ID: plan.ID, Title: plan.Title, Track: plan.Track, Minutes: plan.Minutes, Plan: plan})
	for i := range entries[:len(entries)-1] {
		if entries[i].ID == plan.ID {
			entries[i] = entries[len(entries)-1]
			entries = entries[:len(entries)-1]
			break
		}
	}
	m := testModel(t, look, Config{Entries: entries, Start: cannotStart})
	choose(m, plan.ID)
	return m
}

// The screens of recorded runs.
func init() {
	for name, shot := range map[string]func(t testing.TB, look string) *model{
		"recorded start": func(t testing.TB, look string) *model { return recordedModel(t, look, runOfTwo, time.Millisecond) },
		"recorded live":  func(t testing.TB, look string) *model { return recordedModel(t, look, runOfTwo, 40*time.Second) },
		"recorded live of four": func(t testing.TB, look string) *model {
			return recordedModel(t, look, runOfFour, 40*time.Second)
		},
		"recorded live zoomed": func(t testing.TB, look string) *model {
			m := recordedModel(t, look, runOfFour, 40*time.Second)
			m.run.MoveFocus(2)
			m.run.View.Zoom = true
			return m
		},
		"recorded live heat": func(t testing.TB, look string) *model {
			m := recordedModel(t, look, runOfTwo, 40*time.Second)
			m.run.View.Heat, m.run.View.Own, m.run.View.Span = true, true, panel.SpanAll
			return m
		},
		"recorded live ended": func(t testing.TB, look string) *model {
			m := recordedModel(t, look, runOfTwo, 0)
			m.Home(screen.Watch{})
			return m
		},
		"recorded frozen": func(t testing.TB, look string) *model {
			clock := &stopped{now: time.Unix(1000, 0)}
			m := testModel(t, look, Config{Session: newStill(recorded(t, runOfTwo, 40*time.Second)), Now: clock.Now})
			press(m, runes("f"))
			clock.now = clock.now.Add(12 * time.Second)
			return m
		},
		"recorded events": func(t testing.TB, look string) *model {
			m := recordedModel(t, look, runOfFour, 0)
			m.Open(screen.Events{})
			return m
		},
		"recorded verdict":         func(t testing.TB, look string) *model { return recordedEnd(t, look, runOfTwo, 0, nil) },
		"recorded verdict of four": func(t testing.TB, look string) *model { return recordedEnd(t, look, runOfFour, 0, nil) },
		"recorded mechanism":       func(t testing.TB, look string) *model { return recordedEnd(t, look, runOfFour, 2, nil) },
		"recorded latency":         func(t testing.TB, look string) *model { return recordedEnd(t, look, runOfTwo, 3, nil) },
		"recorded slices":          func(t testing.TB, look string) *model { return recordedEnd(t, look, runOfTwo, 4, nil) },
		"recorded basis":           func(t testing.TB, look string) *model { return recordedEnd(t, look, runOfTwo, 6, nil) },
		"recorded catalogue":       func(t testing.TB, look string) *model { return recordedLab(t, look, runOfFour) },
		"recorded lesson": func(t testing.TB, look string) *model {
			m := recordedLab(t, look, runOfFour)
			press(m, keyEnter)
			return m
		},
		"recorded predict": func(t testing.TB, look string) *model {
			m := recordedLab(t, look, runOfTwo)
			press(m, runes("r"))
			return m
		},
		"recorded quiz": func(t testing.TB, look string) *model {
			m := recordedLab(t, look, runOfTwo)
			m.Open(screen.Quiz{Plan: m.course.Find(selected(m)).Plan})
			return m
		},
	} {
		shots[name] = shot
	}
}
