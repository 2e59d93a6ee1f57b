package tui

import (
	"fmt"
	"slices"
	"sort"
	"strings"

	"benchtop/lab"
	"benchtop/tui/chart"
	"benchtop/tui/theme"
)

// cpu is the CPU of the target's processes, of one core, and what one request costs; a proxy in front of the server has
// a line of its own.
func (p *pen) cpu(i, w, rows int) []string {
	v := &p.st.Variants[i]
	if v.ProxyCPU != nil && rows >= 2 {
		var proxyCost *float64
		if cost, ok := v.Mechanism["proxy_cpu_us_per_request"]; ok {
			proxyCost = &cost
		}
		if w < wideFigures {
			return []string{p.cpuLine(i, w, "target ", v.CPU, v.CPUPerRequest, ""), p.cpuLine(i, w, "proxy  ", *v.ProxyCPU, proxyCost, "")}
		}
		return []string{
			p.cpuLine(i, w, "CPU of one core  target ", v.CPU, v.CPUPerRequest, p.fullCPU()),
			p.cpuLine(i, w, "                 proxy  ", *v.ProxyCPU, proxyCost, p.fullCPU()),
		}
	}
	if rows >= 2 && w < wideFigures {
		first, second, full := theme.NewLine(w), theme.NewLine(w), p.fullCPU()
		first.Put(p.look.Muted, "CPU ").Put(p.look.Text, cpuShare(v.CPU)).Put(p.look.Muted, " of one core").Right(p.cpuCost(v.CPUPerRequest))
		p.cpuBar(second, i, w-2-len(full), v.CPU)
		second.Put(p.look.Muted, full)
		return []string{first.Done(), second.Done()}
	}
	if w < wideFigures {
		return []string{p.cpuLine(i, w, "CPU ", v.CPU, v.CPUPerRequest, "")}
	}
	return []string{p.cpuLine(i, w, "CPU of one core ", v.CPU, v.CPUPerRequest, p.fullCPU())}
}

// cpuLine is a name, a share of a core as a number and as a bar, and what one request costs.
func (p *pen) cpuLine(i, w int, name string, percent float64, perRequest *float64, full string) string {
	l, cost := theme.NewLine(w), p.cpuCost(perRequest)
	l.Put(p.look.Muted, name).Put(p.look.Text, cpuShare(percent)).Space(1)
	p.cpuBar(l, i, w-l.Used()-cost.Used()-len(full)-4, percent)
	l.Put(p.look.Muted, full).Right(cost)
	return l.Done()
}

func cpuShare(percent float64) string { return fmt.Sprintf("%3.0f %%", percent) }

// fullCPU is what a full bar stands for.
func (p *pen) fullCPU() string { return fmt.Sprintf(" %.0f %%", p.sc.cpu) }

func (p *pen) cpuCost(perRequest *float64) *theme.Line {
	text := dash
	if perRequest != nil {
		text = three(*perRequest)
	}
	l := theme.NewLine(13)
	return l.Put(p.look.Text, theme.PadLeft(text, 5)).Put(p.look.Muted, " µs/req")
}

func (p *pen) cpuBar(l *theme.Line, i, width int, percent float64) {
	if width >= 4 {
		l.Put(p.look.Faint, "▕").Put(p.inkOf(i), chart.Bar(percent/p.sc.cpu, width, p.tier)).Put(p.look.Faint, "▏")
	}
}

// workerRows is how many rows the worker table of a variant needs.
func (p *pen) workerRows(v *lab.VariantState) int { return max(len(v.Procs), 1) }

// workers is the table of the variant's processes: the living ones by their place, then those that are gone.
func (p *pen) workers(v *lab.VariantState, w, rows int) []string {
	procs := append([]lab.ProcState{}, v.Procs...)
	sort.SliceStable(procs, func(a, b int) bool {
		ga, gb := procs[a].State == "gone", procs[b].State == "gone"
		if ga != gb {
			return gb
		}
		return procs[a].Index < procs[b].Index
	})
	wide := w >= wideFigures
	row := func(ink theme.Ink, name, pid, cpu, rss, thr, share, state string) string {
		l := theme.NewLine(w)
		l.Put(p.look.Muted, name).Put(ink, theme.PadLeft(pid, 7))
		if wide {
			l.Put(ink, theme.PadLeft(cpu, 8)+theme.PadLeft(rss, 9)+theme.PadLeft(thr, 6)+theme.PadLeft(share, 8)+"  "+state)
		} else {
			l.Put(ink, theme.PadLeft(cpu, 6)+theme.PadLeft(rss, 8)+theme.PadLeft(share, 6)+" "+state)
		}
		return l.Done()
	}
	name, blank := "", ""
	if wide {
		name, blank = "workers", "       "
	}
	out := []string{row(p.look.Muted, name, "PID", "CPU", "RSS", "thr", "share", "state")}
	for k := range procs {
		q := &procs[k]
		if len(out) == rows-1 && len(procs)-k > 1 {
			out = append(out, theme.NewLine(w).Put(p.look.Muted, theme.PadLeft(fmt.Sprintf("and %d more", len(procs)-k), 15)).Done())
			break
		}
		if len(out) >= rows {
			break
		}
		share := dash
		if q.Share != nil {
			share = fmt.Sprintf("%.0f %%", 100**q.Share)
		}
		ink, state := p.look.Text, processState(q)
		if q.State == "gone" {
			ink, state = p.look.Bad, "✕ gone"
		}
		out = append(out, row(ink, blank, fmt.Sprint(q.PID), fmt.Sprintf("%.0f %%", q.Percent), bytesOf(q.RSS), countOf(q.Threads), share, state))
	}
	if len(procs) == 0 && rows > 1 {
		out = append(out, theme.NewLine(w).Put(p.look.Muted, "  starting").Done())
	}
	return out
}

