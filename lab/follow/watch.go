package follow

import (
	"bufio"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net"
	"slices"
	"sync"
	"time"

	"benchtop/lab"
	"benchtop/targets/routine"
)

// Limits of what is taken from a socket.
const (
	maxLine     = 1 << 20
	dialTimeout = time.Second
)

// Lab is one lab that can be followed, as it is known now.
type Lab struct {
	Path   string
	Hello  Hello
	Where  *Where      // nil: it has not said
	Events []lab.Event // of the current run, oldest first

	connected bool
	told      bool // Labs has given what is known of it
	over      bool // it is not followed any more
}

// Watcher keeps a connection to every lab that there is.
type Watcher struct {
	find    func() []string // paths of sockets
	changed chan struct{}
	wg      sync.WaitGroup

	mu   sync.Mutex
	labs map[string]*Lab
}

// Watch looks for labs at every tick, and follows each, until ctx ends; Wait then. find gives the sockets that there
// may be; one that nobody answers at is passed over.
func Watch(ctx context.Context, find func() []string, ticks <-chan time.Time) *Watcher {
	w := &Watcher{find: find, changed: make(chan struct{}, 1), labs: map[string]*Lab{}}
	w.wg.Add(1)
	routine.Go(func() {
		defer w.wg.Done()
		for {
			w.look(ctx)
			select {
			case <-ctx.Done():
				return
			case <-ticks:
			}
		}
	})
	return w
}

// Wait returns when everything that Watch began has ended.
func (w *Watcher) Wait() { w.wg.Wait() }

// Changed gets something when Labs may give something else.
func (w *Watcher) Changed() <-chan struct{} { return w.changed }

// Labs are those that are there now, the last started first. The caller may keep them. One that has ended stays until
// what it said last has been given once: a caller that is slower than the end of a run still hears of that end.
func (w *Watcher) Labs() []Lab {
	w.mu.Lock()
	defer w.mu.Unlock()
	out := make([]Lab, 0, len(w.labs))
	for path, l := range w.labs {
		if l.Hello.Benchtop == 0 {
			continue // it has not said who it is
		}
		l.told = true
		if l.over {
			delete(w.labs, path)
			w.tell()
		}
		one := *l
		one.Events = slices.Clip(l.Events)
		out = append(out, one)
	}
	slices.SortFunc(out, func(a, b Lab) int {
		if d := b.Hello.Started.Compare(a.Hello.Started); d != 0 {
			return d
		}
		return b.Hello.PID - a.Hello.PID
	})
	return out
}

func (w *Watcher) tell() {
	select {
	case w.changed <- struct{}{}:
	default:
	}
}

func (w *Watcher) look(ctx context.Context) {
	for _, path := range w.find() {
		w.mu.Lock()
		known := w.labs[path] != nil && w.labs[path].connected
		w.mu.Unlock()
		if known || ctx.Err() != nil {
			continue
		}
		dialer := net.Dialer{Timeout: dialTimeout}
		conn, err := dialer.DialContext(ctx, "unix", path)
		if err != nil {
			w.forget(path) // nobody is there any more
			continue
		}
		w.mu.Lock()
		if w.labs[path] == nil {
			w.labs[path] = &Lab{Path: path}
		}
		w.labs[path].connected = true
		w.mu.Unlock()
		w.wg.Add(1)
		routine.Go(func() {
			defer w.wg.Done()
			stop := routine.OnDone(ctx, func() { _ = conn.Close() })
			defer stop()
			err := w.read(conn, path)
			_ = conn.Close()
			if errors.Is(err, errRefused) {
				w.mu.Lock()
				w.labs[path].connected = false
				w.mu.Unlock()
				return
			}
			w.forget(path) // however else it ends, the lab is not followed any more
		})
	}
}

// forget takes a lab off the list, at once if nothing of it is untold.
func (w *Watcher) forget(path string) {
	w.mu.Lock()
	defer w.mu.Unlock()
	l := w.labs[path]
	if l == nil {
		return
	}
	if l.over = true; l.told || l.Hello.Benchtop == 0 {
		delete(w.labs, path)
	}
	w.tell()
}

// errRefused ends the lines of a lab that has followers enough. It stays on the list, and is asked again.
var errRefused = errors.New("it has followers enough")

var errOther = errors.New("it speaks another version")

// read takes the lines of one lab until it ends.
func (w *Watcher) read(conn net.Conn, path string) error {
	in := bufio.NewScanner(conn)
	in.Buffer(make([]byte, 0, 64<<10), maxLine)
	for first := true; in.Scan(); first = false {
		var line Line
		if err := json.Unmarshal(in.Bytes(), &line); err != nil {
			return fmt.Errorf("a line that is none: %w", err)
		}
		if line.Event != nil {
			if err := line.Event.Check(); err != nil {
				return fmt.Errorf("a line with an event that no run has: %w", err)
			}
		}
		if first && (line.Hello == nil || line.Hello.Benchtop != Version) {
			return errOther
		}
		w.take(path, &line)
		if first && line.Hello.Refused != "" {
			return errRefused
		}
	}
	return in.Err()
}

func (w *Watcher) take(path string, line *Line) {
	w.mu.Lock()
	l := w.labs[path]
	l.told = false
	switch {
	case line.Hello != nil:
		l.Hello = *line.Hello
	case line.Where != nil:
		if l.Where != nil && newRun(l.Where, line.Where) {
			l.Events = nil
		}
		l.Where = line.Where
	case line.Event != nil:
		if l.Events = append(l.Events, *line.Event); len(l.Events) > kept {
			l.Events = slices.Clone(l.Events[len(l.Events)-kept:])
		}
	}
	w.mu.Unlock()
	w.tell()
}

// newRun reports whether another run begins between two places.
func newRun(was, is *Where) bool {
	return is.Place == Run && is.Ended == "" && is.Phase == lab.PhaseStarting && (was.Place != Run || was.Phase != lab.PhaseStarting)
}

// Choose picks the lab to follow for a scenario: the one that is followed already as long as it is at the scenario,
// else the last started that is, else nil. others are further labs at the same scenario.
func Choose(labs []Lab, scenario, followed string) (chosen *Lab, others []Lab) {
	for i := range labs {
		l := &labs[i]
		if l.Where == nil || l.Where.Scenario != scenario {
			continue
		}
		if chosen == nil || l.Path == followed {
			chosen = l
		}
	}
	for i := range labs {
		if l := &labs[i]; l != chosen && l.Where != nil && l.Where.Scenario == scenario {
			others = append(others, *l)
		}
	}
	return chosen, others
}
