package scenarios

import (
	"errors"
	"fmt"
	"strings"
	"unicode/utf8"

	"github.com/goccy/go-yaml"
	"github.com/goccy/go-yaml/ast"
	"github.com/goccy/go-yaml/parser"
	"github.com/goccy/go-yaml/token"
)

// kind of a node.
type kind int

const (
	nothing  kind = iota // no value, null, ~
	text                 // a string, however it is written
	number               // a plain scalar that YAML reads as a number
	truth                // true, false
	mapping              // key: value
	sequence             // - item
)

func (k kind) String() string {
	return [...]string{"nothing", "a text", "a number", "true or false", "a mapping (key: value)", "a list"}[k]
}

// node is a value of the file with its place. Scalars keep their text: the code that knows the meaning of a
// number reads it.
type node struct {
	kind   kind
	line   int
	col    int
	value  string // of a scalar
	quoted bool   // in quotes
	block  bool   // a block text (| or >)
	pairs  []pair // of a mapping
	items  []*node
}

type pair struct{ key, value *node }

// get finds the value of a key, nil if there is none.
func (n *node) get(key string) *node {
	for _, p := range n.pairs {
		if p.key.value == key {
			return p.value
		}
	}
	return nil
}

// parseTree reads YAML into nodes. The library's trees do not leave this file.
func parseTree(src string) (root *node, problems []Problem) {
	defer func() {
		// The library is not ours; an input that it cannot take is the input's problem, not the end of the lab.
		if r := recover(); r != nil {
			root, problems = nil, append(problems, Problem{Line: 1, Col: 1, Msg: fmt.Sprintf("the file cannot be read as YAML: %v", r)})
		}
	}()
	tokens, problems, safe := guardTokens(src)
	if !safe {
		return nil, problems
	}
	file, err := parser.Parse(tokens, 0, parser.AllowDuplicateMapKey()) // duplicates are reported by the decoder, all of them
	if err != nil {
		return nil, append(problems, syntaxProblem(err))
	}
	var body ast.Node
	for _, d := range file.Docs {
		if d.Body != nil {
			body = d.Body
			break
		}
	}
	if body == nil {
		return nil, append(problems, Problem{Line: 1, Col: 1, Msg: "the file is empty", Hint: "benchtop show workers prints a scenario to begin with"})
	}
	c := converter{lines: strings.Split(src, "\n")}
	root = c.node(body, 0)
	return root, append(problems, c.problems...)
}

func syntaxProblem(err error) Problem {
	p := Problem{Line: 1, Col: 1}
	var syntax yaml.Error
	if !errors.As(err, &syntax) {
		p.Msg = "not valid YAML: " + err.Error()
	} else {
		p.Msg = "not valid YAML: " + syntax.GetMessage()
		if t := syntax.GetToken(); t != nil && t.Position != nil {
			p.Line, p.Col = max(1, t.Position.Line), max(1, t.Position.Column)
		}
	}
	if strings.Contains(p.Msg, "\t") {
		p.Msg, p.Hint = "not valid YAML: a tab where only spaces may stand", "indent with spaces"
	}
	return p
}

type converter struct {
	lines    []string
	problems []Problem
}

func (c *converter) node(n ast.Node, depth int) *node {
	if n == nil {
		return &node{line: 1, col: 1}
	}
	out := &node{line: 1, col: 1}
	t := n.GetToken()
	if t != nil && t.Position != nil {
		out.line, out.col = max(1, t.Position.Line), max(1, t.Position.Column)
	}
	if depth > 2*MaxDepth { // the tokens were counted before; this cannot happen
		c.problems = append(c.problems, Problem{Line: out.line, Col: out.col, Msg: fmt.Sprintf("more than %d levels of nesting", MaxDepth)})
		return out
	}
	switch x := n.(type) {
	case *ast.NullNode:
	case *ast.StringNode:
		out.kind, out.value = text, x.Value
		out.quoted = t != nil && (t.Type == token.SingleQuoteType || t.Type == token.DoubleQuoteType)
	case *ast.LiteralNode:
		out.kind, out.value, out.block = text, x.Value.Value, true
	case *ast.IntegerNode, *ast.FloatNode, *ast.InfinityNode, *ast.NanNode:
		out.kind, out.value = number, strings.TrimSpace(t.Value)
	case *ast.BoolNode:
		out.kind, out.value = truth, strings.TrimSpace(t.Value)
	case *ast.MappingNode:
		out.kind = mapping
		if len(x.Values) > 0 && !x.IsFlowStyle {
			// The library places a block mapping at its first colon.
			out.line, out.col = place(x.Values[0].Key, out)
		}
		for _, v := range x.Values {
			out.pairs = append(out.pairs, pair{c.node(v.Key, depth+1), c.node(v.Value, depth+1)})
		}
	case *ast.MappingValueNode:
		out.kind = mapping
		out.line, out.col = place(x.Key, out)
		out.pairs = append(out.pairs, pair{c.node(x.Key, depth+1), c.node(x.Value, depth+1)})
	case *ast.SequenceNode:
		out.kind = sequence
		for _, v := range x.Values {
			out.items = append(out.items, c.node(v, depth+1))
		}
	default:
		// Anchors, tags and the like were refused with the tokens.
		c.problems = append(c.problems, Problem{Line: out.line, Col: out.col, Msg: fmt.Sprintf("a YAML %s is not allowed in a scenario", strings.ToLower(n.Type().String()))})
	}
	c.unshift(out)
	return out
}

// unshift corrects the column of a plain scalar with spaces behind it: the library places it too far to the right by
// as many.
func (c *converter) unshift(n *node) {
	if n.quoted || n.block || n.value == "" || n.line > len(c.lines) {
		return
	}
	line := c.lines[n.line-1]
	if len(line) > 2000 || !strings.HasSuffix(line, " ") { // with many values on it a longer line would cost its square
		return
	}
	from := 0
	for range n.col - 1 {
		if from >= len(line) {
			return
		}
		_, size := utf8.DecodeRuneInString(line[from:])
		from += size
	}
	if at := strings.LastIndex(line, n.value); at >= 0 && at < from && strings.TrimRight(line[at+len(n.value):], " ") == "" {
		n.col = utf8.RuneCountInString(line[:at]) + 1
	}
}

func place(n ast.Node, otherwise *node) (line, col int) {
	if n != nil {
		if t := n.GetToken(); t != nil && t.Position != nil {
			return max(1, t.Position.Line), max(1, t.Position.Column)
		}
	}
	return otherwise.line, otherwise.col
}
