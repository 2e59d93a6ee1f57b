package ledger

import (
	"fmt"
	"io"
	"strings"
	"time"

	"benchtop/lab/figure"
	"benchtop/lab/metric"
	"benchtop/lab/report"
)

// What is said in place of a verdict.
const (
	notRunHere = "not run here"
	nothing    = "nothing was compared"
	settled    = "settled by a card"
	unanswered = "open: no scenario answers it"
)

// Plain writes the answers as lines.
func Plain(w io.Writer, answers []Answer) error {
	var b strings.Builder
	last := ""
	for i := range answers {
		a := &answers[i]
		if a.Claim != last {
			if last != "" {
				b.WriteString("\n")
			}
			fmt.Fprintf(&b, "%s  %s\n", a.Claim, said(a.Says, a.Source))
			last = a.Claim
		}
		if c := a.Card; c != nil {
			fmt.Fprintf(&b, "  settled without a run; %s\n    seen: %s\n    to see it: %s\n", c.Finding, c.Evidence, c.See)
			continue
		}
		if a.open() {
			fmt.Fprintf(&b, "  %s\n", unanswered)
			continue
		}
		if a.Run == "" {
			fmt.Fprintf(&b, "  %s: %s\n", a.Scenario, notRunHere)
			writePart(&b, a.Part)
			continue
		}
		fmt.Fprintf(&b, "  %s, %s%s\n", a.Scenario, dateOf(a.Date), noted(a.Note))
		writePart(&b, a.Part)
		for j := range a.Comparisons {
			v := &a.Comparisons[j]
			fmt.Fprintf(&b, "    %s: %s\n", comparedWords(v), verdictWords(v))
		}
		if len(a.Comparisons) == 0 {
			b.WriteString("    " + nothing + "\n")
		}
	}
	fmt.Fprintf(&b, "\n%s\n", CountsOf(answers))
	_, err := io.WriteString(w, b.String())
	return err
}

// writePart says what of the claim a scenario answers, where that is not all of it.
func writePart(b *strings.Builder, part string) {
	if part != "" {
		fmt.Fprintf(b, "    in part: %s\n", part)
	}
}

// Markdown writes the answers as a table.
func Markdown(w io.Writer, answers []Answer) error {
	var b strings.Builder
	b.WriteString("| claim | what the page says | scenario | compared | measured here | verdict | the page's figure | date |\n")
	b.WriteString("| --- | --- | --- | --- | --- | --- | --- | --- |\n")
	row := func(cells ...string) {
		for i, c := range cells {
			cells[i] = strings.ReplaceAll(c, "|", `\|`)
		}
		b.WriteString("| " + strings.Join(cells, " | ") + " |\n")
	}
	for i := range answers {
		a := &answers[i]
		claim, says := a.Claim, said(a.Says, a.Source)
		if i > 0 && a.Claim == answers[i-1].Claim { // words that stand above already only hide the figures
			claim, says = "", ""
		}
		if c := a.Card; c != nil {
			row(claim, says, "none: "+c.Finding, "", c.Evidence, settled, "", "")
			continue
		}
		if a.open() {
			row(claim, says, "", "", "", unanswered, "", "")
			continue
		}
		scenario := "`" + a.Scenario + "`"
		if a.Part != "" {
			scenario += ", in part: " + a.Part
		}
		if len(a.Comparisons) == 0 {
			verdict, date := notRunHere, ""
			if a.Run != "" {
				verdict, date = nothing, dateOf(a.Date)+noted(a.Note)
			}
			row(claim, says, scenario, "", "", verdict, "", date)
			continue
		}
		for j := range a.Comparisons {
			v := &a.Comparisons[j]
			row(claim, says, scenario, comparedWords(v), measuredWords(v), report.Words(v.Verdict), pageWords(v), dateOf(a.Date)+noted(a.Note))
			claim, says, scenario = "", "", "`"+a.Scenario+"`"
		}
	}
	fmt.Fprintf(&b, "\n%s\n", CountsOf(answers))
	_, err := io.WriteString(w, b.String())
	return err
}

func dateOf(t *time.Time) string { return t.UTC().Format("2006-01-02") }

func noted(note string) string {
	if note == "" {
		return ""
	}
	return " (" + note + ")"
}

func comparedWords(v *Compared) string {
	return fmt.Sprintf("%s of %s over %s", metric.Words(v.Metric), v.Variant, v.Baseline)
}

func measuredWords(v *Compared) string {
	if v.Ratio == nil {
		return "not measured"
	}
	if v.CI95 == nil {
		return figure.Change(*v.Ratio) + ", no interval"
	}
	return figure.Change(*v.Ratio) + " (95 % CI " + figure.Changes(v.CI95) + ")"
}

func verdictWords(v *Compared) string {
	words := measuredWords(v) + ", " + report.Words(v.Verdict)
	if (v.Verdict == "refused" || v.Verdict == "not_applicable") && v.Reason != "" {
		words += ": " + v.Reason
	}
	if page := pageWords(v); page != "" {
		words += "; the page's " + page
	}
	return words
}

// pageWords says where the figure of the page lies; empty where it gives none.
func pageWords(v *Compared) string {
	switch {
	case v.Page == nil:
		return ""
	case v.Inside == nil:
		return figure.Change(*v.Page) + " cannot be placed, there is no interval"
	case *v.Inside:
		return figure.Change(*v.Page) + " lies inside"
	}
	return figure.Change(*v.Page) + " lies outside"
}
