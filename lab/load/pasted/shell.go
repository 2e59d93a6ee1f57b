package pasted

import (
	"strconv"
	"strings"
	"unicode/utf8"
)

// word is one word of a command line, unquoted.
type word struct {
	text    string
	at      int // bytes from the beginning of the text
	foreign int // where a $VARIABLE or the like stands in it, which only the shell knows; -1: nowhere
	quoted  bool
}

// commands cuts a text as bash does into command lines of words. Nothing is expanded.
func (s *source) commands() (out [][]word, err error) {
	l := lexer{source: s}
	var now []word
	for {
		w, end, err := l.next()
		switch {
		case err != nil:
			return nil, err
		case w != nil:
			now = append(now, *w)
			continue
		case len(now) > 0:
			out = append(out, now)
			now = nil
		}
		if end {
			return out, nil
		}
	}
}

// lexer reads words of bash (Bash Reference Manual, 3.1.2 Quoting).
type lexer struct {
	*source
	pos int
	b   strings.Builder
	w   word
}

// next gives the next word; without one, a command line is over, and with it maybe the text.
func (l *lexer) next() (w *word, end bool, err error) {
	if over := l.blanks(); over {
		return nil, l.pos >= len(l.text), nil
	}
	l.w, l.b = word{at: l.pos, foreign: -1}, strings.Builder{}
	for l.pos < len(l.text) {
		c := l.text[l.pos]
		switch c {
		case ' ', '\t', '\n', '\r', ';', '&':
			l.w.text = l.b.String()
			return &l.w, false, nil
		case '|', '<', '>', '(', ')':
			return nil, false, l.fail(l.pos, "leave out what is behind the command, or put the character in quotes if it belongs to a value",
				"found %q behind a curl command; allowed: curl commands alone, one after the other", c)
		default:
			if err := l.piece(c); err != nil {
				return nil, false, err
			}
		}
	}
	l.w.text = l.b.String()
	return &l.w, false, nil
}

// blanks skips what separates words, and reports whether a command line ends there.
func (l *lexer) blanks() (over bool) {
	for l.pos < len(l.text) {
		switch c := l.text[l.pos]; {
		case c == ' ' || c == '\t' || c == '\r':
			l.pos++
		case c == '\\' && l.lineBreak(l.pos+1) > 0:
			l.pos += 1 + l.lineBreak(l.pos+1)
		case c == '\n' || c == ';' || c == '&':
			l.pos++
			return true
		case c == '#':
			for l.pos < len(l.text) && l.text[l.pos] != '\n' {
				l.pos++
			}
		default:
			return false
		}
	}
	return true
}

// lineBreak is the length of the line break at a place, 0 if there is none. Blanks before it are an accident of copying.
func (l *lexer) lineBreak(at int) int {
	rest := strings.TrimLeft(l.text[min(at, len(l.text)):], " \t\r")
	if !strings.HasPrefix(rest, "\n") {
		return 0
	}
	return len(l.text) - at - len(rest) + 1
}

// piece reads a part of a word: a quoted one, or one character.
func (l *lexer) piece(c byte) error {
	switch {
	case c == '\'':
		l.w.quoted = true
		return l.single()
	case c == '"':
		l.w.quoted = true
		return l.double()
	case c == '$' && strings.HasPrefix(l.text[l.pos:], "$'"):
		l.w.quoted = true
		return l.ansi()
	case c == '$' && strings.HasPrefix(l.text[l.pos:], `$"`):
		l.pos++ // a text to translate: the same as in double quotes
	case c == '\\' && l.lineBreak(l.pos+1) > 0:
		l.pos += 1 + l.lineBreak(l.pos+1)
	case c == '\\' && l.pos+1 < len(l.text):
		_, n := utf8.DecodeRuneInString(l.text[l.pos+1:])
		l.b.WriteString(l.text[l.pos+1 : l.pos+1+n])
		l.pos += 1 + n
	default:
		if err := l.expansion(c); err != nil {
			return err
		}
		l.b.WriteByte(c)
		l.pos++
	}
	return nil
}

// expansion notes a place that a shell would put something else into, and refuses commands.
func (l *lexer) expansion(c byte) error {
	rest := l.text[l.pos+1:]
	switch {
	case c == '`' || c == '$' && strings.HasPrefix(rest, "("):
		return l.fail(l.pos, "run it yourself and write what it prints, or put the value into the environment: a header of a token becomes a variable",
			"found a command whose output the shell would put here; allowed: values as they are sent")
	case c == '$' && rest != "" && (rest[0] == '{' || rest[0] == '_' || rest[0] >= 'A' && rest[0] <= 'Z' || rest[0] >= 'a' && rest[0] <= 'z'):
		if l.w.foreign < 0 {
			l.w.foreign = l.pos
		}
	}
	return nil
}

