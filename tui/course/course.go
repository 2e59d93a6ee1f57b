// Package course is the way through the lessons: the scenarios in their order, what is done, what comes next, and keeping
// it.
package course

import (
	"math"
	"slices"
	"strings"
	"time"

	"benchtop/lab"
	"benchtop/lab/answer"
	"benchtop/lab/progress"
	"benchtop/lab/stats"
	"benchtop/tui/screen"
)

// Entry is one scenario of the catalogue.
type Entry struct {
	ID, Title, Track string
	Minutes          int
	Plan             *lab.Plan     // nil: its file is broken
	Running          time.Duration // of Plan
	Missing          string        // what is not installed, and the line that installs it; empty: it can run
	Broken           string        // every error of its file, with its place; empty: it has none
	Own              bool          // a file of the person's, whatever its track
	Done             bool

	Again func() Entry // reads its file again; nil: it is shipped
}

// Course is what a person can do and has done. Reading it sees what was kept last.
type Course struct {
	Entries []Entry
	Kept    progress.Progress // what the store holds
	Trouble string            // why it cannot be written, empty while it can

	store   *progress.Store
	unsaved bool   // it was changed and is to be written
	warned  string // what was said about the file
}

// New begins with what the store holds; nil keeps it in memory only.
func New(entries []Entry, store *progress.Store) *Course {
	if store == nil {
		store = progress.Memory()
	}
	return &Course{Entries: entries, Kept: store.Progress(), store: store, warned: store.Warning()}
}

// Warning is what is to be said about the file as it was found, empty for nothing.
func (c *Course) Warning() string { return c.warned }

// tracks in the order of the course; others follow by name.
var tracks = []string{"connections", "workers", "async", "payload", "data", "caching", "production", "measuring"}

// OwnTrack is the track of the person's own files.
const OwnTrack = "your own"

func trackRank(t string) int {
	if t == OwnTrack {
		return -1
	}
	if i := slices.Index(tracks, strings.ToLower(t)); i >= 0 {
		return i
	}
	return len(tracks)
}

// Heading is a track as it is written over its scenarios.
func Heading(track string) string {
	if track == "" {
		return "Other"
	}
	return strings.ToUpper(track[:1]) + track[1:]
}

// First is the scenario to start with, which the teaching order has first; empty where nothing is shipped.
func (c *Course) First() string {
	for i := range c.Entries {
		if !c.Entries[i].Own {
			return c.Entries[i].ID
		}
	}
	return ""
}

// Ordered are all entries: the one to start with, then track by track.
func (c *Course) Ordered() []Entry {
	out, first := slices.Clone(c.Entries), c.First()
	slices.SortStableFunc(out, func(a, b Entry) int {
		if a.ID == first || b.ID == first {
			return oneIf(b.ID == first) - oneIf(a.ID == first)
		}
		if d := trackRank(a.Track) - trackRank(b.Track); d != 0 {
			return d
		}
		return strings.Compare(strings.ToLower(a.Track), strings.ToLower(b.Track))
	})
	return out
}

// Find is the entry of a scenario, nil if it is not among them.
func (c *Course) Find(id string) *Entry {
	for i := range c.Entries {
		if c.Entries[i].ID == id {
			return &c.Entries[i]
		}
	}
	return nil
}

// Offer puts a plan that somebody else offers in the place of the scenario of that id, or adds it.
func (c *Course) Offer(p *lab.Plan) {
	now := Entry{ID: p.ID, Title: p.Title, Track: p.Track, Minutes: p.Minutes, Plan: p, Running: p.Duration()}
	if e := c.Find(p.ID); e != nil {
		now.Missing = e.Missing
		*e = now
		return
	}
	c.Entries = append(c.Entries, now)
}

// Reread reads the file of a scenario again, which may have been edited, and gives the id that it has now.
func (c *Course) Reread(id string) string {
	e := c.Find(id)
	if e == nil || e.Again == nil {
		return id
	}
	now := e.Again()
	if now.ID != id && c.Find(now.ID) != nil {
		now.Plan, now.Broken = nil, "its id "+now.ID+" is that of another scenario here\ngive it another id: the lab would not tell them apart"
		now.ID = id
	}
	now.Missing, now.Done = e.Missing, e.Done && now.ID == id
	*e = now
	return now.ID
}

// Done reports whether a run of a scenario counted, now or in an earlier session; see Finish.
func (c *Course) Done(e *Entry) bool { return e.Done || c.Kept.Scenarios[e.ID].Done != nil }

