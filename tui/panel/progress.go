package panel

import (
	"cmp"
	"fmt"
	"slices"
	"strings"
	"time"

	"benchtop/lab"
	"benchtop/lab/figure"
	"benchtop/tui/chart"
	"benchtop/tui/format"
	"benchtop/tui/theme"
)

// Header is two lines: what is asked and what is driven, then where the run is.
func (p *Pen) Header(w int, badge string) []string {
	first := p.Line(w)
	first.Space(1).Put(p.Look.Accent, "benchtop").Put(p.Look.Faint, " · ")
	title, marks := "run", 0
	if p.State.Plan != nil {
		title = p.State.Plan.Title
	}
	if badge != "" {
		marks = theme.Width(badge) + 4
	}
	drives := p.Line(w)
	load := p.loadText(w * 2 / 5)
	if left := w - first.Used() - theme.Width(title) - marks - 2; theme.Width(load) > left {
		load = "" // the question is worth more than the load
		if short := p.loadText(left); !strings.HasSuffix(short, "…") {
			load = short
		}
	}
	drives.Put(p.Look.Muted, load).Space(1)
	room := w - first.Used() - drives.Used() - 1 - marks
	first.Put(p.Look.Strong, theme.Fit(title, room))
	if badge != "" {
		first.Space(2).Put(p.Look.Badge, " "+badge+" ")
	}
	first.Right(drives)
	return []string{first.Done(), p.Progress(w)}
}

// loadText says how the load is driven, in at most w cells; what differs between variants is left to their labels.
func (p *Pen) loadText(w int) string {
	if len(p.State.Variants) == 0 {
		return ""
	}
	parts := strings.Split(format.Load(loads(p.State)), ", ")
	for len(parts) > 1 && theme.Width(strings.Join(parts, ", ")) > w {
		parts = parts[:len(parts)-1]
	}
	return theme.Fit(strings.Join(parts, ", "), w)
}

// Progress says what the run does now, how far it is and how long it still takes.
func (p *Pen) Progress(w int) string {
	st := p.State
	l := p.Line(w)
	l.Space(1)
	if st.End != nil {
		p.ending(l)
		return l.Done()
	}
	p.phase(l)
	if w >= offeredWidth {
		l.Put(p.Look.Text, p.offered(st.Phase.Variant))
	}
	if st.Plan != nil && st.Plan.Free {
		l.Space(2).Put(p.Look.Muted, figure.Countdown(time.Duration(st.At))+" so far; nothing is decided in a free run")
		return l.Done()
	}
	right := p.Line(w)
	right.PutRight(p.Look.Strong, figure.Whole(st.Progress), 5)
	right.PutRight(p.Look.Muted, figure.Countdown(st.Left), 7).Put(p.Look.Muted, " left")
	if w >= offeredWidth {
		right.Put(p.Look.Muted, " of "+figure.Countdown(st.Total))
	}
	if more := Longer(st, w-max(l.Used()+2, 28)-right.Used()-4); more != "" {
		right.Put(p.Look.Muted, ", "+more)
	}
	right.Space(1)
	l.To(max(l.Used()+2, 28))
	width := min(l.Free()-right.Used()-3, 100)
	if width >= 8 {
		l.Put(p.Look.Faint, "▕").Put(p.Look.Accent, chart.Bar(st.Progress, width, p.Tier)).Put(p.Look.Faint, "▏")
	}
	l.Right(right)
	return l.Done()
}

// delay is one cause why a run takes longer than it was planned to.
type delay struct {
	took         time.Duration
	whole, brief string
}

// noticed is how much longer a run takes that anybody notices.
const noticed = time.Second / 2

// delays are the causes that a reader notices, the longest first.
func delays(st *lab.State) []delay {
	x := &st.Extra
	if max(x.Blocks, x.Warmups, x.Settling, x.Turns) < noticed {
		return nil
	}
	warmups := fmt.Sprintf("%d repeated ", x.Rewarmed) + figure.Plural(x.Rewarmed, "warm-up")
	blocks := figure.Plural(st.Repeated, "block")
	all := []delay{
		{x.Blocks, fmt.Sprintf("%d repeated %s", st.Repeated, blocks), fmt.Sprintf("%d %s", st.Repeated, blocks)},
		{x.Warmups, warmups, "warm-up"},
		{x.Settling, "longer settling", "settling"},
		{x.Turns, "turned settings", "turns"},
	}
	all = slices.DeleteFunc(all, func(d delay) bool { return d.took < noticed })
	slices.SortStableFunc(all, func(a, b delay) int { return cmp.Compare(b.took, a.took) })
	return all
}

// Longer says why a run takes longer than it was planned to, every cause of it, in at most w cells: each with its time, else
// with the time of all, else in short. It is empty where nothing does, or where not even the longest cause has room.
func Longer(st *lab.State, w int) string {
	all := delays(st)
	if len(all) == 0 {
		return ""
	}
	var sum time.Duration
	var each, whole, brief []string
	for _, d := range all {
		sum += d.took
		each = append(each, figure.Countdown(d.took)+" of it for "+d.whole)
		whole, brief = append(whole, d.whole), append(brief, d.brief)
	}
	plus := "+" + figure.Countdown(sum) + ": "
	for _, text := range []string{
		strings.Join(each, ", "), plus + strings.Join(whole, ", "), plus + strings.Join(brief, ", "),
		"+" + strings.Join(brief, ", +"), "+" + brief[0],
	} {
		if theme.Width(text) <= w {
			return text
		}
	}
	return ""
}

