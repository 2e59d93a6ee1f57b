package main

import (
	"strings"

	"benchtop/lab/record"
	"benchtop/scenarios/reference"
	"benchtop/tui"
)

// referencePrefix begins the name of a run that is shipped: reference:workers.
const referencePrefix = "reference:"

// shippedRun is the replay of a run that was recorded on another machine.
type shippedRun struct {
	*record.Player
	origin string
}

// Origin says where it was recorded.
func (r *shippedRun) Origin() string { return r.origin }

// player plays a run that readRun knows by name.
func (e *Env) player(name string, run *record.Run) tui.Replayer {
	player := record.NewPlayer(run, e.Now)
	if strings.HasPrefix(name, referencePrefix) {
		return &shippedRun{player, reference.Origin(run)}
	}
	return player
}

// reference is the recorded run of a shipped scenario, for the screen.
func (e *Env) reference(id string) (tui.Replayer, error) {
	run, err := reference.Open(id)
	if err != nil {
		return nil, err
	}
	return e.player(referencePrefix+id, run), nil
}
