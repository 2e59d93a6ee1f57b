package scenarios

import (
	"bytes"
	"cmp"
	"fmt"
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/mattn/go-runewidth"

	"benchtop/targets/printable"
	"benchtop/targets/spelling"
)

// Problem is one thing wrong with a scenario, and where. Line and Col count from 1, Col in characters; both are 0 when
// the problem is not in a file.
type Problem struct {
	File string
	Line int
	Col  int
	Path string // the value's place in the scenario, such as plan.slice or variants[1].load.rate; may be empty
	Msg  string // what was found and what is allowed
	Hint string // what to do; may be empty
}

// String is the problem on one line, with its place in front.
func (p Problem) String() string {
	place := printable.Line(p.File)
	if p.Line > 0 {
		place = fmt.Sprintf("%s:%d:%d", place, p.Line, p.Col)
	}
	if place != "" {
		place += ": "
	}
	return place + "error: " + printable.Line(p.Msg)
}

// Errors are all the problems of one scenario, in the order of the file.
type Errors struct {
	Problems []Problem
	Source   []byte // of the file, for the lines that are quoted; may be nil
	Omitted  int    // problems beyond those kept
}

// Error prints every problem: place and message, the line of the file, a caret under the place, the hint.
func (e *Errors) Error() string {
	var b strings.Builder
	lines := bytes.Split(e.Source, []byte("\n"))
	for i, p := range e.Problems {
		if i > 0 {
			b.WriteByte('\n')
		}
		b.WriteString(p.String())
		if e.Source != nil && p.Line > 0 && p.Line <= len(lines) {
			quote(&b, lines[p.Line-1], p.Line, p.Col)
		}
		if p.Hint != "" {
			b.WriteString("\n  hint: " + printable.Line(p.Hint))
		}
	}
	if e.Omitted > 0 {
		fmt.Fprintf(&b, "\nand %d more", e.Omitted)
	}
	return b.String()
}

// quoteWidth is how many characters of a line are quoted; a longer one is cut around the place.
const quoteWidth = 100

// quote writes the line under its number, and a caret under column col.
func quote(b *strings.Builder, line []byte, number, col int) {
	line = bytes.TrimSuffix(line, []byte("\r"))
	// Only the part around the column is kept: a line may be as long as the file.
	runes := make([]rune, 0, min(len(line), 4*quoteWidth))
	first := 0
	if utf8.RuneCount(line) > quoteWidth {
		first = max(0, col-1-quoteWidth/2)
	}
	cut := false
	for i := 0; len(line) > 0; i++ {
		r, size := utf8.DecodeRune(line)
		line = line[size:]
		if i < first {
			continue
		}
		if len(runes) == quoteWidth {
			cut = true
			break
		}
		runes = append(runes, r)
	}
	before := ""
	if first > 0 {
		before = "..."
	}
	caret := runewidth.StringWidth(before)
	for i, r := range runes {
		if r == '\t' {
			r = ' '
			runes[i] = r
		}
		if printable.Hidden(r) {
			r = utf8.RuneError
			runes[i] = r
		}
		if i < col-1-first {
			caret += runewidth.RuneWidth(r)
		}
	}
	after := ""
	if cut {
		after = "..."
	}
	margin := fmt.Sprintf("%5d | ", number)
	fmt.Fprintf(b, "\n%s%s%s%s", margin, before, strings.TrimRight(string(runes), " "), after)
	fmt.Fprintf(b, "\n%s| %s^", strings.Repeat(" ", len(margin)-2), strings.Repeat(" ", caret))
}

// named says which character it is, in a way that is safe to print.
func named(r rune) string {
	kind := "a control character"
	switch {
	case r == 0x1b:
		kind = "an escape character"
	case r == '\r':
		kind = "a carriage return"
	case r == '\n':
		kind = "a line break"
	case r == '\t':
		kind = "a tab"
	case r == 0x2028, r == 0x2029:
		kind = "a line separator"
	case r == 0xfeff:
		kind = "a byte order mark"
	case unicode.Is(unicode.Bidi_Control, r):
		kind = "a character that changes the direction of writing"
	case r > 0x9f:
		kind = "an invisible character"
	}
	return fmt.Sprintf("%s (U+%04X)", kind, r)
}

// asErrors sorts the problems by place, drops repeated ones and keeps a readable number.
func asErrors(problems []Problem, source []byte) *Errors {
	slices.SortStableFunc(problems, func(a, b Problem) int {
		return cmp.Or(cmp.Compare(a.Line, b.Line), cmp.Compare(a.Col, b.Col))
	})
	seen := map[Problem]bool{}
	kept := []Problem{}
	for _, p := range problems {
		key := p
		key.Path = ""
		if p.Line == 0 {
			key.Path = p.Path
		}
		if seen[key] {
			continue
		}
		seen[key] = true
		kept = append(kept, p)
	}
	e := &Errors{Problems: kept, Source: source}
	if len(kept) > maxProblems {
		e.Problems, e.Omitted = kept[:maxProblems], len(kept)-maxProblems
	}
	return e
}

// didYouMean is the hint for a word that is not in the list: the closest one, and all that are allowed.
func didYouMean(word string, allowed []string) string {
	return spelling.DidYouMean(word, allowed) + "allowed: " + strings.Join(allowed, ", ")
}
