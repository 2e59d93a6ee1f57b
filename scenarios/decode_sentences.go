package scenarios

import (
	"fmt"
	"strings"
	"unicode/utf8"

	"benchtop/targets/setting"
)

// sentences reads a list of expectations. What they say is checked with the whole plan (validate.go), because they
// name variants. An item that is no text stays in the list, empty, so that places and indexes agree.
func (d *decoder) sentences(row *setting.Setting, n *node, at string) []string {
	if row.Form() == typeWhen && n.kind == text {
		s, _ := d.text(n, at, 1000)
		return []string{s}
	}
	var out []string
	for i, item := range d.list(n, at, row.Least, row.Most) {
		in := fmt.Sprintf("%s[%d]", at, i)
		d.places[in] = item
		s, _ := d.text(item, in, 1000)
		out = append(out, s)
	}
	return out
}

// inside gives the place of byte offset of a one-line text. Where the text does not stand in the file as it is
// (escapes, several lines), it is the place at which the text begins.
func (d *decoder) inside(n *node, offset int) node {
	out := *n
	if n.block || n.line < 1 || n.line > len(d.lines) {
		return out
	}
	line := d.lines[n.line-1]
	at := 0 // byte at which the node begins
	for range n.col - 1 {
		_, size := utf8.DecodeRuneInString(line[at:])
		at += size
	}
	if n.quoted {
		at++
	}
	if at > len(line) || !strings.HasPrefix(line[at:], n.value) {
		return out
	}
	out.col = utf8.RuneCountInString(line[:at]) + utf8.RuneCountInString(n.value[:offset]) + 1
	return out
}
