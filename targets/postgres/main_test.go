package postgres

import (
	"context"
	"errors"
	"fmt"
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
	"benchtop/targets/setting"
	"benchtop/targets/shop/schema"
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

// needPostgres skips a test where PostgreSQL is missing, visibly, unless that is a failure.
func needPostgres(t *testing.T) {
	t.Helper()
	if err := find().err; err != nil {
		if strings.Contains(os.Getenv("BENCHTOP_REQUIRE"), "stack") {
			t.Fatalf("BENCHTOP_REQUIRE asks for the real components: %v", err)
		}
		t.Skipf("skipped without the real component: %v", err)
	}
}

func part(s Settings) targets.Part {
	setting.Fill(Descriptor().Settings, &s)
	return targets.Part{Kind: Name, Settings: &s}
}

// started starts a PostgreSQL that the end of the test stops.
func started(t *testing.T, st starter, settings Settings, hooks targets.Hooks) *target {
	t.Helper()
	needPostgres(t)
	ctx, cancel := context.WithTimeout(t.Context(), deadline)
	defer cancel()
	running, err := st.start(ctx, part(settings), hooks)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { stopped(t, running) })
	return running
}

// stopped stops a PostgreSQL and makes sure that nothing of it is left.
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

// client opens a session as the applications do.
func client(t *testing.T, running *target) *session {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), deadline)
	defer cancel()
	socket, _ := targets.UnixPath(running.Addr())
	s, err := dial(ctx, socket, schema.User, schema.Database)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = s.conn.Close() })
	return s
}

// value runs SQL and gives the first value of its result.
func (s *session) value(t *testing.T, sql string) string {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), deadline)
	defer cancel()
	rows, err := s.run(ctx, sql)
	if err != nil || len(rows) == 0 {
		t.Fatalf("%s: %v, %v", sql, rows, err)
	}
	return rows[0][0]
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
