package scenarios

import (
	"fmt"

	"benchtop/lab"
)

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
