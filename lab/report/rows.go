package report

import (
	"fmt"
	"strings"

	"benchtop/lab"
	"benchtop/lab/figure"
	"benchtop/lab/metric"
	"benchtop/targets/printable"
)

// partRows are what the parts of each target came to, empty when every target is a server alone.
func partRows(r *lab.Result) [][]string {
	var rows [][]string
	for i := range r.Variants {
		for _, p := range r.Variants[i].Parts {
			rows = append(rows, []string{r.Variants[i].ID, p.Part, figure.Lines.MicrosOf(p.CPUPerRequest.Mean), figure.Of(figure.Lines, p.RSS, figure.Bytes), fmt.Sprint(p.Processes)})
		}
	}
	if len(rows) == 0 {
		return nil
	}
	return append([][]string{{"variant", "part", metric.Head("target_cpu_us_per_request"), metric.Words("target_rss_bytes"), metric.Words("target_processes")}}, rows...)
}

// turnedRows are what was turned of each variant while it ran, empty where nothing was.
func turnedRows(r *lab.Result) [][]string {
	var rows [][]string
	for i := range r.Variants {
		v := &r.Variants[i]
		for _, k := range v.Turned {
			what := k.Set
			if k.Label != "" {
				what = "called " + k.Label
			}
			after := fmt.Sprintf("%.1f s after the warm-up", k.After)
			if k.Signal != "" {
				part, name, _ := strings.Cut(k.Signal, "=")
				what = name + " to " + part
			}
			if k.Slices > 0 {
				after = fmt.Sprintf("%.2f s into each of %d slices", k.After, k.Slices)
			}
			rows = append(rows, []string{v.ID, printable.Line(v.Label), printable.Line(what), after})
		}
	}
	if len(rows) == 0 {
		return nil
	}
	return append([][]string{{"variant", "label", "turned to", "when"}}, rows...)
}

// entryRows are what the requests of each variant's mix came to, empty when nobody has one.
func entryRows(r *lab.Result) [][]string {
	var rows [][]string
	for i := range r.Variants {
		v := &r.Variants[i]
		for k := range v.Entries {
			e := &v.Entries[k]
			errors := "none"
			if len(e.Errors) > 0 {
				errors = lab.ErrorWords(e.Errors, nil)
			}
			rows = append(rows, []string{
				v.ID, printable.Line(e.Name), figure.Percent(e.Share), figure.Lines.RateOf(e.RPS.Median),
				figure.Lines.MicrosOf(e.Latency.P50), figure.Lines.MicrosOf(e.Latency.P99), errors,
			})
		}
	}
	if len(rows) == 0 {
		return nil
	}
	return append([][]string{{"variant", "request", "share", metric.Head("rps"), metric.Head("p50"), metric.Head("p99"), metric.Words("errors")}}, rows...)
}
