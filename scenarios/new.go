package scenarios

import (
	"bytes"
	_ "embed"
	"fmt"
	"slices"
	"strings"
	"text/tabwriter"

	"benchtop/lab"
)

//go:embed new.template
var template string

// New gives a commented scenario file to begin with, under the id. The error says what is wrong with the id: it must be
// one that a file may have, and none of a shipped scenario.
func New(id string) ([]byte, error) {
	if !identifier.MatchString(id) || len(id) > maxID {
		return nil, fmt.Errorf("%s is no name of a scenario: small letters, digits and single hyphens, at most %d characters; %s",
			short(id), maxID, identifierHint(id))
	}
	if slices.Contains(teachingOrder, id) {
		return nil, fmt.Errorf("%s is shipped, and the lab would not tell them apart; choose another name (benchtop show %s --source prints that one)", id, id)
	}
	written := id
	if _, err := Parse(id+".yaml", fill(id)); err != nil {
		written = `"` + id + `"` // a word such as true, or a number
	}
	src := fill(written)
	if _, err := Parse(id+".yaml", src); err != nil {
		return nil, fmt.Errorf("writing a scenario called %s: %w", id, err)
	}
	return src, nil
}

// fill puts the id where the template has ID, and the name of the file where it has NAME.
func fill(id string) []byte {
	s := strings.ReplaceAll(template, "NAME", strings.Trim(id, `"`))
	s = strings.ReplaceAll(s, "proof: ID", "proof: "+id)
	s = strings.Replace(s, "id: ID", "id: "+id, 1)
	var out bytes.Buffer
	w := tabwriter.NewWriter(&out, 0, 0, 3, ' ', 0) // the comments behind a tab stand below each other, however long the name is
	_, _ = w.Write([]byte(s))                       // a buffer takes everything
	_ = w.Flush()
	return out.Bytes()
}

// blank is what a free run from nothing begins with.
const blank = `benchtop: 1
id: blank
title: One built-in server
target: {server: builtin, endpoint: /hello}
variants: [{id: a}]
load: {model: closed, connections: 64}
`

// Blank is the plan of a free run from nothing: one built-in server with plain defaults.
func Blank() *lab.Plan {
	f, err := Parse("blank.yaml", []byte(blank))
	if err != nil {
		panic(err) // it is the text above, and a test reads it; the built-in server is always registered
	}
	return f.Plan
}

// Redo writes the scenario file that does again what was done in a free run, with a name for it.
func Redo(st *lab.State) (name string, content []byte, err error) {
	p, err := lab.Redo(st)
	if err != nil {
		return "", nil, err
	}
	p.Requires = required(p)
	content, err = Marshal(p)
	if err != nil {
		return "", nil, fmt.Errorf("saving the free run: %w", err)
	}
	return p.ID + ".yaml", content, nil
}
