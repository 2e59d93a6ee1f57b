package lab

import (
	"bytes"
	"cmp"
	"context"
	"errors"
	"fmt"
	"net"
	"net/http"
	"os"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"benchtop/lab/load"
	"benchtop/lab/load/requests"
	"benchtop/lab/observe"
	"benchtop/targets"
	"benchtop/targets/routine"
)

// Roles of processes that belong to no variant: the one that everything else starts from, and those that stand between it
// and a component of others.
const (
	labRole   = "lab"
	guardRole = "guard"
)

// start brings the generator and every target up; they stay up for the whole run.
func (r *runner) start(ctx context.Context) error {
	if err := r.startGenerator(ctx); err != nil {
		return err
	}
	r.count()
	for i := range r.plan.Variants {
		t, err := r.startTarget(ctx, i)
		if err != nil {
			return startFailed(ctx, "target "+r.plan.Variants[i].ID, err)
		}
		r.targets = append(r.targets, t)
	}
	r.rewatch(false)
	return nil
}

// startAgain ends every target, starts it again as it was, and warms it up.
func (r *runner) startAgain(ctx context.Context) error {
	for i := range r.plan.Variants {
		v := &r.plan.Variants[i]
		r.stopOne(ctx, i)
		t, err := r.startTarget(ctx, i)
		if err == nil {
			r.targets[i] = t
			delete(r.late, v.ID) // the one that is gone answers nothing any more
			_, err = ask(ctx, t, v, r.mark(t, v))
		}
		if err != nil {
			return startFailed(ctx, "target "+v.ID+" again", err)
		}
	}
	r.rewatch(true)
	for i := range r.plan.Variants {
		if err := r.warm(ctx, i); err != nil {
			return err
		}
	}
	return nil
}

// startGenerator brings up the generators that are missing: one drives all variants one after the other; those that are
// under load at the same time have one each.
func (r *runner) startGenerator(ctx context.Context) error {
	wanted := 1
	if r.plan.Order == Together {
		wanted = len(r.plan.Variants)
	}
	for len(r.generators) < wanted {
		g, err := r.opt.StartGenerator(ctx, r.opt.Load)
		if err != nil {
			return startFailed(ctx, "the generator", err)
		}
		r.generators = append(r.generators, g)
		if pid := g.PID(); pid > 0 {
			r.emit(Event{Process: &ProcessEvent{PID: pid, Role: "loader", Event: "serving"}})
		}
	}
	return nil
}

// advise warns of what a target may be and yet was most likely not meant to be.
func (r *runner) advise() {
	for i := range r.plan.Variants {
		v := &r.plan.Variants[i]
		for _, text := range targets.Advice(v.Target) {
			r.note("warning", v.ID, "%s", text)
		}
	}
}

// startTarget brings up the target of a variant and tells its processes.
func (r *runner) startTarget(ctx context.Context, i int) (targets.Target, error) {
	v := &r.plan.Variants[i]
	spec, err := r.specOf(v)
	if err != nil {
		return nil, err
	}
	spec.Nonce, spec.Variant, spec.HTTP2 = r.nonce, v.ID, v.Load.Multiplexed()
	up := &atomic.Bool{}
	t, err := r.opt.StartTarget(ctx, spec, r.hooks(v.ID, up))
	if err != nil {
		return nil, err
	}
	for _, p := range t.Processes() {
		r.emit(Event{Process: &ProcessEvent{
			Variant: v.ID, PID: p.PID, Role: p.Role, Part: partOf(&p), Index: p.Index, Addr: t.Addr(), Event: "serving",
		}})
	}
	up.Store(true)
	return t, nil
}

// specOf is what the target of a variant is started with.
func (r *runner) specOf(v *Variant) (targets.Spec, error) {
	switch {
	case len(v.Sealed) == 0:
		return v.Target, nil
	case r.plan.Unseal == nil:
		return targets.Spec{}, errors.New("its settings are sealed (" + strings.Join(v.Sealed, ", ") + "), and only the command that sealed them starts it")
	}
	return r.plan.Unseal(v)
}

func startFailed(ctx context.Context, what string, err error) error {
	if ctx.Err() != nil {
		return ctx.Err()
	}
	return failed(ClassStartFailed, "starting %s: %s", what, errorWords(err))
}

// errorWords is an error for people, without the terms of the language it was written in.
func errorWords(err error) string {
	return strings.NewReplacer("context canceled", "the run ended", "context deadline exceeded", "no response in time").Replace(err.Error())
}

