package draw

import (
	"benchtop/lab"
	"benchtop/tui/format"
	"benchtop/tui/theme"
)

// Name puts who a variant is on a line, in at most room cells: letter, id and label, as over its column and in lists.
// The label gives way first; it is left out where it says no more than the id. Sentences call a variant by its id alone.
func Name(l *theme.Line, look *theme.Theme, i int, v *lab.Variant, room int) *theme.Line {
	end := l.Used() + max(room, 0)
	letter := format.Letter(i)
	l.Put(look.Variant(i), theme.Fit(letter, end-l.Used()))
	if v.ID != letter && l.Used()+2 < end {
		l.Space(2).Put(look.Strong, theme.Fit(v.ID, end-l.Used()))
	}
	if v.Label != v.ID && v.Label != "" && l.Used()+3 < end {
		l.Space(2).Put(look.Text, theme.Fit(v.Label, end-l.Used()))
	}
	return l
}

// NameWidth is how many cells a whole Name takes.
func NameWidth(v *lab.Variant) int {
	w := 1 + 2 + theme.Width(v.ID)
	if v.Label != v.ID && v.Label != "" {
		w += 2 + theme.Width(v.Label)
	}
	return w
}
