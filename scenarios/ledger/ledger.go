// Package ledger sets what the pages claim beside what the saved runs of this machine said of it.
package ledger

import (
	"fmt"
	"io"
	"slices"
	"strings"
	"time"

	"benchtop/lab"
	"benchtop/lab/figure"
	"benchtop/lab/record"
	"benchtop/scenarios"
)

// Answer is one claim and one shipped scenario that answers it, with what the newest run here said, or the card that settles
// it, or neither.
type Answer struct {
	Claim       string     `json:"claim"`
	Says        string     `json:"says"`
	Source      []string   `json:"source"`
	Card        *Card      `json:"card,omitempty"` // what settles the claim without a run; Scenario is empty then
	Scenario    string     `json:"scenario"`
	Real        bool       `json:"real,omitempty"`    // the scenario needs components that benchtop does not bring along
	Part        string     `json:"part,omitempty"`    // what of the claim the scenario answers; empty: all of it
	Run         string     `json:"run,omitempty"`     // path of the run file; empty: not run here
	Date        *time.Time `json:"date,omitempty"`    // of the run
	Machine     string     `json:"machine,omitempty"` // of the run
	Note        string     `json:"note,omitempty"`    // why the run is less than the scenario
	Comparisons []Compared `json:"comparisons"`
}

// Compared is a primary comparison of the run.
type Compared struct {
	Metric   string      `json:"metric"`
	Variant  string      `json:"variant"`
	Baseline string      `json:"baseline"`
	Ratio    *float64    `json:"ratio"`
	CI95     *[2]float64 `json:"ci95"`
	Verdict  string      `json:"verdict"`
	Reason   string      `json:"reason,omitempty"`
	Page     *float64    `json:"page_ratio,omitempty"`  // what the page measured
	Inside   *bool       `json:"page_inside,omitempty"` // whether that lies inside the 95 % interval
}

// open reports whether nothing answers the claim.
func (a *Answer) open() bool { return a.Card == nil && a.Scenario == "" }

// Read looks every claim up, in the order of their numbers, in the run files of a folder. A claim that nothing answers has
// one Answer, without a scenario. Files that cannot be read are told to passedOver.
func Read(dir string, passedOver func(error)) ([]Answer, error) {
	runs := map[string]*savedRun{}
	foreign := map[string]bool{} // by scenario: it needs components
	out := []Answer{}
	for _, c := range rows {
		before := len(out)
		if card := cardOf(c.Number); card != nil {
			out = append(out, Answer{Claim: c.Number, Says: c.Says, Source: c.Source, Card: card, Comparisons: []Compared{}})
		}
		for _, e := range scenarios.List() {
			i := slices.IndexFunc(e.Claims, func(answered lab.Claim) bool { return answered.ID == c.Number })
			if i < 0 {
				continue
			}
			run, known := runs[e.ID]
			if !known {
				file, err := scenarios.Load(e.ID)
				if err != nil {
					return nil, err
				}
				run = newestRun(dir, file.Plan, passedOver)
				runs[e.ID], foreign[e.ID] = run, len(lab.Components(file.Plan)) > 0
			}
			a := answered(&c, e.ID, e.Claims[i].Part, run)
			a.Real = foreign[e.ID]
			out = append(out, a)
		}
		if len(out) == before {
			out = append(out, Answer{Claim: c.Number, Says: c.Says, Source: c.Source, Comparisons: []Compared{}})
		}
	}
	return out, nil
}

func answered(c *Row, id, part string, run *savedRun) Answer {
	a := Answer{Claim: c.Number, Says: c.Says, Source: c.Source, Scenario: id, Part: part, Comparisons: []Compared{}}
	if run == nil {
		return a
	}
	a.Run, a.Date, a.Note = run.path, &run.result.Started, run.note
	m := &run.result.Machine
	a.Machine = fmt.Sprintf("%s, %s, %s %s", figure.Lines.Counted(m.CPUs, "core"), m.Model, m.OS, m.Kernel)
	for _, found := range run.result.Comparisons {
		if !found.Primary {
			continue
		}
		v := Compared{
			Metric: found.Metric, Variant: found.Variant, Baseline: found.Baseline, Ratio: found.Ratio, CI95: found.CI95,
			Verdict: string(found.Verdict), Reason: found.Reason,
		}
		if f, ok := c.figureOf(id, found.Variant, found.Metric); ok {
			v.Page = &f.Ratio
			if found.CI95 != nil {
				inside := found.CI95[0] <= f.Ratio && f.Ratio <= found.CI95[1]
				v.Inside = &inside
			}
		}
		a.Comparisons = append(a.Comparisons, v)
	}
	return a
}

// savedRun is a run file of a shipped scenario.
type savedRun struct {
	path   string
	result *lab.Result
	note   string // empty: complete, and as the scenario says
}

// mostRuns is how many run files of one scenario are read in search of a complete one.
const mostRuns = 50

// newestRun finds the newest run of a scenario that is complete and has its settings, else the newest at all; nil when
// none is saved. Files that cannot be read are told and passed over.
func newestRun(dir string, p *lab.Plan, passedOver func(error)) *savedRun {
	names, err := record.Saved(dir, "*Z-"+p.ID)
	if err != nil {
		return nil
	}
	slices.Reverse(names)
	var newest *savedRun
	for i, name := range names {
		if i == mostRuns {
			break
		}
		var fold *lab.Fold
		err := record.With(name, func(in io.Reader) (err error) {
			fold, _, err = record.Fold(in)
			return err
		})
		if err != nil {
			passedOver(err)
			continue
		}
		plan, result := fold.State().Plan, fold.Result()
		if plan.ID != p.ID { // of another scenario whose id ends the same
			continue
		}
		saved := &savedRun{path: name, result: result, note: lessThan(plan, p, result)}
		if saved.note == "" {
			return saved
		}
		if newest == nil {
			newest = saved
		}
	}
	return newest
}

// lessThan says why a run does not stand for the scenario as it is shipped; empty when it does.
func lessThan(ran, shipped *lab.Plan, r *lab.Result) string {
	var notes []string
	switch {
	case ran.Free:
		notes = append(notes, "free run")
	case !r.Complete:
		notes = append(notes, r.Ended)
	}
	if ran.Quick {
		notes = append(notes, "quick run")
	}
	switch {
	case shipped.Measures(ran):
	case ran.SHA256 != shipped.SHA256:
		notes = append(notes, "the scenario has changed since")
	case !ran.Quick:
		notes = append(notes, "with changed settings")
	}
	return strings.Join(notes, ", ")
}