// hooks turn what happens to a target's processes into events. Its first processes are told when up is set.
func (r *runner) hooks(variant string, up *atomic.Bool) targets.Hooks {
	return targets.Hooks{OnStatus: r.gauges.take, OnEvent: func(e targets.Event) {
		p := ProcessEvent{Variant: variant, PID: e.PID, Role: e.Role, Part: e.Part, Text: e.Text}
		switch e.Kind {
		case targets.WorkerUp:
			if !up.Load() {
				return // told once all of them serve
			}
			p.Event = "serving"
		case targets.WorkerReplaced:
			p.Event = "replaced"
		case targets.WorkerHung:
			p.Event = "hung"
		case targets.GaveUp:
			p.Event = "gave_up"
		case targets.WorkerGone:
			p.Event = "gone"
		case targets.WorkerRecycled:
			p.Event = "recycled"
		}
		r.watch.Lock()
		if p.Event == "gone" || p.Event == "hung" {
			r.watch.deaths[variant]++
		}
		if p.Event == "recycled" {
			r.watch.recycled[variant]++
		}
		r.watch.Unlock()
		r.emit(Event{Process: &p})
	}}
}

// rewatch tells the observer which processes there are. Within a slice the dead ones stay (keepGone): the CPU that they
// used in it would count as another program's otherwise.
func (r *runner) rewatch(keepGone bool) {
	pid := r.opt.LabPID
	if pid == 0 {
		pid = os.Getpid()
	}
	procs := []observe.Proc{{PID: pid, Role: labRole}}
	for _, g := range r.generators {
		if pid := g.PID(); pid > 0 { // those of other machines have none here
			procs = append(procs, observe.Proc{PID: pid, Role: "loader"})
		}
	}
	var groups []observe.Group
	for i, t := range r.targets {
		if g, ok := t.(targets.Grouped); ok && g.Group() != "" {
			groups = append(groups, observe.Group{Variant: r.plan.Variants[i].ID, Path: g.Group()})
		}
		if g, ok := t.(targets.Guarded); ok {
			for _, pid := range g.Guards() {
				procs = append(procs, observe.Proc{PID: pid, Role: guardRole})
			}
		}
	}
	r.listed = r.processes()
	for i := range r.listed {
		for _, p := range r.listed[i] {
			if keepGone || p.State != "gone" {
				procs = append(procs, observe.Proc{PID: p.PID, Role: p.Role, Variant: r.plan.Variants[i].ID, Part: partOf(&p), Reaps: p.Reaps, Group: p.Group, Forked: p.Forked, Counted: partOf(&p) == targets.PartServer})
			}
		}
	}
	r.observer.Watch(procs)
	r.tellUncounted()
	r.observer.WatchGroups(groups)
}

// processes lists those of all targets.
func (r *runner) processes() [][]targets.Process {
	all := make([][]targets.Process, len(r.targets))
	for i, t := range r.targets {
		all[i] = t.Processes()
	}
	return all
}

// probe asks every variant once and makes sure that its own target answers, and that variants with the same endpoint
// give the same response: a difference in work is not a difference in speed.
func (r *runner) probe(ctx context.Context) error {
	first := map[string]told{} // request -> what the first variant with it answered
	for i, t := range r.targets {
		v := &r.plan.Variants[i]
		answers, err := ask(ctx, t, v, r.mark(t, v))
		if err != nil {
			if ctx.Err() != nil {
				return ctx.Err()
			}
			class := ClassNoResponse
			if errors.Is(err, errOtherServer) {
				class = ClassWrongRun
			}
			return failed(class, "asking %s once before the start: %s", v.ID, errorWords(err))
		}
		for request, a := range answers {
			if p := v.Target.Proxy; p != nil && p.Uneven > 1 {
				a.body = "" // the copies do different work, which is declared, and any of them may have answered
			}
			b, seen := first[request]
			if !seen {
				first[request] = told{a, v.ID}
			} else if a != b.answer {
				r.note("warning", v.ID, "responses differ from those of %s for the same request (%s): the variants do not do the same work",
					b.variant, difference(a, b.answer))
			}
		}
	}
	return nil
}

// probeTimeout bounds the one question before the start.
const probeTimeout = 10 * time.Second

// mark is the value of X-Benchtop-Run in the responses of a variant's target; empty for a server that somebody else wrote.
func (r *runner) mark(t targets.Target, v *Variant) string {
	if d, ok := targets.Lookup(t.Spec().Server); ok && d.Unmarked {
		return ""
	}
	return r.nonce + "." + v.ID
}

