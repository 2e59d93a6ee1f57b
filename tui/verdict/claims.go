package verdict

import (
	"slices"

	"benchtop/lab"
	"benchtop/lab/answer"
	"benchtop/tui/theme"
)

// claims says how the scenario's expectations turned out, which claims it was made to answer, and what this run says
// of them.
func (p *pen) claims(w int) []string {
	out := p.expectations(w)
	if p.State.Plan == nil || len(p.State.Plan.Claims) == 0 {
		return out
	}
	head := "the claims that this scenario answers"
	if p.known.Of != "" && slices.ContainsFunc(p.State.Plan.Claims, func(c lab.Claim) bool { return p.known.text(c.ID) != "" }) {
		head += ", of " + p.known.Of
	}
	for _, part := range theme.Wrap(head, w) {
		out = append(out, theme.NewLine(w).Put(p.Look.Muted, part).Done())
	}
	inPart := false
	for _, c := range p.State.Plan.Claims {
		text := p.known.text(c.ID)
		l := theme.NewLine(w).Put(p.Look.Strong, theme.PadRight(c.ID, 5))
		parts := theme.Wrap(text, max(w-5, 12))
		if len(parts) == 0 {
			out = append(out, l.Put(p.Look.Muted, "its text is not part of this program").Done())
		}
		for k, part := range parts {
			if k > 0 {
				l = theme.NewLine(w).Space(5)
			}
			out = append(out, l.Put(p.Look.Text, part).Done())
		}
		if c.Part == "" {
			continue
		}
		inPart = true
		for _, part := range theme.Wrap("in part: "+c.Part, max(w-5, 12)) {
			out = append(out, theme.NewLine(w).Space(5).Put(p.Look.Muted, part).Done())
		}
	}
	text, ink := p.heldWords(inPart)
	for _, part := range theme.Wrap(text, w) {
		out = append(out, theme.NewLine(w).Put(ink, part).Done())
	}
	return out
}

func (c Claims) text(id string) string {
	if c.Text == nil {
		return ""
	}
	return c.Text(id)
}

// heldWords says whether what was claimed held in this run: it did when every expectation that the scenario derives
// from it was confirmed, and the verdict is not refused. inPart: the scenario tests a part of what is claimed, and says nothing of
// the rest.
func (p *pen) heldWords(inPart bool) (string, theme.Ink) {
	open := len(p.State.Result.Expectations) == 0 || answer.Of(p.State.Result).Badge == answer.Refused
	for i := range p.State.Result.Expectations {
		switch p.State.Result.Expectations[i].Verdict {
		case "refuted":
			return "✗ not as claimed here: an expectation was refuted", p.Look.Bad
		case "confirmed":
		default:
			open = true
		}
	}
	if open {
		return "? this run does not decide it", p.Look.Strong
	}
	if inPart {
		return "✓ what was tested held on this machine: every expectation was confirmed; the rest of a claim that is answered in part is open", p.Look.Good
	}
	return "✓ it held on this machine: every expectation was confirmed", p.Look.Good
}
