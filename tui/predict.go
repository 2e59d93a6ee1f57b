package tui

import (
	"math"
	"slices"
	"strconv"
	"strings"

	tea "github.com/charmbracelet/bubbletea"

	"benchtop/lab"
	"benchtop/lab/progress"
)

// draft is a prediction that is being made, or has been locked.
type draft struct {
	plan   *lab.Plan
	field  int // which one the keys change
	winner int // index of a variant, the number of variants for no difference, -1: not chosen yet
	ends   [2]float64
	text   string // what is being typed into an end
	seen   bool   // the range was looked at
	locked *progress.Prediction
}

// The fields of a draft.
const (
	fieldWinner = iota
	fieldLow
	fieldHigh
	fields
)

// Ends of an interval that can be given, as ratios.
const (
	leastRatio = 0.01
	mostRatio  = 100
)

// asks tells whether a plan has something to predict: a question about a variant that is not the baseline.
func asks(p *lab.Plan) bool {
	return p != nil && p.Predict != nil && p.Predict.Variant != p.Baseline && p.Variant(p.Predict.Variant) != nil && p.Variant(p.Baseline) != nil
}

// openPredict asks for the prediction, or starts the run where there is nothing to predict.
func (m *model) openPredict() tea.Cmd {
	plan := m.entry().Plan
	if !asks(plan) {
		return m.start(false, nil)
	}
	m.screen, m.scrolled[screenPredict] = screenPredict, 0
	if m.draft != nil && m.draft.plan.ID == plan.ID && m.draft.plan.SHA256 == plan.SHA256 {
		return nil
	}
	m.draft = &draft{plan: plan, winner: -1, ends: [2]float64{0.5, 2}}
	if p := m.kept.Scenarios[plan.ID].Prediction; p != nil && !p.Skipped && p.Outcome == nil && fitsPlan(p, plan) {
		m.draft.restore(p)
	}
	return nil
}

// fitsPlan tells whether a prediction that was kept is one of this plan.
func fitsPlan(p *progress.Prediction, plan *lab.Plan) bool {
	return p.Metric == plan.Predict.Metric && p.Variant == plan.Predict.Variant && p.Baseline == plan.Baseline &&
		(p.Winner == progress.NoDifference || plan.Variant(p.Winner) != nil) && p.Low > 0 && p.High >= p.Low && !math.IsInf(p.High, 1)
}

// restore shows a prediction that was locked before.
func (d *draft) restore(p *progress.Prediction) {
	d.locked, d.ends = p, [2]float64{p.Low, p.High}
	d.winner = len(d.plan.Variants)
	for i := range d.plan.Variants {
		if d.plan.Variants[i].ID == p.Winner {
			d.winner = i
		}
	}
}

// interval are the ends with what is being typed, in order; problem says what is wrong with the typing.
func (d *draft) interval() (low, high float64, problem string) {
	ends := d.ends
	if d.text != "" {
		v, err := parseRatio(d.text)
		if err != "" {
			problem = err
		} else {
			ends[d.field-fieldLow] = v
		}
	}
	return math.Min(ends[0], ends[1]), math.Max(ends[0], ends[1]), problem
}

// parseRatio reads a change: 50, +50 and 50 % are half as much again, -20 is a fifth less, 2x and 0.3x are factors.
func parseRatio(s string) (ratio float64, problem string) {
	s = strings.ReplaceAll(strings.TrimSpace(s), ",", ".")
	number, factor := strings.CutSuffix(s, "x")
	if !factor {
		number = strings.TrimSuffix(number, "%")
	}
	number = strings.TrimSpace(number)
	v, err := strconv.ParseFloat(number, 64)
	switch {
	case err != nil || math.IsNaN(v) || math.IsInf(v, 0):
		return 0, strconv.Quote(s) + " is no change: write 50 for +50 %, -20 for 20 % less, 2x for twice"
	case !factor:
		v = 1 + v/100
	}
	if v < leastRatio || v > mostRatio {
		return 0, strconv.Quote(s) + " is out of reach: from 0.01x (-99 %) to 100x"
	}
	return v, ""
}

// nudges are the steps of an end, above 1; below it they mirror as percentages.
var nudges = func() []float64 {
	var out []float64
	for _, p := range []float64{-99, -98, -97, -95, -93, -90, -87, -85, -80, -75, -70, -65, -60, -55, -50, -45, -40, -35, -30, -25, -20, -15, -10, -7, -5, -3, -2, -1, 0, 1, 2, 3, 5, 7, 10, 15, 20, 25, 30, 35, 40, 45, 50, 60, 70, 80, 90} {
		out = append(out, (100+p)/100)
	}
	return append(out, 2, 2.2, 2.5, 2.8, 3, 3.5, 4, 4.5, 5, 6, 7, 8, 9, 10, 12, 15, 20, 25, 30, 40, 50, 70, 100)
}()

// nudge is the next step up or down from a ratio.
func nudge(v float64, n int) float64 {
	if n > 0 {
		for _, s := range nudges {
			if s > v*1.0001 {
				return s
			}
		}
		return nudges[len(nudges)-1]
	}
	for _, s := range slices.Backward(nudges) {
		if s < v*0.9999 {
			return s
		}
	}
	return nudges[0]
}

