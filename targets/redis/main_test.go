package redis

import (
	"bufio"
	"context"
	"io"
	"net"
	"testing"

	"benchtop/targets"
	"benchtop/targets/fixture"
	"benchtop/targets/fixture/suite"
	"benchtop/targets/guard"
	"benchtop/targets/proc"
	"benchtop/targets/runfolder"
)

func TestMain(m *testing.M) {
	proc.Dispatch(map[string]proc.RoleFunc{guard.Role: guard.Guard})
	suite.Main(m, runfolder.Remove)
}

func part(s Settings) targets.Part {
	return targets.Part{Kind: Name, Settings: &s}
}

// started starts a Redis that the end of the test stops.
func started(t *testing.T, st starter, s Settings, hooks targets.Hooks) *target {
	t.Helper()
	suite.Need(t, find().err)
	ctx, cancel := context.WithTimeout(t.Context(), suite.Deadline)
	defer cancel()
	running, err := st.start(ctx, part(s), hooks)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { fixture.ComponentStopped(t, running.Target) })
	return running
}

// client is a connection to a Redis.
type client struct {
	t  *testing.T
	in *bufio.Reader
	net.Conn
}

func connected(t *testing.T, running *target) *client {
	t.Helper()
	network, where := targets.Network(running.Addr())
	conn, err := net.Dial(network, where)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = conn.Close() })
	return &client{t, bufio.NewReader(conn), conn}
}

// ask sends a command and gives its reply, of several values the first; errors begin with a hyphen.
func (c *client) ask(command string) string {
	c.t.Helper()
	if _, err := io.WriteString(c, command+"\r\n"); err != nil {
		c.t.Fatal(err)
	}
	text, err := readText(c.in)
	if err != nil {
		return "-" + err.Error()
	}
	return text
}
