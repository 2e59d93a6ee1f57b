// Package follow lets a second terminal follow a lab: where the person in front of it is, and what happens in the run.
// The lab serves a unix socket in its run folder; followers read JSON lines from it and send nothing. A follower that
// cannot keep up is let go; the lab never waits for one.
package follow

import (
	"time"

	"benchtop/lab"
	"benchtop/lab/report"
)

// Version of the lines.
const Version = 1

// Extension of the sockets, so that they are told from what else lies in a run folder.
const Extension = ".lab"

// maxName is the longest name of a socket in bytes: a run folder's path has room for it (see runfolder.Path).
const maxName = 24

// Name is the name of the socket of a lab that shows one scenario, or of one that may show any (id empty).
func Name(id string) string {
	if id == "" {
		id = "benchtop"
	}
	return id[:min(len(id), maxName-len(Extension))] + Extension
}

// Line is one line of the stream; exactly one field is set. The first is always Hello, and after the newest Where come
// the events of the current run, as far as a follower is told of them (see Told).
type Line struct {
	Hello *Hello     `json:"hello,omitempty"`
	Where *Where     `json:"where,omitempty"`
	Event *lab.Event `json:"event,omitempty"`
}

// Hello says who is followed.
type Hello struct {
	Benchtop int       `json:"benchtop"` // Version
	PID      int       `json:"pid"`
	Command  string    `json:"command"` // lab | run | replay
	Started  time.Time `json:"started"`
	Refused  string    `json:"refused,omitempty"` // why this follower gets nothing more
}

// The places on the way through a lesson.
const (
	Catalogue = "catalogue"
	Read      = "read"
	Predict   = "predict"
	Run       = "run"
	Why       = "why"
	Quiz      = "quiz"
)

// Where is where the person is. Left and Total are nanoseconds.
type Where struct {
	At       time.Time `json:"at"` // when this was so
	Place    string    `json:"place"`
	Scenario string    `json:"scenario,omitempty"` // id
	Title    string    `json:"title,omitempty"`
	Free     bool      `json:"free,omitempty"`   // a free run
	Replay   bool      `json:"replay,omitempty"` // of a run file

	// Of the run, from Run on.
	Phase    string   `json:"phase,omitempty"`    // as lab.PhaseEvent has it
	Variant  string   `json:"variant,omitempty"`  // id
	Letter   string   `json:"letter,omitempty"`   // of that variant on the screen
	Block    int      `json:"block,omitempty"`    // 1-based
	Blocks   int      `json:"blocks,omitempty"`   // planned
	Attempt  int      `json:"attempt,omitempty"`  // 1-based, of the block
	Slice    int      `json:"slice,omitempty"`    // 1-based, in the run
	Left     int64    `json:"left,omitempty"`     // at At
	Total    int64    `json:"total,omitempty"`    // estimated
	Ended    string   `json:"ended,omitempty"`    // as lab.EndEvent has it
	Reason   string   `json:"reason,omitempty"`   // of the end
	Verdicts []string `json:"verdicts,omitempty"` // one sentence for each comparison, after the end

	Predicted string `json:"predicted,omitempty"` // what was locked, in words
	Question  int    `json:"question,omitempty"`  // 1-based; one more than there are: the score
	Chosen    int    `json:"chosen,omitempty"`    // option, 1-based; 0: not answered yet
	Right     int    `json:"right,omitempty"`     // answers so far
}

// Told reports whether followers get an event: what happens to processes and blocks, warnings and the end. Figures are
// for the screen that is followed.
func Told(k lab.Kind) bool {
	switch k {
	case lab.KindProcess, lab.KindBlock, lab.KindTurn, lab.KindRate, lab.KindNote, lab.KindEnd:
		return true
	}
	return false
}

// FromState is the place of a run in progress or ended, as its fold knows it.
func FromState(st *lab.State) Where {
	w := Where{Place: Run, At: time.Now()}
	if st == nil || st.Plan == nil {
		w.Phase = lab.PhaseStarting
		return w
	}
	p := st.Plan
	w.Scenario, w.Title, w.Free, w.Blocks = p.ID, p.Title, p.Free, p.Blocks
	w.Phase, w.Variant, w.Block, w.Attempt, w.Slice = st.Phase.Phase, st.Phase.Variant, st.Phase.Block, st.Phase.Attempt, st.Phase.Index
	for i := range p.Variants {
		if p.Variants[i].ID == w.Variant {
			w.Letter = string(rune('A' + i))
		}
	}
	w.Left, w.Total = int64(st.Left), int64(st.Total)
	if st.End != nil {
		w.Ended, w.Reason, w.Left = st.End.How, st.End.Reason, 0
		if st.Result != nil && !p.Free {
			w.Verdicts = report.Verdicts(st.Result)
		}
	}
	return w
}
