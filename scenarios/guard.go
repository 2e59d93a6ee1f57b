package scenarios

import (
	"bytes"
	"fmt"
	"slices"
	"strings"
	"unicode/utf8"

	"github.com/goccy/go-yaml/lexer"
	"github.com/goccy/go-yaml/token"

	"benchtop/targets/printable"
)

// guardBytes looks at the bytes of a file before anything parses them. It gives the text to parse, in which forbidden
// characters are replaced one for one (so that the other problems of the file are found in the same pass and columns
// stay right), and whether parsing it is safe.
func guardBytes(src []byte) (text string, problems []Problem, safe bool) {
	if len(src) > MaxBytes {
		return "", []Problem{{Line: 1, Col: 1, Msg: tooBig(int64(len(src)))}}, false
	}
	src = bytes.TrimPrefix(src, []byte("\xef\xbb\xbf")) // byte order mark
	src = bytes.ReplaceAll(src, []byte("\r\n"), []byte("\n"))

	out := make([]byte, 0, len(src)+16)
	line, col, punctuation, openers := 1, 1, 0, 0
	for i := 0; i < len(src); {
		r, size := utf8.DecodeRune(src[i:])
		invalid := r == utf8.RuneError && size == 1
		if invalid || r != '\n' && r != '\t' && printable.Hidden(r) {
			if len(problems) < maxProblems {
				bad := named(r)
				if invalid {
					bad = fmt.Sprintf("a byte that is not UTF-8 (0x%02x)", src[i])
				}
				problems = append(problems, Problem{
					Line: line, Col: col, Msg: bad + " in the file",
					Hint: "scenario files are plain UTF-8 text; remove it",
				})
			}
			out = utf8.AppendRune(out, utf8.RuneError)
		} else {
			out = append(out, src[i:i+size]...)
		}
		switch r {
		case '[', '{':
			openers++
			punctuation++
		case ']', '}', ',', ':', '-', '@', '`', '"', '\'', '&', '*', '!', '?', '#', '|', '>', '%':
			punctuation++
		}
		if punctuation > maxPunctuation || openers > maxOpeners {
			return "", append(problems, Problem{
				Line: line, Col: col,
				Msg:  fmt.Sprintf("the file is nested too deeply or too large: over %d opening brackets or %d characters of YAML punctuation", maxOpeners, maxPunctuation),
				Hint: fmt.Sprintf("a scenario has at most %d levels", MaxDepth),
			}), false
		}
		i += size
		col++
		if r == '\n' {
			line, col = line+1, 1
			if line > maxLines {
				return "", append(problems, Problem{Line: line, Col: 1, Msg: fmt.Sprintf("the file has more than %d lines", maxLines)}), false
			}
		}
	}
	return string(out), problems, true
}

func tooBig(size int64) string {
	return fmt.Sprintf("the file has %d bytes; a scenario has at most %d", size, MaxBytes)
}

// guardTokens refuses what YAML can do and scenario files may not: nesting beyond MaxDepth, anchors, aliases, merge
// keys, tags, directives, several documents. It works on the flat list of tokens, so its cost is that of the file's
// length. tokens is nil when parsing on would not be safe.
func guardTokens(text string) (tokens token.Tokens, problems []Problem, safe bool) {
	tokens = lexer.Tokenize(flowTabs(text))
	var g tokenGuard
	for _, t := range tokens {
		g.take(t)
		if !g.within(t) {
			return nil, g.problems, false
		}
		if t.Type != token.DocumentHeaderType && t.Type != token.CommentType {
			g.content = true
		}
		g.previous = t
	}
	return tokens, g.problems, len(g.problems) == 0
}

// tokenGuard is what the tokens so far come to.
type tokenGuard struct {
	columns                   []int // block collections that are open: the columns at which they began
	flow, keys                int   // flow collections that are open; keys of all collections
	content, directive, ended bool
	previous                  *token.Token
	problems                  []Problem
}

func (g *tokenGuard) report(t *token.Token, msg, hint string) {
	g.problems = append(g.problems, Problem{Line: t.Position.Line, Col: t.Position.Column, Msg: msg, Hint: hint})
}

// open begins a block collection, which ends those that began to the right of it.
func (g *tokenGuard) open(column int) {
	if g.flow > 0 {
		return
	}
	for len(g.columns) > 0 && g.columns[len(g.columns)-1] >= column {
		g.columns = g.columns[:len(g.columns)-1]
	}
	g.columns = append(g.columns, column)
}

// take counts a token, and reports what no scenario may have.
func (g *tokenGuard) take(t *token.Token) {
	switch t.Type {
	case token.SequenceStartType, token.MappingStartType:
		g.flow++
	case token.SequenceEndType, token.MappingEndType:
		g.flow = max(0, g.flow-1)
	case token.SequenceEntryType:
		g.open(t.Position.Column)
	case token.MappingValueType:
		g.keys++
		if g.previous != nil {
			g.open(g.previous.Position.Column)
		}
	case token.MappingKeyType:
		g.report(t, "an explicit key (? key) is not allowed in a scenario", "write key: value")
		g.keys++
	case token.AnchorType:
		g.report(t, "an anchor (&name) is not allowed in a scenario", "write the value where it is needed; put a text that begins with & in quotes")
	case token.AliasType:
		g.report(t, "an alias (*name) is not allowed in a scenario", "write the value where it is needed; put a text that begins with * in quotes")
	case token.MergeKeyType:
		g.report(t, "a merge key (<<) is not allowed in a scenario", "write the keys out")
	case token.TagType:
		g.report(t, "a tag (!name) is not allowed in a scenario", "put a text that begins with ! in quotes")
	case token.DirectiveType:
		g.report(t, "a directive (%NAME) is not allowed in a scenario", "remove the line")
		g.directive = true
	}
}

// within reports whether the file may be parsed as far as the token: one document, of bounded depth and size.
func (g *tokenGuard) within(t *token.Token) bool {
	switch {
	case t.Type == token.CommentType:
	case t.Type == token.DocumentEndType:
		g.ended = g.content // what comes after it is another document
	case g.ended, g.content && t.Type == token.DocumentHeaderType && !g.directive:
		g.report(t, "a scenario is one YAML document; a second one begins here", "put each scenario into a file of its own")
		return false
	case t.Type == token.DocumentHeaderType:
		g.directive = false // it is the line that ends them
	}
	if depth := g.flow + len(g.columns); depth > MaxDepth {
		at := t
		if t.Type == token.MappingValueType && g.previous != nil {
			at = g.previous // the key, not its colon
		}
		g.report(at, fmt.Sprintf("more than %d levels of nesting", MaxDepth), "a scenario needs five")
		return false
	}
	if g.keys > maxKeys {
		g.report(t, fmt.Sprintf("more than %d keys", maxKeys), "")
		return false
	}
	return true
}

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
