package redis

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"os"
	"strings"
	"sync"
	"testing"
	"time"

	"go.uber.org/goleak"

	"benchtop/targets"
	"benchtop/targets/component"
	"benchtop/targets/guard"
	"benchtop/targets/proc"
	"benchtop/targets/procfs"
	"benchtop/targets/runfolder"
)

// deadline is generous: the machine may be slow and busy.
const deadline = 60 * time.Second

func TestMain(m *testing.M) {
	proc.Dispatch(map[string]proc.RoleFunc{guard.Role: guard.Guard})
	goleak.VerifyTestMain(m, goleak.IgnoreAnyFunction("benchtop/targets/proc.runSpawner"), goleak.Cleanup(func(code int) {
		if err := runfolder.Remove(); err != nil {
			fmt.Fprintln(os.Stderr, err)
			code = max(code, 1)
		}
		os.Exit(code)
	}))
}

// needRedis skips a test where Redis is missing, visibly, unless that is a failure.
func needRedis(t *testing.T) {
	t.Helper()
	if err := find().err; err != nil {
		if strings.Contains(os.Getenv("BENCHTOP_REQUIRE"), "stack") {
			t.Fatalf("BENCHTOP_REQUIRE asks for the real components: %v", err)
		}
		t.Skipf("skipped without the real component: %v", err)
	}
}

func part(memory int64) targets.Part {
	return targets.Part{Kind: Name, Settings: &Settings{Memory: memory}}
}

// started starts a Redis that the end of the test stops.
func started(t *testing.T, st starter, memory int64, hooks targets.Hooks) *target {
	t.Helper()
	needRedis(t)
	ctx, cancel := context.WithTimeout(t.Context(), deadline)
	defer cancel()
	running, err := st.start(ctx, part(memory), hooks)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { stopped(t, running) })
	return running
}

// stopped stops a Redis and makes sure that nothing of it is left.
func stopped(t *testing.T, running *target) {
	t.Helper()
	ctx, cancel := context.WithTimeout(context.Background(), deadline)
	defer cancel()
	if err := running.Stop(ctx); err != nil && !errors.Is(err, proc.ErrKilled) {
		t.Errorf("stopping: %v", err)
	}
	for _, p := range running.Processes() {
		if _, alive := procfs.Identify(p.PID); alive || p.State != component.Gone {
			t.Errorf("%s %d is %s and alive: %v", p.Role, p.PID, p.State, alive)
		}
	}
	if _, err := os.Stat(running.Folder); !errors.Is(err, os.ErrNotExist) {
		t.Errorf("the folder is still there: %v", err)
	}
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

// events keeps what a target tells.
type events struct {
	mu   sync.Mutex
	all  []targets.Event
	news chan struct{}
}

func newEvents() *events { return &events{news: make(chan struct{}, 1)} }

func (e *events) hooks() targets.Hooks {
	return targets.Hooks{OnEvent: func(v targets.Event) {
		e.mu.Lock()
		e.all = append(e.all, v)
		e.mu.Unlock()
		select {
		case e.news <- struct{}{}:
		default:
		}
	}}
}

// await waits for an event of the kind that has this text.
func (e *events) await(t *testing.T, kind targets.EventKind, text string) targets.Event {
	t.Helper()
	end := time.After(deadline)
	for {
		e.mu.Lock()
		for _, v := range e.all {
			if v.Kind == kind && strings.Contains(v.Text, text) {
				e.mu.Unlock()
				return v
			}
		}
		e.mu.Unlock()
		select {
		case <-e.news:
		case <-end:
			t.Fatalf("no event %s with %q in %+v", kind, text, e.all)
		}
	}
}