// Told reports whether a scenario may say what comes out: a prediction of it is locked or was skipped, it has run, or it
// asks for none.
func (c *Course) Told(e *Entry) bool {
	return !Asks(e.Plan) || c.Done(e) || c.Kept.Scenarios[e.ID].Prediction != nil
}

func oneIf(yes bool) int {
	if yes {
		return 1
	}
	return 0
}

// Count is how many scenarios of a track there are, and how many did. Files that are broken do not count.
func (c *Course) Count(track string) (done, all int) {
	for i := range c.Entries {
		if e := &c.Entries[i]; e.Track == track && e.Broken == "" {
			all++
			done += oneIf(c.Done(e))
		}
	}
	return done, all
}

// Points are what a person has got in a scenario, and how many there are: one for the winner that was predicted, one for a
// range that holds what was measured, one for each right answer. What the run could not tell is no point; there is none
// before the quiz where it could tell nothing.
func (c *Course) Points(e *Entry) (got, of int) {
	if e.Plan == nil {
		return 0, 0
	}
	kept := c.Kept.Scenarios[e.ID]
	if Asks(e.Plan) {
		switch p := kept.Prediction; {
		case p != nil && p.Outcome != nil:
			of = oneIf(p.Outcome.Winner != progress.GuessOpen) + oneIf(p.Outcome.Reason == "")
			got = oneIf(p.Outcome.Winner == progress.GuessRight || p.Outcome.Winner == progress.GuessShared) + oneIf(p.Outcome.Covered)
		case !c.Untold(e):
			of = 2
		}
	}
	if of == 0 && c.Untold(e) && len(kept.Quiz) == 0 {
		return 0, 0
	}
	return got + min(kept.Right(), len(e.Plan.Quiz)), of + len(e.Plan.Quiz)
}

// Untold reports whether the last run of a scenario came to its end and could tell nothing.
func (c *Course) Untold(e *Entry) bool {
	verdicts := c.Kept.Scenarios[e.ID].Verdicts
	return len(verdicts) > 0 && !slices.ContainsFunc(verdicts, func(v progress.Verdict) bool {
		switch stats.Verdict(v.Verdict) {
		case stats.Higher, stats.Lower, stats.NoDifference:
			return true
		}
		return false
	})
}

// Next is the scenario to go on with after the given one: the next of its track that is not done and can run, else
// one of the following tracks, nil when all are done.
func (c *Course) Next(id string) *Entry {
	all := c.Ordered()
	if id == c.First() && id != "" { // the tour goes on as the teaching order does
		all = slices.Clone(c.Entries)
	}
	at := slices.IndexFunc(all, func(e Entry) bool { return e.ID == id })
	track := c.Kept.Track
	if at >= 0 {
		track = all[at].Track
	}
	for _, inTrack := range []bool{true, false} {
		for i := range all {
			e := &all[(max(at, 0)+i)%len(all)]
			if e.ID != id && e.Missing == "" && e.Plan != nil && !c.Done(e) && (e.Track == track || !inTrack) {
				return e
			}
		}
	}
	return nil
}

// Resume is the scenario where the last session ended: the one that was begun and is not done, or whose quiz was left in
// the middle, else the one to go on with; nil where there is none.
func (c *Course) Resume() *Entry {
	if c.Kept.Last == "" {
		return nil
	}
	if e := c.Find(c.Kept.Last); e != nil && (!c.Done(e) || len(c.Begun(e.Plan)) > 0) {
		return e
	}
	return c.Next(c.Kept.Last)
}

// Begun are the answers of a quiz that was left in the middle, in this session or an earlier one; nil when it was
// not begun, or came to its end, or has other questions now.
func (c *Course) Begun(p *lab.Plan) []progress.Answer {
	if given := c.Given(p); p != nil && len(given) < len(p.Quiz) {
		return given
	}
	return nil
}

// Given are the answers of a quiz as they were given last, also all of them; nil when there are none, or it has other questions now.
func (c *Course) Given(p *lab.Plan) []progress.Answer {
	if p == nil {
		return nil
	}
	given := c.Kept.Scenarios[p.ID].Quiz
	for i, a := range given {
		if i >= len(p.Quiz) || a.Option < 0 || a.Option >= len(p.Quiz[i].Options) {
			return nil
		}
	}
	return given
}

// Asks reports whether a plan has something to predict: a question about a variant that is not the baseline.
func Asks(p *lab.Plan) bool {
	return p != nil && p.Predict != nil && p.Predict.Variant != p.Baseline && p.Variant(p.Predict.Variant) != nil && p.Variant(p.Baseline) != nil
}

