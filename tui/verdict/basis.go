package verdict

import (
	"fmt"
	"math"
	"strings"

	"benchtop/lab"
	"benchtop/lab/answer"
	"benchtop/lab/figure"
	"benchtop/lab/load"
	"benchtop/lab/report"
	"benchtop/tui/draw"
	"benchtop/tui/panel"
	"benchtop/tui/theme"
)

// speedTold is from which spread of the machine's speed on a reader is told of it.
const speedTold = 0.10

// concern is something that one must know before believing the figures: in a few words, and the whole of it.
type concern struct{ brief, whole string }

// leastBrief is how many words say something: what stands in front of a colon as a variant's id does not.
const leastBrief = 4

// flagged is a flag of a result. What stands behind the first colon are its causes.
func flagged(text string) concern {
	if brief, _, ok := strings.Cut(text, ": "); ok && len(strings.Fields(brief)) >= leastBrief {
		return concern{brief, text}
	}
	return concern{text, text}
}

// classOf is the class of errors whose reason a flag gives, "variant: class: why"; empty for other flags.
func (p *pen) classOf(flag string) string {
	id, rest, _ := strings.Cut(flag, ": ")
	class, _, _ := strings.Cut(rest, ": ")
	if v := p.result(id); v != nil {
		if _, ok := v.Reasons[class]; ok {
			return class
		}
	}
	return ""
}

// errorsBrief names a class of errors with the variants that met it.
func (p *pen) errorsBrief(class string) string {
	var met []string
	for i := range p.State.Result.Variants {
		if _, ok := p.State.Result.Variants[i].Reasons[class]; ok {
			met = append(met, p.State.Result.Variants[i].ID)
		}
	}
	return "errors: " + class + " (" + strings.Join(met, ", ") + ")"
}

// concerns are what one must know before believing the figures: why the run did not end as planned, what was expected and is
// refuted, everything that was flagged, a machine whose speed varied.
func (p *pen) concerns() []concern {
	r := p.State.Result
	var all []concern
	if why := p.Unfinished(); why != "" {
		all = append(all, concern{why, why})
	}
	if r.Scope != "" { // before all others: what is decided holds for such a machine alone
		all = append(all, concern{r.Scope, r.Scope})
	}
	for i := range r.Expectations {
		if e := &r.Expectations[i]; e.Verdict == "refuted" {
			text := "not as the scenario expects: " + e.Expr
			if e.Measured != nil {
				text += ", measured " + report.MeasuredFigure(figure.Screen, e)
			}
			all = append(all, concern{text, text})
		}
	}
	for _, text := range r.Flags {
		c := flagged(text)
		if strings.HasPrefix(text, r.DisturbedWords()) {
			c.brief = p.disturbance(c.brief)
		}
		if class := p.classOf(text); class != "" {
			c.brief = p.errorsBrief(class)
		}
		all = append(all, c)
	}
	if s := r.Host.Speed; s != nil && *s > speedTold {
		text := "the machine's speed varied by " + figure.Percent(*s)
		all = append(all, concern{text, text + " over the run; the slices of a pair follow each other, so that less of it counts"})
	}
	return all
}

// disturbance is the flag of disturbed blocks in a few words, less what stands elsewhere: how many they are is in the scope of a
// decision, and in the sentence of a run that cannot tell.
func (p *pen) disturbance(brief string) string {
	r := p.State.Result
	switch {
	case r.Scope != "":
		return r.Scope
	case r.DisturbedBy != "" && answer.Of(r).Badge == answer.Disturbed:
		return r.DisturbedBy
	}
	return brief
}

// remarks is everything that one must know before believing the figures.
func (p *pen) remarks(w int) []string {
	r := p.State.Result
	out := draw.Text{W: w}
	put := func(name, value string) {
		for k, part := range theme.Wrap(value, w-18) {
			if k > 0 {
				name = ""
			}
			out.Add(theme.NewLine(w).Put(p.Look.Muted, theme.PadRight(name, 18)).Put(p.Look.Text, part).Done())
		}
	}
	for _, c := range p.concerns() {
		out.Hang(p.Look.Warn, "! ", 2, c.whole)
	}
	floor := figure.Screen.Dash
	if r.NoiseFloor != nil {
		floor = figure.Floor(*r.NoiseFloor)
	}
	put("noise floor", floor)
	blocks := figure.Screen.Counted(r.Blocks, "block")
	if r.Repeated > 0 {
		blocks += fmt.Sprintf(", %d repeated", r.Repeated)
	}
	if p.State.Plan != nil {
		blocks += fmt.Sprintf(", windows of %s, %s", figure.Duration(p.State.Plan.Slice), p.State.Plan.Order)
	}
	put("slices", blocks)
	for i := range r.Variants {
		if text := report.AtEnd(&r.Variants[i]); text != "" {
			put("left at their end", r.Variants[i].ID+": "+text)
		}
	}
	put("generator", generator(&r.Generator))
	for i := range r.Generator.Agents {
		put("agent "+r.Generator.Agents[i].Name, report.Agent(&r.Generator.Agents[i]))
	}
	put("machine", machine(&r.Host))
	for i := range r.Variants {
		if text := panel.ErrorText(r.Variants[i].Errors, r.Variants[i].Requests, math.MaxInt); text != "" {
			put("errors of "+r.Variants[i].ID, text)
		}
	}
	put("smallest effect", figure.Percent(r.Smallest)+" counts")
	return out.Lines
}

func generator(g *lab.GeneratorResult) string {
	text := "nothing was measured"
	if g.Engine != "" {
		text = g.Engine + ", " + report.Busy(g)
	}
	if g.Saturated {
		text += ", " + trouble(g) + ": " + strings.Join(g.Reasons, "; ")
	}
	return text
}

// machine is what else happened on the machine, empty where nothing of it is known.
func machine(h *lab.HostResult) string {
	var out []string
	if h.Steal != nil {
		out = append(out, "steal "+figure.Percent(*h.Steal))
	}
	if h.Foreign != nil {
		out = append(out, "other load "+figure.Cores(*h.Foreign)+" cores")
	}
	if h.Speed != nil && *h.Speed <= speedTold { // else it is a concern
		out = append(out, "speed varied by "+figure.Percent(*h.Speed))
	}
	return strings.Join(out, ", ")
}

// trouble says in which way the generator was what the run ran into.
func trouble(g *lab.GeneratorResult) string {
	if g.Busy == nil {
		return load.Trouble(0)
	}
	return load.Trouble(*g.Busy)
}
