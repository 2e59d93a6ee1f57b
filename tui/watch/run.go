package watch

import (
	"bytes"
	"fmt"
	"time"

	"benchtop/lab"
	"benchtop/lab/follow"
	"benchtop/lab/progress"
	"benchtop/lab/report"
	"benchtop/tui/format"
	"benchtop/tui/panel"
	"benchtop/tui/screen"
)

// Run is the run that is watched, and how it is looked at. The root owns it; the screens of the run share it.
type Run struct {
	Session  Session              // nil: there is none
	Replay   Replayer             // the same, when it is a replay
	Plan     *lab.Plan            // of the run, for starting it again
	Said     *progress.Prediction // before the run, nil: there was nothing to predict
	State    *lab.State           // newest snapshot, nil before the first
	Ended    bool                 // it has an end
	Frozen   *lab.State           // snapshot on the screen instead of the newest, nil: none
	FrozenAt time.Time
	View     panel.Settings
	Lost     bool // the run is not kept
	Wrong    bool // the file of the run was edited into an error
	Stopping bool // the person has left, and the run comes to its end
	Number   int  // of sessions so far

	Origin string // of a run of another machine, empty of one's own
	Proof  bool   // it shows what a question asks
	aside  *Run   // the run that a reference stands before, nil: none

	renames []rename // that the run has not taken yet

	finished bool   // Done is closed
	trouble  string // with the file of the run
}

// Attach puts a session in the place of the one before, with what was said before it. It is looked at as every run is at first.
func (r *Run) Attach(s Session, said *progress.Prediction) {
	*r = Run{Session: s, Said: said, Wrong: r.Wrong, Stopping: r.Stopping, Number: r.Number + 1}
	r.Replay, _ = s.(Replayer)
	if f, ok := s.(Foreign); ok {
		r.Origin = f.Origin()
	}
}

// Put puts a recorded run before the one that is watched.
func (r *Run) Put(s Session) {
	own := *r
	r.Attach(s, nil)
	r.aside = &own
}

// Covers reports whether it stands before another one.
func (r *Run) Covers() bool { return r.aside != nil }

// Back brings back the run that a recorded one stands before, and reports whether there was one.
func (r *Run) Back() bool {
	if r.aside == nil {
		return false
	}
	r.Return(r.aside)
	return true
}

// Return puts a run that was watched before in the place of the present one.
func (r *Run) Return(before *Run) {
	number := r.Number + 1
	*r = *before
	r.Number = number
}

// Pull takes a snapshot. turned: the run has come to its end, or is before it again; trouble is what is to be said of the
// file of the run.
func (r *Run) Pull() (turned bool, trouble string) {
	if r.Session == nil {
		return false, ""
	}
	st := r.Session.State()
	if st == nil {
		return false, ""
	}
	r.State = r.called(st)
	if r.Plan == nil {
		r.Plan = st.Plan
	}
	if len(st.Variants) > 0 && (r.View.Focus == "" || r.Index(r.View.Focus) < 0) {
		r.View.Focus = st.Variants[0].ID
	}
	select {
	case <-r.Session.Done():
		r.finished = true
	default:
	}
	if kept, ok := r.Session.(Kept); ok {
		text, lost := kept.Trouble()
		if text != r.trouble {
			trouble = text
		}
		r.trouble, r.Lost = text, lost
	}
	turned = r.Ended != (st.End != nil)
	r.Ended = st.End != nil
	return turned, trouble
}

// Complete reports whether the run has ended as it was planned, and is one of this machine, no replay and no free run.
func (r *Run) Complete() bool {
	st := r.State
	return r.Replay == nil && r.Origin == "" && r.Ended && st.Plan != nil && !st.Plan.Free && st.End.How == lab.EndComplete && st.Result != nil
}

// Cut reports whether the run has ended without the result that was planned, and is one of this machine, no replay and no free run.
func (r *Run) Cut() bool {
	st := r.State
	return r.Replay == nil && r.Origin == "" && r.Ended && st.Plan != nil && !st.Plan.Free && st.End.How != lab.EndComplete
}

// Shown is the snapshot on the screen: the frozen one, or the newest.
func (r *Run) Shown() *lab.State {
	if r.Frozen != nil {
		return r.Frozen
	}
	return r.State
}

// Latest is the newest snapshot of the session, nil without one.
func (r *Run) Latest() *lab.State {
	if r.Session == nil {
		return nil
	}
	if st := r.Session.State(); st != nil {
		return st
	}
	return r.State
}

