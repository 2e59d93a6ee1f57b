// Package mystery is the overlay in which somebody names the fault of a service that they have looked at, and that says what
// the repair came to.
package mystery

import (
	"fmt"
	"time"

	tea "github.com/charmbracelet/bubbletea"

	"benchtop/lab"
	"benchtop/lab/figure"
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
	Named  string   // the fault whose repair is measured at first; empty: it is looked at
	Tried  []string // faults that were named before, and are not in it
	Found  []string // what is kept of a service whose fault was found before, in lines; nil: it is still to be found

	Look    func() *lab.Plan                                                               // a free run of the service
	Healthy func() *lab.Plan                                                               // a free run of the same without a fault
	Trial   func(fault string) *lab.Plan                                                   // its repair, measured
	Judge   func(fault string, named time.Time, r *lab.Result) (told []string, right bool) // of a trial that came to its end
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
	right  bool     // and the last try was the right one
	found  bool     // by this try, or by one before
	judged *lab.Result

	left watch.Session // for the one that comes, nil: none

	service, healthy *lab.VariantState // as they were seen last, nil: not yet
}

// New is the overlay of a game; nil: there is none, and nothing opens it.
func New(desk screen.Desk, run *watch.Run, game *Game) screen.Screen {
	g := &guess{desk: desk, run: run, game: game, wrong: map[string]bool{}}
	if game != nil {
		g.begin(game)
	}
	g.sections = []screen.Section{{Name: "fault of a mystery", Keys: []screen.Key{
		screen.Bind("enter", "name it", "name the selected fault: the look ends, the repair is measured against the service as it is", g.name, g.whyNot, "enter"),
		screen.Pair("↑↓", "select", "select a fault", g.Wheel, 1, g.whyNot, "up", "down"),
		screen.Pair("pgup pgdn", "", "scroll what the service counts", g.scroll.Page, 1, nil, "pgup", "pgdown"),
		screen.Bind("l", "look", "look at the service again, with its fault", g.look, g.whyNoLook(false), "l"),
		screen.Bind("h", "healthy", "look at the same service without a fault: its figures stay beside those of the other", g.lookHealthy, g.whyNoLook(true), "h"),
		screen.Bind("esc", "close", "close it; G opens it again", screen.Plainly(desk.Back), nil, "esc", "G"),
	}}}
	return g
}

// begin takes what is known of a game from the start.
func (g *guess) begin(game *Game) {
	for _, fault := range game.Tried {
		g.wrong[fault] = true
	}
	g.told = game.Found
	g.found = game.Found != nil
	g.right = g.found
	if game.Named != "" {
		g.named, g.when = game.Named, g.desk.Now()
	}
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
	healthy := func() tea.Cmd { g.desk.Open(Ask{}); return g.lookHealthy() } // which closes it
	return []screen.Key{
		screen.Bind("G", "name the fault", "name the fault of the service, or see what the last try came to", open, nil, "G").Saying(g.word),
		screen.Bind("H", "healthy", "look at the same service without a fault; G has the figures of both, and l there leads back", healthy, g.whyNoLook(true), "H"),
	}
}

// word is what there is to see or to do now.
func (g *guess) word() string {
	switch {
	case g.measuring():
		return "your guess"
	case g.found:
		return "the answer"
	}
	return "name the fault"
}

// Hear opens it when it is asked for, and at the end of a look or of a trial.
func (g *guess) Hear(what any) bool {
	switch what := what.(type) {
	case Ask:
		g.scroll.Top()
		return true
	case screen.Snapshot:
		if g.game != nil && g.run.State != nil && g.run.State.Plan != nil {
			g.follow(what.Turned)
		}
	}
	return false
}

