package agents

import (
	"context"
	"encoding/json"
	"testing"
	"time"

	"benchtop/lab/class/joincode"
	"benchtop/lab/load/generator"
	"benchtop/targets/all"
	"benchtop/targets/fixture/suite"
	"benchtop/targets/proc"
	"benchtop/targets/runfolder"
)

// Roles of the children of these tests.
const (
	lenderRole = "lender"
	leaderRole = "leader"
)

func TestMain(m *testing.M) {
	roles := all.Roles()
	roles[generator.Role], roles[lenderRole], roles[leaderRole] = generator.Main, lender, leader
	proc.Dispatch(roles)
	all.Register()
	suite.Main(m, runfolder.Remove)
}

// lending is what a child is told that is an agent.
type lending struct {
	Code, Name string
	Allow      []string
}

// lender is an agent as a process of its own. It sends every line that it says.
func lender(ctx context.Context, c *proc.Child) error {
	var spec lending
	if err := c.Spec(&spec); err != nil {
		return err
	}
	code, err := joincode.Parse(spec.Code)
	if err != nil {
		return err
	}
	if err := c.Ready(nil); err != nil {
		return err
	}
	return Lend(ctx, Config{Code: code, Hello: Hello{Name: spec.Name}, Allow: spec.Allow, Now: time.Now, Say: func(text string) { _ = c.Send(text) }})
}

// leader is the other end as a process of its own, which has one agent drive a task. Its ready line is the code.
func leader(ctx context.Context, c *proc.Child) error {
	var part Part
	if err := c.Spec(&part); err != nil {
		return err
	}
	crew, err := Open(CrewConfig{Now: time.Now})
	if err != nil {
		return err
	}
	defer crew.Close()
	if err := c.Ready(crew.Code()); err != nil {
		return err
	}
	for len(crew.Here()) == 0 {
		select {
		case <-ctx.Done():
			return nil
		case <-time.After(lookEvery):
		}
	}
	part.Agent = crew.Here()[0]
	_, err = crew.Run(ctx, []Part{part}, generator.Config{}, nil)
	return err
}

// start starts a child. Its lines go to the channel.
func start(t *testing.T, role string, spec any) (*proc.Process, <-chan string) {
	t.Helper()
	said := make(chan string, 1000)
	p, err := proc.Start(t.Context(), proc.Command{Role: role, Spec: spec, OnMessage: func(m json.RawMessage) {
		var text string
		if json.Unmarshal(m, &text) == nil {
			said <- text
		}
	}})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		ctx, cancel := context.WithTimeout(context.Background(), suite.Deadline)
		defer cancel()
		_ = p.Stop(ctx, time.Second) // some are killed by their test
	})
	return p, said
}