// Said is the prediction that was kept of a plan's scenario, where it answers what this plan asks; nil: none, or it was skipped.
func (c *Course) Said(plan *lab.Plan) *progress.Prediction {
	p := c.Kept.Scenarios[plan.ID].Prediction
	if p == nil || p.Skipped || plan.Predict == nil {
		return nil
	}
	if p.Metric != plan.Predict.Metric || p.Variant != plan.Predict.Variant || p.Baseline != plan.Baseline ||
		p.Winner != progress.NoDifference && plan.Variant(p.Winner) == nil || !(p.Low > 0) || !(p.High >= p.Low) || math.IsInf(p.High, 1) {
		return nil
	}
	return p
}

// Stands is the prediction that holds for another run of a plan: the one of its scenario, where that still measures the same.
func (c *Course) Stands(plan *lab.Plan) *progress.Prediction {
	if e := c.Find(plan.ID); e == nil || e.Plan == nil || !e.Plan.Measures(plan) {
		return nil
	}
	return c.Said(plan)
}

// WhyNot is why a scenario cannot be run, empty when it can. A nil Entry is none.
func (e *Entry) WhyNot() string {
	switch {
	case e == nil:
		return "no scenario is selected"
	case e.Missing != "":
		return "needs " + e.Missing
	case e.Plan == nil:
		return "its file has errors"
	}
	return ""
}

// WhyNoQuiz is why the quiz of a scenario cannot be opened, empty when it can. A nil Entry has none.
func (c *Course) WhyNoQuiz(e *Entry) string {
	switch {
	case e == nil || e.Plan == nil || len(e.Plan.Quiz) == 0:
		return NoQuiz
	case !c.Done(e):
		return "run it first: the quiz is about what it shows"
	}
	return ""
}

// NoQuiz is said of a scenario without questions.
const NoQuiz = "this scenario has no quiz"

// GoOn is what to open after a scenario: the lesson of the next one, nothing when all are done.
func (c *Course) GoOn(id string) []any {
	if e := c.Next(id); e != nil {
		return []any{screen.Lesson{ID: e.ID}}
	}
	return nil
}

// WhyNoNext is why there is nothing to go on with after a scenario.
func (c *Course) WhyNoNext(id string, running bool) string {
	switch {
	case len(c.Entries) == 0:
		return "this screen shows one run only"
	case running:
		return "a run is going on"
	case c.Next(id) == nil:
		return "every other scenario that can run here is done"
	}
	return ""
}

// Keep changes what is kept of a scenario, at once in memory; Save writes it.
func (c *Course) Keep(p *lab.Plan, change func(*progress.Scenario)) {
	id, track := p.ID, p.Track
	c.store.Change(func(all *progress.Progress) { all.Change(id, track, change) })
	c.Kept = c.store.Progress()
	c.unsaved = true
}

// Finish keeps the result of a run that ended as planned, and gives the prediction before it with its outcome. The scenario is
// done by it, also where the run cannot tell, unless the verdict is refused: such figures say nothing of the variants.
func (c *Course) Finish(st *lab.State, said *progress.Prediction, now time.Time) *progress.Prediction {
	verdicts := progress.Verdicts(st.Result)
	if said != nil && !said.Skipped {
		judged := *said
		outcome := progress.Judge(st.Result, &judged)
		judged.Outcome = &outcome
		said = &judged
	}
	c.Keep(st.Plan, func(s *progress.Scenario) {
		if answer.Of(st.Result).Badge != answer.Refused {
			s.Done = &now
		}
		s.Verdicts = verdicts
		Predicted(s, said)
	})
	return said
}

// Predicted keeps a prediction; a run without one does not make an earlier one forgotten.
func Predicted(s *progress.Scenario, said *progress.Prediction) {
	if said != nil && (!said.Skipped || s.Prediction == nil || s.Prediction.Skipped) {
		s.Prediction = said
	}
}

// Saved is the outcome of writing the progress file.
type Saved struct {
	err     error
	warning string
}

// Save gives what writes the progress, nil when nothing has changed or it is kept in memory only. It may be called on
// another goroutine; Wrote takes what came of it.
func (c *Course) Save() func() Saved {
	changed := c.unsaved
	c.unsaved = false
	if store := c.store; changed && store.Path() != "" {
		return func() Saved { return Saved{err: store.Save(), warning: store.Warning()} }
	}
	return nil
}

// Wrote remembers whether what was done could be kept, and gives what is to be said of it; the lesson goes on either way.
func (c *Course) Wrote(s Saved) (say string) {
	c.Trouble = ""
	switch {
	case s.err != nil:
		c.Trouble = s.err.Error()
		return "your progress is not kept: " + c.Trouble
	case s.warning != c.warned:
		c.warned = s.warning
		return s.warning
	}
	return ""
}