// Running reports whether a run is going on here; a replay is none, nor is the run of another machine that is looked at.
func (r *Run) Running() bool {
	if r.Session == nil || r.Replay != nil || r.Origin != "" || r.finished {
		return false
	}
	select {
	case <-r.Session.Done():
		return false
	default:
		return true
	}
}

// Free reports whether it is a free run.
func (r *Run) Free() bool { return r.State != nil && r.State.Plan != nil && r.State.Plan.Free }

// Index is the place of a variant in the snapshot on screen, -1 if it is not there.
func (r *Run) Index(id string) int {
	if st := r.Shown(); st != nil {
		for i := range st.Variants {
			if st.Variants[i].ID == id {
				return i
			}
		}
	}
	return -1
}

// Variants is how many variants the snapshot on screen has.
func (r *Run) Variants() int {
	if st := r.Shown(); st != nil {
		return len(st.Variants)
	}
	return 0
}

// MoveFocus selects a variant further on.
func (r *Run) MoveFocus(n int) {
	if st := r.Shown(); st != nil && len(st.Variants) > 0 {
		r.View.Focus = st.Variants[(r.Index(r.View.Focus)+n+len(st.Variants))%len(st.Variants)].ID
	}
}

// WhyNoFocus is why no other variant can be selected.
func (r *Run) WhyNoFocus() string {
	if r.Variants() < 2 {
		return "there is one variant only"
	}
	return ""
}

// NextSpan shows another stretch of time in the charts.
func (r *Run) NextSpan() { r.View.Span = (r.View.Span + 1) % 3 }

// OwnScale gives every variant a scale of its own, or all of them the same.
func (r *Run) OwnScale() { r.View.Own = !r.View.Own }

// FileBadge says that the run is not kept, or not of this machine.
func (r *Run) FileBadge() string {
	switch {
	case r.Origin != "":
		return "NOT THIS MACHINE"
	case r.Lost:
		return "NOT SAVED"
	}
	return ""
}

// ID is the id of the scenario, empty where it is not known.
func (r *Run) ID() string {
	if r.Plan == nil {
		return ""
	}
	return r.Plan.ID
}

// Key is what a panel of the snapshot on screen depends on, in a frame.
func (r *Run) Key(f screen.Frame) panel.Key {
	k := panel.Key{Run: r.Number, Look: f.Look, Tier: f.Tier, Set: r.View, Renames: len(r.renames)}
	if st := r.Shown(); st != nil {
		k.Seq = st.Seq
	}
	return k
}

// Report is the report as a file of an export, none before the run has a result, or where it is of another plan than of;
// nil is any.
func (r *Run) Report(stem string, of *lab.Plan) []screen.File {
	st := r.Shown()
	if st == nil || st.Result == nil || of != nil && (st.Plan == nil || st.Plan.ID != of.ID) {
		return nil
	}
	var b bytes.Buffer
	if err := report.Markdown(&b, st.Result); err != nil {
		return nil
	}
	var page bytes.Buffer
	if err := report.HTMLWith(&page, st.Result, r.Said); err != nil {
		return nil
	}
	return []screen.File{{Name: stem + ".md", Content: b.Bytes()}, {Name: stem + ".html", Content: page.Bytes()}}
}

// Place is where the person is, with the run before them; see screen.Placer.
func (r *Run) Place(place string) (any, func() follow.Where) {
	type key struct {
		plan  *lab.Plan
		phase lab.PhaseEvent
		ended bool
	}
	k := key{plan: r.Plan}
	if st := r.State; st != nil {
		k = key{st.Plan, st.Phase, st.End != nil}
	}
	return k, func() follow.Where {
		w := follow.FromState(r.State)
		at := screen.PlaceOf(place, k.plan)
		w.Place, w.Scenario, w.Title = at.Place, at.Scenario, at.Title
		w.Replay, w.Predicted = r.Replay != nil, format.Said(r.Said)
		return w
	}
}

// Badge says that the picture is not the present, or is not kept.
func (r *Run) Badge(now time.Time) string {
	switch {
	case r.Stopping:
		return "STOPPING"
	case r.Frozen != nil:
		return fmt.Sprintf("FROZEN %d s", int(now.Sub(r.FrozenAt).Seconds()))
	case r.Wrong:
		return "FILE: ERROR"
	}
	return r.FileBadge()
}
