package take

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"net"
	"net/http"
	"net/netip"
	"net/url"
	"strings"
	"syscall"

	"benchtop/lab/profile"
	"benchtop/targets/foreign"
)

// fetch asks the server for its profile.
func (w *Wish) fetch(ctx context.Context) (*profile.Profile, error) {
	if w.Port == "" && strings.Contains(w.Plan.URL, foreign.PortWord) {
		return nil, errors.New("it serves on no port, which " + foreign.PortWord + " of --profile-url stands for")
	}
	raw := strings.ReplaceAll(w.Plan.URL, foreign.PortWord, w.Port)
	if wrong := foreign.WrongURL(raw); wrong != "" {
		return nil, errors.New("--profile-url: " + wrong)
	}
	u, err := url.Parse(raw)
	if err != nil {
		return nil, err
	}
	query := u.Query()
	query.Set("seconds", w.seconds())
	u.RawQuery = query.Encode()
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, u.String(), nil)
	if err != nil {
		return nil, err
	}
	asking := client(nil)
	if raw != w.Plan.URL {
		asking = client(w.Protocols)
	}
	resp, err := asking.Do(req)
	if err != nil {
		if ctx.Err() != nil {
			err = context.Cause(ctx)
		}
		return nil, fmt.Errorf("asking for the profile: %w", err)
	}
	defer func() { _ = resp.Body.Close() }()
	if resp.StatusCode != http.StatusOK {
		return nil, fmt.Errorf("%s responded %s; Go's pprof is there where net/http/pprof is imported and its handlers are served", raw, resp.Status)
	}
	data, err := profile.ReadAll(resp.Body)
	if err != nil {
		return nil, fmt.Errorf("the profile of %s: %w", raw, err)
	}
	p, err := profile.FromPprof(data)
	if err != nil {
		return nil, fmt.Errorf("the profile of %s: %w", raw, err)
	}
	return p, nil
}

// client dials this machine alone, whatever a name stands for by now, uses no proxy and follows nothing. It speaks HTTP/1.1, or
// what is given.
func client(p *http.Protocols) *http.Client {
	dialer := net.Dialer{Control: onlyHere}
	return &http.Client{
		Transport: &http.Transport{
			DialContext: dialer.DialContext, DisableKeepAlives: true, Protocols: p,
			TLSClientConfig: &tls.Config{InsecureSkipVerify: true}, //nolint:gosec // it is on this machine: who signed its certificate says nothing
		},
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
	}
}

// onlyHere refuses an address that is not one of this machine alone, before anything is sent to it.
func onlyHere(_, address string, _ syscall.RawConn) error {
	if at, err := netip.ParseAddrPort(address); err != nil || !at.Addr().Unmap().IsLoopback() {
		return fmt.Errorf("%s is not an address of this machine alone", address)
	}
	return nil
}
