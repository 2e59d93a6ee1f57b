package report

import (
	"bytes"
	"fmt"
	"io"
	"strings"

	"benchtop/lab"
	"benchtop/lab/figure"
	"benchtop/lab/load"
	"benchtop/lab/metric"
)

// Load writes the summary of a stretch of load on one address.
func Load(w io.Writer, run *lab.LoadRun, r *lab.Result) error {
	var b bytes.Buffer
	v, s := &r.Variants[0], &run.Summary
	fmt.Fprintf(&b, "%s of load at %s: %s, %s%s engine, %d thread(s)\n", figure.Duration(s.Length()), run.URL, LoadWords(&run.Settings), plainHTTP(&run.Settings), s.Engine, s.Threads)
	if !r.Complete {
		fmt.Fprintf(&b, "NOT COMPLETE: %s: %s\n", r.Ended, r.Reason)
	}
	b.WriteString("\n")
	var rows facts
	rows.requests(v, s)
	rows.latencies(v, run.Settings.Model == load.Open)
	rows.entries(r)
	rows.attempts(run)
	rows.phases(v, s)
	rows.workers(v, s)
	state := "fine"
	for _, reason := range r.Generator.Reasons {
		state = "THE GENERATOR WAS THE BOTTLENECK: " + reason
	}
	rows.agents(r.Generator.Agents)
	rows.add("generator", "%s, %s CPU per request, %s", Busy(&r.Generator), figure.Lines.MicrosOf(r.Generator.CPUPerRequest), state)
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

// plainHTTP names the version of HTTP that LoadWords does not: it is every other load's.
func plainHTTP(l *lab.Load) string {
	if l.Multiplexed() {
		return ""
	}
	return "HTTP/1.1, "
}

// facts are the rows of a summary: a name, and what there is to say of it.
type facts [][2]string

func (f *facts) add(name, format string, args ...any) {
	*f = append(*f, [2]string{name, fmt.Sprintf(format, args...)})
}

func (f *facts) requests(v *lab.VariantResult, s *load.Summary) {
	f.add("requests", "%s, ok %s, errors %s", figure.Lines.Count(float64(v.Requests)), figure.Lines.Count(float64(v.OK)), errorsOf(v))
	for _, class := range sortedKeys(v.Reasons) {
		f.add(class, "%s", v.Reasons[class].String())
	}
	if rate, ok := s.Throughput(); ok {
		f.add("rate", "%s req/s%s", figure.Lines.Rate(rate), offered(v))
		traffic := float64(s.Counts.BytesIn) / s.Length().Seconds()
		f.add("traffic", "%s/s received", figure.Bytes(traffic))
	}
	if text := AtEnd(v); text != "" {
		f.add("at the window's end", "%s", text)
	}
}

func (f *facts) latencies(v *lab.VariantResult, open bool) {
	title := "latency"
	if open {
		title = "latency (from the scheduled send)"
	}
	var all []string
	for _, m := range metric.Latencies() {
		all = append(all, m.Head()+" "+figureOf(v, &m, v.Latency.Of(m.Name)))
	}
	f.add(title, "%s", strings.Join(all, "  "))
	if open {
		f.phase("service (from the actual send)", "", v.Service)
	}
}

// entries are the requests of a mix.
func (f *facts) entries(r *lab.Result) {
	for i, row := range table(entryRows(r)) {
		name := "requests of the mix"
		if i > 0 {
			name = ""
		}
		f.add(name, "%s", row)
	}
}

// agents are the machines that drove the load together.
func (f *facts) agents(all []lab.AgentResult) {
	for i := range all {
		f.add("agent "+all[i].Name, "%s", Agent(&all[i]))
	}
}

// Agent says what a machine of several drove, and how its generator fared.
func Agent(a *lab.AgentResult) string {
	clock := fmt.Sprintf("clock %+.2f ms (known to %.2f ms)", a.Offset/1e3, a.OffsetWithin/1e3)
	lost := ""
	if a.Lost > 0 {
		lost = ", LOST in " + figure.Lines.Counted(a.Lost, "slice")
	}
	if a.Void != "" {
		return "does not count: it " + a.Void + ", " + clock + lost
	}
	state := "fine"
	if len(a.Reasons) > 0 {
		state = "THE BOTTLENECK: " + strings.Join(a.Reasons, "; ")
	}
	return fmt.Sprintf("%s of the requests, p50 %s  p99 %s, %s, busiest thread %s, %s%s", figure.Of(figure.Lines, a.Share, figure.Percent),
		figure.Lines.MicrosOf(a.P50), figure.Lines.MicrosOf(a.P99), clock, figure.Of(figure.Lines, a.Busy, figure.Whole), state, lost)
}

func (f *facts) attempts(run *lab.LoadRun) {
	s := &run.Summary
	if s.Counts.Retried == 0 && run.Settings.Retry == nil {
		return
	}
	failed := ""
	if s.Counts.Retried > 0 {
		failed = " (" + lab.ErrorWords(s.Counts.AttemptErrors, nil) + ")"
	}
	f.add("attempts", "%s, of them retried %s%s", figure.Lines.Count(float64(s.Counts.Attempts)), figure.Lines.Count(float64(s.Counts.Retried)), failed)
}

// phases are the parts of a request's time. The epoll engine does not split the response.
func (f *facts) phases(v *lab.VariantResult, s *load.Summary) {
	f.phase("connects", figure.Lines.Count(float64(s.Total.Connects))+", ", v.Connect)
	if s.TLS != "" {
		f.phase("TLS handshakes", "", v.TLS)
	}
	if v.FirstByte.P50 != nil {
		since := "from the request written"
		if v.HTTP == load.HTTP2 {
			since = "from its connection's taking the request"
		}
		f.phase("first byte ("+since+")", "", v.FirstByte)
		f.phase("body (from the first byte)", "", v.Body)
	}
}

func (f *facts) phase(name, count string, q lab.Quantile) {
	f.add(name, "%sp50 %s  p99 %s  max %s", count, figure.Lines.MicrosOf(q.P50), figure.Lines.MicrosOf(q.P99), figure.Lines.MicrosOf(q.Max))
}

func (f *facts) workers(v *lab.VariantResult, s *load.Summary) {
	for _, p := range v.Processes {
		if p.Requests == nil {
			continue
		}
		share := 0.0
		if answered := s.Seen().Answered; answered > 0 {
			share = float64(*p.Requests) / float64(answered)
		}
		f.add(fmt.Sprintf("worker %d", p.PID), "%s requests, %s", figure.Lines.Count(float64(*p.Requests)), figure.Whole(share))
	}
}

func offered(v *lab.VariantResult) string {
	if v.Offered == nil {
		return ""
	}
	return " of " + figure.Lines.RateOf(v.Offered) + " offered"
}
