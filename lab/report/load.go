package report

import (
	"bytes"
	"fmt"
	"io"
	"strings"

	"benchtop/lab"
	"benchtop/lab/figure"
	"benchtop/lab/metric"
)

// Load writes the summary of a stretch of load on one address.
func Load(w io.Writer, run *lab.LoadRun, r *lab.Result) error {
	var b bytes.Buffer
	v, s := &r.Variants[0], &run.Summary
	fmt.Fprintf(&b, "%s of load at %s: %s, %s engine, %d thread(s)\n", figure.Short(s.Length()), run.URL, LoadWords(&run.Settings), s.Engine, s.Threads)
	if !r.Complete {
		fmt.Fprintf(&b, "NOT COMPLETE: %s: %s\n", r.Ended, r.Reason)
	}
	b.WriteString("\n")
	rows := [][]string{}
	add := func(name, text string) { rows = append(rows, []string{name, text}) }
	add("requests", fmt.Sprintf("%s, ok %s, errors %s", figure.Thousands(float64(v.Requests)), figure.Thousands(float64(v.OK)), errorsOf(v)))
	for _, class := range sortedKeys(v.Reasons) {
		add(class, v.Reasons[class].String())
	}
	if rate, ok := s.Throughput(); ok {
		add("rate", figure.Rate(rate)+" req/s"+offered(v))
		traffic := float64(s.Counts.BytesIn) / s.Length().Seconds()
		add("traffic", figure.Bytes(traffic)+"/s received")
	}
	if text := AtEnd(v); text != "" {
		add("at the window's end", text)
	}
	title := "latency"
	if run.Settings.Model == "open" {
		title = "latency (from the scheduled send)"
	}
	var latencies []string
	for _, m := range metric.Latencies() {
		latencies = append(latencies, m.Head()+" "+figureOf(v, &m, v.Latency.Of(m.Name)))
	}
	add(title, strings.Join(latencies, "  "))
	if run.Settings.Model == "open" {
		add("service (from the actual send)", fmt.Sprintf("p50 %s  p99 %s  max %s", figure.Of(v.Service.P50, figure.Micros), figure.Of(v.Service.P99, figure.Micros), figure.Of(v.Service.Max, figure.Micros)))
	}
	if s.Counts.Retried > 0 || run.Settings.Retry != nil {
		failed := ""
		if s.Counts.Retried > 0 {
			failed = " (" + lab.ErrorWords(s.Counts.AttemptErrors, nil) + ")"
		}
		add("attempts", fmt.Sprintf("%s, of them retried %s%s", figure.Thousands(float64(s.Counts.Attempts)), figure.Thousands(float64(s.Counts.Retried)), failed))
	}
	split := func(name, count string, q lab.Quantile) {
		add(name, fmt.Sprintf("%sp50 %s  p99 %s  max %s", count, figure.Of(q.P50, figure.Micros), figure.Of(q.P99, figure.Micros), figure.Of(q.Max, figure.Micros)))
	}
	split("connects", figure.Thousands(float64(s.Total.Connects))+", ", v.Connect)
	if s.TLS != "" {
		split("TLS handshakes", "", v.TLS)
	}
	if v.FirstByte.P50 != nil { // the epoll engine does not split them
		split("first byte (from the request written)", "", v.FirstByte)
		split("body (from the first byte)", "", v.Body)
	}
	for _, p := range v.Processes {
		if p.Requests == nil {
			continue
		}
		share := 0.0
		if answered := s.Seen().Answered; answered > 0 {
			share = 100 * float64(*p.Requests) / float64(answered)
		}
		add(fmt.Sprintf("worker %d", p.PID), fmt.Sprintf("%s requests, %.0f %%", figure.Thousands(float64(*p.Requests)), share))
	}
	state := "fine"
	for _, reason := range r.Generator.Reasons {
		state = "THE GENERATOR WAS THE BOTTLENECK: " + reason
	}
	add("generator", fmt.Sprintf("%s, %s CPU per request, %s", Busy(&r.Generator), figure.Of(r.Generator.CPUPerRequest, figure.Micros), state))
	width := 0
	for _, row := range rows {
		width = max(width, len(row[0]))
	}
	for _, row := range rows {
		fmt.Fprintf(&b, "  %-*s  %s\n", width, row[0], row[1])
	}
	for _, f := range r.Flags {
		b.WriteString("  ! " + f + "\n")
	}
	_, err := w.Write(b.Bytes())
	return err
}

func offered(v *lab.VariantResult) string {
	if v.Offered == nil {
		return ""
	}
	return " of " + figure.Of(v.Offered, figure.Rate) + " offered"
}
