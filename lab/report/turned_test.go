package report_test

import (
	"bytes"
	"io"
	"strings"
	"testing"

	"benchtop/lab"
	"benchtop/lab/report"
)

// What was turned while a run went on stands in every report, with the label and the second; where nothing was, nothing does.
func TestReportsSayWhatWasTurned(t *testing.T) {
	for name, c := range map[string]struct {
		write func(io.Writer, *lab.Result) error
		title string
		want  []string
	}{
		"plain":    {report.Plain, "turned while it ran", []string{"  b        eight | kept  load.keepalive=true  12.3 s after the warm-up\n", "  b        eight | kept  called eight | kept  20.0 s after the warm-up\n"}},
		"markdown": {report.Markdown, "| turned to |", []string{"| b | eight \\| kept | load.keepalive=true | 12.3 s after the warm-up |\n", "| called eight \\| kept | 20.0 s after the warm-up |\n"}},
		"html":     {report.HTML, "<h2>Turned while it ran</h2>", []string{"<td>b</td><td>eight | kept</td><td>load.keepalive=true</td><td>12.3 s after the warm-up</td>", "<td>called eight | kept</td><td>20.0 s after the warm-up</td>"}},
		"json":     {report.JSON, `"turned": [`, []string{`"after_s": 12.3,`, `"set": "load.keepalive=true"`, `"label": "eight | kept"`}},
	} {
		r := result()
		var b bytes.Buffer
		if err := c.write(&b, r); err != nil {
			t.Fatal(err)
		}
		if strings.Contains(b.String(), c.title) {
			t.Errorf("%s: nothing was turned:\n%s", name, b.String())
		}
		b.Reset()
		r.Variants[1].Label = "eight | kept"
		r.Variants[1].Turned = []lab.TurnResult{{After: 12.3, Set: "load.keepalive=true"}, {After: 20, Label: "eight | kept"}}
		if err := c.write(&b, r); err != nil {
			t.Fatal(err)
		}
		for _, want := range append(c.want, c.title) {
			if !strings.Contains(b.String(), want) {
				t.Errorf("%s has no %q:\n%s", name, want, b.String())
			}
		}
	}
}
