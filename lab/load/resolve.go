package load

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/netip"
	"net/url"
	"slices"
	"strconv"
	"strings"
)

// Resolver looks a name up; *net.Resolver is one.
type Resolver interface {
	LookupNetIP(ctx context.Context, network, host string) ([]netip.Addr, error)
}

// ErrNotLoopback is wrapped by every error about an address that may not be driven.
var ErrNotLoopback = errors.New("not a loopback address")

// URLError is a URL that is not driven. Nothing was dialled.
type URLError struct {
	URL     string // as given, quoted in the message
	Problem string // what was found
	Allowed string // what is allowed instead
	Class   string // name_not_found when the name did not resolve, else empty
	Err     error  // cause, may be nil
}

func (e *URLError) Error() string {
	return fmt.Sprintf("URL %q: %s; %s", e.URL, e.Problem, e.Allowed)
}

func (e *URLError) Unwrap() error { return e.Err }

// Pinned is a URL whose name was resolved once.
type Pinned struct {
	Addr  string   // literal IP address with port, or unix: with the path of a socket
	Host  string   // Host header
	Path  string   // path and query, begins with /
	Allow []string // addresses besides loopback that --allow-host let in
	TLS   *TLS     // of https, else nil
}

// Task is a task that goes to the URL.
func (p *Pinned) Task(s Task) Task {
	s.Addr, s.Allow, s.TLS = p.Addr, p.Allow, p.TLS
	return s
}

const allowedAddresses = "only loopback is driven: http://127.0.0.1:PORT/ (127.0.0.0/8), http://[::1]:PORT/, or a name that resolves to nothing else"

// Resolve checks a URL (http, https or unix) and resolves its name, once. Every address of the name has to be loopback,
// or the host (name or literal address) has to be in allowHosts; IPv4 is preferred. A nil resolver is the system's. Of
// unix:///PATH/TO.SOCK or unix:///PATH/TO.SOCK:/REQUEST/PATH the socket has to exist; see resolveSocket for the form.
// Every error is a *URLError.
func Resolve(ctx context.Context, resolver Resolver, rawURL string, allowHosts []string) (Pinned, error) {
	bad := func(err error, problem, allowed string) (Pinned, error) {
		return Pinned{}, &URLError{URL: rawURL, Problem: problem, Allowed: allowed, Err: err}
	}
	const form = "allowed: http://HOST:PORT/PATH, such as http://127.0.0.1:8080/hello, the same with https, or unix:///PATH/TO.SOCK:/PATH"
	if problem, allowed := foreignCharacter(rawURL); problem != "" {
		return bad(nil, problem, allowed)
	}
	scheme, _, ok := strings.Cut(rawURL, ":")
	lower := strings.ToLower(scheme)
	switch {
	case ok && lower == "unix":
		return resolveSocket(rawURL)
	case !ok || !strings.HasPrefix(rawURL[len(scheme):], "://"):
		return bad(nil, "has no scheme", form)
	case lower == "ws" || lower == "wss" || lower == "grpc" || lower == "grpcs":
		return bad(nil, "the scheme is "+scheme, "WebSocket and gRPC are not driven, only requests of HTTP/1.1 and HTTP/2; "+form)
	case lower != "http" && lower != "https":
		return bad(nil, "the scheme is "+scheme, form)
	}
	u, err := url.Parse(rawURL)
	if err != nil {
		return bad(err, errors.Unwrap(err).Error(), form)
	}
	host := u.Hostname()
	switch {
	case u.User != nil || strings.Contains(u.Host, "@"):
		return bad(nil, "holds user information", "leave it out; an Authorization header can be given instead")
	case host == "":
		return bad(nil, "has no host", form)
	case strings.Contains(host, "%"):
		return bad(nil, "the host has a zone or an escape", form)
	}
	port, err := portOf(u, lower)
	if err != nil {
		return bad(err, err.Error(), "allowed: 1 to 65535")
	}
	addrs, err := lookup(ctx, resolver, host)
	if err != nil {
		return Pinned{}, &URLError{
			URL: rawURL, Problem: "the name " + host + " could not be resolved: " + err.Error(), Allowed: allowedAddresses,
			Class: ErrNameNotFound, Err: err,
		}
	}
	p := Pinned{Host: u.Host, Path: pathOf(u)}
	if lower == "https" {
		p.TLS = &TLS{ServerName: host}
	}
	if p.Allow, err = driven(addrs, host, allowHosts); err != nil {
		return bad(ErrNotLoopback, err.Error(), allowedAddresses+"; --allow-host "+host+" lifts this for one host that you may load")
	}
	i := max(0, slices.IndexFunc(addrs, netip.Addr.Is4))
	p.Addr = netip.AddrPortFrom(addrs[i], port).String()
	return p, nil
}

