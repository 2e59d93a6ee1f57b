package metric

import "strings"

// Markdown is the table of metrics for a README.
func Markdown() string {
	var b strings.Builder
	b.WriteString("| metric | in words | unit | of | better |  |\n| --- | --- | --- | --- | --- | --- |\n")
	for i := range table {
		m := &table[i]
		better := "higher"
		if m.Lower {
			better = "lower"
		}
		kind := ""
		if m.Kind == Mechanism {
			kind = "mechanism: "
		}
		doc := m.Doc
		if m.Some != nil {
			doc += "; of one: `" + m.Name + "(ID.SERVICE)`"
		}
		b.WriteString("| `" + m.Name + "` | " + m.Words + " | " + m.Unit.Allowed(m.Bare) + " | " + string(m.Scope) + " | " + better + " | " + kind + doc + " |\n")
	}
	return b.String()
}
