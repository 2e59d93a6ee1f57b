package theme

import (
	"strings"
	"testing"
)

// What is written on a sheet is what stands on lines of their own, and stays when the sheet is used again.
func TestSheet(t *testing.T) {
	bold := Ink{on: "\x1b[1m"}
	draw := func(s *Sheet) []string {
		left, right := s.Line(20), s.Line(20)
		left.Put(bold, "A").Space(1).PutLeft(Ink{}, "label", 7).PutRight(bold, "12", 4)
		right.Put(bold, "r").Fill(bold, "─", 3)
		box := Box{Width: 24, Height: 4, Left: s.Line(24).Put(bold, "title"), Right: s.Line(24).Put(Ink{}, "note"), Border: bold, Sheet: s}
		return append(box.Draw([]string{left.Right(right).Done()}), s.Join("a", Blank(3), "b"))
	}
	var sheet Sheet
	sheet.Begin(16)
	first := draw(&sheet)
	sheet.Begin(1024)
	sheet.Line(5).Put(Ink{}, "xxxxx").Done()
	second := draw(&sheet)
	want := strings.Join(draw(nil), "\n")
	if got := strings.Join(first, "\n"); got != want {
		t.Errorf("on a sheet\n%s\nwithout one\n%s", got, want)
	}
	if got := strings.Join(second, "\n"); got != want {
		t.Errorf("the second time\n%s\nwant\n%s", got, want)
	}
}

// Texts in the same ink behind each other are one stretch; blanks between them part it.
func TestInkGoesOn(t *testing.T) {
	bold := Ink{on: "\x1b[1m"}
	for _, c := range []struct {
		line *Line
		want string
	}{
		{NewLine(4).Put(bold, "ab").Put(bold, "cd"), "\x1b[1mabcd\x1b[0m"},
		{NewLine(5).Put(bold, "ab").Space(1).Put(bold, "cd"), "\x1b[1mab\x1b[0m \x1b[1mcd\x1b[0m"},
		{NewLine(4).Put(bold, "ab").Join(NewLine(2).Put(bold, "c")).Put(bold, "d"), "\x1b[1mab\x1b[0m\x1b[1mcd\x1b[0m"},
		{NewLine(4).Put(Ink{}, "ab").Fill(bold, "─", 9), "ab\x1b[1m──\x1b[0m"},
		{NewLine(4).Fill(Ink{}, "=", 3).PutRight(bold, "long", 2), "===\x1b[1m…\x1b[0m"},
	} {
		if got := c.line.Done(); got != c.want {
			t.Errorf("%q, want %q", got, c.want)
		}
	}
}
