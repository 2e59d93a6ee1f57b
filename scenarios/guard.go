package scenarios

import (
	"bytes"
	"fmt"
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
	var columns []int // block collections that are open: the columns at which they began
	flow, keys, content, directive, ended := 0, 0, false, false, false
	var previous *token.Token
	report := func(t *token.Token, msg, hint string) {
		problems = append(problems, Problem{Line: t.Position.Line, Col: t.Position.Column, Msg: msg, Hint: hint})
	}
	open := func(column int) {
		for len(columns) > 0 && columns[len(columns)-1] >= column {
			columns = columns[:len(columns)-1]
		}
		columns = append(columns, column)
	}
	for _, t := range tokens {
		switch t.Type {
		case token.SequenceStartType, token.MappingStartType:
			flow++
		case token.SequenceEndType, token.MappingEndType:
			flow = max(0, flow-1)
		case token.SequenceEntryType:
			if flow == 0 {
				open(t.Position.Column)
			}
		case token.MappingValueType:
			keys++
			if flow == 0 && previous != nil {
				open(previous.Position.Column)
			}
		case token.MappingKeyType:
			report(t, "an explicit key (? key) is not allowed in a scenario", "write key: value")
			keys++
		case token.AnchorType:
			report(t, "an anchor (&name) is not allowed in a scenario", "write the value where it is needed; put a text that begins with & in quotes")
		case token.AliasType:
			report(t, "an alias (*name) is not allowed in a scenario", "write the value where it is needed; put a text that begins with * in quotes")
		case token.MergeKeyType:
			report(t, "a merge key (<<) is not allowed in a scenario", "write the keys out")
		case token.TagType:
			report(t, "a tag (!name) is not allowed in a scenario", "put a text that begins with ! in quotes")
		case token.DirectiveType:
			report(t, "a directive (%NAME) is not allowed in a scenario", "remove the line")
			directive = true
		}
		switch {
		case t.Type == token.CommentType:
		case t.Type == token.DocumentEndType:
			ended = content // what comes after it is another document
		case ended, content && t.Type == token.DocumentHeaderType && !directive:
			report(t, "a scenario is one YAML document; a second one begins here", "put each scenario into a file of its own")
			return nil, problems, false
		case t.Type == token.DocumentHeaderType:
			directive = false // it is the line that ends them
		}
		if depth := flow + len(columns); depth > MaxDepth {
			at := t
			if t.Type == token.MappingValueType && previous != nil {
				at = previous // the key, not its colon
			}
			report(at, fmt.Sprintf("more than %d levels of nesting", MaxDepth), "a scenario needs five")
			return nil, problems, false
		}
		if keys > maxKeys {
			report(t, fmt.Sprintf("more than %d keys", maxKeys), "")
			return nil, problems, false
		}
		if t.Type != token.DocumentHeaderType && t.Type != token.CommentType {
			content = true
		}
		previous = t
	}
	return tokens, problems, len(problems) == 0
}
