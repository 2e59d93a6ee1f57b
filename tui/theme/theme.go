// Package theme holds how the screen looks: colours by what they mean, glyphs by what the terminal can show, and the
// one box. Nothing else in the program names a colour.
package theme

import (
	"cmp"
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

// Over is the ink on the ground of another one.
func (k Ink) Over(ground Ink) Ink {
	if k.on == "" || ground.on == "" {
		return Ink{on: k.on + ground.on}
	}
	return Ink{on: strings.TrimSuffix(k.on, "m") + ";" + strings.TrimPrefix(ground.on, "\x1b[")}
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
	Badge  Ink // REPLAY, FROZEN; what came with a reservation
	Done   Ink // badge of what is decided
	Same   Ink // badge of what does not differ
	Open   Ink // badge of what is not known
	Failed Ink // badge of what must not be believed
	Zone   Ink // ground of the differences that do not count; without colours it has none
	Key    Ink // keys in the help line
	Select Ink // the selected row
	Series []Ink
	bright []Ink // the same, of what is under load

	Heading Ink // of a lesson's text
	Code    Ink
	Emph    Ink

	Profile termenv.Profile // what colours the terminal has
	Auto    bool            // the background of the terminal decides; On follows it
	light   bool            // for a light background
}

// Variant is the ink of the i-th variant: who it is, never how well it does. A negative i is nobody.
func (t *Theme) Variant(i int) Ink {
	if len(t.Series) == 0 || i < 0 {
		return t.Text
	}
	return t.Series[i%len(t.Series)]
}

// Glow is the ink of the i-th variant while it is under load.
func (t *Theme) Glow(i int) Ink {
	if len(t.bright) == 0 || i < 0 {
		return t.Strong
	}
	return t.bright[i%len(t.bright)]
}

// Names lists what --theme allows.
func Names() []string { return []string{"auto", "dark", "light", "high-contrast", "mono"} }

// palette is the raw material of a theme: hex colours, empty for the terminal's own.
type palette struct {
	muted, faint, accent, focus, good, bad, warn, badgeText, badge, selectBack, zone string
	series                                                                           []string
}

// Every colour has a contrast of at least 4.5 to 1 with the background that it is for, high contrast 7 to 1.
var palettes = map[string]palette{
	// Series after Okabe and Ito, told apart by every kind of colour vision, lightened for dark backgrounds.
	"dark": {
		muted: "#9AA3B6", faint: "#7D869A", accent: "#7AA2F7", focus: "#A9B8DC", good: "#7BD88F", bad: "#FF7A85", warn: "#FFC777",
		badgeText: "#14161B", badge: "#FFC777", selectBack: "#2A3145", zone: "#262C39",
		series: []string{"#62B8FF", "#F2A93B", "#C099FF", "#3FD0B0", "#F58FB7", "#E5E06A"},
	},
	"light": {
		muted: "#566074", faint: "#697180", accent: "#1F5FD0", focus: "#475467", good: "#0F6B32", bad: "#C0262D", warn: "#9A5B00",
		badgeText: "#FFFFFF", badge: "#9A5B00", selectBack: "#DCE6FA", zone: "#E9EBEF",
		series: []string{"#0B66C3", "#9A4600", "#6A24D4", "#006257", "#BE185D", "#6B6A00"},
	},
	"high-contrast": {
		accent: "#FFFFFF", focus: "#FFFF00", good: "#00FF66", bad: "#FF9C9C", warn: "#FFFF00", badgeText: "#000000", badge: "#FFFF00",
		selectBack: "#0000CC", zone: "#262626",
		series: []string{"#33CCFF", "#FFB000", "#E6A0FF", "#00FFCC", "#FF8FC0", "#FFFF66"},
	},
	highContrastLight: {
		accent: "#000000", focus: "#0000CC", good: "#00501F", bad: "#8C0000", warn: "#5C3800", badgeText: "#FFFFFF", badge: "#5C3800",
		selectBack: "#FFFF66", zone: "#E4E4E4",
		series: []string{"#003F88", "#6E3300", "#5A0FA8", "#004D43", "#85093E", "#454400"},
	},
}

// High contrast has a palette for each background, and one name.
const (
	highContrast      = "high-contrast"
	highContrastLight = "high-contrast on light"
)

// New gives a theme by its name, in the colours that the profile has. A profile without colours, and the name mono,
// give the theme of attributes alone (bold, faint, reverse).
func New(name string, profile termenv.Profile) (*Theme, error) {
	return onGround(name, name == "light", profile)
}

// onGround is New for a background: dark or light.
func onGround(name string, light bool, profile termenv.Profile) (*Theme, error) {
	if name == "mono" || profile == termenv.Ascii {
		return mono(), nil
	}
	of := name
	if name == highContrast && light {
		of = highContrastLight
	}
	p, ok := palettes[of]
	if !ok || !slices.Contains(Names(), name) {
		return nil, fmt.Errorf("theme %q is not known; allowed: %s", name, strings.Join(Names(), ", "))
	}
	ink := func(hex string, attributes ...string) Ink { return newInk(profile, hex, "", attributes...) }
	t := &Theme{
		Name: name, Profile: profile, light: light,
		Heading: ink(p.accent, "1"), Code: ink(p.warn), Emph: ink("", "3"),
		Strong: ink("", "1"),
		Muted:  ink(p.muted), Faint: ink(p.faint), Accent: ink(p.accent, "1"), Focus: ink(p.focus),
		Good: ink(p.good, "1"), Bad: ink(p.bad, "1"), Warn: ink(p.warn), Key: ink(p.accent),
		Badge:  newInk(profile, p.badgeText, p.badge, "1"),
		Select: newInk(profile, "", p.selectBack, "1"), Zone: newInk(profile, "", p.zone),
		Done: newInk(profile, p.badgeText, p.good, "1"), Same: newInk(profile, p.badgeText, p.accent, "1"),
		Open: newInk(profile, p.badgeText, cmp.Or(p.muted, p.accent), "1"), Failed: newInk(profile, p.badgeText, p.bad, "1"),
	}
	for _, hex := range p.series {
		t.Series, t.bright = append(t.Series, ink(hex)), append(t.bright, ink(hex, "1"))
	}
	return t, nil
}

func mono() *Theme {
	bold, faint, reverse := Ink{on: "\x1b[1m"}, Ink{on: "\x1b[2m"}, Ink{on: "\x1b[7m"}
	return &Theme{
		Name: "mono", Profile: termenv.ANSI, Strong: bold, Muted: faint, Faint: faint, Accent: bold, Focus: bold, Good: bold, Bad: bold,
		Badge: reverse, Done: reverse, Same: reverse, Open: reverse, Failed: reverse, Key: bold, Select: reverse, Heading: bold, Code: bold, Emph: Ink{on: "\x1b[3m"},
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

// Detect chooses the theme for a terminal: the asked one, or for auto and high contrast what the environment says of its background, dark
// where it says nothing. The terminal is not asked. Without colours it is mono.
func Detect(out io.Writer, name string, noColor bool) (*Theme, error) {
	if name != "" && !slices.Contains(Names(), name) {
		return nil, fmt.Errorf("theme %q is not known; allowed: %s", name, strings.Join(Names(), ", "))
	}
	profile := termenv.NewOutput(out).EnvColorProfile()
	if noColor || profile == termenv.Ascii {
		return mono(), nil
	}
	light := lightByEnvironment(os.Getenv("COLORFGBG"))
	switch name {
	case "", "auto":
		name = background(light)
	case highContrast:
	default:
		return New(name, profile)
	}
	t, err := onGround(name, light, profile)
	if err == nil {
		t.Auto = true
	}
	return t, err
}

// On is the theme for a background that has become known; one that was chosen stays.
func (t *Theme) On(light bool) *Theme {
	if !t.Auto || t.light == light {
		return t
	}
	name := t.Name
	if name != highContrast {
		name = background(light)
	}
	on, err := onGround(name, light, t.Profile)
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

// Light reports whether it is for a light background.
func (t *Theme) Light() bool { return t.light }
