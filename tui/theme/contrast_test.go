package theme

import (
	"fmt"
	"math"
	"strconv"
	"strings"
	"testing"

	"github.com/muesli/termenv"
)

// grounds are backgrounds of terminals, and of the pictures that are made of screens: dark ones, then light ones.
var grounds = map[bool][]string{
	false: {"#000000", "#14171c", "#1e1e1e"},
	true:  {"#ffffff", "#fdf6e3", "#f5f5f5"},
}

// text is what a terminal writes in when nothing else is said.
var text = map[bool][]string{false: {"#ffffff", "#d8dee9"}, true: {"#000000", "#1f2328"}}

// contrast is WCAG 2's ratio of two colours, 1 to 21: (L1 + 0.05) / (L2 + 0.05) of their relative luminances.
func contrast(a, b [3]float64) float64 {
	luminance := func(c [3]float64) float64 {
		for i, v := range c {
			if v /= 255; v <= 0.04045 {
				c[i] = v / 12.92
			} else {
				c[i] = math.Pow((v+0.055)/1.055, 2.4)
			}
		}
		return 0.2126*c[0] + 0.7152*c[1] + 0.0722*c[2]
	}
	x, y := luminance(a), luminance(b)
	return (math.Max(x, y) + 0.05) / (math.Min(x, y) + 0.05)
}

func rgb(t *testing.T, hex string) (c [3]float64) {
	t.Helper()
	for i := range c {
		v, err := strconv.ParseUint(hex[1+2*i:3+2*i], 16, 8)
		if err != nil {
			t.Fatal(err)
		}
		c[i] = float64(v)
	}
	return c
}

// coloursOf reads an ink's colours out of what it sends to the terminal; nil is the terminal's own.
func coloursOf(t *testing.T, k Ink) (front, back *[3]float64) {
	t.Helper()
	codes := strings.Split(strings.TrimSuffix(strings.TrimPrefix(k.on, "\x1b["), "m"), ";")
	for i := 0; i+1 < len(codes); i++ {
		if codes[i] != "38" && codes[i] != "48" {
			continue
		}
		var c [3]float64
		switch codes[i+1] {
		case "2":
			for n := range c {
				v, err := strconv.ParseFloat(codes[i+2+n], 64)
				if err != nil {
					t.Fatal(err)
				}
				c[n] = v
			}
		case "5":
			n, err := strconv.Atoi(codes[i+2])
			if err != nil {
				t.Fatal(err)
			}
			c = rgb(t, termenv.ConvertToRGB(termenv.ANSI256Color(n)).Hex())
		}
		if codes[i] == "38" {
			front = &c
		} else {
			back = &c
		}
		i += map[string]int{"2": 4, "5": 2}[codes[i+1]]
	}
	return front, back
}

// inksOf are the inks of a theme by their names.
func inksOf(look *Theme) map[string]Ink {
	out := map[string]Ink{
		"text": look.Text, "strong": look.Strong, "muted": look.Muted, "faint": look.Faint, "accent": look.Accent, "focus": look.Focus,
		"good": look.Good, "bad": look.Bad, "warn": look.Warn, "badge": look.Badge, "done": look.Done, "same": look.Same, "open": look.Open,
		"failed": look.Failed, "key": look.Key, "select": look.Select, "heading": look.Heading, "code": look.Code, "emph": look.Emph,
	}
	for i := range look.Series {
		out[fmt.Sprintf("variant %d", i+1)] = look.Series[i]
	}
	// What is drawn on the ground of differences that do not count.
	for _, name := range []string{"strong", "muted", "accent", "good", "bad", "variant 1", "variant 2", "variant 3", "variant 4", "variant 5", "variant 6"} {
		out[name+" in the zone"] = out[name].Over(look.Zone)
	}
	return out
}

// Every ink can be read on every background that its theme is for: faint text too, and badges on their own ground. High
// contrast is more where it can be. What a theme without colours looks like is the terminal's affair.
func TestContrast(t *testing.T) {
	for _, c := range []struct {
		name  string
		light bool
		least float64
	}{{"dark", false, 4.5}, {"light", true, 4.5}, {highContrast, false, 7}, {highContrast, true, 7}} {
		for _, profile := range []termenv.Profile{termenv.TrueColor, termenv.ANSI256} {
			look, err := onGround(c.name, c.light, profile)
			if err != nil {
				t.Fatal(err)
			}
			if profile == termenv.ANSI256 { // the nearest of its colours are not as sharp
				c.least = 4.5
			}
			for name, ink := range inksOf(look) {
				front, back := coloursOf(t, ink)
				for _, ground := range grounds[c.light] {
					for _, own := range text[c.light] {
						a, b := rgb(t, own), rgb(t, ground)
						if front != nil {
							a = *front
						}
						if back != nil {
							b = *back
						}
						if got := contrast(a, b); got < c.least {
							t.Errorf("%s, light %v, profile %v: %s on %s has a contrast of %.2f, wanted %.1f", c.name, c.light, profile, name, ground, got, c.least)
						}
					}
				}
			}
		}
	}
}

func TestContrastIsThatOfWCAG(t *testing.T) {
	for _, c := range []struct {
		a, b string
		want float64
	}{{"#000000", "#ffffff", 21}, {"#ffffff", "#ffffff", 1}, {"#777777", "#ffffff", 4.48}} {
		if got := contrast(rgb(t, c.a), rgb(t, c.b)); math.Abs(got-c.want) > 0.005 {
			t.Errorf("%s on %s: %.3f, want %.2f", c.a, c.b, got, c.want)
		}
	}
}

// A theme that follows the background of the terminal does so with its colours for it; high contrast keeps its name.
func TestThemesFollowTheBackground(t *testing.T) {
	for _, name := range []string{"dark", highContrast} {
		look, err := New(name, termenv.TrueColor)
		if err != nil {
			t.Fatal(err)
		}
		if look.On(true) != look {
			t.Errorf("%s was chosen, and changes", name)
		}
		look.Auto = true
		on := look.On(true)
		if on == look || on.Good == look.Good || !on.Auto || on.On(true) != on {
			t.Errorf("%s on a light background: %+v", name, on)
		}
		if back := on.On(false); back.Name != name || back.Good != look.Good {
			t.Errorf("%s is not what it was on a dark one: %+v", name, back)
		}
	}
	if _, err := New(highContrastLight, termenv.TrueColor); err == nil {
		t.Error("a palette is a name")
	}
}
