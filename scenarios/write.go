package scenarios

import (
	"fmt"
	"regexp"
	"strconv"
	"strings"
	"unicode/utf8"

	"benchtop/targets/printable"
)

// This file writes nodes as YAML: a mapping at the top, its values on one line where they fit.

// lineWidth is how long a line of a written file gets before a list or a mapping is broken over several.
const lineWidth = 118

// put adds a key to a mapping.
func (n *node) put(key string, value *node) {
	if value == nil {
		return
	}
	n.pairs = append(n.pairs, pair{&node{kind: text, value: key}, value})
}

func mapNode() *node              { return &node{kind: mapping} }
func textNode(s string) *node     { return &node{kind: text, value: s} }
func numberNode(s string) *node   { return &node{kind: number, value: s} }
func intNode(n int) *node         { return numberNode(strconv.Itoa(n)) }
func truthNode(b bool) *node      { return &node{kind: truth, value: strconv.FormatBool(b)} }
func floatNode(x float64) *node   { return numberNode(strconv.FormatFloat(x, 'f', -1, 64)) }
func listNode(i ...*node) *node   { return &node{kind: sequence, items: i} }
func (n *node) same(o *node) bool { return n.inline() == o.inline() }

// textsNode is a list of texts, nil for none.
func textsNode(all []string) *node {
	if len(all) == 0 {
		return nil
	}
	out := listNode()
	for _, s := range all {
		out.items = append(out.items, textNode(s))
	}
	return out
}

// write prints the mapping as a document.
func (n *node) write(b *strings.Builder) {
	for _, p := range n.pairs {
		p.value.entry(b, p.key.value+":", "")
	}
}

// entry prints a value behind its key or its dash.
func (n *node) entry(b *strings.Builder, before, indent string) {
	line := indent + before + " " + n.inline()
	switch {
	case n.kind == text && strings.Contains(strings.TrimSuffix(n.value, "\n"), "\n") && blockable(n.value):
		b.WriteString(indent + before + " |\n")
		for _, l := range strings.Split(strings.TrimSuffix(n.value, "\n"), "\n") {
			if l != "" {
				l = indent + "  " + l
			}
			b.WriteString(l + "\n")
		}
	case utf8.RuneCountInString(line) <= lineWidth || len(n.pairs)+len(n.items) == 0:
		b.WriteString(line + "\n")
	case n.kind == mapping && before == "-":
		for i, p := range n.pairs {
			lead := indent + "  "
			if i == 0 {
				lead = indent + "- "
			}
			p.value.nested(b, p.key.value+":", lead, indent+"  ")
		}
	case n.kind == mapping:
		b.WriteString(indent + before + "\n")
		for _, p := range n.pairs {
			p.value.entry(b, p.key.value+":", indent+"  ")
		}
	default:
		b.WriteString(indent + before + "\n")
		for _, item := range n.items {
			item.entry(b, "-", indent+"  ")
		}
	}
}

// nested prints a value whose line begins with lead, and the lines below it with indent.
func (n *node) nested(b *strings.Builder, before, lead, indent string) {
	var inner strings.Builder
	n.entry(&inner, before, indent)
	b.WriteString(lead + strings.TrimPrefix(inner.String(), indent))
}

// blockable reports whether a text comes back as it is from a block text.
func blockable(s string) bool {
	if !strings.HasSuffix(s, "\n") || strings.HasSuffix(s, "\n\n") || strings.HasPrefix(s, "\n") || strings.HasPrefix(s, " ") || strings.Contains(s, "\t") {
		return false
	}
	for _, l := range strings.Split(s, "\n") {
		if l != "" && strings.TrimSpace(l) == "" || strings.HasSuffix(l, " ") {
			return false
		}
	}
	return true
}

// inline is a value on one line.
func (n *node) inline() string {
	var parts []string
	switch n.kind {
	case mapping:
		for _, p := range n.pairs {
			key := p.key.value
			if !plainWord.MatchString(key) {
				key = quoted(key)
			}
			parts = append(parts, key+": "+p.value.inline())
		}
		return "{" + strings.Join(parts, ", ") + "}"
	case sequence:
		for _, item := range n.items {
			parts = append(parts, item.inline())
		}
		return "[" + strings.Join(parts, ", ") + "]"
	case text:
		return scalarText(n.value)
	}
	return n.value
}

// Texts that YAML reads as they stand, also within brackets, and those of them that it takes for something else.
var (
	plainWord = regexp.MustCompile(`^[A-Za-z/][A-Za-z0-9_./-]*$`)
	plainText = regexp.MustCompile(`^[A-Za-z0-9/][A-Za-z0-9 _./?=%()+*-]*[A-Za-z0-9/?%)]$|^[A-Za-z/]$`)
	notText   = regexp.MustCompile(`(?i)^(true|false|null|yes|no|on|off|y|n|\.?nan|\.?inf|[0-9].*[0-9]|[0-9])$`)
	withUnit  = regexp.MustCompile(`^[0-9]+(\.[0-9]+)?(ns|us|ms|s|m|h|kB|MB|GB|KiB|MiB|GiB|B|%)([0-9]+(\.[0-9]+)?(ns|us|ms|s|m))*$`)
)

// scalarText writes a text: on and off as they are, what YAML would take for something else in quotes.
func scalarText(s string) string {
	switch {
	case s == "on" || s == "off" || withUnit.MatchString(s):
		return s
	case plainText.MatchString(s) && !notText.MatchString(s) && !strings.Contains(s, "  "):
		return s
	}
	return quoted(s)
}

// quoted is a text in double quotes.
func quoted(s string) string {
	var b strings.Builder
	b.WriteByte('"')
	for _, r := range s {
		switch {
		case r == '"' || r == '\\':
			b.WriteByte('\\')
			b.WriteRune(r)
		case r == '\n':
			b.WriteString(`\n`)
		case r == '\t':
			b.WriteString(`\t`)
		case printable.Hidden(r):
			fmt.Fprintf(&b, `\U%08X`, r)
		default:
			b.WriteRune(r)
		}
	}
	b.WriteByte('"')
	return b.String()
}
