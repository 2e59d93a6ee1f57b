package main

import (
	"fmt"
	"os"
	"path/filepath"

	"benchtop/lab"
	"benchtop/lab/follow"
	"benchtop/targets/proc"
)

// stage is the side of a lab that a second terminal can follow. A nil stage does nothing.
type stage struct {
	hub    *follow.Hub
	screen bool // the screen says where the person is; else the events of the run do
}

// openStage lets others of this user follow this process, through a socket in its run folder; the function that it
// gives ends that. What goes wrong costs the followers, not the run. id is the scenario if there is only one.
func openStage(env *Env, command, id string, screen bool) func() {
	hub, err := openHub(env, command, id)
	if err != nil {
		fmt.Fprintf(env.Stderr, "benchtop: notes cannot follow this: %v\n", err)
		return func() {}
	}
	env.stage = &stage{hub: hub, screen: screen}
	return func() {
		env.stage = nil
		if err := hub.Close(); err != nil {
			fmt.Fprintf(env.Stderr, "benchtop: %v\n", err)
		}
	}
}

// onlyOne is the id of the one scenario that is run, empty when there are several.
func onlyOne(plans []*lab.Plan) string {
	if len(plans) > 1 {
		return ""
	}
	return plans[0].ID
}

func openHub(env *Env, command, id string) (*follow.Hub, error) {
	dir, err := proc.RunFolder()
	if err != nil {
		return nil, err
	}
	return follow.Serve(filepath.Join(dir, follow.Name(id)), follow.Hello{PID: os.Getpid(), Command: command, Started: env.Now()})
}

// placed is what the screen calls when the person has come to another place; nil when nobody can follow.
func (s *stage) placed() func(follow.Where) {
	if s == nil {
		return nil
	}
	return s.hub.Where
}

// event takes an event of a run after its fold has it. Without a screen it tells from it where the run is.
func (s *stage) event(fold *lab.Fold, e lab.Event) {
	if s == nil {
		return
	}
	if !s.screen && (e.Run != nil || e.Phase != nil || e.End != nil) {
		s.hub.Where(follow.FromState(fold.State()))
	}
	s.hub.Event(e)
}

// labs are the sockets of this user's labs.
func labs() []string {
	var out []string
	for _, dir := range proc.LivingFolders() {
		found, err := filepath.Glob(filepath.Join(dir, "*"+follow.Extension))
		if err == nil {
			out = append(out, found...)
		}
	}
	return out
}
