package theme

import (
	"fmt"
	"os"
	"strings"
	"unicode/utf8"

	"github.com/charmbracelet/x/ansi"
)

// Tier is how much a terminal can draw.
type Tier int

// The tiers: braille dots for the finest lines, eighths of blocks, plain ASCII.
const (
	Braille Tier = iota
	Block
	ASCII
)

// String is the name that --glyphs takes.
func (t Tier) String() string {
	switch t {
	case Braille:
		return "braille"
	case ASCII:
		return "ascii"
	}
	return "block"
}

// Next is the tier that the key g turns to.
func (t Tier) Next() Tier { return (t + 1) % 3 }

// ParseTier reads --glyphs; empty chooses by the locale: block where it is UTF-8, and in Windows Terminal, else ascii.
func ParseTier(s string) (Tier, error) {
	switch s {
	case "braille":
		return Braille, nil
	case "block":
		return Block, nil
	case "ascii":
		return ASCII, nil
	case "":
		for _, key := range []string{"LC_ALL", "LC_CTYPE", "LANG"} {
			if v := os.Getenv(key); v != "" {
				v = strings.ToLower(v)
				if strings.Contains(v, "utf-8") || strings.Contains(v, "utf8") {
					return Block, nil
				}
				return ASCII, nil
			}
		}
		if os.Getenv("WT_SESSION") != "" { // Windows Terminal; a console before it has a font without blocks
			return Block, nil
		}
		return ASCII, nil
	}
	return Block, fmt.Errorf("glyphs %q are not known; allowed: braille, block, ascii", s)
}

// plain gives the ASCII stand-in, one cell each, of every glyph that the program draws.
var plain = map[rune]byte{
	'─': '-', '━': '-', '┄': '.', '│': '|', '┃': '|', '┆': '|', '╭': '+', '╮': '+', '╰': '+', '╯': '+', '├': '|', '┤': '|', '┼': '+',
	'┏': '+', '┓': '+', '┗': '+', '┛': '+', '┬': '+', '┴': '+', '╴': '-', '╶': '-', '▕': '[', '▏': ']', '█': '#', '▉': '#', '▊': '#', '▋': '#', '▌': '=', '▍': '=', '▎': '-',
	'▁': '_', '▂': '_', '▃': '_', '▄': '=', '▅': '=', '▆': '=', '▇': '#', '▀': '"', '■': '#', '▣': '#', '□': 'o', '●': '*', '○': 'o', '◌': '.',
	'◐': '%', '▲': '^', '▼': 'v', '◆': '*', '◇': 'o', '✓': '+', '✗': 'x', '✕': 'x', '▸': '>', '◂': '<', '▶': '>', '◀': '<', '→': '>', '←': '<', '↑': '^', '↓': 'v',
	'·': '-', '•': '*', '…': '~', '—': '-', '–': '-', 'µ': 'u', '×': 'x', '±': '~', '≈': '~', '“': '"', '”': '"', '‘': '\'', '’': '\'', '⏸': '"', '∙': '.',
	'═': '=', '▓': '%', '▒': '%', '≤': '<', '≥': '>', '\u00a0': ' ', '\u202f': ' ', '░': ':',
}

// ToASCII replaces every character that is not ASCII by a stand-in of the same width; what has none becomes question
// marks. Escape sequences are ASCII and stay.
func ToASCII(s string) string {
	ascii := true
	for i := 0; i < len(s); i++ {
		if s[i] >= 0x80 {
			ascii = false
			break
		}
	}
	if ascii {
		return s
	}
	var b strings.Builder
	b.Grow(len(s))
	for len(s) > 0 {
		r, n := utf8.DecodeRuneInString(s)
		if r < 0x80 {
			b.WriteByte(s[0])
			s = s[n:]
			continue
		}
		if p, ok := plain[r]; ok {
			b.WriteByte(p)
			s = s[n:]
			continue
		}
		cluster, width := ansi.FirstGraphemeCluster(s, ansi.GraphemeWidth)
		b.WriteString(strings.Repeat("?", max(width, 0)))
		s = s[max(len(cluster), n):]
	}
	return b.String()
}
