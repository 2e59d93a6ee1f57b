package ledger

import (
	_ "embed" // the page
	"fmt"
	"io"

	"benchtop/lab/report"
)

//go:embed claims.html
var pageText string

var page = report.NewPage("claims", pageText)

// pageClaim is a claim on the page, with what answers it.
type pageClaim struct {
	Number, Says string
	Card         *Card
	Open         string // empty unless nothing answers it
	Answers      []pageAnswer
}

// pageAnswer is a scenario that answers a claim, with the lines of its newest run here.
type pageAnswer struct {
	Scenario, Part, Parts, Ran, Machine, Run string
	Lines                                    []pageLine
}

// pageLine is a comparison: its verdict, of which class it is, and what was measured.
type pageLine struct{ Verdict, Class, Compared, Measured, Page string }

// HTML writes the answers as one page that needs no other file and no network: every claim with what was found, on which
// machine, and the file of the run that shows it.
func HTML(w io.Writer, answers []Answer) error {
	view := struct {
		Pages  string
		Counts string
		Claims []pageClaim
	}{Pages: Pages, Counts: CountsOf(answers).String()}
	for i := range answers {
		a := &answers[i]
		if n := len(view.Claims); n == 0 || view.Claims[n-1].Number != a.Claim {
			view.Claims = append(view.Claims, pageClaim{Number: a.Claim, Says: said(a.Says, a.Source)})
		}
		claim := &view.Claims[len(view.Claims)-1]
		switch {
		case a.Card != nil:
			claim.Card = a.Card
		case a.open():
			claim.Open = unanswered
		default:
			claim.Answers = append(claim.Answers, answerOnPage(a))
		}
	}
	if err := report.Page(w, page, view); err != nil {
		return fmt.Errorf("writing the claims: %w", err)
	}
	return nil
}

func answerOnPage(a *Answer) pageAnswer {
	out := pageAnswer{Scenario: a.Scenario, Part: a.Part, Parts: "embedded parts", Ran: notRunHere, Run: a.Run, Machine: a.Machine}
	if a.Real {
		out.Parts = "real components"
	}
	if a.Run == "" {
		return out
	}
	out.Ran = dateOf(a.Date) + noted(a.Note)
	for i := range a.Comparisons {
		v := &a.Comparisons[i]
		out.Lines = append(out.Lines, pageLine{report.Words(v.Verdict), v.Verdict, comparedWords(v), measuredWords(v), pageWords(v)})
	}
	if len(out.Lines) == 0 {
		out.Lines = []pageLine{{Verdict: nothing}}
	}
	return out
}
