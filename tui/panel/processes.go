package panel

import (
	"cmp"
	"fmt"
	"math"
	"slices"
	"sort"
	"strconv"
	"strings"

	"benchtop/lab"
	"benchtop/lab/figure"
	"benchtop/lab/metric"
	"benchtop/tui/chart"
	"benchtop/tui/theme"
)

// cpu is the CPU of the target's processes, of one core, and what one request costs; what is in front of the server or
// besides it has a line of its own, as many as there is room for.
func (p *Pen) cpu(i, w, rows int) []string {
	v := &p.State.Variants[i]
	if parts := partsOf(v); len(parts) > 0 && rows >= 2 {
		return p.cpuOfParts(i, w, parts[:min(len(parts), rows-1)])
	}
	if rows >= 2 && w < WideFigures {
		first, second, full := p.Line(w), p.Line(w), p.fullCPU()
		first.Put(p.Look.Muted, "CPU ").Put(p.Look.Text, CPUShare(v.CPU))
		if w >= narrowest {
			first.Put(p.Look.Muted, " of one core")
		}
		first.Right(p.cpuCost(v.CPUPerRequest, 8))
		p.cpuBar(second, i, w-2-len(full), v.CPU)
		second.Put(p.Look.Muted, full)
		return []string{first.Done(), second.Done()}
	}
	if w < WideFigures {
		return []string{p.cpuLine(i, w, "CPU ", v.CPU, v.CPUPerRequest, "")}
	}
	return []string{p.cpuLine(i, w, "CPU of one core ", v.CPU, v.CPUPerRequest, p.fullCPU())}
}

// partsOf are the parts of a target besides its server. Before any of their processes was read they are known by name.
func partsOf(v *lab.VariantState) []lab.PartState {
	if len(v.Parts) > 0 {
		return v.Parts
	}
	var out []lab.PartState
	for k := range v.Procs {
		part := partOf(&v.Procs[k])
		if part != metric.PartOf("", "") && !slices.ContainsFunc(out, func(o lab.PartState) bool { return o.Name == part }) {
			out = append(out, lab.PartState{Name: part, CPU: math.NaN()})
		}
	}
	slices.SortFunc(out, func(a, b lab.PartState) int { return metric.ByPart(a.Name, b.Name) })
	return out
}

// cpuOfParts is a line for the server and one for each of the other parts of its target.
func (p *Pen) cpuOfParts(i, w int, parts []lab.PartState) []string {
	v := &p.State.Variants[i]
	label, full, longest := "", "", 8
	switch {
	case w >= halfWide+8:
		label, full, longest = "CPU of one core  ", p.fullCPU(), 12
	case w >= WideFigures:
		label, longest = "CPU of one core  ", 10
	case w >= narrowest:
		label = "CPU "
	}
	width := len("target")
	for k := range parts {
		width = min(max(width, theme.Width(parts[k].Name)), longest)
	}
	name := func(label, of string) string { return label + theme.PadRight(theme.Fit(of, width), width+1) }
	out := append(make([]string, 0, 1+len(parts)), p.cpuLine(i, w, name(label, "target"), v.CPU, v.CPUPerRequest, full))
	label = strings.Repeat(" ", len(label))
	for k := range parts {
		out = append(out, p.cpuLine(i, w, name(label, parts[k].Name), parts[k].CPU, parts[k].PerRequest, full))
	}
	return out
}

// cpuLine is a name, a share of a core as a number and as a bar, and what one request costs.
func (p *Pen) cpuLine(i, w int, name string, percent float64, perRequest *float64, full string) string {
	room, gap := 8, 4
	if w < WideFigures {
		room, gap = 7, 3
	}
	l, cost := p.Line(w), p.cpuCost(perRequest, room)
	l.Put(p.Look.Muted, name).Put(p.Look.Text, CPUShare(percent))
	if bar := w - l.Used() - 1 - cost.Used() - len(full) - gap; bar >= 4 {
		p.cpuBar(l.Space(1), i, bar, percent)
	}
	l.Put(p.Look.Muted, full).Right(cost)
	return l.Done()
}

// CPUShare is a share of a core on five cells.
func CPUShare(percent float64) string {
	if math.IsNaN(percent) {
		return theme.PadLeft(figure.Screen.Dash, 3) + "  "
	}
	return theme.PadLeft(figure.Whole(percent/100), 5)
}

// fullCPU is what a full bar stands for.
func (p *Pen) fullCPU() string { return " " + figure.Whole(p.Scales.CPU/100) }

