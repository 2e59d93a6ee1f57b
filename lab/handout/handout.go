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
	"benchtop/lab/answer"
	"benchtop/lab/class"
	"benchtop/lab/figure"
	"benchtop/lab/metric"
	"benchtop/lab/progress"
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
	Sure         string // that the range of a guess holds what is measured
	Outcomes     []outcome
	Quiz         []question
	Class        string // its name
	Which        string // of its lessons
	Rows         []row  // of the class
	Together     *together
	Again        string // which of the rows count once
}

// outcome is what a run may come to, in words, and what follows.
type outcome struct {
	When      []string
	Means, Do string
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
		v := sheetView{Plan: s.Plan, Answers: s.Answers, Metric: metric.Words(s.Plan.Metric), Sure: figure.Whole(1 - progress.Alpha), Outcomes: outcomes(s.Plan)}
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
			of := &s.round.Lesson
			entries := shown(s.room, s.round)
			t, again, column := joined(entries, answer.Asked{Metric: of.Metric, Variant: of.Variant, Baseline: of.Baseline, Smallest: of.Smallest, Conclusions: s.Plan.Conclusions})
			v.Class, v.Which, v.Rows, v.Together, v.Again = s.room.Name, which(s.room, s.round), rows(s.room, entries, column), t, again
		}
		v.Quiz = quiz(&sheets[i])
		views[i] = v
	}
	if err := report.Page(w, page, views); err != nil {
		return fmt.Errorf("writing the worksheets: %w", err)
	}
	return nil
}

func outcomes(p *lab.Plan) []outcome {
	out := make([]outcome, len(p.Conclusions))
	for i := range p.Conclusions {
		c := &p.Conclusions[i]
		out[i] = outcome{Means: c.Means, Do: c.Do}
		for _, line := range c.When {
			out[i].When = append(out[i].When, answer.Case(line, answer.Asked{Metric: p.Metric, Baseline: p.Baseline}))
		}
	}
	return out
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
