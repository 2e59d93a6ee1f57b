package pasted

import (
	"bytes"
	"fmt"
	"io"
	"strings"
)

// Preview writes what will be sent and what will not, for a person to look at before it is.
func (m *Mix) Preview(w io.Writer, target string) error {
	var b bytes.Buffer
	different := ""
	if m.Requests > 1 {
		different = fmt.Sprintf(", %d of them different", len(m.Entries))
	}
	fmt.Fprintf(&b, "%s%s, driven at %s\n", plural(m.Requests, "request"), different, target)
	width := 0
	for i := range m.Entries {
		width = max(width, min(len(m.Entries[i].Method+m.Entries[i].Path)+1, 80))
	}
	for i := range m.Entries {
		e := &m.Entries[i]
		line := e.Method + " " + e.Path
		if r := []rune(line); len(r) > 80 {
			line = string(r[:77]) + "..."
		}
		has := plural(len(e.Header), "header")
		for _, kv := range e.HeaderEnv {
			has += ", " + kv[0] + " from " + kv[1]
		}
		if len(e.Body) > 0 {
			has += ", " + plural(len(e.Body), "byte") + " of body"
		}
		fmt.Fprintf(&b, "  %5.1f %%  %-*s  %s\n", 100*e.Weight/float64(m.Requests), width, line, has)
	}
	part := func(name string, lines []string) {
		for i, line := range lines {
			if i > 0 {
				name = ""
			}
			fmt.Fprintf(&b, "  %-8s %s\n", name, line)
		}
	}
	part("left out", m.Left)
	part("not sent", m.Dropped)
	part("look at", m.Warnings)
	part("set", m.settings())
	_, err := w.Write(b.Bytes())
	return err
}

// settings say which variables to set, one line each.
func (m *Mix) settings() (out []string) {
	for _, v := range m.Variables {
		begins := ""
		if v.Scheme != "" {
			begins = ", which begins with " + v.Scheme
		}
		line := fmt.Sprintf("%s to the value of %s of %s%s: read -rs %[1]s && export %[1]s", v.Name, v.Header, v.Of, begins)
		if strings.EqualFold(v.Scheme, "basic") {
			line += ` (the value of user and password: "Basic $(printf %s 'USER:PASSWORD' | base64)")`
		}
		out = append(out, line)
	}
	return out
}
