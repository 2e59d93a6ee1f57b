package tui

import (
	"fmt"
	"strings"

	"benchtop/lab"
	"benchtop/lab/metric"
	"benchtop/lab/progress"
	"benchtop/tui/chart"
	"benchtop/tui/draw"
	"benchtop/tui/format"
	"benchtop/tui/theme"
)

// pen is what every panel draws with: the look and the snapshot.
type pen struct {
	look *theme.Theme
	tier theme.Tier
	st   *lab.State
	set  settings
	sc   scales
	// sheet is what is drawn on, nil on screens that are drawn seldom.
	sheet *theme.Sheet

	// Memory that is used again, and what is found once per picture.
	procs    []*lab.ProcState
	ids      []string
	named    string
	counters []metric.Metric

	said  *progress.Prediction   // of the person before this run, nil: none
	claim func(id string) string // text of a claim, nil: not known
}

func (m *model) settings() settings {
	return settings{focus: m.focus, zoom: m.zoom, own: m.own, span: m.span, heat: m.heat}
}

// line begins a line of width cells on the panel's sheet.
func (p *pen) line(width int) *theme.Line { return p.sheet.Line(width) }

// cached gives a panel's lines, drawn anew only when what they depend on has changed. It is drawn on the model's sheet.
func (m *model) cached(name panelName, rect Rect, focused, below bool, extra string, draw func() []string) []string {
	key := panelKey{
		rect: rect, focused: focused, below: below, theme: m.look.Name, tier: m.tier, own: m.own, zoom: m.zoom, heat: m.heat, span: m.span, extra: extra,
	}
	if st := m.shown(); st != nil {
		key.seq = st.Seq
	}
	old, ok := m.cache[name]
	if ok && old.key == key {
		return old.lines
	}
	size := 0
	for _, l := range old.lines {
		size += len(l)
	}
	m.sheet.Begin(size*9/4 + 1024) // what stands in a box was a line before
	lines := draw()
	m.cache[name] = panel{key: key, lines: lines}
	return lines
}

// liveScreen draws the run: all but the key line.
func (m *model) liveScreen() []string {
	st := m.shown()
	if st == nil || len(st.Variants) == 0 {
		return m.waitingScreen(st)
	}
	panel := m.panelHeight()
	if panel >= m.h-1 {
		return m.panelLines(st, panel)
	}
	l, ok := Arrange(m.w, m.h-panel, len(st.Variants), m.zoom)
	if !ok {
		return draw.TooSmall(m.look, m.w, m.h)
	}
	p := &m.pen
	*p = pen{look: m.look, tier: m.tier, st: st, set: m.settings(), sheet: &m.sheet, procs: p.procs, ids: p.ids, counters: p.counters}
	once := false
	scaled := func() *pen { // only when a panel is drawn anew
		if !once {
			p.sc, once = scalesOf(st, p.set, max(l.Columns[0].W-10, 1)), true
		}
		return p
	}
	badge := m.badge()
	lines := make([]string, 0, m.h)
	lines = append(lines, m.cached(panelName{what: "header"}, l.Header, false, false, badge, func() []string {
		return p.header(l.Header.W, badge)
	})...)
	below := l.Table.H > 0
	var table, side []string
	if below {
		table = m.cached(panelName{what: "table"}, l.Table, false, false, m.focus, func() []string { return scaled().table(l.Table) })
	}
	if l.Side.H > 0 {
		side = m.cached(panelName{what: "side"}, l.Side, false, false, m.focus, func() []string { return scaled().side(l.Side) })
	}
	columns := make([][]string, len(l.Columns))
	for i, rect := range l.Columns {
		at := i
		if len(l.Columns) < len(st.Variants) {
			at = max(m.index(m.focus), 0)
		}
		focused := st.Variants[at].ID == m.focus && len(l.Columns) > 1
		name := panelName{"column", st.Variants[at].ID}
		columns[i] = m.cached(name, rect, focused, below, "", func() []string { return scaled().column(rect, at, focused, below) })
	}
	m.rows.Begin(24 * m.w * (l.Table.H + l.Columns[0].H) / 4)
	parts := make([]string, 0, len(columns)+1)
	for row := range l.Table.H + l.Columns[0].H {
		parts = parts[:0]
		if row < l.Table.H {
			parts = append(parts, table[row])
		} else {
			for _, c := range columns {
				parts = append(parts, c[row-l.Table.H])
			}
		}
		if side != nil {
			parts = append(parts, side[row])
		}
		lines = append(lines, m.rows.Join(parts...))
	}
	if l.Event.H > 0 {
		lines = append(lines, m.cached(panelName{what: "event"}, l.Event, false, false, "", func() []string {
			return p.events(l.Event)
		})...)
	}
	knobs := ""
	if m.freeRun() {
		knobs = m.knobText(st)
	}
	lines = append(lines, m.cached(panelName{what: "strip"}, l.Strip, false, false, m.focus+knobs, func() []string {
		return p.strip(l.Strip, l.Event.H == 0 && l.Side.H == 0, knobs)
	})...)
	return append(lines, m.panelLines(st, panel)...)
}

