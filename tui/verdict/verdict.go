// Package verdict is the screen of the end of a run: what was decided, and on what it rests.
package verdict

import (
	"fmt"
	"strings"
	"time"

	tea "github.com/charmbracelet/bubbletea"

	"benchtop/lab"
	"benchtop/lab/figure"
	"benchtop/lab/follow"
	"benchtop/lab/progress"
	"benchtop/tui/board"
	"benchtop/tui/course"
	"benchtop/tui/draw"
	"benchtop/tui/format"
	"benchtop/tui/panel"
	"benchtop/tui/screen"
	"benchtop/tui/theme"
	"benchtop/tui/watch"
)

// verdict is the end of the run that is watched.
type verdict struct {
	screen.Plain
	desk     screen.Desk
	course   *course.Course
	run      *watch.Run
	player   *watch.Player
	claims   Claims
	sections []screen.Section
	board    board.Board // of a run that has no result
	cache    panel.Cache

	chapter int       // that is shown
	blocks  int       // of the run that r starts, 0: as many as this one
	laid    []leaf    // the pages as they were last drawn
	running bool      // it was seen before its end
	since   time.Time // that its end is seen
	scroll  draw.Scroll
}

// pen draws the chapters.
type pen struct {
	panel.Pen
	said  *progress.Prediction // of the person before this run, nil: none
	pairs int                  // that are drawn so far, 0: all
	known Claims
	again bool // it can be run again from here
}

// Claims are what scenarios were made to answer.
type Claims struct {
	Text func(id string) string // of a claim, empty where it is not known; nil: none is
	Of   string                 // whose they are, in words
}

// New is the screen of the end of a run.
func New(desk screen.Desk, c *course.Course, run *watch.Run, claims Claims) screen.Screen {
	v := &verdict{desk: desk, course: c, run: run, player: watch.NewPlayer(desk, run), claims: claims}
	keys := []screen.Key{
		screen.Bind("enter", "quiz", "the questions about this run", screen.Plainly(v.quiz), v.whyNoQuiz, "enter"),
		screen.Bind("n", "next", "the next scenario of the track that is not done", screen.Plainly(v.goOn), v.whyNoNext, "n"),
		screen.Bind("r", "again", "run the same scenario again", v.again, v.whyNotAgain, "r").Saying(v.againWord),
		screen.Bind("R", "reference", "the run of this scenario that was recorded on another machine, and back to this one", screen.Plainly(v.reference), v.whyNoReference, "R").Saying(v.referenceWord),
		screen.Bind("e", "events", "everything that happened in this run", screen.Plainly(func() { desk.Open(screen.Events{}) }), nil, "e"),
		screen.Digits("page", strings.Join(chapterNames[:], ", "), numbered, v.turnTo, nil),
		screen.Pair("B b", "-/+ blocks", "half as many blocks (B) for the run that r starts, or twice as many (b)", v.turnBlocks, 1, v.whyNotAgain, "B", "b"),
		screen.Bind("v", "the run", "the picture of the run, and back to the verdict", screen.Plainly(func() { desk.Switch(screen.Watch{}) }), nil, "v"),
		screen.Bind("esc", "back", "back to the catalogue, to where the run was opened, or from the recorded run to one's own", screen.Plainly(v.back), v.whyNoBack, "esc"),
		screen.Pair("←→", "page", "the page before or after (tab does too, also in a replay)", v.turnPage, 1, nil, "left", "shift+tab", "right", "tab").Unless(func() bool { return true }), // the numbers stand there
	}
	play := v.player.Keys()
	for i := range play.Keys[1:] { // at its end a replay can begin again; the rest of its keys give way to those of the verdict
		play.Keys[i+1].Quiet = v.player.Replays
	}
	v.sections = []screen.Section{play, {Name: "verdict", Keys: append(keys, v.scroll.Keys("the page")...)}}
	return v
}

