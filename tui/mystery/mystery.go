// Package mystery is the overlay in which somebody names the fault of a service that they have looked at, and that says what
// the repair came to.
package mystery

import (
	"fmt"
	"time"

	tea "github.com/charmbracelet/bubbletea"

	"benchtop/lab"
	"benchtop/lab/figure"
	"benchtop/lab/metric"
	"benchtop/tui/draw"
	"benchtop/tui/panel"
	"benchtop/tui/screen"
	"benchtop/tui/theme"
	"benchtop/tui/watch"
)

// Fault is one that the service may have.
type Fault struct{ ID, Label string }

// Game is a service with a fault, and what becomes of it.
type Game struct {
	Seed   uint64
	Begun  time.Time
	Faults []Fault
	Look   func() *lab.Plan                                                               // a free run of the service
	Trial  func(fault string) *lab.Plan                                                   // its repair, measured
	Judge  func(fault string, named time.Time, r *lab.Result) (told []string, right bool) // of a trial that came to its end
}

// Ask opens the overlay.
type Ask struct{}

// guess is the overlay.
type guess struct {
	screen.Plain
	desk     screen.Desk
	run      *watch.Run
	game     *Game
	sections []screen.Section
	scroll   draw.Scroll

	at     int
	named  string // whose repair is measured, empty: none
	when   time.Time
	wrong  map[string]bool
	told   []string // what the last try came to, nil: it is not known
	right  bool     // it is found
	judged *lab.Result
}

// New is the overlay of a game; nil: there is none, and nothing opens it.
func New(desk screen.Desk, run *watch.Run, game *Game) screen.Screen {
	g := &guess{desk: desk, run: run, game: game, wrong: map[string]bool{}}
	g.sections = []screen.Section{{Name: "fault of a mystery", Keys: []screen.Key{
		screen.Bind("enter", "name it", "name the selected fault: the look ends, the repair is measured against the service as it is", g.name, g.whyNot, "enter"),
		screen.Pair("↑↓", "select", "select a fault", g.Wheel, 1, g.whyNot, "up", "down"),
		screen.Pair("pgup pgdn", "", "scroll what the service counts", g.scroll.By, 10, nil, "pgup", "pgdown"),
		screen.Bind("l", "look", "look at the service again, with its fault", g.look, g.whyNoLook, "l"),
		screen.Bind("esc", "close", "close it; G opens it again", screen.Plainly(desk.Back), nil, "esc", "G"),
	}}}
	return g
}

func (g *guess) Name() string               { return "mystery" }
func (g *guess) Sections() []screen.Section { return g.sections }

// Wheel selects another fault.
func (g *guess) Wheel(n int) {
	if g.whyNot() == "" {
		g.at = min(max(g.at+n, 0), len(g.game.Faults)-1)
	}
}

// Opens implements screen.Opener.
func (g *guess) Opens() []screen.Key {
	if g.game == nil {
		return nil
	}
	open := screen.Plainly(func() { g.desk.Open(Ask{}) })
	return []screen.Key{screen.Bind("G", "name the fault", "name the fault of the service, or see what the last try came to", open, nil, "G")}
}

// Hear opens it when it is asked for, and at the end of a trial.
func (g *guess) Hear(what any) bool {
	switch what.(type) {
	case Ask:
		g.scroll.Top()
		return true
	case screen.Snapshot:
		if g.named != "" && g.run.Complete() && g.run.State.Plan.ID == g.game.Trial(g.named).ID && g.run.State.Result != g.judged {
			g.judge(g.run.State.Result)
		}
	}
	return false
}

func (g *guess) judge(r *lab.Result) {
	g.judged = r
	g.told, g.right = g.game.Judge(g.named, g.when, r)
	if !g.right {
		g.wrong[g.named] = true
	}
	g.named = ""
	g.desk.Open(Ask{})
}

// name ends the look and has the repair of the selected fault measured.
func (g *guess) name() tea.Cmd {
	g.named, g.when, g.told = g.game.Faults[g.at].ID, g.desk.Now(), nil
	g.desk.Back()
	g.desk.Tell("naming " + g.named + ": its repair is measured against the service as it is")
	return g.next(g.game.Trial(g.named), false)
}

// look starts another look, where the last try was wrong or did not come to its end.
func (g *guess) look() tea.Cmd {
	g.named = ""
	g.desk.Back()
	return g.next(g.game.Look(), true)
}