func (p *Pen) cpuCost(perRequest *float64, room int) *theme.Line {
	text := figure.Screen.MicrosOf(perRequest)
	if perRequest == nil {
		text += "   " // where the unit stands
	}
	return p.Line(13).PutRight(p.Look.Text, text, room).Put(p.Look.Muted, "/req")
}

func (p *Pen) cpuBar(l *theme.Line, i, width int, percent float64) {
	if width >= 4 {
		l.Put(p.Look.Faint, "▕").Put(p.InkOf(i), chart.Bar(percent/p.Scales.CPU, width, p.Tier)).Put(p.Look.Faint, "▏")
	}
}

// workerRows is how many rows the worker table of a variant needs.
func (p *Pen) workerRows(v *lab.VariantState) int { return max(len(v.Procs)+accounts(v), 1) }

// workers is the table of the variant's processes: the living ones by their place, then those that are gone.
func (p *Pen) workers(v *lab.VariantState, w, rows int, alone bool) []string {
	procs := p.procs[:0]
	for k := range v.Procs {
		procs = append(procs, &v.Procs[k])
	}
	p.procs = procs
	slices.SortStableFunc(procs, func(a, b *lab.ProcState) int {
		if ga, gb := a.State == "gone", b.State == "gone"; ga != gb {
			if gb {
				return -1
			}
			return 1
		}
		return cmp.Or(metric.ByPart(partOf(a), partOf(b)), a.Index-b.Index)
	})
	at := p.processColumns(w, procs, p.shares(v, alone))
	out := append(make([]string, 0, rows), p.process(w, at, p.Look.Muted, "workers", "PID", "CPU", "RSS", "OS thr", "share", "state"))
	if rows == 2 && len(procs) > 1 {
		return append(out, p.process(w, at, p.Look.Text, "", "all "+strconv.Itoa(len(procs)), strings.TrimSpace(CPUShare(v.CPU)), figure.Of(figure.Screen, memoryOf(procs), figure.Bytes), figure.Screen.Dash, "", servingOf(procs)))
	}
	accounted := rows > len(procs)+accounts(v) // each has a line of its own
	for k, q := range procs {
		if len(out) == rows-1 && len(procs)-k > 1 {
			out = append(out, p.Line(w).PutRight(p.Look.Muted, "and "+strconv.Itoa(len(procs)-k)+" more", 15).Done())
			break
		}
		if len(out) >= rows {
			break
		}
		share := figure.Of(figure.Screen, q.Share, figure.Whole)
		ink, state := p.Look.Text, processState(q)
		if q.State == "gone" {
			ink, state = p.Look.Bad, "✕ gone"
		}
		brief, whole := account(v, q)
		if accounted {
			brief = nil
		}
		out = append(out, p.process(w, at, ink, "", strconv.Itoa(q.PID), strings.TrimSpace(CPUShare(q.Percent)), figure.Of(figure.Screen, q.RSS, figure.Bytes), figure.Of(figure.Screen, q.Threads, figure.Screen.Count), share, state, brief...))
		if accounted && len(whole) > 0 {
			out = append(out, p.Line(w).Space(2).Put(p.Look.Muted, accountText(whole, w-2)).Done())
		}
	}
	if len(procs) == 0 && rows > 1 {
		out = append(out, p.Line(w).Put(p.Look.Muted, "  starting").Done())
	}
	return out
}

// processColumns are the widths of the columns of processes, 0 where there is none.
type processColumns struct {
	name, pid, cpu, rss, thr, share int
	brief                           bool // states are in fewer letters
}

// briefStates are the states in a column that has no room for them: shorter words, none that is cut.
var briefStates = map[string]string{"serving": "up", "stopped": "ended", "starting": "new"}

// processColumns leaves room for the longest state: what says least gives way to it.
func (p *Pen) processColumns(w int, procs []*lab.ProcState, shares bool) processColumns {
	at := processColumns{pid: 6, cpu: 6, rss: 8}
	switch {
	case w >= WideFigures:
		at = processColumns{name: 7, pid: 7, cpu: 8, rss: 9, thr: 8}
	case w >= narrowest:
		at.pid = 7
	}
	if shares {
		at.share = 6
	}
	fits := func() bool {
		room := w - at.name - at.pid - at.cpu - at.rss - at.thr - at.share - 1
		for _, q := range procs {
			if theme.Width(at.state(processState(q))) > room {
				return false
			}
		}
		return room >= len("state")
	}
	if !fits() {
		at.thr = 0
	}
	if !fits() {
		at.brief = true
	}
	if !fits() {
		at.share = 0
	}
	if !fits() {
		at.rss = 0
	}
	return at
}

