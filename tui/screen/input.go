package screen

import "benchtop/tui/theme"

// Edit edits a text that has the focus, and reports whether the key does that.
func Edit(text *string, key string) bool {
	switch key {
	case "backspace":
		if r := []rune(*text); len(r) > 0 {
			*text = string(r[:len(r)-1])
		}
	case "ctrl+u":
		*text = ""
	case " ":
		*text += " "
	default:
		return false
	}
	return true
}

// Clears is what esc does where it clears a text before it closes.
func Clears(text string) string {
	if text == "" {
		return "close"
	}
	return "clear"
}

// Input is a text that stands there before it is typed. Marked, it gives way to the first key that types; an arrow keeps it.
type Input struct {
	Text   string
	Marked bool
}

// Begin is an input with a text that is marked.
func Begin(text string) Input { return Input{text, text != ""} }

// Type adds a text, or puts it in the place of what is marked.
func (i *Input) Type(text string) {
	if i.Marked {
		i.Text, i.Marked = "", false
	}
	i.Text += text
}

// Edit edits the text, and reports whether the key does that.
func (i *Input) Edit(key string) bool {
	switch {
	case !i.Marked:
		return Edit(&i.Text, key)
	case key == "left" || key == "right" || key == "home" || key == "end":
		i.Marked = false
		return true
	}
	text := ""
	if !Edit(&text, key) {
		return false
	}
	i.Text, i.Marked = text, false
	return true
}

// Draw puts the end of the text, which is what is typed, on a line, with the cursor behind it, in at most room cells.
func (i *Input) Draw(l *theme.Line, look *theme.Theme, room int) *theme.Line {
	ink, text := look.Strong, []rune(i.Text)
	if i.Marked {
		ink = look.Select
	}
	if most := max(room-1, 1); len(text) > most {
		text = append([]rune("…"), text[len(text)-most+1:]...)
	}
	return l.Put(ink, string(text)).Put(look.Accent, "▏")
}
