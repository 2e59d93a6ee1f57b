package scenarios

import (
	"slices"
	"strings"

	"github.com/goccy/go-yaml/lexer"
	"github.com/goccy/go-yaml/token"
)

// flowTabs replaces the tabs between the parts of flow collections ([a, b], {a: b}) by spaces, one for one. YAML counts
// both as white space there (1.2.2, section 6.2); the library takes some for a part of a key, and drops others. Tabs in
// quotes, in comments, and outside of flow collections stay.
func flowTabs(text string) string {
	if !strings.Contains(text, "\t") {
		return text
	}
	out := []rune(text)
	spaced := slices.Clone(out)
	lines := []int{0} // where they begin
	for i, r := range spaced {
		switch r {
		case '\t':
			spaced[i] = ' ' // so that the library finds what is where
		case '\n':
			lines = append(lines, i+1)
		}
	}
	place := func(t *token.Token) int {
		line := min(max(t.Position.Line, 1), len(lines))
		return min(lines[line-1]+max(t.Position.Column, 1)-1, len(out))
	}
	depth, from := 0, 0
	for _, t := range lexer.Tokenize(string(spaced)) {
		at := place(t)
		if depth > 0 {
			for i := from; i < at; i++ {
				if out[i] == '\t' {
					out[i] = ' '
				}
			}
		}
		from = at
		switch t.Type {
		case token.SequenceStartType, token.MappingStartType:
			depth++
		case token.SequenceEndType, token.MappingEndType:
			depth = max(0, depth-1)
		case token.CommentType:
			from = lines[min(max(t.Position.Line, 1), len(lines)-1)] // the next line, if there is one
		case token.DoubleQuoteType, token.SingleQuoteType:
			from = quoteEnd(out, at)
		}
	}
	return string(out)
}

// quoteEnd is the place after the text in quotes that begins at a place.
func quoteEnd(text []rune, at int) int {
	if at >= len(text) {
		return at
	}
	quote := text[at]
	for i := at + 1; i < len(text); i++ {
		switch {
		case quote == '"' && text[i] == '\\':
			i++
		case text[i] == quote && quote == '\'' && i+1 < len(text) && text[i+1] == quote: // it stands for one
			i++
		case text[i] == quote:
			return i + 1
		}
	}
	return len(text)
}
