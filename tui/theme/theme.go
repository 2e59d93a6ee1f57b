// Package theme holds how the screen looks: colours by what they mean, glyphs by what the terminal can show, and the
// one box. Nothing else in the program names a colour.
package theme

import (
	"fmt"
	"io"
	"os"
	"slices"
	"strconv"
	"strings"

	"github.com/charmbracelet/lipgloss"
	"github.com/muesli/termenv"
)

// Ink is how a text is written: the escape sequence before it; the zero Ink writes it plainly.
type Ink struct{ on string }

const off = "\x1b[0m"

// Paint gives the text in this ink.
func (k Ink) Paint(s string) string {
	if k.on == "" || s == "" {
		return s
	}
	return k.on + s + off
}

// Theme is one set of colours by meaning. A state never hangs on colour alone: who uses an ink also writes a word or
// a glyph.
type Theme struct {
	Name   string
	Text   Ink // ordinary text
	Strong Ink // figures and headings
	Muted  Ink // labels, units, what does not count (yet)
	Faint  Ink // borders, axes, tracks of bars
	Accent Ink // the program's own colour: name, selection
	Focus  Ink // border of the focused panel
	Good   Ink // decided in favour
	Bad    Ink // decided against; errors
	Warn   Ink // look here
	Badge  Ink // REPLAY, FROZEN
	Key    Ink // keys in the help line
	Select Ink // the selected row
	Series []Ink

	Heading Ink // of a lesson's text
	Code    Ink
	Emph    Ink

	Profile termenv.Profile // what colours the terminal has
	Auto    bool            // the background of the terminal decides; On follows it
}

// Variant is the ink of the i-th variant: who it is, never how well it does. A negative i is nobody.
func (t *Theme) Variant(i int) Ink {
	if len(t.Series) == 0 || i < 0 {
		return t.Text
	}
	return t.Series[i%len(t.Series)]
}

// Names lists what --theme allows.
func Names() []string { return []string{"auto", "dark", "light", "high-contrast", "mono"} }

// palette is the raw material of a theme: hex colours, empty for the terminal's own.
type palette struct {
	muted, faint, accent, focus, good, bad, warn, badgeText, badge, selectBack string
	series                                                                     []string
}

var palettes = map[string]palette{
	// Series after Okabe and Ito, told apart by every kind of colour vision, lightened for dark backgrounds.
	"dark": {
		muted: "#8A93A6", faint: "#4A5264", accent: "#7AA2F7", focus: "#A9B8DC", good: "#7BD88F", bad: "#FF7A85", warn: "#FFC777",
		badgeText: "#14161B", badge: "#FFC777", selectBack: "#2A3145",
		series: []string{"#62B8FF", "#F2A93B", "#C099FF", "#3FD0B0", "#F58FB7", "#E5E06A"},
	},
	"light": {
		muted: "#667085", faint: "#B8BFCC", accent: "#1F5FD0", focus: "#475467", good: "#157A3A", bad: "#C0262D", warn: "#9A5B00",
		badgeText: "#FFFFFF", badge: "#9A5B00", selectBack: "#DCE6FA",
		series: []string{"#0B66C3", "#B45309", "#7C3AED", "#00796B", "#BE185D", "#6B6A00"},
	},
	"high-contrast": {
		accent: "#FFFFFF", focus: "#FFFF00", good: "#00FF66", bad: "#FF5555", warn: "#FFFF00", badgeText: "#000000", badge: "#FFFF00",
		selectBack: "#0000CC",
		series:     []string{"#33CCFF", "#FFB000", "#E08CFF", "#00FFCC", "#FF8FC0", "#FFFF66"},
	},
}