func (v *verdict) Name() string                        { return "verdict" }
func (v *verdict) Sections() []screen.Section          { return v.sections }
func (v *verdict) Presents() bool                      { return v.chapter == 0 }
func (v *verdict) Status(f screen.Frame) screen.Status { return v.player.Status(f) }
func (v *verdict) Place() (any, func() follow.Where)   { return v.run.Place(follow.Why) }
func (v *verdict) Wheel(n int)                         { v.scroll.By(3 * n) }

// Export has the report.
func (v *verdict) Export() screen.Export {
	return screen.Export{About: v.run.ID(), Page: v.chapter + 1, Files: func(stem string) []screen.File { return v.run.Report(stem, nil) }}
}

// Hear follows the run: to its picture, when a replay goes back before the end.
func (v *verdict) Hear(what any) bool {
	switch what := what.(type) {
	case screen.Verdict:
		return true
	case screen.Watch:
		if what.New {
			v.blocks, v.running, v.since = 0, false, time.Time{}
			v.show(0)
		}
	case screen.Snapshot:
		if v.running && v.run.Ended {
			v.since = v.desk.Now()
		}
		v.running = v.run.State != nil && !v.run.Ended
		if what.Turned && !v.run.Ended && v.desk.Shows(v) {
			v.desk.Switch(screen.Watch{})
		}
	}
	return false
}

// View depends on the State, the prediction and the settings alone, so a replay of the same events shows the same.
func (v *verdict) View(f screen.Frame) []string {
	st := v.run.State
	if st == nil || st.Result == nil {
		return v.board.View(f, v.run, board.Told{Badge: v.run.Badge(v.desk.Now())})
	}
	p := pen{Pen: panel.Pen{Look: f.Look, Tier: f.Tier, State: st, Set: v.run.View}, said: v.run.Said, known: v.claims, again: v.whyNotAgain() == ""}
	if !f.Still {
		p.pairs = pairsAt(v.desk.Now().Sub(v.since), st.Result)
	}
	key, badge := v.run.Key(f), v.run.FileBadge()
	key.Rect, key.Extra = panel.Rect{W: f.W}, badge
	lines := append([]string{}, v.cache.Draw(panel.Name{What: "header"}, key, func() []string { return p.Header(f.W, badge) })...)
	said := ""
	if p.said != nil {
		said = fmt.Sprint(p.said.Locked, p.said.Skipped)
	}
	rows := f.H - 3
	if v.run.Origin != "" {
		text := v.run.Origin
		switch {
		case v.run.Proof:
			text = "esc: back. This one: " + text
		case v.run.Covers():
			text = "R: back to your own run. This one: " + text
		}
		for _, part := range theme.Wrap(text, f.W-2) {
			lines = append(lines, theme.NewLine(f.W).Space(1).Put(f.Look.Warn, part).Done())
			rows--
		}
	}
	if f.Large {
		rows++ // nothing names the chapters
	}
	key.Rect.H, key.Extra = f.H, fmt.Sprint(v.chapter, said, p.pairs, f.Large, p.again)
	body := v.cache.Draw(panel.Name{What: "page"}, key, func() []string {
		if f.Large {
			return p.firstPage(f.W, rows, true)
		}
		all := p.chapters(f.W)
		v.laid = pages(all, f.W, rows)
		return p.whyPage(all, v.laid[pageOf(v.laid, v.chapter)], f.W, rows)
	})
	shown, mark := v.scroll.Cut(body, rows)
	if f.Large {
		return append(lines, shown...)
	}
	return append(append(lines, p.chapterBar(f.W, v.laid, v.chapter, mark)), shown...)
}

// show leads to a chapter.
func (v *verdict) show(n int) {
	v.chapter = min(max(n, 0), numbered-1)
	v.scroll.Top()
}

// turnTo leads to a chapter by its number, and says so where it stands on the page that is shown already.
func (v *verdict) turnTo(n int) {
	if at := n - 1; len(v.laid) > 0 && at != v.chapter && pageOf(v.laid, at) == pageOf(v.laid, v.chapter) {
		v.desk.Point(fmt.Sprintf("%d, %s, is on this page as well", n, chapterNames[at]))
	}
	v.show(n - 1)
}