var errOtherServer = errors.New("another server answered")

// ask makes each request of a variant to its target once, those of a mix with the first of their keys, and gives the answers by
// request. Every response must carry the run's mark, if there is one.
func ask(ctx context.Context, t targets.Target, v *Variant, run string) (map[string]answer, error) {
	task := load.Task{Keys: v.Load.Keys}
	task.Request, task.Mix = v.Load.Requests(t.Spec().Endpoint, hostOf(t.Addr()))
	task, _, err := task.Filled(os.LookupEnv)
	if err != nil {
		return nil, err
	}
	entries, err := requests.First(&task)
	if err != nil {
		return nil, err
	}
	out := map[string]answer{}
	for i := range entries {
		q := &entries[i].Request
		a, err := askOne(ctx, t, v, q, run)
		if err != nil {
			return nil, err
		}
		out[q.Method+" "+q.Path+"\x00"+string(q.Body)] = a
	}
	return out, nil
}

// askOne makes one request, over TLS if the target speaks that, as the generator will.
func askOne(ctx context.Context, t targets.Target, v *Variant, q *load.Request, run string) (answer, error) {
	ctx, cancel := context.WithTimeout(ctx, probeTimeout)
	defer cancel()
	method := cmp.Or(q.Method, http.MethodGet)
	addr, scheme, transport := t.Addr(), "http://", &http.Transport{DisableKeepAlives: true, Protocols: t.Spec().Protocols()}
	if s := secure(t, &v.Load); s != nil {
		scheme = "https://"
		var err error
		if transport.TLSClientConfig, err = s.Config(v.Load.Multiplexed()); err != nil {
			return answer{}, err
		}
	}
	if path, ok := strings.CutPrefix(addr, unixScheme); ok {
		transport.DialContext = func(ctx context.Context, _, _ string) (net.Conn, error) {
			return (&net.Dialer{}).DialContext(ctx, "unix", path)
		}
	}
	req, err := http.NewRequestWithContext(ctx, method, scheme+hostOf(addr)+q.Path, bytes.NewReader(q.Body))
	if err != nil {
		return answer{}, err
	}
	for _, h := range q.Header {
		req.Header.Add(h[0], h[1])
	}
	client := &http.Client{
		Transport:     transport,
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
	}
	resp, err := client.Do(req)
	switch {
	case errors.Is(err, context.DeadlineExceeded):
		return answer{}, fmt.Errorf("%s %s gave no response within %v; start the server, or see whether it hangs", method, q.Path, probeTimeout)
	case err != nil:
		return answer{}, err
	}
	defer func() { _ = resp.Body.Close() }()
	if got := resp.Header.Get("X-Benchtop-Run"); run != "" && got != run {
		return answer{}, fmt.Errorf("%w on %s: X-Benchtop-Run is %q, expected %q", errOtherServer, addr, got, run)
	}
	return answered(resp)
}

// stopGrace is how long targets get to stop gracefully.
const stopGrace = 3 * time.Second

// stop ends everything that start began and waits for it.
func (r *runner) stop() {
	ctx, cancel := context.WithTimeout(context.Background(), stopGrace)
	defer cancel()
	var wg sync.WaitGroup
	for i, t := range r.targets {
		wg.Add(1)
		routine.Go(func() {
			defer wg.Done()
			r.stopTarget(ctx, r.plan.Variants[i].ID, t)
		})
	}
	for _, g := range r.generators {
		if err := g.Stop(ctx); err != nil {
			r.note("info", "", "stopping the generator: %s", errorWords(err))
		}
		if pid := g.PID(); pid > 0 {
			r.emit(Event{Process: &ProcessEvent{PID: pid, Role: "loader", Event: "stopped"}})
		}
	}
	wg.Wait()
	r.observer.Close()
}

// stopTarget ends a target and tells the processes that are gone with it.
func (r *runner) stopTarget(ctx context.Context, variant string, t targets.Target) {
	procs := t.Processes()
	if err := t.Stop(ctx); err != nil {
		r.note("info", variant, "stopping: %s", errorWords(err))
	}
	for _, p := range procs {
		if p.State != "gone" {
			r.emit(Event{Process: &ProcessEvent{Variant: variant, PID: p.PID, Role: p.Role, Part: partOf(&p), Index: p.Index, Event: "stopped"}})
		}
	}
}
