package draw

import (
	"strings"
	"testing"

	"github.com/charmbracelet/x/ansi"
	"github.com/muesli/termenv"

	"benchtop/tui/format"
	"benchtop/tui/theme"
)

// The label gives way before the id, and one in fewer words before one that is cut.
func TestANameInLittleRoom(t *testing.T) {
	look, err := theme.New("mono", termenv.Ascii)
	if err != nil {
		t.Fatal(err)
	}
	turned := format.Title{ID: "pooled", Labels: []string{"now size 8; first: the default", "now size 8", "size 8"}}
	for _, c := range []struct {
		of   format.Title
		room int
		want string
	}{
		{turned, 60, "B  pooled  now size 8; first: the default"},
		{turned, 40, "B  pooled  now size 8"},
		{turned, 20, "B  pooled  size 8"},
		{turned, 16, "B  pooled"},
		{format.Title{ID: "pooled", Labels: []string{"eight connections"}}, 20, "B  pooled  eight co…"},
		{format.Title{ID: "pooled", Labels: []string{"eight connections"}}, 15, "B  pooled"},
		{format.Title{ID: "B"}, 15, "B"},
		{format.Title{ID: "pooled"}, 1, "B"},
		{turned, 0, ""},
	} {
		got := strings.TrimRight(ansi.Strip(Name(theme.NewLine(80), look, 1, c.of, c.room).Done()), " ")
		if got != c.want {
			t.Errorf("in %d cells: %q, want %q", c.room, got, c.want)
		}
	}
	if w := NameWidth(turned); w != 41 {
		t.Errorf("the whole name is %d cells wide", w)
	}
	if got := Whole(format.Title{ID: "pooled", Labels: []string{"eight connections"}}, 20); len(got.Labels) != 0 {
		t.Errorf("a label that is cut is left: %v", got)
	}
}
