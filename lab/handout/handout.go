// Package handout puts lessons on paper: a worksheet for each, with room to write, on sheets of A4.
package handout

import (
	"bytes"
	_ "embed" // the page
	"fmt"
	"html/template"
	"io"
	"strconv"
	"strings"

	"github.com/yuin/goldmark"

	"benchtop/lab"
	"benchtop/lab/class"
	"benchtop/lab/metric"
	"benchtop/lab/report"
)

//go:embed handout.html
var pageText string

var page = report.NewPage("handout", pageText)

// Sheet is one lesson on paper.
type Sheet struct {
	Plan    *lab.Plan
	Answers bool // with the right answers of the quiz and what the outcomes mean, for after the class

	room  *class.Room // with what this class did in the lesson, nil: none
	round *class.Round
}

// sheetView is what the page shows of a lesson.
type sheetView struct {
	*lab.Plan
	Answers      bool
	Lesson, Look template.HTML
	Metric       string // of the verdict, in words
	Guess        *guess
	Quiz         []question
	Class        string // its name
	Rows         []row  // of the class
}

// question is one of the quiz.
type question struct {
	Ask, Why string
	Options  []option
}

// option is an answer of a question, with how many of the class took it; empty: no class did.
type option struct {
	Text  string
	Right bool
	Votes string
}

// guess is the question before the run: how many times as much of a metric a variant has as another.
type guess struct{ Ask, Metric, Variant, Baseline string }

// HTML writes worksheets as one page that needs no other file and no network.
func HTML(w io.Writer, sheets []Sheet) error {
	views := make([]sheetView, len(sheets))
	for i, s := range sheets {
		v := sheetView{Plan: s.Plan, Answers: s.Answers, Metric: metric.Words(s.Plan.Metric)}
		var err error
		if v.Lesson, err = markdown(s.Plan.Lesson); err == nil {
			v.Look, err = markdown(s.Plan.Look)
		}
		if err != nil {
			return fmt.Errorf("reading the lesson of %s: %w", s.Plan.ID, err)
		}
		if p := s.Plan.Predict; p != nil {
			v.Guess = &guess{p.Ask, metric.Words(p.Metric), label(s.Plan, p.Variant), label(s.Plan, s.Plan.Baseline)}
		}
		if s.round != nil {
			v.Class, v.Rows = s.room.Name, rows(s.room, s.round)
		}
		v.Quiz = quiz(&sheets[i])
		views[i] = v
	}
	if err := report.Page(w, page, views); err != nil {
		return fmt.Errorf("writing the worksheets: %w", err)
	}
	return nil
}

func quiz(s *Sheet) []question {
	out := make([]question, len(s.Plan.Quiz))
	for i, q := range s.Plan.Quiz {
		out[i] = question{Ask: q.Ask, Why: q.Why, Options: make([]option, len(q.Options))}
		for k, o := range q.Options {
			out[i].Options[k] = option{Text: o.Text, Right: s.Answers && o.Correct}
		}
		if s.round == nil {
			continue
		}
		for k, n := range votes(s.round, i, len(q.Options)) {
			out[i].Options[k].Votes = strconv.Itoa(n)
		}
	}
	return out
}

// label is what a variant is called; its id where it has no label.
func label(p *lab.Plan, id string) string {
	if v := p.Variant(id); v != nil && v.Label != "" {
		return v.Label
	}
	return id
}

// markdown is a text as HTML. HTML in it is left out, and so is a link that would run something; the policy of the page loads
// nothing.
func markdown(source string) (template.HTML, error) {
	var b bytes.Buffer
	if err := goldmark.Convert([]byte(strings.TrimSpace(source)), &b); err != nil {
		return "", err
	}
	return template.HTML(b.String()), nil //nolint:gosec // goldmark has escaped it
}
