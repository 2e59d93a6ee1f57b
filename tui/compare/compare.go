// Package compare is the screen of two runs side by side.
package compare

import (
	"bytes"

	"benchtop/lab/report"
	"benchtop/tui/draw"
	"benchtop/tui/panel"
	"benchtop/tui/screen"
	"benchtop/tui/theme"
	"benchtop/tui/watch"
)

// The pages of the comparison of two runs.
const (
	pageRatios = iota
	pageDifferences
	pageFigures
	pageBeside
	pages
)

var pageNames = [pages]string{"ratios", "what differs", "figures", "side by side"}

// pair is two runs on the screen. The run that is watched is both of them.
type pair struct {
	screen.Plain
	desk     screen.Desk
	run      *watch.Run
	duo      *watch.Duo // nil: there is none
	player   *watch.Player
	sections []screen.Section
	page     int
	scroll   draw.Scroll
}

// pen draws the pages.
type pen struct{ panel.Pen }

// New is the screen of two runs, where the run that is watched is a watch.Duo; that one is the request, too.
func New(desk screen.Desk, run *watch.Run) screen.Screen {
	c := &pair{desk: desk, run: run, player: watch.NewPlayer(desk, run)}
	turn := func(n int) { c.show((c.page + n + pages) % pages) }
	move := screen.Pair("↑↓", "scroll", "scroll; beside a replay select the variant", c.move, 1, c.whyNoMove, "up", "down").Saying(c.moveWord).Unless(c.whole)
	move.Quick = true
	play := c.player.Keys()
	play.On = c.plays
	c.sections = []screen.Section{play, {Name: "two runs", Keys: append([]screen.Key{
		screen.Digits("page", "ratios, what differs, figures, both runs side by side", pages, func(n int) { c.show(n - 1) }, nil),
		screen.Pair("←→", "turn", "the page before or after (tab does too, also beside a replay)", turn, 1, nil, "left", "shift+tab", "right", "tab").Unless(c.plays),
		move,
		screen.Bind("esc", "back", "back to the first page, from there to the list of runs", screen.Plainly(c.back), c.whyNotBack, "esc").Saying(c.backWord),
		screen.Bind("y", "", "each run on a scale of its own, or both on the same one", screen.Plainly(run.OwnScale), c.whyNotBeside, "y"),
		screen.Bind("t", "", "the last 20 s, the last minute, or the whole run in the charts", screen.Plainly(run.NextSpan), c.whyNotBeside, "t"),
	}, c.scroll.Farther()...)}}
	return c
}

func (c *pair) Name() string               { return "compare" }
func (c *pair) Sections() []screen.Section { return c.sections }

func (c *pair) show(page int) {
	c.page = page
	c.scroll.Top()
}

func (c *pair) Hear(what any) bool {
	duo, asked := what.(*watch.Duo)
	if asked {
		c.duo = duo
		c.show(pageRatios)
	}
	return asked
}

// plays reports whether both runs are played on the screen.
func (c *pair) plays() bool { return c.page == pageBeside }

func (c *pair) whyNotBeside() string {
	if !c.plays() {
		return "this is for the runs side by side, on page 4"
	}
	return ""
}

// back goes to the first page, from there to the screen below.
func (c *pair) back() {
	if c.page == pageRatios {
		c.desk.Back()
		return
	}
	c.show(pageRatios)
}

func (c *pair) backWord() string {
	if c.page == pageRatios {
		return "back"
	}
	return "page 1"
}

func (c *pair) whyNotBack() string {
	if c.page == pageRatios {
		return c.desk.WhyNoHome()
	}
	return ""
}

// move scrolls, or selects a variant where both runs are played.
func (c *pair) move(n int) {
	if c.plays() {
		c.run.MoveFocus(n)
		return
	}
	c.scroll.By(n)
}

func (c *pair) moveWord() string {
	if c.plays() {
		return "variant"
	}
	return "scroll"
}

func (c *pair) whyNoMove() string {
	if c.plays() {
		return c.run.WhyNoFocus()
	}
	return ""
}

// whole reports whether there is nothing to be moved: all of the page is seen.
func (c *pair) whole() bool { return !c.plays() && c.scroll.Whole() }

// Wheel does as move, by three lines.
func (c *pair) Wheel(n int) {
	if !c.plays() {
		n *= 3
	}
	c.move(n)
}

// Click shows the page of the bar.
func (c *pair) Click(_ screen.Frame, x, y int) {
	at := 1
	for i := range pageNames {
		w := theme.Width(pageName(i))
		if y == 1 && x >= at && x < at+w {
			c.show(i)
		}
		at += w + 1
	}
}

// Export has the comparison as plain lines.
func (c *pair) Export() screen.Export {
	return screen.Export{About: c.run.ID(), Page: c.page + 1, Files: func(stem string) []screen.File {
		var b bytes.Buffer
		if err := report.Versus(&b, c.duo.Versus); err != nil {
			return nil
		}
		return []screen.File{{Name: stem + "-comparison.txt", Content: b.Bytes()}}
	}}
}

// Status is that of the replay, where both runs are played.
func (c *pair) Status(f screen.Frame) screen.Status {
	if c.plays() {
		return c.player.Status(f)
	}
	return screen.Status{}
}

// View implements screen.Screen.
func (c *pair) View(f screen.Frame) []string {
	p := pen{panel.Pen{Look: f.Look, Tier: f.Tier, State: c.duo.State(), Set: c.run.View}}
	v := c.duo.Versus
	lines := []string{p.head(v, f.W), p.pagesBar(c.page, f.W)}
	w, rows := theme.Inner(f.W, f.H-2)
	var text []string
	switch c.page {
	case pageBeside:
		return append(lines, c.beside(f, f.H-2)...)
	case pageRatios:
		text = p.ratiosPage(v, w)
	case pageDifferences:
		text = p.differencesPage(v, w)
	case pageFigures:
		text = p.figuresPage(v, w)
	}
	shown, mark := c.scroll.Cut(text, rows)
	left := theme.NewLine(f.W).Put(f.Look.Strong, pageNames[c.page])
	right := theme.NewLine(f.W).Put(f.Look.Muted, mark)
	return append(lines, theme.Box{Width: f.W, Height: f.H - 2, Left: left, Right: right, Border: f.Look.Faint}.Draw(shown)...)
}
