// Package board is the picture of a run: the columns of its variants, or a table of them, with what they rest on; and the same
// in large type, for a room.
package board

import (
	"benchtop/lab"
	"benchtop/tui/panel"
	"benchtop/tui/screen"
	"benchtop/tui/theme"
	"benchtop/tui/watch"
)

// Board draws the run that is watched. The zero Board is ready.
type Board struct {
	cache panel.Cache
	rows  theme.Sheet // what panels are put together on
	pen   pen

	pictures *panel.Pictures // of what was drawn last, nil before
}

// pen draws the parts of the picture.
type pen struct {
	panel.Pen
	charted bool // in large type there is a chart
}

// Told is what the picture says besides the snapshot.
type Told struct {
	Badge           string // that it is not the present
	Scope, Settings string // of a free run: whose settings the keys turn, and what those stand at
	Banner          Banner
}

// Banner is what has just been turned, over the head of the picture; the zero Banner is none.
type Banner struct{ Text, More string }

// Pictures are those that were drawn last; before that, all.
func (b *Board) Pictures() panel.Pictures {
	if b.pictures == nil {
		return panel.Pictures{Time: true, Scaled: true, Either: true}
	}
	return *b.pictures
}

// View draws the snapshot on screen: f.H lines.
func (b *Board) View(f screen.Frame, run *watch.Run, told Told) []string {
	st := run.Shown()
	switch {
	case st == nil || len(st.Variants) == 0:
		return waiting(f, run)
	case f.Large:
		return b.large(f, run, told)
	}
	l, _ := Arrange(f.W, f.H+1, len(st.Variants), run.View.Zoom)
	p := &b.pen
	p.Begin(panel.Pen{Look: f.Look, Tier: f.Tier, State: st, Set: run.View, Sheet: &b.cache.Sheet})
	once := false
	scaled := func() *pen { // only when a panel is drawn again
		if !once {
			p.Scales, once = panel.ScalesOf(st, p.Set, max(l.Columns[0].W-10, 1)), true
		}
		return p
	}
	key := func(r panel.Rect, extra string) panel.Key {
		k := run.Key(f)
		k.Rect, k.Extra = r, extra
		return k
	}
	lines := make([]string, 0, f.H)
	if told.Banner.Text != "" {
		lines = append(lines, p.banner(told.Banner, l.Header.W)...)
	} else {
		lines = append(lines, b.cache.Draw(panel.Name{What: "header"}, key(l.Header, told.Badge), func() []string { return p.Header(l.Header.W, told.Badge) })...)
	}
	lines = b.middle(lines, &l, run, key, scaled)
	if l.Event.H > 0 {
		lines = append(lines, b.cache.Draw(panel.Name{What: "event"}, key(l.Event, ""), func() []string { return p.events(l.Event) })...)
	}
	return append(lines, b.cache.Draw(panel.Name{What: "strip"}, key(l.Strip, told.Scope+told.Settings), func() []string {
		return p.strip(l.Strip, l.Event.H == 0 && l.Side.H == 0, &told)
	})...)
}

// middle appends the columns, with the table above them and the panel beside them.
func (b *Board) middle(lines []string, l *Layout, run *watch.Run, key func(panel.Rect, string) panel.Key, scaled func() *pen) []string {
	st, below := run.Shown(), l.Table.H > 0
	var table, side []string
	if below {
		table = b.cache.Draw(panel.Name{What: "table"}, key(l.Table, ""), func() []string { return scaled().table(l.Table) })
	}
	if l.Side.H > 0 {
		side = b.cache.Draw(panel.Name{What: "side"}, key(l.Side, ""), func() []string { return scaled().side(l.Side) })
	}
	columns := make([][]string, len(l.Columns))
	for i, rect := range l.Columns {
		at := i
		if len(l.Columns) < len(st.Variants) {
			at = max(run.Index(run.View.Focus), 0)
		}
		k := key(rect, "")
		k.Focused, k.Below = st.Variants[at].ID == run.View.Focus && len(l.Columns) > 1, below
		columns[i] = b.cache.Draw(panel.Name{What: "column", ID: st.Variants[at].ID}, k, func() []string {
			p := scaled()
			has := p.Pictures(rect, at, below)
			has.Scaled = has.Scaled || below && l.Table.W >= tableChart
			b.pictures = &has
			return p.Column(rect, at, k.Focused, below)
		})
	}
	high := l.Table.H + l.Columns[0].H
	b.rows.Begin(24 * l.Header.W * high / 4)
	parts := make([]string, 0, len(columns)+1)
	for row := range high {
		parts = parts[:0]
		if row < l.Table.H {
			parts = append(parts, table[row])
		} else {
			for _, c := range columns {
				parts = append(parts, c[row-l.Table.H])
			}
		}
		if side != nil {
			parts = append(parts, side[row])
		}
		lines = append(lines, b.rows.Join(parts...))
	}
	return lines
}

// banner is two lines.
func (p *pen) banner(b Banner, w int) []string {
	out := make([]string, 0, 2)
	for _, text := range []string{b.Text, b.More} {
		text = theme.Fit(text, w-2)
		side := (w - theme.Width(text)) / 2
		out = append(out, p.Line(w).Put(p.Look.Badge, theme.PadRight(theme.Blank(side)+text, w)).Done())
	}
	return out
}

// waiting is the picture before the first event.
func waiting(f screen.Frame, run *watch.Run) []string {
	text := "starting the targets …"
	if run.Stopping {
		text = "stopping …"
	}
	lines := []string{
		theme.NewLine(f.W).Space(1).Put(f.Look.Accent, "benchtop").Done(), theme.Blank(f.W),
		theme.NewLine(f.W).Space(3).Put(f.Look.Muted, text).Done(), theme.Blank(f.W),
	}
	if st := run.Shown(); st != nil {
		p := panel.Pen{Look: f.Look, Tier: f.Tier, State: st}
		for _, line := range p.LogLines(f.W - 4) {
			lines = append(lines, "  "+line+"  ")
		}
	}
	return lines
}

// At is the id of the variant that is drawn at a cell, empty if none is.
func (b *Board) At(f screen.Frame, run *watch.Run, x, y int) string {
	st := run.Shown()
	if st == nil || len(st.Variants) == 0 {
		return ""
	}
	i := -1
	if f.Large {
		p := b.presented(f, run)
		i = p.at(f.W, f.H, x, y)
	} else if l, ok := Arrange(f.W, f.H+1, len(st.Variants), run.View.Zoom); ok {
		i = l.at(st, run.Index(run.View.Focus), x, y)
	}
	if i < 0 || i >= len(st.Variants) {
		return ""
	}
	return st.Variants[i].ID
}

// at is the place of the variant at a cell, -1 if there is none.
func (l *Layout) at(st *lab.State, focus, x, y int) int {
	in := func(r panel.Rect) bool { return x >= r.X && x < r.X+r.W && y >= r.Y && y < r.Y+r.H }
	if in(l.Table) {
		first, count := tableRows(len(st.Variants), focus, l.Table.H)
		if k := y - l.Table.Y - 1; k >= 0 && k < count {
			return first + k
		}
		return -1
	}
	if len(l.Columns) < len(st.Variants) {
		return -1 // the selected one alone
	}
	for i, r := range l.Columns {
		if in(r) {
			return i
		}
	}
	return -1
}