// follow keeps the figures of a new snapshot, and takes the end of a run.
func (g *guess) follow(turned bool) {
	st := g.run.State
	for i := range st.Variants {
		switch v := &st.Variants[i]; v.ID {
		case g.game.Look().Variants[0].ID:
			g.service = v
		case g.game.Healthy().Variants[0].ID:
			g.healthy = v
		}
	}
	switch {
	case g.named != "" && g.run.Complete() && st.Plan.ID == g.game.Trial(g.named).ID && st.Result != g.judged:
		g.judge(st.Result)
	case turned && g.run.Ended && !g.run.Stopping && g.run.Session != g.left:
		g.desk.Open(Ask{})
	}
}

func (g *guess) judge(r *lab.Result) {
	g.judged = r
	g.told, g.right = g.game.Judge(g.named, g.when, r)
	g.found = g.found || g.right
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

// look starts another look at the service, and lookHealthy at one without a fault.
func (g *guess) look() tea.Cmd        { return g.lookAt(g.game.Look()) }
func (g *guess) lookHealthy() tea.Cmd { return g.lookAt(g.game.Healthy()) }

func (g *guess) lookAt(p *lab.Plan) tea.Cmd {
	g.named = ""
	g.desk.Back()
	return g.next(p, true)
}

// next starts a run once the one that is going on has ended.
func (g *guess) next(p *lab.Plan, free bool) tea.Cmd {
	last := g.run.Session
	g.left = last
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
	case g.found:
		return "it is found"
	case g.measuring():
		return "the repair of " + g.named + " is measured"
	case g.run.Session == nil || !g.run.Running() && !g.run.Ended:
		return "the service is starting"
	}
	return ""
}

// whyNoLook is why there can be no look now, at the service or at one without a fault.
func (g *guess) whyNoLook(healthy bool) func() string {
	return func() string {
		switch {
		case g.game == nil:
			return "there is no mystery here"
		case g.measuring():
			return "the repair of " + g.named + " is measured"
		case g.run.State == nil || g.run.State.Plan == nil:
			return "the service is starting"
		case g.run.Running() && (g.run.State.Plan.ID == g.game.Healthy().ID) == healthy:
			return "you are looking at it"
		}
		return ""
	}
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
	case g.measuring():
		out.Put(f.Look.Text, "The repair of "+g.named+" is measured. What it comes to stands here at the end of the run.")
	case g.found:
		out.Add(g.counters(out.W, f)...)
	default:
		out.Put(f.Look.Text, "The service has one of these faults. Name one: it is repaired, and measured against the service as it is, in half a minute. h shows what a healthy one counts.")
		out.Blank()
		g.choice(&out, f)
	}
	return draw.Framed(f, fmt.Sprintf("mystery %d · %s", g.game.Seed, g.clock()), out.Lines, &g.scroll)
}

// clock is how long it has taken so far. It stands once the fault is found; what was told has the time then.
func (g *guess) clock() string {
	if g.found {
		return "found"
	}
	return figure.Duration(g.desk.Now().Sub(g.game.Begun).Round(time.Second)) + " since it began"
}

// choice is the list of faults, and all that the service counts, beside it where there is room.
func (g *guess) choice(out *draw.Text, f screen.Frame) {
	if out.W < listWidth+counterWidth {
		g.list(out, f)
		out.Blank()
		out.Add(g.counters(out.W, f)...)
		return
	}
	left := draw.Text{W: listWidth}
	g.list(&left, f)
	right := draw.Text{W: out.W - listWidth, Lines: g.counters(out.W-listWidth, f)}
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

// counters are those of the service, and of a healthy one once somebody has looked at it.
func (g *guess) counters(w int, f screen.Frame) []string {
	st := g.run.Shown()
	if st == nil || st.Plan == nil {
		return nil
	}
	p := panel.Pen{Look: f.Look, Tier: f.Tier, State: st}
	of := []panel.Counted{{Title: "service", Variant: g.service}}
	if g.healthy != nil {
		of = append(of, panel.Counted{Title: "healthy", Variant: g.healthy})
	}
	return p.CounterTable(w, of)
}

// Cells of the list of faults, and the least of the counters beside it.
const (
	listWidth    = 50
	counterWidth = 64
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