// phase says what the run does now.
func (p *Pen) phase(l *theme.Line) {
	st := p.State
	free := st.Plan != nil && st.Plan.Free
	ph := st.Phase
	wide := 0 // of the longest id: what stands beside it stays where it is
	for i := range st.Variants {
		wide = max(wide, theme.Width(st.Variants[i].ID))
	}
	on := theme.PadRight(ph.Variant, wide)
	switch ph.Phase {
	case lab.PhaseWarmup:
		l.Put(p.Look.Muted, "warm-up of "+on)
	case lab.PhaseProfile:
		l.Put(p.Look.Muted, "profiling "+on)
	case lab.PhaseSlice:
		switch {
		case ph.Together != "" && free:
			l.Put(p.Look.Strong, "free run · all at once").Put(p.Look.Warn, ", sharing the machine")
		case ph.Together != "" && st.Plan != nil:
			l.Put(p.Look.Strong, fmt.Sprintf("block %d/%d · all at once", ph.Block, st.Plan.Blocks)).Put(p.Look.Warn, ", sharing the machine")
		case free:
			l.Put(p.Look.Strong, fmt.Sprintf("free run · slice %d on %s", ph.Index, on))
		case st.Plan != nil && st.Plan.Order == lab.Sequential:
			l.Put(p.Look.Strong, fmt.Sprintf("slice %d on %s", ph.Index, on))
		default:
			blocks := 0
			if st.Plan != nil {
				blocks = st.Plan.Blocks
			}
			l.PutLeft(p.Look.Strong, fmt.Sprintf("block %d/%d · %s", ph.Block, blocks, on), 14+wide)
			if ph.Attempt > 1 {
				l.Put(p.Look.Warn, " repeated")
			}
		}
	case lab.PhaseStopping:
		l.Put(p.Look.Muted, "stopping")
	default:
		l.Put(p.Look.Muted, "starting")
	}
}

// offeredWidth is the width of a screen from which the rate that is offered has room beside the progress.
const offeredWidth = 80

// offered is the rate that the open model offers the variant under load now, empty in a closed one. Its width is
// always the same, so that the bar beside it stands still on a ramp.
func (p *Pen) offered(id string) string {
	if i := p.IndexOf(id); i >= 0 && p.State.Variants[i].Now.Offered != nil {
		return " " + theme.PadRight("· offered "+figure.Screen.RateOf(p.State.Variants[i].Now.Offered)+"/s", 21)
	}
	return ""
}

// ending says how the run ended, on one line.
func (p *Pen) ending(l *theme.Line) {
	st := p.State
	switch st.End.How {
	case lab.EndComplete:
		l.Put(p.Look.Strong, "✓ complete")
	case lab.EndInterrupted, lab.EndTerminated:
		l.Put(p.Look.Warn, "! "+st.End.How+": partial result")
	default:
		l.Put(p.Look.Bad, "✕ "+st.End.How)
	}
	parts := []string{figure.Countdown(time.Duration(st.At))}
	if r := st.Result; r != nil && r.Blocks > 0 {
		parts = append(parts, figure.Screen.Counted(r.Blocks, "block"))
	}
	if st.Repeated > 0 {
		parts = append(parts, fmt.Sprintf("%d repeated", st.Repeated))
	}
	if st.Plan != nil && st.Plan.Quick {
		parts = append(parts, "quick")
	}
	l.Put(p.Look.Muted, "  "+strings.Join(parts, " · "))
	if st.End.Reason != "" && st.End.How != lab.EndComplete {
		l.Put(p.Look.Text, "  "+theme.Fit(st.End.Reason, l.Free()-3))
	}
}

// Status is what a variant does now, in a word with its glyph.
func (p *Pen) Status(v *lab.VariantState) (string, theme.Ink) {
	switch v.Status {
	case lab.StatusLoad:
		return "● " + v.Status, p.Look.Strong
	case lab.StatusWarmup:
		return "◐ " + v.Status, p.Look.Muted
	case lab.StatusStarting:
		return "◌ " + v.Status, p.Look.Muted
	case lab.StatusStopped:
		return "□ " + v.Status, p.Look.Muted
	case "":
		return "", p.Look.Muted
	}
	return "○ " + v.Status, p.Look.Muted
}

// ShortStatus are the states in the narrow table: shorter words, none that is cut.
var ShortStatus = map[string]string{lab.StatusLoad: "load", lab.StatusWarmup: "warms", lab.StatusStarting: "new", lab.StatusStopped: "ended"}

// loads are the loads of all variants now.
func loads(st *lab.State) []lab.Load {
	out := make([]lab.Load, len(st.Variants))
	for i := range st.Variants {
		out[i] = st.Variants[i].Load
	}
	return out
}
