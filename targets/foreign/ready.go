package foreign

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"net/http"
	"net/netip"
	"time"

	"benchtop/targets"
	"benchtop/targets/procfs"
)

// Times of the questions whether a server serves.
const (
	askEvery   = 20 * time.Millisecond
	askTimeout = 5 * time.Second // for one response
)

// awaitReady asks until the command serves, ends, or takes too long.
func (t *command) awaitReady(ctx context.Context) error {
	ctx, cancel := context.WithTimeoutCause(ctx, readyTimeout, fmt.Errorf("not ready within %v", readyTimeout))
	defer cancel()
	client, address := asking(&t.spec), "http://"+t.addr+t.own().Ready
	if t.spec.TLS != nil {
		address = "https://" + t.addr + t.own().Ready
	}
	version := "1.1"
	if t.spec.HTTP2 {
		version = "2"
	}
	pause := time.NewTicker(askEvery)
	defer pause.Stop()
	var last error
	for {
		err := answers(ctx, client, address)
		if err == nil {
			return t.checkListener()
		}
		if ctx.Err() == nil || last == nil { // a response that was cut off tells less than the one before
			last = err
		}
		select {
		case <-t.process.Done():
			return t.ended()
		case <-ctx.Done():
			return fmt.Errorf("%w: asking %s by HTTP/%s, as the load does, gave %w%s", context.Cause(ctx), address, version, last, t.quote())
		case <-pause.C:
		}
	}
}

// asking is a client that speaks what those of a target speak.
func asking(s *targets.Spec) *http.Client {
	return &http.Client{
		Timeout: askTimeout,
		Transport: &http.Transport{
			DisableKeepAlives: true, Protocols: s.Protocols(),
			TLSClientConfig: &tls.Config{InsecureSkipVerify: true}, //nolint:gosec // it is on this machine: who signed its certificate says nothing
		},
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
	}
}

// answers asks once; nil means that the server serves.
func answers(ctx context.Context, client *http.Client, address string) error {
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, address, nil)
	if err != nil {
		return err
	}
	resp, err := client.Do(req)
	if err != nil {
		return err
	}
	_ = resp.Body.Close()
	if resp.StatusCode < 200 || resp.StatusCode > 399 {
		return fmt.Errorf("status %d, want 2xx or 3xx; --path or --ready of ab, `ready:` of a file, names another path", resp.StatusCode)
	}
	return nil
}

// ended is the error of a command that ended before it served. One that complained about its port may be tried again
// with another; so may one that ended without a word, which is no help to anybody.
func (t *command) ended() error {
	err := t.process.Err()
	if err == nil {
		err = errors.New("it ended")
	}
	t.mu.Lock()
	defer t.mu.Unlock()
	if t.taken || t.process.Tail() == "" {
		return fmt.Errorf("%w: %w", errTaken, err)
	}
	return fmt.Errorf("it ended before it served: %w", err)
}

// quote is the end of the command's output for an error message.
func (t *command) quote() string {
	if tail := t.process.Tail(); tail != "" {
		return "; its last output:\n" + tail
	}
	return " (no output)"
}

// checkListener makes sure that it is the command that answered. Between our giving the port back and its binding it
// another program may have taken it.
func (t *command) checkListener() error {
	bound, err := netip.ParseAddrPort(t.addr)
	if err != nil {
		return err
	}
	owners := listeners(bound.Addr(), int(bound.Port()))
	if len(owners) == 0 {
		return nil // this system does not tell
	}
	for _, pid := range owners {
		if below(pid, t.process.GuardPID()) {
			return nil
		}
	}
	return fmt.Errorf("%w: port %d is served by process %d, which is not of the command", errTaken, bound.Port(), owners[0])
}

// holder names who has a port, for an error message, if this system tells.
func holder(address string) string {
	bound, err := netip.ParseAddrPort(address)
	if err != nil {
		return ""
	}
	if owners := listeners(bound.Addr(), int(bound.Port())); len(owners) > 0 {
		return fmt.Sprintf(", process %d serves there", owners[0])
	}
	return ""
}

// below reports whether a process is a descendant of another one.
func below(pid, ancestor int) bool {
	for range 64 { // generations
		st, ok := procfs.ReadStat(pid)
		if !ok {
			return false
		}
		if st.Parent == ancestor {
			return true
		}
		pid = st.Parent
	}
	return false
}
