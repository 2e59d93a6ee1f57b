package draw

import (
	"slices"
	"strings"
	"testing"

	"github.com/charmbracelet/x/ansi"
	"github.com/muesli/termenv"

	"benchtop/tui/theme"
)

// What stands in backquotes has the ink of code and no backquotes, on more than one line too; a word that is wider than a line
// goes on below.
func TestCode(t *testing.T) {
	look, err := theme.New("dark", termenv.TrueColor)
	if err != nil {
		t.Fatal(err)
	}
	const w = 14
	out := Text{W: w}
	out.Code(look, look.Text, "1 ", 2, "What of `a b` is left, in `next(iter(self.cache))`?")
	var plain []string
	for _, line := range out.Lines {
		if theme.Width(line) != w {
			t.Errorf("%q has %d cells", line, theme.Width(line))
		}
		plain = append(plain, strings.TrimRight(ansi.Strip(line), " "))
	}
	below := strings.ReplaceAll(strings.Join(plain[2:], ""), " ", "")
	if !slices.Equal(plain[:2], []string{"1 What of a b", "  is left, in"}) || below != "next(iter(self.cache))?" {
		t.Errorf("drawn as %q", plain)
	}
	code := theme.NewLine(w).Put(look.Text, "1 What of ").Put(look.Code, "a b").Done()
	if out.Lines[0] != code {
		t.Errorf("%q, want %q", out.Lines[0], code)
	}
}
