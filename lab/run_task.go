package lab

import (
	"cmp"
	"compress/gzip"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/netip"
	"slices"
	"strings"

	"benchtop/lab/load"
	"benchtop/targets"
	"benchtop/targets/proc"
)

// Task is a slice of the load with requests for a path of a host, without its address and its time.
func (l *Load) Task(path, host string) load.Task {
	one, mix := l.Requests(path, host)
	return load.Task{
		Request: one, Mix: mix, Keys: l.Keys,
		Model: l.Model, Connections: l.Connections, Rate: l.Rate, Stages: l.Stages, Arrivals: l.Arrivals, KeepAlive: l.KeepAlive,
		Timeout: l.Timeout, Policy: l.Policy, ExpectStatus: l.ExpectStatus,
	}
}

// TaskOn is a slice of the load on a target that serves.
func (l *Load) TaskOn(t targets.Target, path string) load.Task {
	s := l.Task(path, hostOf(t.Addr()))
	s.Addr, s.TLS = t.Addr(), secure(t, l)
	return s
}

func (r *runner) task(spec *sliceSpec, v *Variant, t targets.Target, start int64) load.Task {
	s := spec.settings.TaskOn(t, v.Target.Endpoint)
	if !s.KeepAlive { // a setting was turned: nothing is left to be kept
		s.Pool = 0
	}
	if s.Multiplexed() { // and it has no effect
		s.KeepAlive = true
	}
	s.ID, s.Start, s.Settle, s.Window = spec.index, start, spec.settle, spec.window
	s.Engine, s.ExpectRun = r.plan.engine(), r.mark(t, v)
	s.Seed = r.plan.Seed + uint64(spec.index) //nolint:gosec // an index is never negative
	return s
}

// Crew is a Generator of several machines, which have to be made ready for a slice before it is known when that begins.
type Crew interface {
	Generator
	// Ready has them make ready for a task, and gives when they start it (proc.Now). told hears what the person should know of them.
	// The error says why nothing is driven.
	Ready(ctx context.Context, t load.Task, told func(text string)) (start int64, err error)
}

// depart gives when a round starts. A crew drives one lane.
func (r *runner) depart(ctx context.Context, lanes []lane) (start int64, err error) {
	if len(lanes) == 0 {
		return 0, nil
	}
	l := &lanes[0]
	crew, ok := l.generator.(Crew)
	if !ok {
		return proc.Now() + int64(startLead), nil
	}
	start, err = crew.Ready(ctx, r.task(&l.spec, l.v, l.target, 0), func(text string) { r.note("warning", "", "%s", text) })
	switch {
	case err == nil:
		return start, nil
	case ctx.Err() != nil:
		return 0, ctx.Err()
	}
	return 0, failed(ClassAgents, "%v", err)
}

// fully drives a slice, and does so again when an agent was lost in it: nothing can be told by a part of a warm-up.
func (r *runner) fully(ctx context.Context, spec sliceSpec) (*Slice, error) {
	s, err := r.slice(ctx, spec)
	if err == nil && s.lost() {
		r.note("warning", s.Variant, "its warm-up is repeated: %s", s.Void)
		s, err = r.slice(ctx, spec)
	}
	if err == nil && s.lost() {
		return nil, failed(ClassAgents, "in the warm-up of %s %s, twice", s.Variant, s.Void)
	}
	return s, err
}

// elsewhere says of a load that other machines drive what may be the matter when they meet no server, or another one; else it is empty.
func (l *Load) elsewhere() string {
	if l.Agents == "" {
		return ""
	}
	return "; agents drive it (load.agents), and an address of loopback is that of the machine of each"
}

// Agents says which machines are to drive the load of a plan; empty: this one. It is the same for all variants.
func (p *Plan) Agents() string {
	if len(p.Variants) == 0 {
		return ""
	}
	return p.Variants[0].Load.Agents
}

