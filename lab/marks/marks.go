// Package marks finds the moments of a run that somebody may look for.
package marks

import (
	"strconv"
	"strings"

	"benchtop/lab"
	"benchtop/lab/figure"
)

// Mark is a moment of a run that somebody may look for: a process that died, a slice that does not count, a turned
// setting, the change from warming up to measuring.
type Mark struct {
	At   int64  // nanoseconds since the run began
	Text string // in plain words, with the variant's id
	// Slice tells that it is only the start of the next slice. There are many of those.
	Slice bool
}

// Of finds the moments of a run, in order. Of a slice that is disturbed the mark stands where that became known, at
// its end; of a repeated block at the end of the block.
func Of(events []lab.Event) []Mark {
	var out []Mark
	phase := lab.PhaseEvent{Phase: lab.PhaseStarting}
	for i := range events {
		e := &events[i]
		text := ""
		switch {
		case e.Process != nil:
			text = processMark(e.Process)
		case e.Phase != nil:
			text = phaseMark(&phase, e.Phase)
			phase = *e.Phase
			if text == "" && e.Phase.Phase == lab.PhaseSlice {
				out = append(out, Mark{At: e.At, Text: "slice " + strconv.Itoa(e.Phase.Index) + onVariant(" on ", who(e.Phase)), Slice: true})
			}
		case e.Slice != nil && e.Slice.Void != "":
			text = "slice " + strconv.Itoa(e.Slice.Index) + " of " + e.Slice.Variant + " does not count: " + e.Slice.Void
		case e.Block != nil:
			text = e.Block.Words()
		case e.Turn != nil:
			text = turnMark(e.Turn)
		case e.Rate != nil:
			text = "rate set to " + figure.Lines.Rate(e.Rate.Rate) + " req/s"
		case e.Note != nil && e.Note.Level != "info":
			text = about(e.Note.Variant) + e.Note.Text
		case e.End != nil:
			text = "run " + e.End.How
		}
		if text != "" {
			out = append(out, Mark{At: e.At, Text: text})
		}
	}
	return out
}

// about names the variant that a mark is about, empty for all of them.
func about(variant string) string {
	if variant == "" {
		return ""
	}
	return variant + ": "
}

// onVariant is the text with the variant's id, empty where a phase is of no single one.
func onVariant(text, variant string) string {
	if variant == "" {
		return ""
	}
	return text + variant
}

// who is under load in a phase.
func who(p *lab.PhaseEvent) string {
	if p.Together != "" {
		return "all at once"
	}
	return p.Variant
}

// turnMark is what was turned, who came or went, or why nothing was changed.
func turnMark(k *lab.Turn) string {
	switch {
	case k.Refused != "":
		return "not turned: " + k.Words() + ": " + k.Refused
	case k.Undone != "":
		return k.Remove + ": " + k.Undone
	case k.Add != nil || k.Remove != "" || k.Rename != "" || len(k.Signal) > 0:
		return k.Words()
	}
	return about(k.Variant) + "turn: " + k.Words()
}

// processMark is what happened to a process; that it came, or was stopped at the end, is no mark.
func processMark(p *lab.ProcessEvent) string {
	who := strings.TrimSpace(p.Role + " " + strconv.Itoa(p.PID))
	switch p.Event {
	case "serving", "stopped":
		return ""
	case "replaced":
		return about(p.Variant) + who + " replaces one that is gone"
	case "recycled":
		return about(p.Variant) + who + " ends as planned"
	}
	if p.Text != "" {
		return about(p.Variant) + who + ": " + p.Text
	}
	return about(p.Variant) + who + " is gone"
}

// phaseMark is a change of what the run does; one slice after the other is none.
func phaseMark(before, now *lab.PhaseEvent) string {
	switch {
	case now.Phase == lab.PhaseWarmup && (before.Phase != lab.PhaseWarmup || before.Variant != now.Variant):
		return "warm-up" + onVariant(" of ", now.Variant)
	case now.Phase == lab.PhaseProfile:
		return "profiling" + onVariant(" ", now.Variant)
	case now.Phase == before.Phase:
		return ""
	case now.Phase == lab.PhaseSlice && before.Phase != lab.PhaseStopping:
		return "measuring begins" + onVariant(", on ", who(now))
	case now.Phase == lab.PhaseStopping:
		return "the targets stop"
	}
	return ""
}
