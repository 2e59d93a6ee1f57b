package payload

import (
	"fmt"
	"strings"
)

// Count is a name under which a worker reports what it counts of its bodies, since its start (WorkerStatus.Counters).
type Count struct {
	Name string
	Doc  string
	of   func(*Compressor) uint64
}

// Counts are the names, in the order in which they are documented. A worker that compresses nothing leaves them out.
var Counts = []Count{
	{"gzip_responses", "responses compressed, whole ones and streams", func(c *Compressor) uint64 { return c.responses.Load() }},
	{"gzip_bytes_before", "bytes of their bodies before", func(c *Compressor) uint64 { return c.before.Load() }},
	{"gzip_bytes_after", "bytes of their bodies after", func(c *Compressor) uint64 { return c.after.Load() }},
}

// value gives a count and whether the worker has it.
func (p *Payload) value(c *Count) (n uint64, has bool) {
	if p.gzip == nil {
		return 0, false
	}
	return c.of(p.gzip), true
}

// AppendMetrics appends the counts in the text format of Prometheus.
func (p *Payload) AppendMetrics(b []byte, worker string) []byte {
	for i := range Counts {
		if n, has := p.value(&Counts[i]); has {
			b = fmt.Appendf(b, "# HELP benchtop_worker_%[1]s_total %[2]s\n# TYPE benchtop_worker_%[1]s_total counter\nbenchtop_worker_%[1]s_total{pid=%[3]q} %[4]d\n", Counts[i].Name, Counts[i].Doc, worker, n)
		}
	}
	return b
}

// Markdown is the table of the counts for people.
func Markdown() string {
	var b strings.Builder
	b.WriteString("| count | of |\n| --- | --- |\n")
	for _, c := range Counts {
		fmt.Fprintf(&b, "| `%s` | %s |\n", c.Name, c.Doc)
	}
	return b.String()
}
