package tui

import (
	"slices"
	"strings"
	"testing"
	"time"

	tea "github.com/charmbracelet/bubbletea"
	"github.com/charmbracelet/x/ansi"

	"benchtop/lab"
	"benchtop/lab/class"
	"benchtop/lab/rehearsal"
	"benchtop/tui/fixture"
)

// sees presses keys and reports what the screen then has; a command of a key is carried out.
func sees(m *model, keys ...string) string {
	named := map[string]tea.Msg{"enter": keyEnter, "esc": keyEsc, "down": keyDown}
	for _, k := range keys {
		msg, ok := named[k]
		if !ok {
			msg = runes(k)
		}
		if _, cmd := m.Update(msg); cmd != nil {
			m.Update(cmd())
		}
	}
	m.Update(tickMsg{})
	return strings.Join(strings.Fields(ansi.Strip(m.View())), " ")
}

// wants reports what a screen lacks, and what it should not have, which begins with a dash.
func wants(t *testing.T, screen string, parts ...string) {
	t.Helper()
	for _, part := range parts {
		if part, not := strings.CutPrefix(part, "- "); strings.Contains(screen, part) == not {
			t.Errorf("%q is wanted there: %v\n%s", part, !not, screen)
		}
	}
}

// Who looks on sees the run of the trainer from its middle, leaves it, comes back, sees its verdict, and is told when it is over.
func TestASpectatorWatchesTheTrainersRun(t *testing.T) {
	m, g := seatModel(t, "mono", fixture.Room(12, fixture.Predicting, 0))
	m.cfg.Seat.Watch = true
	wants(t, sees(m, "v"), "v: the trainer runs nothing now")
	events := rehearsal.Script{Blocks: 3}.Events()
	half := len(events) / 2
	g.Run, g.On.Live, g.On.Runs = lab.NewFold(), true, events[0].Run.Plan.ID
	for _, e := range events[:half] {
		g.Run.Apply(e)
	}
	wants(t, sees(m), "LIVE", "the trainer runs "+g.On.Runs)
	wants(t, sees(m, "v"), "NOT THIS MACHINE", "under load", "req/s")
	wants(t, sees(m, "s"), "it is not yours to stop", "NOT THIS MACHINE")
	wants(t, sees(m, "K"), "LIVE", "You look on")
	wants(t, sees(m, "v"), "NOT THIS MACHINE")
	wants(t, sees(m, "esc"), "LIVE", "You look on")
	wants(t, sees(m, "v"), "NOT THIS MACHINE")
	for _, e := range events[half:] {
		g.Run.Apply(e)
	}
	wants(t, sees(m), "NOT THIS MACHINE", "block")
	if m.interrupted || m.Running() {
		t.Error("somebody else's run is one of this machine")
	}
	g.On.Live = false
	wants(t, sees(m), "nothing runs there now")
	wants(t, sees(m, "K", "v"), "v: the trainer runs nothing now")
}

// A seat measures, and is told who looks on instead; what the trainer really runs stands in its head.
func TestASeatIsToldWhatRuns(t *testing.T) {
	m, g := seatModel(t, "mono", fixture.Room(12, fixture.Predicting, 0))
	g.On.Live, g.On.Runs = true, "another"
	wants(t, sees(m), "LIVE: another")
	wants(t, sees(m, "v"), "--watch")
	g.On.Runs = g.On.Lesson.ID
	wants(t, sees(m), "LIVE", "- LIVE:")
}

// A code under which nothing answers has no welcome and no quiz, and says that it goes on trying.
func TestNobodyUnderACode(t *testing.T) {
	m, g := seatModel(t, "mono", fixture.Room(12, fixture.Revealed, 0))
	g.On, g.How = class.Stage{}, class.Link{Trouble: "connection refused"}
	wants(t, sees(m), "Nobody is there under this code yet", "trying again", "- Welcome", "- enter quiz", "- to send")
	wants(t, sees(m, "enter"), "enter: nobody is there under this code yet")
}

// In the lab of the trainer the lesson of the class is selected.
func TestTheLessonOfTheClassIsSelectedInTheLab(t *testing.T) {
	is := fixture.Room(12, fixture.Predicting, 0)
	is.Rounds[0].Lesson.ID = fixtureEntries()[1].ID
	m, _ := classModel(t, "mono", is)
	wants(t, sees(m, "esc"), "╭ "+fixtureEntries()[1].ID)
}