func (l *lexer) single() error {
	from := l.pos
	n := strings.IndexByte(l.text[from+1:], '\'')
	if n < 0 {
		return l.open(from, "'")
	}
	l.b.WriteString(l.text[from+1 : from+1+n])
	l.pos = from + n + 2
	return nil
}

func (l *lexer) open(at int, quote string) error {
	return l.fail(at, "copy the command again, whole; within '...' a quote is written '\\''", "found %s without its end; allowed: quotes that are closed", quote)
}

func (l *lexer) double() error {
	from := l.pos
	for l.pos++; l.pos < len(l.text); {
		switch c := l.text[l.pos]; {
		case c == '"':
			l.pos++
			return nil
		case c == '\\' && l.pos+1 < len(l.text) && strings.IndexByte("$`\"\\\n", l.text[l.pos+1]) >= 0:
			if l.text[l.pos+1] != '\n' {
				l.b.WriteByte(l.text[l.pos+1])
			}
			l.pos += 2
		default:
			if err := l.expansion(c); err != nil {
				return err
			}
			l.b.WriteByte(c)
			l.pos++
		}
	}
	return l.open(from, `"`)
}

// simple are the escapes of $'...' that stand for one byte.
var simple = map[byte]byte{
	'a': 7, 'b': 8, 'e': 27, 'E': 27, 'f': 12, 'n': '\n', 'r': '\r', 't': '\t', 'v': 11, '\\': '\\', '\'': '\'', '"': '"', '?': '?',
}

// ansi reads $'...', in which browsers write what is not plain (3.1.2.4 ANSI-C Quoting).
func (l *lexer) ansi() error {
	from := l.pos
	for l.pos += 2; l.pos < len(l.text); {
		c := l.text[l.pos]
		switch {
		case c == '\'':
			l.pos++
			return nil
		case c != '\\' || l.pos+1 >= len(l.text):
			l.b.WriteByte(c)
			l.pos++
		default:
			l.escape()
		}
	}
	return l.open(from, "$'")
}

// escape reads one escape of $'...'. A pair of \u of UTF-16 is one character, as browsers write those beyond U+FFFF.
func (l *lexer) escape() {
	kind := l.text[l.pos+1]
	if b, ok := simple[kind]; ok {
		l.b.WriteByte(b)
		l.pos += 2
		return
	}
	most, base, from := 0, 16, l.pos+2
	switch {
	case kind == 'x':
		most = 2
	case kind == 'u':
		most = 4
	case kind == 'U':
		most = 8
	case kind >= '0' && kind <= '7':
		most, base, from = 3, 8, l.pos+1
	}
	n := 0
	for n < most && from+n < len(l.text) && digit(l.text[from+n]) < base {
		n++
	}
	v, err := strconv.ParseUint(l.text[from:from+n], base, 32)
	switch {
	case err != nil: // no escape: the backslash is one
		l.b.WriteByte('\\')
		l.pos++
		return
	case kind != 'u' && kind != 'U':
		l.b.WriteByte(byte(v)) //nolint:gosec // two digits of 16, or three of 8 of which bash takes the lower bits
		l.pos = from + n
		return
	}
	r := rune(v) //nolint:gosec // a value that is no character becomes U+FFFD
	l.pos = from + n
	if r >= 0xd800 && r < 0xdc00 && strings.HasPrefix(l.text[l.pos:], `\u`) && len(l.text) >= l.pos+6 {
		if low, err := strconv.ParseUint(l.text[l.pos+2:l.pos+6], 16, 32); err == nil && low >= 0xdc00 && low < 0xe000 {
			r = 0x10000 + (r-0xd800)<<10 + rune(low) - 0xdc00 //nolint:gosec // at most 0xdfff
			l.pos += 6
		}
	}
	l.b.WriteRune(r)
}

// digit is the value of a digit of 16, 16 if it is none.
func digit(c byte) int {
	switch {
	case c >= '0' && c <= '9':
		return int(c - '0')
	case c >= 'a' && c <= 'f':
		return int(c-'a') + 10
	case c >= 'A' && c <= 'F':
		return int(c-'A') + 10
	}
	return 16
}