// state is a state in as many letters as the column has room for.
func (at *processColumns) state(s string) string {
	if at.brief {
		return cmp.Or(briefStates[s], s)
	}
	return s
}

// process is a row of the table of processes; behind the state stands the first of more that fits.
func (p *Pen) process(w int, at processColumns, ink theme.Ink, name, pid, cpu, rss, thr, share, state string, more ...string) string {
	l := p.Line(w)
	if at.name > 0 {
		l.PutLeft(p.Look.Muted, name, at.name)
	}
	l.PutRight(ink, pid, at.pid).PutRight(ink, cpu, at.cpu)
	for _, c := range [3]struct {
		text  string
		width int
	}{{rss, at.rss}, {thr, at.thr}, {share, at.share}} {
		if c.width > 0 {
			l.PutRight(ink, c.text, c.width)
		}
	}
	state = at.state(state)
	l.Space(1)
	for _, text := range more {
		if theme.Width(state+" "+text) <= l.Free() {
			state += " " + text
			break
		}
	}
	return l.Put(ink, theme.Fit(state, l.Free())).Done()
}

// shares reports whether a variant that is shown has several workers: the share of a single one says nothing.
func (p *Pen) shares(v *lab.VariantState, alone bool) bool {
	if alone {
		return serving(v) > 1
	}
	for i := range p.State.Variants {
		if serving(&p.State.Variants[i]) > 1 {
			return true
		}
	}
	return false
}

// serving is how many processes of a variant have a share of its responses.
func serving(v *lab.VariantState) int {
	n := 0
	for k := range v.Procs {
		if v.Procs[k].Share != nil {
			n++
		}
	}
	return n
}

// memoryOf is the memory of all processes that live, nil where one is not known.
func memoryOf(procs []*lab.ProcState) *int64 {
	sum := int64(0)
	for _, q := range procs {
		switch {
		case q.State == "gone":
		case q.RSS == nil:
			return nil
		default:
			sum += *q.RSS
		}
	}
	return &sum
}

// servingOf says how many processes serve.
func servingOf(procs []*lab.ProcState) string {
	n := 0
	for _, q := range procs {
		if q.State == "serving" {
			n++
		}
	}
	if n == len(procs) {
		return "serving"
	}
	return strconv.Itoa(n) + " serving"
}

// partOf is the part of its target that a process belongs to.
func partOf(q *lab.ProcState) string { return metric.PartOf(q.Part, q.Role) }

// processState is what a process does; one that is no plain worker is called by what it is, one of a service by its name: that it
// serves goes without saying, and at the end of a run all have stopped.
func processState(q *lab.ProcState) string {
	usual := q.State == "serving" || q.State == "stopped"
	switch part := partOf(q); {
	case usual && metric.IsService(part):
		return part
	case usual && q.Role != "" && q.Role != "worker":
		return q.Role
	}
	return q.State
}

// errors is one line: none, or how many, which share, and of which classes.
func (p *Pen) errors(v *lab.VariantState, w int) string {
	l := p.Line(w)
	label := "errors  "
	if w < WideFigures {
		label = "errors "
	}
	l.Put(p.Look.Muted, label)
	text := ErrorText(v.Errors, v.Requests, l.Free()-2)
	if text == "" {
		return l.Put(p.Look.Text, "none").Done()
	}
	return l.Put(p.Look.Bad, "! "+theme.Fit(text, l.Free()-2)).Done()
}

// ErrorText lists errors by class, the most frequent first, as many classes as have room; empty if there are none.
func ErrorText(by map[string]uint64, requests uint64, room int) string {
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
	text := figure.Screen.Count(float64(total))
	if requests > 0 {
		share := " (" + figure.Percent(float64(total)/float64(requests)) + ")"
		classes := ""
		for _, c := range all {
			classes += " · " + c.name + " " + figure.Screen.Count(float64(c.n))
		}
		if of := " of " + figure.Screen.Count(float64(requests)); theme.Width(text+of+share+classes) <= room {
			text += of
		}
		text += share
	}
	for i, c := range all {
		next, more := text+fmt.Sprintf(" · %s %s", c.name, figure.Screen.Count(float64(c.n))), ""
		if left := len(all) - i - 1; left > 0 {
			more = fmt.Sprintf(" · %d more", left)
		}
		if theme.Width(next)+theme.Width(more) > room {
			if rest := fmt.Sprintf(" · %d more", len(all)-i); i > 0 && theme.Width(text+rest) <= room {
				text += rest
			}
			return text
		}
		text = next
	}
	return text
}