// settle takes what was typed into the end over, or says what is wrong with it.
func (d *draft) settle() (problem string) {
	if d.text == "" {
		return ""
	}
	v, problem := parseRatio(d.text)
	if problem == "" {
		d.ends[d.field-fieldLow], d.text = v, ""
	}
	return problem
}

// to moves to a field, if what was typed into the present one can stay.
func (m *model) toField(field int) {
	d := m.draft
	if problem := d.settle(); problem != "" {
		m.say(problem)
		return
	}
	d.field = (field + fields) % fields
	d.seen = d.seen || d.field != fieldWinner
}

func (m *model) nextField(n int) { m.toField(m.draft.field + n) }

// movePrediction goes up and down the form: through the variants, then the ends of the range.
func (m *model) movePrediction(n int) {
	d := m.draft
	last := len(d.plan.Variants)
	switch at := d.winner + n; {
	case d.field == fieldWinner && d.winner < 0:
		d.winner = 0
	case d.field == fieldWinner && at <= last:
		d.winner = max(at, 0)
	case d.field == fieldWinner:
		m.toField(fieldLow)
	case d.field+n <= fieldHigh:
		m.toField(d.field + n)
	}
}

// nudgePrediction moves the end that has the focus; among the variants the arrows move the selection.
func (m *model) nudgePrediction(n int) {
	d := m.draft
	if d.field == fieldWinner {
		d.winner = min(max(d.winner+n, 0), len(d.plan.Variants))
		return
	}
	if problem := d.settle(); problem != "" {
		m.say(problem)
		return
	}
	at := d.field - fieldLow
	d.ends[at] = nudge(d.ends[at], n)
	// The end pushes the other one along: the low one never stands above the high one.
	if d.ends[0] > d.ends[1] {
		d.ends[1-at] = d.ends[at]
	}
}

// typesPrediction tells whether runes go into the end that has the focus.
func (m *model) typesPrediction(r []rune) bool {
	if m.screen != screenPredict || m.draft == nil || m.draft.locked != nil || m.draft.field == fieldWinner {
		return false
	}
	for i, c := range r {
		if !strings.ContainsRune("0123456789.,-+%", c) && (c != 'x' || i == 0 && m.draft.text == "") {
			return false
		}
	}
	return len(r) > 0
}

// erasePrediction takes the last character that was typed away.
func (m *model) erasePrediction() {
	if d := m.draft; d.text != "" {
		d.text = d.text[:len(d.text)-1]
	}
}

// chooseWinner takes a variant by its number.
func (m *model) chooseWinner(n int) {
	d := m.draft
	if n >= 1 && n <= len(d.plan.Variants)+1 {
		d.winner, d.field = n-1, fieldWinner
	}
}

// lockPrediction locks what was given, and only then Enter runs. Something that is missing gets the focus first.
func (m *model) lockPrediction() tea.Cmd {
	d := m.draft
	if d.locked != nil {
		return m.start(false, d.locked)
	}
	if problem := d.settle(); problem != "" {
		m.say(problem)
		return nil
	}
	switch {
	case d.winner < 0:
		d.field = fieldWinner
		m.say("choose first: ↑↓ or a number")
		return nil
	case !d.seen:
		d.seen, d.field = true, fieldLow
		return nil
	}
	low, high, _ := d.interval()
	q := d.plan.Predict
	p := &progress.Prediction{Metric: q.Metric, Variant: q.Variant, Baseline: d.plan.Baseline, Winner: progress.NoDifference, Low: low, High: high, Locked: m.cfg.Now()}
	if d.winner < len(d.plan.Variants) {
		p.Winner = d.plan.Variants[d.winner].ID
	}
	d.locked, d.ends = p, [2]float64{low, high}
	m.keep(d.plan, func(s *progress.Scenario) { s.Prediction = p })
	return nil
}

// skipPrediction runs without one, and the result says so.
func (m *model) skipPrediction() tea.Cmd {
	p := &progress.Prediction{Skipped: true, Locked: m.cfg.Now()}
	m.keep(m.draft.plan, func(s *progress.Scenario) { keepPrediction(s, p) })
	return m.start(false, p)
}

func (m *model) runLocked() tea.Cmd { return m.lockPrediction() }

func (m *model) whyNotLocked() string {
	if m.draft == nil || m.draft.locked == nil {
		return "lock your prediction first (enter), or skip it (s)"
	}
	return m.whyNoStart()
}

func (m *model) whyNotEnter() string {
	if m.draft != nil && m.draft.locked != nil {
		return m.whyNoStart()
	}
	return ""
}

func (m *model) whyNoSkip() string {
	if why := m.whyLocked(); why != "" {
		return why
	}
	return m.whyNoStart()
}

func (m *model) whyLocked() string {
	if m.draft == nil || m.draft.locked != nil {
		return "the prediction is locked"
	}
	return ""
}

// enterPrediction is what Enter does now, for the help line.
func (m *model) enterPrediction() string {
	if m.draft != nil && m.draft.locked != nil {
		return "run"
	}
	return "lock"
}

// predictWord is what Enter on the lesson leads to.
func (m *model) predictWord() string {
	if e := m.entry(); e != nil && !asks(e.Plan) {
		return "run"
	}
	return "predict"
}