// pathOf is the path with its query as a request has it. Braces stay as they are: they mark what keys take the place of.
func pathOf(u *url.URL) string {
	return strings.NewReplacer("%7B", "{", "%7D", "}").Replace(u.RequestURI())
}

// foreignCharacter says which character a URL may not hold; empty when there is none.
func foreignCharacter(rawURL string) (problem, allowed string) {
	for _, c := range rawURL {
		problem = fmt.Sprintf("holds the character %U", c)
		if c <= ' ' || c == 0x7f || c >= 0x80 && c <= 0xa0 || c == 0x2028 || c == 0x2029 {
			return problem, "spaces and control characters are not allowed; write them as %XX"
		}
		if c >= 0x80 {
			return problem, "only ASCII is allowed; write others as %XX"
		}
	}
	return "", ""
}

// driven gives the addresses of a host that are driven although they are not loopback ones: those of a host that was
// allowed. The error names one that is not.
func driven(addrs []netip.Addr, host string, allowHosts []string) (allow []string, err error) {
	allowed := slices.ContainsFunc(allowHosts, func(h string) bool { return strings.EqualFold(strings.Trim(h, "[]"), host) })
	for _, a := range addrs {
		if a.IsLoopback() {
			continue
		}
		if !allowed {
			found := host
			if a.String() != host {
				found += ", that is " + a.String() + ","
			}
			return nil, errors.New(found + " is not a loopback address")
		}
		allow = append(allow, a.String())
	}
	return allow, nil
}

func portOf(u *url.URL, scheme string) (uint16, error) {
	s := u.Port()
	if s == "" {
		if strings.HasSuffix(u.Host, ":") {
			return 0, errors.New("the port is empty")
		}
		if scheme == "https" {
			return 443, nil
		}
		return 80, nil
	}
	n, err := strconv.ParseUint(s, 10, 16)
	if err != nil || n == 0 {
		return 0, fmt.Errorf("the port is %s", s)
	}
	return uint16(n), nil
}

func lookup(ctx context.Context, resolver Resolver, host string) ([]netip.Addr, error) {
	if a, err := netip.ParseAddr(host); err == nil {
		return []netip.Addr{a.Unmap()}, nil
	}
	if resolver == nil {
		resolver = net.DefaultResolver
	}
	addrs, err := resolver.LookupNetIP(ctx, "ip", host)
	if err != nil {
		return nil, err
	}
	if len(addrs) == 0 {
		return nil, errors.New("no address")
	}
	out := make([]netip.Addr, len(addrs))
	for i, a := range addrs {
		out[i] = a.Unmap()
	}
	return out, nil
}

// Permitted refuses an address that is neither loopback nor let in.
func Permitted(addr netip.AddrPort, allow []string) error {
	a := addr.Addr().Unmap()
	if a.IsLoopback() && addr.Port() != 0 {
		return nil
	}
	for _, s := range allow {
		if ok, err := netip.ParseAddr(s); err == nil && ok.Unmap() == a && addr.Port() != 0 {
			return nil
		}
	}
	return fmt.Errorf("dial %v: %w; allowed: 127.0.0.0/8 and ::1, each with a port", addr, ErrNotLoopback)
}