// Another lesson is offered after a question where something was done in the present one, and earlier ones are leafed through.
func TestAnotherLesson(t *testing.T) {
	is := fixture.Room(12, fixture.Measured, 0)
	m, trainer := classModel(t, "mono", is)
	m.cfg.Class.Text = func(*lab.Plan) ([]byte, error) { return nil, nil }
	wants(t, sees(m, "l", "enter"), "no seat goes on with it", "enter again", "Which lesson is offered")
	sees(m, "down", "enter") // another question
	if len(trainer.Asked) != 0 {
		t.Fatalf("asked %v", trainer.Asked)
	}
	wants(t, sees(m, "enter"), "- Which lesson is offered")
	if len(trainer.Asked) != 1 || !strings.HasPrefix(trainer.Asked[0], "lesson ") {
		t.Errorf("asked %v", trainer.Asked)
	}
	wants(t, sees(m, "["), "one lesson at most")

	two := *is
	two.Rounds = append(slices.Clone(is.Rounds), class.Round{Lesson: class.Lesson{Number: 2, ID: "later", Title: "Later"}})
	trainer.Is = &two
	wants(t, sees(m), "2 of 2: Later", "0 done")
	wants(t, sees(m, "["), "1 of 2: "+is.Rounds[0].Lesson.Title, "- · 0 done")
	wants(t, sees(m, "3"), "ranges hold")
	wants(t, sees(m, "o"), "an earlier lesson")
	wants(t, sees(m, "]"), "2 of 2: Later")
}

// A class that is looked at again offers nothing that cannot be done, and a key that does nothing says so.
func TestAClassLookedAtAgain(t *testing.T) {
	is := fixture.Room(12, fixture.Predicting, 0)
	m := testModel(t, "mono", Config{Entries: fixtureEntries(), Class: &Class{Trainer: again{&fixture.Trainer{Is: is}}}})
	m.w, m.h = 120, 36
	wants(t, sees(m, "3"), "- o open ", "- l offer")
	for _, key := range []string{"o", "E", "l"} {
		wants(t, sees(m, key), key+": this class is looked at again", "- "+key+" again")
	}
	for _, key := range []string{"a", "7", "enter"} {
		wants(t, sees(m, key), "! "+key+": no key of this screen")
	}
}

// again is a class that nobody can join.
type again struct{ *fixture.Trainer }

func (again) Code() string { return "" }

// What was predicted after the opening is kept, marked, and in no histogram and no ranking.
func TestAPredictionAfterTheOpening(t *testing.T) {
	is := fixture.Room(2, fixture.Measured, 0)
	before := saysOf(t, is, "3")
	late := &is.Rounds[0].Entries[0]
	late.Late = true
	after := saysOf(t, is, "3")
	wants(t, before, "of 2 ranges", "- after the opening")
	wants(t, after, "of 1 ranges", "1 predicted after the opening")
	wants(t, saysOf(t, is, "5", "b"), "· after the opening")
}

func saysOf(t *testing.T, is *class.Room, keys ...string) string {
	t.Helper()
	m, _ := classModel(t, "mono", is)
	return sees(m, keys...)
}

// Who has left is marked, and counts where something was delivered.
func TestWhoHasLeft(t *testing.T) {
	is := fixture.Room(3, fixture.Measured, 0)
	is.Seats[0].Here, is.Seats[0].Since = false, time.Unix(0, 0)
	is.Seats = append(is.Seats, class.Seat{ID: "gone", Name: "Zoe"})
	wants(t, saysOf(t, is, "2"), "done away", "Zoe away")
	wants(t, saysOf(t, is, "6"), "0 of 3 have answered")
	m, _ := seatModel(t, "mono", is)
	wants(t, sees(m, "4"), "of 3 have answered")
}

// The page that is projected says who can join.
func TestWhoCanJoin(t *testing.T) {
	m, _ := classModel(t, "mono", fixture.Room(3, fixture.Gathering, 0), "1")
	wants(t, sees(m), "on the same network")
	m.cfg.Class.Local = true
	wants(t, sees(m), "On this machine alone", "- on the same network", "- Not enforced")
	m.cfg.Class.Loose = "whoever has the join code can read what all seats say"
	wants(t, sees(m), "Not enforced: whoever has the join code")
}
