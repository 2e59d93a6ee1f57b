package tui

import (
	"benchtop/tui/theme"
)

// claims says how the scenario's expectations turned out, which claims it was made to answer, and what this run says
// of them.
func (p *pen) claims(w int) []string {
	out := p.expectations(w)
	if p.st.Plan == nil || len(p.st.Plan.Claims) == 0 {
		return out
	}
	out = append(out, theme.NewLine(w).Put(p.look.Muted, "the claims that this scenario answers").Done())
	for _, id := range p.st.Plan.Claims {
		text := ""
		if p.claim != nil {
			text = p.claim(id)
		}
		l := theme.NewLine(w).Put(p.look.Strong, theme.PadRight(id, 5))
		parts := theme.Wrap(text, max(w-5, 12))
		if len(parts) == 0 {
			out = append(out, l.Put(p.look.Muted, "its text is not part of this program").Done())
		}
		for k, part := range parts {
			if k > 0 {
				l = theme.NewLine(w).Space(5)
			}
			out = append(out, l.Put(p.look.Text, part).Done())
		}
	}
	text, ink := p.heldWords()
	for _, part := range theme.Wrap(text, w) {
		out = append(out, theme.NewLine(w).Put(ink, part).Done())
	}
	return out
}

// heldWords says whether what was claimed held in this run: it did when every expectation that the scenario derives
// from it was confirmed.
func (p *pen) heldWords() (string, theme.Ink) {
	open := len(p.st.Result.Expectations) == 0
	for i := range p.st.Result.Expectations {
		switch p.st.Result.Expectations[i].Verdict {
		case "refuted":
			return "✗ not as claimed here: an expectation was refuted", p.look.Bad
		case "confirmed":
		default:
			open = true
		}
	}
	if open {
		return "? this run does not decide it", p.look.Strong
	}
	return "✓ it held on this machine: every expectation was confirmed", p.look.Good
}
