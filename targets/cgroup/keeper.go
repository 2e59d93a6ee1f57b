package cgroup

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os"

	"benchtop/targets/proc"
	"benchtop/targets/procfs"
	"benchtop/targets/runfolder"
)

// member is the ready line of a keeper.
type member struct {
	PID int `json:"pid"`
}

func decode(line json.RawMessage, m *member) error { return json.Unmarshal(line, m) }

// Keeper is the role of the process that removes a group when it is asked to, or when the one that made it is gone.
func Keeper(ctx context.Context, c *proc.Child) error {
	var t told
	if err := c.Spec(&t); err != nil {
		return err
	}
	ledger, err := runfolder.Keep(t.Folder, Role)
	if err != nil {
		return err
	}
	if err := c.Ready(member{os.Getpid()}); err != nil {
		return err // the next start sweeps the group
	}
	<-ctx.Done()
	if err := procfs.RemoveGroup(t.Group, quiet, patience); err != nil {
		return fmt.Errorf("removing the control group: %w", err)
	}
	wait := runfolder.OwnerPatience
	if errors.Is(context.Cause(ctx), proc.ErrSignal) {
		wait = 0 // the lab lives and removes its folder itself
	}
	return ledger.Leave(wait)
}