// DrivenHere reports, as an error, that a plan is for who gathers the machines that are to drive its load.
func (p *Plan) DrivenHere() error {
	if p.Agents() == "" {
		return nil
	}
	return errors.New("agents are to drive the load (load.agents), and only `benchtop run` gathers them: run " + cmp.Or(p.Source, p.ID) + " with it, or leave load.agents out")
}

// unixScheme begins the address of a target that serves on a unix socket.
const unixScheme = "unix:"

// hostOf is the host that requests to a target name, with its port. A unix socket has none.
func hostOf(addr string) string {
	if strings.HasPrefix(addr, unixScheme) {
		return "localhost"
	}
	return addr
}

// secure is how the lab speaks TLS to a target; nil to one that speaks plain HTTP. A target that made its certificate
// is trusted for that one alone, so nobody else can answer in its place. The certificate of another is not verified
// when the target is on this machine, because who signed it says nothing about speed; elsewhere the system's roots
// must know it.
func secure(t targets.Target, l *Load) *load.TLS {
	spec := t.Spec()
	if spec.TLS == nil {
		return nil
	}
	name, onLoopback := "localhost", true
	if host, _, err := net.SplitHostPort(t.Addr()); err == nil {
		ip, err := netip.ParseAddr(host)
		name, onLoopback = host, err == nil && ip.IsLoopback()
	}
	return &load.TLS{
		ServerName: name, Roots: spec.TLS.Certificate, Insecure: spec.TLS.Certificate == "" && onLoopback,
		Resume: l.Resume == nil || *l.Resume,
	}
}

// answer is what one request got, for comparing the work that variants do.
type answer struct {
	status  int
	body    string // SHA-256 of what it is when it is unpacked
	headers string // names, sorted
}

// told is what a variant answered.
type told struct {
	answer
	variant string
}

func difference(a, b answer) string {
	switch {
	case a.status != b.status:
		return fmt.Sprintf("status %d against %d", a.status, b.status)
	case a.body != b.body:
		return "another body"
	}
	return "headers " + a.headers + " against " + b.headers
}

// mostRead bounds what is read of a body, in bytes.
const mostRead = 64 << 20

// around are the headers of what stands around a handler: how a body is packed, what a middleware timed. The handler's own work is the same.
var around = []string{"Content-Encoding", "Content-Length", "Vary", "X-Process-Time"}

// answered reads a response.
func answered(resp *http.Response) (answer, error) {
	body := io.Reader(resp.Body)
	if resp.Header.Get("Content-Encoding") == "gzip" && resp.Request.Method != http.MethodHead {
		z, err := gzip.NewReader(body)
		if err != nil {
			return answer{}, fmt.Errorf("unpacking the answer: %w", err)
		}
		body = z
	}
	hash := sha256.New()
	if _, err := io.Copy(hash, io.LimitReader(body, mostRead)); err != nil {
		return answer{}, fmt.Errorf("reading the answer: %w", err)
	}
	names := make([]string, 0, len(resp.Header))
	for name := range resp.Header {
		if !slices.Contains(around, name) {
			names = append(names, name)
		}
	}
	slices.Sort(names)
	return answer{status: resp.StatusCode, body: hex.EncodeToString(hash.Sum(nil)), headers: strings.Join(names, ",")}, nil
}

func endOf(ctx context.Context, err error) *EndEvent {
	var end *endError
	switch {
	case err == nil:
		return &EndEvent{How: EndComplete}
	case errors.As(err, &end):
		return &end.EndEvent
	case ctx.Err() != nil:
		return Stopped(ctx)
	}
	return &EndEvent{How: EndFailed, Reason: err.Error()}
}

// Stopped is the end of a run whose context ended before its last block.
func Stopped(ctx context.Context) *EndEvent {
	if errors.Is(context.Cause(ctx), ErrTerminated) {
		return &EndEvent{How: EndTerminated, Reason: "a signal ended the run"}
	}
	return &EndEvent{How: EndInterrupted, Reason: "stopped before its end"}
}
