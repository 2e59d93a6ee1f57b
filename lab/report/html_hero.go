package report

import (
	"html/template"
	"math"
	"slices"

	"benchtop/lab"
	"benchtop/lab/answer"
	"benchtop/lab/figure"
	"benchtop/lab/progress"
)

// pageHero is the answer of the run, as the screen of the verdict has it.
type pageHero struct {
	Badge, Class, Digits, Ink string // Ink: class of the colour of the variant that it is a change of, empty while that is not decided
	Sentence, Reason, Facts   string
	Scope                     string // machine for which it holds
	Interval                  template.HTML
	Others                    []pageOther // comparisons besides that of the answer
	Warnings                  []string
}

type pageOther struct{ Badge, Class, Sentence, Detail string }

// badgeClass is the class of a badge in the page's style.
var badgeClass = map[answer.Badge]string{
	answer.Decided: "decided", answer.NoDifference: "same", answer.CannotTell: "open", answer.Refused: "refused", answer.Disturbed: "open",
}

// heroOf is the answer of a run, with what the person had predicted; nil: nothing.
func heroOf(r *lab.Result, said *progress.Prediction) pageHero {
	a := answer.Of(r)
	h := pageHero{Badge: string(a.Badge), Class: badgeClass[a.Badge], Sentence: a.Sentence, Reason: a.Reason, Scope: r.Scope, Warnings: warnings(r)}
	if h.Badge == "" {
		h.Badge, h.Class = "NO COMPARISON", "open"
	}
	c := a.Comparison
	if c == nil {
		return h
	}
	if c.Pairs > 0 {
		h.Facts = evidence(r, c) + "; " + generatorState(r)
		if a.Chosen != "" {
			h.Facts += "; " + a.Chosen
		}
	}
	if c.Ratio != nil && a.Badge != answer.Refused {
		h.Digits = figure.Change(*c.Ratio)
		h.Interval = heroInterval(c, said)
	}
	if a.Badge == answer.Decided {
		h.Ink = ink(slices.IndexFunc(r.Variants, func(v lab.VariantResult) bool { return v.ID == c.Variant }))
	}
	for i := range r.Comparisons {
		o := &r.Comparisons[i]
		if !o.Primary || o == c {
			continue
		}
		a := answer.About(r, o)
		detail := evidence(r, o)
		if a.Reason != "" {
			detail += ": " + a.Reason
		}
		h.Others = append(h.Others, pageOther{string(a.Badge), badgeClass[a.Badge], a.Sentence, detail})
	}
	return h
}

// warnings are what must be known beside the answer: why the run is not whole, what is refuted, and its flags.
func warnings(r *lab.Result) []string {
	var out []string
	if !r.Complete {
		text := "not complete: " + r.Ended
		if r.Reason != "" {
			text += ": " + r.Reason
		}
		out = append(out, text)
	}
	for i := range r.Expectations {
		if e := &r.Expectations[i]; e.Verdict == "refuted" {
			out = append(out, "not as the scenario expects: "+e.Expr+Measured(e))
		}
	}
	return append(out, r.Flags...)
}

// heroInterval draws the interval of the answer over the width, and the predicted one below it.
func heroInterval(c *lab.Comparison, said *progress.Prediction) template.HTML {
	if c.CI95 == nil {
		return ""
	}
	guessed := said != nil && !said.Skipped && said.Variant == c.Variant && said.Metric == c.Metric && said.Baseline == c.Baseline
	low, high := min(c.CI95[0], 1), max(c.CI95[1], 1)
	if guessed {
		low, high = min(low, said.Low), max(high, said.High)
	}
	low, high = max(low, 0.01), min(high, 100)
	margin := max(math.Pow(high/low, 0.08), 1.01)
	a := ratioAxis{low: low / margin, high: high * margin, left: 20, right: drawWidth - 20}
	d := &drawing{height: 70}
	if guessed {
		d.height += 34
	}
	bottom := d.height - 30
	d.add(`<line x1="%.1f" y1="4" x2="%.1f" y2="%.1f" class="one"/>`, a.at(1), a.at(1), bottom)
	d.add(`<line x1="%.1f" y1="%.1f" x2="%.1f" y2="%.1f" class="axis"/>`, a.left, bottom, a.right, bottom)
	label := figure.Tick(a.low, a.high)
	for _, tick := range a.ticks() {
		d.text(a.at(tick), bottom+20, "middle", "soft", label(tick))
	}
	d.add(`<g class="heavy"><title>%s</title>`, template.HTMLEscapeString("measured "+figure.Change(*c.Ratio)+", 95 % interval "+figure.Changes(c.CI95)))
	d.interval(a, c, 20, "var(--ink)")
	d.add(`</g>`)
	if guessed {
		text := "you predicted " + figure.Span(said.Low, said.High)
		from, to := a.at(said.Low), a.at(said.High)
		d.add(`<rect x="%.1f" y="40" width="%.1f" height="10" class="guess"><title>%s</title></rect>`, from, max(to-from, 2), template.HTMLEscapeString(text))
		anchor, x := "start", to+8
		if x > drawWidth-220 {
			anchor, x = "end", from-8
		}
		d.text(x, 50, anchor, "soft", text)
	}
	return d.svg("the ratio with its 95 % interval")
}
