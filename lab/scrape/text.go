package scrape

import (
	"bytes"
	"fmt"
	"io"
	"maps"
	"math"
	"slices"
	"strconv"
	"strings"

	"benchtop/lab"
)

// family is one metric in the text format (Prometheus, "Exposition formats", version 0.0.4).
type family struct {
	name, kind, help string
	lines            []string
}

// add adds a sample; pairs are labels and their values in turn. What is not known is left out.
func (f *family) add(v *float64, pairs ...string) {
	if v == nil || math.IsNaN(*v) {
		return
	}
	var labels []string
	for i := 0; i+1 < len(pairs); i += 2 {
		labels = append(labels, pairs[i]+`="`+escaped.Replace(pairs[i+1])+`"`)
	}
	f.lines = append(f.lines, f.name+"{"+strings.Join(labels, ",")+"} "+strconv.FormatFloat(*v, 'g', -1, 64))
}

var escaped = strings.NewReplacer(`\`, `\\`, `"`, `\"`, "\n", `\n`)

// whole is a count as a sample.
func whole(n uint64) *float64 {
	v := float64(n)
	return &v
}

func truth(is bool) *float64 {
	if is {
		return whole(1)
	}
	return whole(0)
}

// Write writes a state; nil: no run has begun. Figures of a row stand only while the variant is under load, so that a chart
// has a gap where nothing was measured.
func Write(w io.Writer, st *lab.State) error {
	families := run(st)
	if st != nil && st.Plan != nil {
		families = append(families, variants(st)...)
	}
	var b bytes.Buffer
	for _, f := range families {
		if len(f.lines) > 0 {
			fmt.Fprintf(&b, "# HELP %s %s\n# TYPE %s %s\n%s\n", f.name, f.help, f.name, f.kind, strings.Join(f.lines, "\n"))
		}
	}
	_, err := w.Write(b.Bytes())
	return err
}

// run is what there is to say of the run as a whole.
func run(st *lab.State) []*family {
	going := &family{name: "benchtop_run_going_on", kind: "gauge", help: "1 while a run goes on, 0 before its begin and after its end."}
	progress := &family{name: "benchtop_run_progress_ratio", kind: "gauge", help: "Share of the run that is over, 0 to 1."}
	block := &family{name: "benchtop_run_block", kind: "gauge", help: "Block that the run is in, from 1."}
	if st == nil || st.Plan == nil {
		going.add(truth(false))
		return []*family{going}
	}
	id := st.Plan.ID
	going.add(truth(st.End == nil), "scenario", id)
	progress.add(&st.Progress, "scenario", id)
	if st.Phase.Block > 0 {
		block.add(whole(uint64(st.Phase.Block)), "scenario", id) //nolint:gosec // above 0
	}
	return []*family{going, progress, block}
}

// variants is what there is to say of each variant.
func variants(st *lab.State) []*family {
	of := func(name, kind, help string) *family {
		return &family{name: "benchtop_" + name, kind: kind, help: help}
	}
	var (
		load     = of("under_load", "gauge", "1 while the variant is under load.")
		requests = of("requests_total", "counter", "Requests that were counted, in the windows of slices so far.")
		failed   = of("errors_total", "counter", "Of these, those that failed, by class.")
		rate     = of("requests_per_second", "gauge", "Successful responses per second in the last row of 250 ms.")
		offered  = of("offered_per_second", "gauge", "Requests per second that the schedule had in it, open model only.")
		latency  = of("latency_seconds", "gauge", "Latency in the last row, by quantile.")
		flight   = of("in_flight_requests", "gauge", "Requests without a response.")
		cpu      = of("target_cpu_cores", "gauge", "CPU of the target in cores, by part.")
		memory   = of("target_memory_bytes", "gauge", "Resident memory of the target, by part.")
	)
	for i := range st.Variants {
		v := &st.Variants[i]
		labels := func(more ...string) []string {
			return append([]string{"scenario", st.Plan.ID, "variant", v.ID}, more...)
		}
		driven := v.Status == lab.StatusLoad || v.Status == lab.StatusWarmup
		load.add(truth(driven), labels()...)
		requests.add(whole(v.Requests), labels()...)
		for _, class := range slices.Sorted(maps.Keys(v.Errors)) {
			failed.add(whole(v.Errors[class]), labels("class", class)...)
		}
		parts(v, memory, labels)
		if !driven {
			continue
		}
		rate.add(v.Now.RPS, labels()...)
		offered.add(v.Now.Offered, labels()...)
		for _, q := range []struct {
			name string
			us   *float64
		}{{"0.5", v.Now.P50}, {"0.9", v.Now.P90}, {"0.99", v.Now.P99}} {
			if q.us != nil {
				seconds := *q.us / 1e6
				latency.add(&seconds, labels("quantile", q.name)...)
			}
		}
		flight.add(whole(uint64(max(0, v.Now.Flight))), labels()...) //nolint:gosec // not below 0
		cores := v.CPU / 100
		cpu.add(&cores, labels("part", "server")...)
		for k := range v.Parts {
			cores := v.Parts[k].CPU / 100
			cpu.add(&cores, labels("part", v.Parts[k].Name)...)
		}
	}
	return []*family{load, requests, failed, rate, offered, latency, flight, cpu, memory}
}

// parts adds the memory of the processes of a target up by its parts.
func parts(v *lab.VariantState, memory *family, labels func(...string) []string) {
	sum := map[string]float64{}
	for i := range v.Procs {
		if p := &v.Procs[i]; p.RSS != nil && !p.Gone {
			part := p.Part
			if part == "" {
				part = "server"
			}
			sum[part] += float64(*p.RSS)
		}
	}
	for _, part := range slices.Sorted(maps.Keys(sum)) {
		v := sum[part]
		memory.add(&v, labels("part", part)...)
	}
}
