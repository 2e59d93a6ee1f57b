package proc

import (
	"context"
	"fmt"
	"io"
	"net"
	"os"
	"os/exec"
	"time"
)

// The roles of the children that the tests start.

type echoSpec struct {
	Text string `json:"text"`
}

// echoRole says what it got and sends every message back.
func echoRole(ctx context.Context, c *Child) error {
	var s echoSpec
	if err := c.Spec(&s); err != nil {
		return err
	}
	out := []string{s.Text, os.Getenv("GOMAXPROCS"), os.Getenv("EXTRA"), os.Getenv(RoleEnv)}
	for _, f := range c.Files() {
		b, err := io.ReadAll(f)
		if err != nil {
			return err
		}
		out = append(out, string(b))
	}
	if err := c.Ready(out); err != nil {
		return err
	}
	for m := range c.Messages() {
		if err := c.Send(m); err != nil {
			return err
		}
	}
	<-ctx.Done()
	return nil
}

// stubbornRole ignores every wish to stop and has a child of its own in its process group.
func stubbornRole(_ context.Context, c *Child) error {
	grandchild := exec.Command("sleep", "1000")
	if err := grandchild.Start(); err != nil {
		return err
	}
	if err := c.Ready(grandchild.Process.Pid); err != nil {
		return err
	}
	select {}
}

func garbageRole(ctx context.Context, c *Child) error {
	_ = c.up.write([]byte("not json\n"), time.Second)
	<-ctx.Done()
	return nil
}

// deafRole never reads its messages but must notice the end of its lifeline.
func deafRole(ctx context.Context, c *Child) error {
	if err := c.Ready(nil); err != nil {
		return err
	}
	<-ctx.Done()
	return nil
}

// floodRole writes more output than is kept and sends lines until it is told to stop.
func floodRole(ctx context.Context, c *Child) error {
	for i := range 20000 {
		fmt.Println("line", i, "\x1b[2J")
	}
	if err := c.Ready(nil); err != nil {
		return err
	}
	for i := 0; ctx.Err() == nil; i++ {
		_ = c.Send(i) // a parent that does not read is what this role is about
	}
	return nil
}

// parentRole is a stand-in for the lab: it starts children and waits. Spec: how many.
func parentRole(ctx context.Context, c *Child) error {
	var n int
	if err := c.Spec(&n); err != nil {
		return err
	}
	if err := c.Ready(nil); err != nil {
		return err
	}
	var pids []int
	for range n {
		p, err := Start(ctx, Command{Role: "deaf"})
		if err != nil {
			return err
		}
		pids = append(pids, p.PID())
	}
	if err := c.Send(pids); err != nil {
		return err
	}
	<-ctx.Done()
	return nil
}

// acceptRole accepts connections and closes them, until it is asked to stop.
func acceptRole(ctx context.Context, c *Child) error {
	l, err := net.FileListener(c.Files()[0])
	if err != nil {
		return err
	}
	go func() {
		for {
			conn, err := l.Accept()
			if err != nil {
				return
			}
			_ = conn.Close()
		}
	}()
	if err := c.Ready(nil); err != nil {
		return err
	}
	<-ctx.Done()
	return l.Close()
}
