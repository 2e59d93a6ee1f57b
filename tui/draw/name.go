package draw

import (
	"benchtop/tui/format"
	"benchtop/tui/theme"
)

// Name puts who a variant is on a line, in at most room cells: letter, id and label, as over its column and in lists.
// The label gives way first. Sentences call a variant by its id alone.
func Name(l *theme.Line, look *theme.Theme, i int, t format.Title, room int) *theme.Line {
	end := l.Used() + max(room, 0)
	letter := format.Letter(i)
	if t.Bare {
		letter = t.ID
	}
	l.Put(look.Variant(i), theme.Fit(letter, end-l.Used()))
	if t.ID != letter && l.Used()+2 < end {
		l.Space(2).Put(look.Strong, theme.Fit(t.ID, end-l.Used()))
	}
	if text := label(t, end-l.Used()-2); text != "" {
		l.Space(2).Put(look.Text, text)
	}
	return l
}

// leastLabel is how many cells a label that is cut must have, to say more than nothing.
const leastLabel = 6

// label is the longest label that has room, else as much of the shortest as has.
func label(t format.Title, room int) string {
	for _, s := range t.Labels {
		if theme.Width(s) <= room {
			return s
		}
	}
	if len(t.Labels) == 0 || room < leastLabel {
		return ""
	}
	return theme.Fit(t.Labels[len(t.Labels)-1], room)
}

// NameWidth is how many cells a whole Name takes.
func NameWidth(t format.Title) int {
	w := theme.Width(t.ID)
	if !t.Bare {
		w += 1 + 2 // its letter
	}
	if len(t.Labels) > 0 {
		w += 2 + theme.Width(t.Labels[0])
	}
	return w
}

// Whole is a title with the labels alone that have room behind the letter and the id.
func Whole(t format.Title, room int) format.Title {
	for k := range t.Labels {
		if short := (format.Title{ID: t.ID, Bare: t.Bare, Labels: t.Labels[k:]}); NameWidth(short) <= room {
			return short
		}
	}
	return format.Title{ID: t.ID, Bare: t.Bare}
}