// turnPage leads to the page before or after.
func (v *verdict) turnPage(n int) {
	if len(v.laid) > 0 {
		v.show(v.laid[(pageOf(v.laid, v.chapter)+n+len(v.laid))%len(v.laid)].first)
	}
}

func (v *verdict) quiz() { v.desk.Open(screen.Quiz{Plan: v.run.State.Plan}) }

func (v *verdict) whyNoQuiz() string {
	switch st := v.run.State; {
	case v.run.Proof:
		return "esc leads back"
	case st.Plan == nil || len(st.Plan.Quiz) == 0:
		return course.NoQuiz
	case st.Plan.Free:
		return "a free run has no quiz"
	case st.End == nil || st.End.How != lab.EndComplete:
		return "the run did not come to its end; the quiz is about what it shows"
	}
	return ""
}

// reference shows the recorded run of the scenario, and from that one's own again.
func (v *verdict) reference() { v.desk.Reference(v.run.ID()) }

// ownBelow reports whether the recorded run stands before one's own.
func (v *verdict) ownBelow() bool { return v.run.Origin != "" && v.run.Covers() && !v.run.Proof }

func (v *verdict) back() {
	if v.ownBelow() {
		v.reference()
		return
	}
	v.desk.Back()
}

func (v *verdict) whyNoBack() string {
	if v.ownBelow() {
		return ""
	}
	return v.desk.WhyNoHome()
}

func (v *verdict) referenceWord() string {
	if v.run.Origin != "" {
		return "own run"
	}
	return "reference"
}

func (v *verdict) whyNoReference() string {
	switch {
	case v.run.ID() == "":
		return "it is of no scenario"
	case v.run.Proof:
		return "this is the recorded run; esc leads back"
	case v.run.Origin != "" && !v.run.Covers():
		return "this is the recorded run"
	}
	return v.desk.WhyNoReference(v.run.ID())
}

// goOn opens the lesson of the next scenario, or the first screen when all are done.
func (v *verdict) goOn() { v.desk.Home(v.course.GoOn(v.run.ID())...) }

func (v *verdict) whyNoNext() string { return v.course.WhyNoNext(v.run.ID(), v.desk.Running()) }

// again runs the same plan again; what was predicted for it stands. A run that was not begun here has the prediction that was
// kept of its scenario, and where there is none, one is asked for.
func (v *verdict) again() tea.Cmd {
	plan, said := v.next(), v.run.Said
	if said == nil && v.run.Replay != nil && course.Asks(plan) {
		if said = v.course.Stands(v.run.Plan); said == nil {
			v.desk.Open(screen.Predict{Plan: plan})
			v.desk.Tell("there is no prediction for this plan yet: predict first, or skip it (S)")
			return nil
		}
		v.desk.Tell("your prediction stands: " + format.Said(said))
	}
	return v.desk.Start(plan, false, said)
}

// next is the plan of the run that r starts.
func (v *verdict) next() *lab.Plan {
	p := *v.run.Plan
	if v.blocks > 0 {
		p.Resize(v.blocks, p.Slice)
	}
	return &p
}

func (v *verdict) againWord() string {
	if v.blocks == 0 {
		return "again"
	}
	return "again, " + figure.Screen.Counted(v.blocks, "block")
}

// fewest blocks are those that give the pairs that a decision needs, two a block.
const fewest = (lab.MinPairs + 1) / 2

// turnBlocks halves the blocks of the next run, down to the fewest that can decide, or doubles them.
func (v *verdict) turnBlocks(n int) {
	now := v.next().Blocks
	v.blocks = min(2*now, lab.MaxBlocks)
	if n < 0 {
		v.blocks = max(now/2, min(now, fewest))
	}
	text := fmt.Sprintf("r runs it again with %s, in about %s", figure.Screen.Counted(v.blocks, "block"), figure.Countdown(v.next().Duration()))
	if n < 0 && v.blocks == now {
		text += "; fewer cannot decide anything"
	}
	v.desk.Tell(text)
}

func (v *verdict) whyNotAgain() string {
	if why := v.desk.WhyNoRun(); why != "" {
		return why
	}
	if v.run.Plan == nil {
		return "there is no plan to run again"
	}
	return ""
}
