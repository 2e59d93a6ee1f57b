package saved

import (
	"fmt"
	"io"
	"os"
	"strings"

	"benchtop/lab"
	"benchtop/lab/answer"
	"benchtop/lab/compare"
	"benchtop/lab/record"
)

// Content is what is in a run file.
type Content struct {
	ID, Title string       // of the scenario
	Badge     answer.Badge // empty where there was nothing to decide
	Words     string       // what the run came to, in one sentence
	Wrong     string       // why the file cannot be read, empty where it can
	Open      bool         // the file has no end of the run: it may still be written
}

// mostRead is the size of a file, packed, beyond which it is not read for a list.
const mostRead = 32 << 20

func contentOf(path string) Content {
	if info, err := os.Stat(path); err == nil && info.Size() > mostRead {
		return Content{Words: fmt.Sprintf("its file has %d MB; its report says what it came to", info.Size()>>20)}
	}
	var fold *lab.Fold
	err := record.With(path, func(in io.Reader) (err error) {
		fold, _, err = record.Fold(in)
		return err
	})
	if err != nil {
		return Content{Wrong: strings.TrimPrefix(strings.TrimPrefix(err.Error(), path+": "), "line 1: ")}
	}
	r, plan := fold.Result(), fold.State().Plan
	c := Content{ID: plan.ID, Title: plan.Title}
	switch {
	case r.Ended == lab.EndedCut:
		c.Open, c.Words = true, "its file ends before the run does: it goes on, or it was cut"
	case plan.Free:
		c.Words = "a free run; nothing is decided"
	case r.Ended == lab.EndInterrupted || r.Ended == lab.EndTerminated:
		c.Words = "stopped before its end"
	case r.Ended != lab.EndComplete:
		c.Badge, c.Words = answer.Refused, strings.TrimSpace(r.Ended+" "+r.Reason)
	default:
		a := answer.Of(r)
		c.Badge, c.Words = a.Badge, a.Sentence
	}
	return c
}

// Replay opens a run to be played; notice is what is to be said of its file.
func Replay(path string) (p *record.Player, notice string, err error) {
	run, err := record.Open(path)
	if err != nil {
		return nil, "", err
	}
	return record.NewPlayer(run, nil), run.Notice(), nil
}

// Result is what a run came to.
func Result(path string) (r *lab.Result, notice string, err error) {
	err = record.With(path, func(in io.Reader) error {
		fold, tail, err := record.Fold(in)
		if err == nil {
			r, notice = fold.Result(), tail.Notice()
		}
		return err
	})
	return r, notice, err
}

// Both opens two runs to be compared.
func Both(first, second string) (v *compare.Versus, players [2]*record.Player, err error) {
	var states [2]*lab.State
	for i, path := range []string{first, second} {
		run, err := record.Open(path)
		if err != nil {
			return nil, players, err
		}
		states[i], players[i] = run.State(), record.NewPlayer(run, nil)
	}
	v = compare.Runs(states[0], states[1])
	v.Runs[0].File, v.Runs[1].File = first, second
	return v, players, nil
}