// next starts a run once the one that is going on has ended.
func (g *guess) next(p *lab.Plan, free bool) tea.Cmd {
	last := g.run.Session
	last.Stop()
	start := g.desk.Start(p, free, nil)
	return func() tea.Msg {
		<-last.Done()
		return start()
	}
}

// whyNot is why no fault can be named now.
func (g *guess) whyNot() string {
	switch {
	case g.game == nil:
		return "there is no mystery here"
	case g.right:
		return "it is found"
	case g.measuring():
		return "the repair of " + g.named + " is measured"
	case g.run.Session == nil || !g.run.Running() && !g.run.Ended:
		return "the service is starting"
	}
	return ""
}

func (g *guess) whyNoLook() string {
	switch {
	case g.game == nil:
		return "there is no mystery here"
	case g.measuring():
		return "the repair of " + g.named + " is measured"
	case g.run.Running():
		return "you are looking at it"
	}
	return ""
}

// measuring reports whether a trial is going on.
func (g *guess) measuring() bool { return g.named != "" && g.run.Running() }

// View is the list of faults, below what the last try came to.
func (g *guess) View(f screen.Frame) []string {
	w, _ := theme.Inner(f.W, f.H)
	out := draw.Text{W: w}
	if g.game == nil {
		return draw.Framed(f, "mystery", out.Lines, &draw.Scroll{})
	}
	for i, line := range g.told {
		ink := f.Look.Text
		if i == 0 && g.right {
			ink = f.Look.Good
		} else if i == 0 {
			ink = f.Look.Bad
		}
		out.Put(ink, line)
	}
	if g.told != nil {
		out.Blank()
	}
	switch {
	case g.right:
	case g.measuring():
		out.Put(f.Look.Text, "The repair of "+g.named+" is measured. What it comes to stands here at the end of the run.")
	default:
		out.Put(f.Look.Text, "The service has one of these faults. Name one: it is repaired, and measured against the service as it is, in half a minute.")
		out.Blank()
		g.choice(&out, f)
	}
	took := figure.Duration(g.desk.Now().Sub(g.game.Begun).Round(time.Second))
	return draw.Framed(f, fmt.Sprintf("mystery %d · %s since it began", g.game.Seed, took), out.Lines, &g.scroll)
}

// choice is the list of faults, and all that the service counts, beside it where there is room.
func (g *guess) choice(out *draw.Text, f screen.Frame) {
	left := draw.Text{W: min(out.W, listWidth)}
	g.list(&left, f)
	right := draw.Text{W: out.W - left.W}
	if right.W < counterWidth {
		right.W = out.W
		out.Add(left.Lines...)
		out.Blank()
		g.counters(&right, f)
		out.Add(right.Lines...)
		return
	}
	g.counters(&right, f)
	for i := range max(len(left.Lines), len(right.Lines)) {
		out.Add(lineOf(&left, i) + lineOf(&right, i))
	}
}

func lineOf(t *draw.Text, i int) string {
	if i < len(t.Lines) {
		return t.Lines[i]
	}
	return theme.Blank(t.W)
}

// counters are those of the service that say something, the most telling first.
func (g *guess) counters(out *draw.Text, f screen.Frame) {
	st := g.run.Shown()
	if st == nil || len(st.Variants) == 0 {
		return
	}
	p, v := panel.Pen{Look: f.Look, Tier: f.Tier, State: st}, &st.Variants[0]
	for _, id := range p.Reasons(v) {
		l := theme.NewLine(out.W).Put(f.Look.Muted, theme.PadRight(theme.Fit(metric.Words(id), counterWidth-10), counterWidth-9))
		out.Add(l.Put(f.Look.Text, panel.FigureOf(v, id)).Done())
	}
}

// Cells of the list of faults, and of the counters beside it.
const (
	listWidth    = 52
	counterWidth = 54
)

func (g *guess) list(out *draw.Text, f screen.Frame) {
	for i, fault := range g.game.Faults {
		cursor, ink, mark := "  ", f.Look.Text, ""
		if g.wrong[fault.ID] {
			ink, mark = f.Look.Muted, "  ✗ tried"
		}
		if i == g.at {
			cursor, ink = "▸ ", f.Look.Strong
		}
		l := theme.NewLine(out.W).Put(ink, cursor+theme.PadRight(fault.ID, 10)).Put(f.Look.Muted, theme.Fit(fault.Label+mark, out.W-12))
		out.Add(l.Done())
	}
}