// badge says that the picture is not the present.
func (m *model) badge() string {
	switch {
	case m.leaving:
		return "STOPPING"
	case m.frozen != nil:
		return fmt.Sprintf("FROZEN %d s", int(m.cfg.Now().Sub(m.frozenAt).Seconds()))
	case m.wrong:
		return fileWrong
	}
	return m.fileBadge()
}

// waitingScreen is the live screen before the first event.
func (m *model) waitingScreen(st *lab.State) []string {
	l := theme.NewLine(m.w)
	l.Space(1).Put(m.look.Accent, "benchtop")
	text := "starting the targets …"
	if m.leaving {
		text = "stopping …"
	}
	lines := []string{l.Done(), theme.Blank(m.w), theme.NewLine(m.w).Space(3).Put(m.look.Muted, text).Done(), theme.Blank(m.w)}
	if st != nil {
		p := pen{look: m.look, tier: m.tier, st: st}
		for _, line := range p.logLines(m.w - 4) {
			lines = append(lines, "  "+line+"  ")
		}
	}
	return lines
}

// header is two lines: what is asked and what is driven, then where the run is.
func (p *pen) header(w int, badge string) []string {
	first := p.line(w)
	first.Space(1).Put(p.look.Accent, "benchtop").Put(p.look.Faint, " · ")
	title, marks := "run", 0
	if p.st.Plan != nil {
		title = p.st.Plan.Title
	}
	if badge != "" {
		marks = theme.Width(badge) + 4
	}
	drives := p.line(w)
	load := p.loadText(w * 2 / 5)
	if left := w - first.Used() - theme.Width(title) - marks - 2; theme.Width(load) > left {
		load = "" // the question is worth more than the load
		if short := p.loadText(left); !strings.HasSuffix(short, "…") {
			load = short
		}
	}
	drives.Put(p.look.Muted, load).Space(1)
	room := w - first.Used() - drives.Used() - 1 - marks
	first.Put(p.look.Strong, theme.Fit(title, room))
	if badge != "" {
		first.Space(2).Put(p.look.Badge, " "+badge+" ")
	}
	first.Right(drives)
	return []string{first.Done(), p.progress(w)}
}

// loadText says how the load is driven, in at most w cells; what differs between variants is left to their labels.
func (p *pen) loadText(w int) string {
	if len(p.st.Variants) == 0 {
		return ""
	}
	parts := strings.Split(format.Load(loads(p.st)), ", ")
	for len(parts) > 1 && theme.Width(strings.Join(parts, ", ")) > w {
		parts = parts[:len(parts)-1]
	}
	return theme.Fit(strings.Join(parts, ", "), w)
}

