package tui

import (
	"fmt"

	"benchtop/lab/metric"
	"benchtop/lab/progress"
	"benchtop/tui/chart"
	"benchtop/tui/theme"
)

// predictScreen draws the form of a prediction: who is best, and an interval for the ratio.
func (m *model) predictScreen() []string {
	d := m.draft
	lines := []string{m.lessonHead(d.plan.Title, "predict")}
	w := min(m.w-4, lessonWidth)
	pad := (m.w - w) / 2
	roomy := m.h >= 24
	var body []string
	gap := func() {
		if roomy {
			body = append(body, theme.Blank(w))
		}
	}
	gap()
	for _, part := range theme.Wrap(d.plan.Predict.Ask, w) {
		body = append(body, theme.NewLine(w).Put(m.look.Strong, part).Done())
	}
	gap()
	interval := m.intervalBox(w)
	notes := m.predictNotes(w)
	rows := min(len(d.plan.Variants)+1, max(m.h-2-len(body)-len(interval)-len(notes)-2, 1))
	body = append(body, m.winnerBox(w, rows)...)
	body = append(body, interval...)
	if roomy && m.h-2-len(body) > len(notes) {
		body = append(body, theme.Blank(w))
	}
	body = append(body, notes...)
	// On a screen that is lower than the form its upper end goes first: the focus lies below.
	if over := len(body) - (m.h - 2); over > 0 {
		body = body[over:]
	}
	for _, line := range body {
		lines = append(lines, theme.Blank(pad)+line+theme.Blank(m.w-pad-w))
	}
	return lines
}

// winnerBox lists the variants to choose from; rows of them are seen at once.
func (m *model) winnerBox(w, rows int) []string {
	d := m.draft
	inner, _ := theme.Inner(w, 0)
	focused := d.locked == nil && d.field == fieldWinner
	n := len(d.plan.Variants)
	lines := make([]string, 0, n+1)
	for i := range n + 1 {
		mark, cursor, ink := "○ ", "  ", m.look.Text
		if i == d.winner {
			mark, ink = "● ", m.look.Strong
		}
		if focused && i == max(d.winner, 0) {
			cursor = "▸ "
		}
		l := theme.NewLine(inner).Put(m.look.Strong, cursor).Put(ink, mark)
		if i == n {
			l.Put(ink, fmt.Sprintf("%d  =  ", n+1)).Put(ink, "no difference that counts")
			lines = append(lines, l.Right(theme.NewLine(inner).Put(m.look.Muted, "under "+percent(d.plan.SmallestEffect))).Done())
			continue
		}
		v := &d.plan.Variants[i]
		l.Put(m.look.Muted, fmt.Sprintf("%d  ", i+1)).Put(m.look.Variant(i), letter(i)).Space(2).Put(ink, theme.Fit(v.Label, l.Free()-12))
		if v.ID == d.plan.Baseline {
			l.Right(theme.NewLine(inner).Put(m.look.Muted, "baseline"))
		}
		lines = append(lines, l.Done())
	}
	at := max(d.winner-rows/2, 0)
	cut, mark := window(lines, rows, &at)
	title := theme.NewLine(w).Put(m.look.Strong, bestWords(d.plan.Predict.Metric))
	return m.formBox(title, theme.NewLine(w).Put(m.look.Muted, mark), focused, w, cut)
}

// bestWords asks for the best variant in a metric.
func bestWords(name string) string {
	m := metric.Named(name)
	if m.Lower {
		return "Which has the least " + m.Words + "?"
	}
	return "Which has the most " + m.Words + "?"
}

func (m *model) formBox(title, right *theme.Line, focused bool, w int, lines []string) []string {
	border := m.look.Faint
	if focused {
		border = m.look.Focus
	}
	return theme.Box{Width: w, Height: len(lines) + 2, Left: title, Right: right, Border: border, Heavy: focused}.Draw(lines)
}

