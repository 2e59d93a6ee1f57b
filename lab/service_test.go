package lab_test

import (
	"context"
	"encoding/json"
	"fmt"
	"net"
	"runtime"
	"slices"
	"strings"
	"sync/atomic"
	"syscall"
	"testing"
	"time"

	"benchtop/lab"
	"benchtop/lab/load"
	"benchtop/targets"
	"benchtop/targets/posix"
	"benchtop/targets/proc"
	"benchtop/targets/procfs"
	"benchtop/targets/routine"
	"benchtop/targets/setting"
)

// toyRole is the role of the process of a toy service: it listens, and works half of the time.
const toyRole = "toy"

func toy(ctx context.Context, c *proc.Child) error {
	listener, err := new(net.ListenConfig).Listen(ctx, "tcp", "127.0.0.1:0")
	if err != nil {
		return err
	}
	defer func() { _ = listener.Close() }()
	if err := c.Ready(listener.Addr().String()); err != nil {
		return err
	}
	for ctx.Err() == nil {
		for until := time.Now().Add(5 * time.Millisecond); time.Now().Before(until); {
		}
		select {
		case <-ctx.Done():
		case <-time.After(5 * time.Millisecond):
		}
	}
	return nil
}

// toyService is a running toy service.
type toyService struct {
	process *proc.Process
	addr    string
	stopped atomic.Bool
	done    chan struct{}
	err     error
}

func startToy(ctx context.Context, _ targets.Part, h targets.Hooks) (targets.Running, error) {
	p, err := proc.Start(ctx, proc.Command{Role: toyRole})
	if err != nil {
		return nil, err
	}
	t := &toyService{process: p, done: make(chan struct{})}
	if err := json.Unmarshal(p.ReadyLine(), &t.addr); err != nil {
		return nil, err
	}
	routine.Go(func() {
		<-p.Done()
		if !t.stopped.Load() {
			t.err = fmt.Errorf("its process died: %w", p.Err())
			if h.OnEvent != nil {
				h.OnEvent(targets.Event{Kind: targets.WorkerGone, PID: p.PID(), Role: toyRole, Text: p.Err().Error()})
			}
		}
		close(t.done)
	})
	return t, nil
}

func (t *toyService) Addr() string          { return t.addr }
func (t *toyService) Done() <-chan struct{} { return t.done }
func (t *toyService) Err() error            { return t.err }

func (t *toyService) Processes() []targets.Process {
	state := "serving"
	select {
	case <-t.done:
		state = "gone"
	default:
	}
	return []targets.Process{{PID: t.process.PID(), Role: toyRole, State: state}}
}

func (t *toyService) Mark(context.Context) ([]targets.WorkerStatus, error) { return nil, nil }

func (t *toyService) Stop(ctx context.Context) error {
	t.stopped.Store(true)
	err := t.process.Stop(ctx, time.Minute)
	<-t.done
	return err
}

// withToy is a plan of a built-in server with a toy service besides it.
func withToy(t *testing.T) lab.Plan {
	t.Helper()
	t.Cleanup(targets.RegisterService(targets.ServiceDescriptor{
		Name: toyRole, New: func() any { return new(struct{}) }, Settings: []setting.Setting{}, Start: startToy,
	}))
	p := plan("a")
	p.Blocks, p.Warmup, p.Slice = 2, 300*time.Millisecond, 600*time.Millisecond
	p.Expect = []string{"service_cpu_us_per_request(a.db) > 0", "service_rss_bytes(a.db) > 100kB", "service_rss_bytes(a.cache) > 0"}
	v := &p.Variants[0]
	v.Target = targets.Spec{Server: "builtin", Workers: 1, Endpoint: "/hello", Services: map[string]targets.Part{"db": {Kind: toyRole}}}
	v.Load = lab.Load{Model: load.Closed, Connections: 2, KeepAlive: true, Timeout: 20 * time.Second}
	return p
}

// A service starts with its target, is counted apart from the server, and stops with it.
func TestAServiceIsAPart(t *testing.T) {
	t.Parallel()
	fold := lab.NewFold()
	pid, events := 0, []string{}
	err := lab.Run(t.Context(), withToy(t), lab.Options{Version: "test", Sink: func(e lab.Event) {
		fold.Apply(e)
		if p := e.Process; p != nil && p.Part == "db" {
			pid = p.PID
			events = append(events, p.Event)
			if p.Event == "serving" && runtime.GOOS == "linux" { // a sweep after a killed lab finds it as it finds the others
				if marked, err := proc.Marked(proc.RunMarker()); err != nil || !slices.Contains(marked, pid) {
					t.Errorf("process %d does not carry the mark of its run: %v, %v", pid, marked, err)
				}
			}
		}
	}})
	r := fold.Result()
	if err != nil || !r.Complete || !slices.Equal(events, []string{"serving", "stopped"}) {
		t.Fatalf("%v, ended %s: %s; the service: %v", err, r.Ended, r.Reason, events)
	}
	if _, alive := procfs.Identify(pid); alive {
		t.Errorf("the service, process %d, is alive", pid)
	}
	v := &r.Variants[0]
	if len(v.Parts) != 2 || v.Parts[0].Part != "server" || v.Parts[1].Part != "db" || v.Parts[1].CPUPerRequest.Mean == nil || *v.Parts[1].CPUPerRequest.Mean <= 0 {
		t.Fatalf("the parts %+v", v.Parts)
	}
	server, service, whole := v.Mean("target_cpu_us_per_request"), v.Mean("service_cpu_us_per_request"), v.Slices("whole_cpu_us_per_request")
	if server == nil || service == nil || *service != *v.Parts[1].CPUPerRequest.Mean {
		t.Errorf("server %v, services %v", server, service)
	}
	for i, x := range whole {
		if a, b := v.Slices("target_cpu_us_per_request")[i], v.Slices("service_cpu_us_per_request")[i]; x != nil && (a == nil || b == nil || *x < max(*a, *b)) {
			t.Errorf("slice %d: the whole %v, the server %v, the service %v", i+1, *x, a, b)
		}
	}
	if v.Mechanism["service_cpu_us_per_request"] != *service {
		t.Errorf("counters %v", v.Mechanism)
	}
	for i, want := range []string{"confirmed", "confirmed", "not_applicable"} {
		x := r.Expectations[i]
		if x.Verdict != want {
			t.Errorf("%+v, want %s", x, want)
		}
		if i == 0 && *x.Measured != *service { // it is the only one
			t.Errorf("%+v, and all services %v", x, *service)
		}
	}
}

// A service that dies ends the run as a server that dies does, and is named.
func TestAServiceThatDiesIsReported(t *testing.T) {
	t.Parallel()
	fold := lab.NewFold()
	pid, gone := 0, ""
	var killed atomic.Bool
	p := withToy(t)
	p.Blocks = 20
	err := lab.Run(t.Context(), p, lab.Options{Version: "test", Sink: func(e lab.Event) {
		fold.Apply(e)
		switch {
		case e.Process != nil && e.Process.Part == "db" && e.Process.Event == "serving":
			pid = e.Process.PID
		case e.Process != nil && e.Process.PID == pid && e.Process.Event == "gone":
			gone = e.Process.Text
		case e.Slice != nil && !killed.Swap(true):
			_ = posix.Kill(pid, syscall.SIGKILL)
		}
	}})
	end := fold.State().End
	if end == nil || end.Class != lab.ClassTargetDied || !strings.Contains(end.Reason, "service db") || !strings.Contains(gone, "signal") {
		t.Errorf("%v: the run ended with %+v, the process with %q", err, end, gone)
	}
}