// progress says what the run does now, how far it is and how long it still takes.
func (p *pen) progress(w int) string {
	st := p.st
	l := p.line(w)
	l.Space(1)
	if st.End != nil {
		p.ending(l)
		return l.Done()
	}
	free := st.Plan != nil && st.Plan.Free
	ph := st.Phase
	on := "  "
	if i := p.indexOf(ph.Variant); i >= 0 {
		on = letter(i)
	}
	switch ph.Phase {
	case lab.PhaseWarmup:
		l.Put(p.look.Muted, "warm-up of "+on)
	case lab.PhaseSlice:
		switch {
		case ph.Together != "" && free:
			l.Put(p.look.Strong, "free run · all at once").Put(p.look.Warn, ", sharing the machine")
		case ph.Together != "" && st.Plan != nil:
			l.Put(p.look.Strong, fmt.Sprintf("block %d/%d · all at once", ph.Block, st.Plan.Blocks)).Put(p.look.Warn, ", sharing the machine")
		case free:
			l.Put(p.look.Strong, fmt.Sprintf("free run · slice %d on %s", ph.Index, on))
		case st.Plan != nil && st.Plan.Order == lab.Sequential:
			l.Put(p.look.Strong, fmt.Sprintf("slice %d on %s", ph.Index, on))
		default:
			blocks := 0
			if st.Plan != nil {
				blocks = st.Plan.Blocks
			}
			l.PutLeft(p.look.Strong, fmt.Sprintf("block %d/%d · slice on %s", ph.Block, blocks, on), 23)
			if ph.Attempt > 1 {
				l.Put(p.look.Warn, " repeated")
			}
		}
	case lab.PhaseStopping:
		l.Put(p.look.Muted, "stopping")
	default:
		l.Put(p.look.Muted, "starting")
	}
	if w >= offeredWidth {
		l.Put(p.look.Text, p.offered(ph.Variant))
	}
	if free {
		l.Space(2).Put(p.look.Muted, minutes(ns(st.At))+" so far; nothing is decided in a free run")
		return l.Done()
	}
	right := p.line(w)
	right.PutRight(p.look.Strong, whole(100*st.Progress), 3).Put(p.look.Strong, " %")
	right.PutRight(p.look.Muted, minutes(st.Left), 7).Put(p.look.Muted, " left")
	if w >= offeredWidth {
		right.Put(p.look.Muted, " of "+minutes(st.Total))
	}
	right.Space(1)
	l.To(max(l.Used()+2, 28))
	width := min(l.Free()-right.Used()-3, 100)
	if width >= 8 {
		l.Put(p.look.Faint, "▕").Put(p.look.Accent, chart.Bar(st.Progress, width, p.tier)).Put(p.look.Faint, "▏")
	}
	l.Right(right)
	return l.Done()
}

// offeredWidth is the width of a screen from which the rate that is offered has room beside the progress.
const offeredWidth = 80

// offered is the rate that the open model offers the variant under load now, empty in a closed one. Its width is
// always the same, so that the bar beside it stands still on a ramp.
func (p *pen) offered(id string) string {
	if i := p.indexOf(id); i >= 0 && p.st.Variants[i].Now.Offered != nil {
		return " " + theme.PadRight("· offered "+perSecond(p.st.Variants[i].Now.Offered)+"/s", 21)
	}
	return ""
}

// ending says how the run ended, on one line.
func (p *pen) ending(l *theme.Line) {
	st := p.st
	switch st.End.How {
	case lab.EndComplete:
		l.Put(p.look.Strong, "✓ complete")
	case lab.EndInterrupted, lab.EndTerminated:
		l.Put(p.look.Warn, "! "+st.End.How+": partial result")
	default:
		l.Put(p.look.Bad, "✕ "+st.End.How)
	}
	parts := []string{minutes(ns(st.At))}
	if r := st.Result; r != nil && r.Blocks > 0 {
		parts = append(parts, fmt.Sprintf("%d %s", r.Blocks, plural(r.Blocks, "block")))
	}
	if st.Repeated > 0 {
		parts = append(parts, fmt.Sprintf("%d repeated", st.Repeated))
	}
	if st.Plan != nil && st.Plan.Quick {
		parts = append(parts, "quick")
	}
	l.Put(p.look.Muted, "  "+strings.Join(parts, " · "))
	if st.End.Reason != "" && st.End.How != lab.EndComplete {
		l.Put(p.look.Text, "  "+theme.Fit(st.End.Reason, l.Free()-3))
	}
}

func (p *pen) indexOf(id string) int {
	for i := range p.st.Variants {
		if p.st.Variants[i].ID == id {
			return i
		}
	}
	return -1
}

func plural(n int, word string) string {
	if n == 1 {
		return word
	}
	return word + "s"
}