// processState is what a process does; one that is no plain worker is called by what it is.
func processState(q *lab.ProcState) string {
	if q.State == "serving" && q.Role != "" && q.Role != "worker" {
		return q.Role
	}
	return q.State
}

// mechanisms are the counters that explain a ratio, in the order of preference.
var mechanisms = []string{
	"upstream_connections_per_request", "attempts_per_request", "connections_per_request", "tls_handshakes_per_request",
	"tls_resumed_share", "delayed_acks_per_request", "listen_overflows", "rejected", "worker_share_max", "queue_wait_p99", "loop_lag_p99",
}

// usual is what a counter shows where nothing happened: then it is left out, unless the plan asks for it.
var usual = map[string]float64{"attempts_per_request": 1, "listen_overflows": 0, "rejected": 0}

// asked are those that are shown only when the plan asks for them: the kernel counts them for the whole machine.
var asked = []string{"delayed_acks_per_request"}

// why lists the mechanism counters of a variant: those that the plan's mechanism and expectations name first.
func (p *pen) why(v *lab.VariantState) []string {
	named := ""
	if p.st.Plan != nil {
		named = strings.Join(append(append([]string{}, p.st.Plan.Mechanism...), p.st.Plan.Expect...), " ")
	}
	var first, rest []string
	for _, id := range mechanisms {
		value, ok := v.Mechanism[id]
		if !ok {
			continue
		}
		m := metricOf(id)
		text := m.name + " " + m.value(value)
		if strings.Contains(named, id) {
			first = append(first, text)
			continue
		}
		if nothing, ok := usual[id]; ok && value == nothing || slices.Contains(asked, id) {
			continue
		}
		rest = append(rest, text)
	}
	return append(first, rest...)
}

func (p *pen) whyLines(v *lab.VariantState, w, rows int) []string {
	var out []string
	for k, text := range p.why(v) {
		if k >= rows {
			break
		}
		l := theme.NewLine(w)
		label := "why     "
		if w < wideFigures {
			label = "why  "
		}
		if k > 0 {
			label = theme.Blank(theme.Width(label))
		}
		out = append(out, l.Put(p.look.Muted, label).Put(p.look.Text, theme.Fit(text, l.Free())).Done())
	}
	if len(out) == 0 {
		out = append(out, theme.NewLine(w).Put(p.look.Muted, "why     ").Put(p.look.Muted, "after the first slice").Done())
	}
	return out
}

// errors is one line: none, or how many, which share, and of which classes.
func (p *pen) errors(v *lab.VariantState, w int) string {
	l := theme.NewLine(w)
	l.Put(p.look.Muted, "errors  ")
	text := errorText(v.Errors, v.Requests)
	if text == "" {
		return l.Put(p.look.Text, "none").Done()
	}
	return l.Put(p.look.Bad, "! "+theme.Fit(text, l.Free()-2)).Done()
}

// errorText lists errors by class, the most frequent first; empty if there are none.
func errorText(by map[string]uint64, requests uint64) string {
	type class struct {
		name string
		n    uint64
	}
	var all []class
	total := uint64(0)
	for name, n := range by {
		if n > 0 {
			all = append(all, class{name, n})
			total += n
		}
	}
	if total == 0 {
		return ""
	}
	sort.Slice(all, func(a, b int) bool {
		if all[a].n != all[b].n {
			return all[a].n > all[b].n
		}
		return all[a].name < all[b].name
	})
	text := thousands(float64(total))
	if requests > 0 {
		text += " (" + smallPercent(float64(total)/float64(requests)) + ")"
	}
	for _, c := range all {
		text += fmt.Sprintf(" · %s %s", c.name, thousands(float64(c.n)))
	}
	return text
}