// New gives a theme by its name, in the colours that the profile has. A profile without colours, and the name mono,
// give the theme of attributes alone (bold, faint, reverse).
func New(name string, profile termenv.Profile) (*Theme, error) {
	if name == "mono" || profile == termenv.Ascii {
		return mono(), nil
	}
	p, ok := palettes[name]
	if !ok {
		return nil, fmt.Errorf("theme %q is not known; allowed: %s", name, strings.Join(Names(), ", "))
	}
	ink := func(hex string, attributes ...string) Ink { return newInk(profile, hex, "", attributes...) }
	t := &Theme{
		Name: name, Profile: profile,
		Heading: ink(p.accent, "1"), Code: ink(p.warn), Emph: ink("", "3"),
		Strong: ink("", "1"),
		Muted:  ink(p.muted), Faint: ink(p.faint), Accent: ink(p.accent, "1"), Focus: ink(p.focus),
		Good: ink(p.good, "1"), Bad: ink(p.bad, "1"), Warn: ink(p.warn), Key: ink(p.accent),
		Badge:  newInk(profile, p.badgeText, p.badge, "1"),
		Select: newInk(profile, "", p.selectBack, "1"),
	}
	for _, hex := range p.series {
		t.Series = append(t.Series, ink(hex))
	}
	return t, nil
}

func mono() *Theme {
	bold, faint, reverse := Ink{on: "\x1b[1m"}, Ink{on: "\x1b[2m"}, Ink{on: "\x1b[7m"}
	return &Theme{
		Name: "mono", Profile: termenv.ANSI, Strong: bold, Muted: faint, Faint: faint, Accent: bold, Focus: bold, Good: bold, Bad: bold,
		Badge: reverse, Key: bold, Select: reverse, Heading: bold, Code: bold, Emph: Ink{on: "\x1b[3m"},
	}
}

func newInk(profile termenv.Profile, front, back string, attributes ...string) Ink {
	codes := attributes
	if front != "" {
		codes = append(codes, profile.Color(front).Sequence(false))
	}
	if back != "" {
		codes = append(codes, profile.Color(back).Sequence(true))
	}
	if len(codes) == 0 {
		return Ink{}
	}
	return Ink{on: "\x1b[" + strings.Join(codes, ";") + "m"}
}

// Bubble Tea's start asks Lip Gloss for the background of the terminal, and that waits for a response for up to 5 s, in
// every command and with the echo turned off. A renderer that knows it asks nobody. This package is initialised before
// Bubble Tea's: it is the first by its path of those that need no more than Lip Gloss.
var _ = func() struct{} {
	lipgloss.SetHasDarkBackground(true)
	return struct{}{}
}()

// Detect chooses the theme for a terminal: the asked one, or for auto what the environment says of its background, dark
// where it says nothing. The terminal is not asked. Without colours it is mono.
func Detect(out io.Writer, name string, noColor bool) (*Theme, error) {
	if name != "" && !slices.Contains(Names(), name) {
		return nil, fmt.Errorf("theme %q is not known; allowed: %s", name, strings.Join(Names(), ", "))
	}
	profile := termenv.NewOutput(out).EnvColorProfile()
	if noColor || profile == termenv.Ascii {
		return mono(), nil
	}
	if name != "" && name != "auto" {
		return New(name, profile)
	}
	t, err := New(background(lightByEnvironment(os.Getenv("COLORFGBG"))), profile)
	if err == nil {
		t.Auto = true
	}
	return t, err
}

// On is the theme for a background that has become known; one that was chosen stays.
func (t *Theme) On(light bool) *Theme {
	name := background(light)
	if !t.Auto || t.Name == name {
		return t
	}
	on, err := New(name, t.Profile)
	if err != nil {
		return t
	}
	on.Auto = true
	return on
}

// background is the name of the theme for light and for dark backgrounds.
func background(light bool) string {
	if light {
		return "light"
	}
	return "dark"
}

// lightByEnvironment reads COLORFGBG, which rxvt and others set: numbers of the 16 colours, that of the background last.
func lightByEnvironment(colours string) bool {
	n, err := strconv.Atoi(colours[strings.LastIndexByte(colours, ';')+1:])
	return err == nil && (n == 7 || n > 8 && n < 16)
}