// intervalBox shows the interval for the ratio: its ends as they are typed, drawn on an axis, and in words.
func (m *model) intervalBox(w int) []string {
	d := m.draft
	inner, _ := theme.Inner(w, 0)
	q := d.plan.Predict
	variant, baseline := -1, -1
	for i := range d.plan.Variants {
		switch d.plan.Variants[i].ID {
		case q.Variant:
			variant = i
		case d.plan.Baseline:
			baseline = i
		}
	}
	low, high, problem := d.interval()
	focused := d.locked == nil && d.field != fieldWinner
	ends := theme.NewLine(inner)
	for i, name := range []string{"from ", "to "} {
		cursor, ink := "  ", m.look.Text
		text := end(d.ends[i])
		if focused && d.field == fieldLow+i {
			cursor, ink = "▸ ", m.look.Strong
			if d.text != "" {
				text = d.text + "▁"
			}
		}
		ends.Put(m.look.Strong, cursor).Put(m.look.Muted, name).Put(ink, theme.PadRight(text, 12)).Space(2)
	}
	if focused {
		ends.Right(theme.NewLine(inner).Put(m.look.Muted, "type +50, -20 or 2x"))
	}
	axis := chart.RatioAxis(low, high, 0.9, 1.1)
	row, from, to := chart.Guess(axis, low, high, inner, m.tier)
	p := pen{look: m.look, tier: m.tier}
	drawn := theme.NewLine(inner)
	p.inked(drawn, row, from, to, m.look.Accent)
	lines := []string{ends.Done(), drawn.Done(), theme.NewLine(inner).Put(m.look.Muted, chart.Ticks(axis, inner, tick1)).Done()}
	words, ink := letter(variant)+"'s "+metric.Words(q.Metric)+" is "+rangeWords(low, high, letter(baseline)), m.look.Text
	if problem != "" {
		words, ink = "! "+problem, m.look.Warn
	}
	for _, part := range theme.Wrap(words, inner) {
		lines = append(lines, theme.NewLine(inner).Put(ink, part).Done())
	}
	title := theme.NewLine(w).Put(m.look.Variant(variant), letter(variant)).Put(m.look.Strong, " against ").Put(m.look.Variant(baseline), letter(baseline))
	title.Put(m.look.Strong, ": the range in which you are 80 % sure")
	return m.formBox(title, nil, focused, w, lines)
}

// tick1 labels a tick of a ratio axis.
func tick1(ratio float64) string {
	if ratio == 1 {
		return "same"
	}
	return end(ratio)
}

// predictNotes say how it is scored, or that it is locked, and what was predicted the last time.
func (m *model) predictNotes(w int) []string {
	d := m.draft
	var out []string
	put := func(ink theme.Ink, text string) {
		for _, part := range theme.Wrap(text, w) {
			out = append(out, theme.NewLine(w).Put(ink, part).Done())
		}
	}
	if d.locked != nil {
		l := theme.NewLine(w).Put(m.look.Badge, " LOCKED ").Space(1)
		out = append(out, l.Put(m.look.Text, "at "+m.when(d.locked.Locked)+". It can no longer be changed. Enter runs it.").Done())
		return out
	}
	if m.h >= 20 {
		put(m.look.Muted, "A narrow range that holds what is measured scores best. If it lies outside, the miss counts ten times.")
	}
	if last := m.kept.Scenarios[d.plan.ID].Prediction; last != nil && last.Outcome != nil && m.h >= 24 {
		put(m.look.Muted, "Last time "+scoreWords(last, last.Outcome, letters(d.plan))+".")
	}
	return out
}

// guessText is a prediction in a few words, for lists.
func guessText(p *progress.Prediction) string {
	switch {
	case p == nil:
		return ""
	case p.Skipped:
		return "skipped"
	case p.Outcome == nil:
		return "locked"
	case p.Outcome.Score == nil:
		return "not scored"
	case p.Outcome.Covered:
		return "inside (score " + points(*p.Outcome.Score) + ")"
	}
	return "outside (score " + points(*p.Outcome.Score) + ")"
}
