package draw

import (
	"strings"
	"testing"

	"github.com/charmbracelet/x/ansi"
	"github.com/muesli/termenv"

	"benchtop/tui/theme"
)

func TestMarkdown(t *testing.T) {
	look, err := theme.New("dark", termenv.TrueColor)
	if err != nil {
		t.Fatal(err)
	}
	source := "## Why *it* matters\n\nA word, **two**, `code` and a line\nthat goes on (see `this`).\n\n- first item is long enough to wrap\n- second\n\n" +
		"3. three\n4. four\n\n```\na  block\n```\n\n> said\n\nEnd with \x1b[31mescape"
	want := []string{
		"Why it matters", "", "A word, two, code and", "a line that goes on", "(see this).", "", "• first item is long", "  enough to wrap", "• second",
		"", "3. three", "4. four", "", "  a  block", "", "  said", "", "End with �[31mescape",
	}
	lines := Markdown(look, source, 22)
	for i, line := range lines {
		if w := ansi.StringWidth(line); w != 22 {
			t.Errorf("line %d is %d cells wide", i, w)
		}
		if strings.Contains(line, "\x1b[31m") {
			t.Errorf("line %d lets an escape of the text through", i)
		}
		lines[i] = strings.TrimRight(ansi.Strip(line), " ")
	}
	if got := strings.Join(lines, "\n"); got != strings.Join(want, "\n") {
		t.Errorf("got\n%s\nwant\n%s", got, strings.Join(want, "\n"))
	}
	for w := range 12 { // no width breaks it
		Markdown(look, source, w)
	}
}
