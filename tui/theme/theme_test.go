package theme

import (
	"io"
	"strings"
	"testing"

	"github.com/charmbracelet/x/ansi"
	"github.com/muesli/termenv"

	"benchtop/targets/printable"
)

var odd = []string{
	"", "plain", "日本語のラベル", "e\u0301a\u0302", "👩‍👩‍👧 family", "\x1b[31mred\x1b[0m", "tab\tand\nline", "\u202eesrever", "│─█⣿▁╭…µ·", strings.Repeat("長い", 50), "\ufffd\u200b",
}

func TestWidthAgrees(t *testing.T) {
	for _, s := range odd {
		s = printable.Line(s)
		if got, want := Width(s), ansi.StringWidth(s); got != want {
			t.Errorf("Width(%q) = %d, want %d", s, got, want)
		}
	}
}

func TestLineIsExact(t *testing.T) {
	for _, s := range odd {
		for w := range 30 {
			l := NewLine(w).Put(Ink{}, "x ").Put(Ink{on: "\x1b[1m"}, s).Right(NewLine(w).Put(Ink{}, "end")).Done()
			if got := ansi.StringWidth(l); got != w {
				t.Errorf("%q on %d cells takes %d: %q", s, w, got, l)
			}
			for _, part := range Wrap(s, w) {
				if Width(part) > w {
					t.Errorf("%q wrapped to %d has a line %q", s, w, part)
				}
			}
			if Width(Fit(s, w)) > w {
				t.Errorf("%q does not fit %d", s, w)
			}
		}
	}
}

func TestBox(t *testing.T) {
	b := Box{Width: 24, Height: 4, Left: NewLine(24).Put(Ink{}, "left"), Right: NewLine(24).Put(Ink{}, "right")}
	inner, rows := Inner(24, 4)
	got := b.Draw([]string{PadRight("one", inner), PadRight("two", inner)})
	want := []string{"╭ left ──────── right ─╮", "│ one                  │", "│ two                  │", "╰──────────────────────╯"}
	if strings.Join(got, "\n") != strings.Join(want, "\n") || rows != 2 {
		t.Errorf("\n%s\nwant\n%s", strings.Join(got, "\n"), strings.Join(want, "\n"))
	}
	for w := range 40 {
		for h := range 6 {
			for _, long := range []string{"", "x", "a long title that does not fit"} {
				inner, _ := Inner(w, h)
				b := Box{Width: w, Height: h, Left: NewLine(99).Put(Ink{}, long), Right: NewLine(99).Put(Ink{}, long), Heavy: w%2 == 0}
				lines := b.Draw([]string{Blank(inner)})
				if w > 0 && len(lines) != h {
					t.Errorf("%dx%d: %d lines", w, h, len(lines))
				}
				for _, l := range lines {
					if Width(l) != w {
						t.Errorf("%dx%d: %q", w, h, l)
					}
				}
			}
		}
	}
}

func TestToASCIIKeepsWidth(t *testing.T) {
	for _, s := range odd {
		s = printable.Line(s)
		got := ToASCII(s)
		if Width(got) != Width(s) {
			t.Errorf("%q is %d wide, %q is %d", s, Width(s), got, Width(got))
		}
		for _, r := range got {
			if r >= 0x80 {
				t.Errorf("%q keeps %q", s, r)
			}
		}
	}
}

func TestThemes(t *testing.T) {
	for _, name := range Names() {
		if name == "auto" {
			continue
		}
		for _, profile := range []termenv.Profile{termenv.TrueColor, termenv.ANSI256, termenv.ANSI, termenv.Ascii} {
			look, err := New(name, profile)
			if err != nil {
				t.Fatal(err)
			}
			if (name == "mono" || profile == termenv.Ascii) && look.Name != "mono" {
				t.Errorf("%s without colours is %s", name, look.Name)
			}
			look.Variant(-1)
			if painted := look.Bad.Paint("x"); !strings.HasSuffix(painted, off) {
				t.Errorf("%s leaves its ink on: %q", name, painted)
			}
		}
	}
	if _, err := New("pink", termenv.TrueColor); err == nil || !strings.Contains(err.Error(), "allowed: auto, dark") {
		t.Errorf("%v", err)
	}
	if look, err := Detect(io.Discard, "dark", true); err != nil || look.Name != "mono" {
		t.Errorf("without colours: %v, %v", look, err)
	}
	if _, err := Detect(io.Discard, "pink", true); err == nil {
		t.Error("an unknown theme is accepted")
	}
}

func TestParseTier(t *testing.T) {
	for _, tier := range []Tier{Braille, Block, ASCII} {
		if got, err := ParseTier(tier.String()); err != nil || got != tier {
			t.Errorf("%v: %v, %v", tier, got, err)
		}
	}
	t.Setenv("LC_ALL", "C.UTF-8")
	if got, err := ParseTier(""); err != nil || got != Block {
		t.Errorf("%v, %v", got, err)
	}
	t.Setenv("LC_ALL", "C")
	if got, err := ParseTier(""); err != nil || got != ASCII {
		t.Errorf("%v, %v", got, err)
	}
	if _, err := ParseTier("emoji"); err == nil {
		t.Error("emoji are accepted")
	}
}

// Without a word of the terminal its environment decides, and dark where that says nothing.
func TestBackgroundByEnvironment(t *testing.T) {
	for colours, light := range map[string]bool{"": false, "15;0": false, "0;15": true, "0;default;7": true, "7;8": false, "0;default": false, "0;99": false} {
		if lightByEnvironment(colours) != light {
			t.Errorf("%q: light is %v", colours, !light)
		}
	}
}
