package runs

import (
	"fmt"
	"slices"
	"strings"

	"benchtop/lab/answer"
	"benchtop/lab/figure"
	"benchtop/lab/saved"
	"benchtop/tui/draw"
	"benchtop/tui/screen"
	"benchtop/tui/theme"
)

// headRows are the rows above the first run: the border of the box.
const headRows = 1

// lines are those of a text.
func lines(text string) []string { return strings.Split(strings.TrimRight(text, "\n"), "\n") }

// View draws the list with what is told of the selected run below it, or the report.
func (s *shelf) View(f screen.Frame) []string {
	if s.report != nil {
		w, _ := theme.Inner(f.W, f.H)
		out := draw.Text{W: w}
		for _, line := range s.text {
			if theme.Width(line) <= w {
				out.Add(theme.NewLine(w).Put(f.Look.Text, line).Done())
				continue
			}
			hang := min(len(line)-len(strings.TrimLeft(line, " ")), w/4)
			out.Hang(f.Look.Text, strings.Repeat(" ", hang), hang, strings.TrimLeft(line, " "))
		}
		return draw.Framed(f, "report of "+s.report.Scenario.ID, out.Lines, &s.scroll)
	}
	const foot = 6 // of the box below
	list := s.list(f, f.H-foot)
	return append(list, s.about(f, foot)...)
}

// list is the box with the runs that fit around the selected one.
func (s *shelf) list(f screen.Frame, h int) []string {
	all := s.saved.Runs()
	w, rows := theme.Inner(f.W, h)
	s.page = rows
	at := max(s.index(), 0)
	s.first = min(max(s.first, at-rows+1), at)
	s.first = min(s.first, max(len(all)-rows, 0))
	s.shown = s.shown[:0]
	var out []string
	for i := s.first; i < min(s.first+rows, len(all)); i++ {
		s.shown = append(s.shown, all[i].Path)
		out = append(out, s.row(f, &all[i], w))
	}
	if len(all) == 0 {
		out = append(out, theme.NewLine(w).Put(f.Look.Muted, "no run is saved yet: run a scenario, and it stands here").Done())
	}
	mark := fmt.Sprintf("%d of %d", at+1, len(all))
	if len(all) == 0 {
		mark = "none"
	}
	return theme.Box{
		Width: f.W, Height: h, Border: f.Look.Focus, Left: theme.NewLine(f.W).Put(f.Look.Strong, "my runs"), Right: theme.NewLine(f.W).Put(f.Look.Muted, mark),
	}.Draw(out)
}

// The columns of a row, in cells.
const (
	whenWidth = 14
	mostID    = 28
)

// row is one run: picked or not, when, which scenario, what it came to.
func (s *shelf) row(f screen.Frame, r *saved.Run, w int) string {
	c, known := s.saved.Content(r.Path)
	ink, dim, chosen, mark := f.Look.Text, f.Look.Muted, "  ", "  "
	if i := slices.Index(s.picked, r.Path); i >= 0 {
		mark = "◆ "
	}
	if r.Path == s.selected {
		ink, dim, chosen = f.Look.Select, f.Look.Select, "▸ "
	}
	id := min(mostID, w/4)
	l := theme.NewLine(w).Put(ink, chosen+mark).Put(dim, theme.PadRight(figure.When(r.At, s.desk.Now()), whenWidth))
	l.Put(ink, theme.PadRight(theme.Fit(r.ID, id-2), id)) // the selection is one piece
	outcome := dim
	if r.Path != s.selected {
		outcome = inkOf(f.Look, &c)
	}
	text := "…"
	if known {
		text = words(&c)
	}
	return l.Put(outcome, theme.PadRight(theme.Fit(text, l.Free()), l.Free())).Done()
}

// words are what a run came to: the badge, and the sentence behind it.
func words(c *saved.Content) string {
	switch {
	case c.Wrong != "":
		return "! " + c.Wrong
	case c.Badge != "":
		return string(c.Badge) + "  " + c.Words
	}
	return c.Words
}

func inkOf(look *theme.Theme, c *saved.Content) theme.Ink {
	switch {
	case c.Wrong != "":
		return look.Warn
	case c.Badge == answer.Decided:
		return look.Good
	}
	return look.Muted
}

// about tells all of the selected run, where it lies too.
func (s *shelf) about(f screen.Frame, h int) []string {
	w, rows := theme.Inner(f.W, h)
	out := draw.Text{W: w}
	r := s.run()
	if r != nil {
		c, known := s.saved.Content(r.Path)
		if c.Title != "" {
			out.Put(f.Look.Strong, c.Title)
		}
		if known {
			out.Put(inkOf(f.Look, &c), words(&c))
		}
		out.Put(f.Look.Muted, r.Path)
	}
	title := theme.NewLine(f.W)
	if r != nil {
		title.Put(f.Look.Muted, theme.Fit(r.ID, f.W-8))
	}
	return theme.Box{Width: f.W, Height: h, Border: f.Look.Faint, Left: title}.Draw(out.Lines[:min(len(out.Lines), rows)])
}

// Status asks before a file is deleted.
func (s *shelf) Status(f screen.Frame) screen.Status {
	r := s.run()
	switch {
	case s.opening:
		return screen.Status{Line: theme.NewLine(f.W).Space(1).Put(f.Look.Muted, "opening …"), Alone: true}
	case !s.deleting || r == nil:
		return screen.Status{}
	}
	l := theme.NewLine(f.W).Space(1).Put(f.Look.Warn, theme.Fit("delete the run of "+r.ID+", "+figure.When(r.At, s.desk.Now())+"?", f.W-34))
	return screen.Status{Line: l.Put(f.Look.Key, "  y").Put(f.Look.Muted, " deletes it, every other key keeps it"), Alone: true}
}
