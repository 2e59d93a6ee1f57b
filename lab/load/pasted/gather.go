package pasted

import (
	"cmp"
	"fmt"
	"net"
	"net/netip"
	"net/url"
	"slices"
	"strings"
	"unicode/utf8"

	"benchtop/lab/load"
)

// Methods of requests that a mix can have.
var methods = []string{"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"}

// gatherer takes requests in and counts the equal ones.
type gatherer struct {
	*source
	o       *Options
	lenient bool // a recording: what cannot be driven is left out and said, where a command is an error

	kept  []*load.Entry
	index map[string]int // of kept, by what is sent
	total int

	left, dropped, warnings, hosts tally
	variables                      []Variable
	values                         map[string]map[string]bool // of secrets by header, for how many there are
}

func newGatherer(s *source, o *Options, lenient bool) *gatherer {
	return &gatherer{source: s, o: o, lenient: lenient, index: map[string]int{}, values: map[string]map[string]bool{}}
}

// refused leaves a request of a recording out, and is an error of a command.
func (g *gatherer) refused(at int, why, hint, format string, args ...any) error {
	if g.lenient {
		g.left.add(why)
		return nil
	}
	return g.fail(at, hint, format, args...)
}

// add takes a request in. at is where its URL stands.
func (g *gatherer) add(r *request, at int) error {
	u, err := url.Parse(encoded(r.url))
	switch {
	case err != nil || u.Scheme == "" || u.Scheme != "http" && u.Scheme != "https" && g.lenient && u.Host == "":
		scheme, _, _ := strings.Cut(r.url, ":")
		return g.refused(at, "not over HTTP: "+short(scheme)+" URLs", "write it as http://HOST:PORT/PATH", "found what is not a URL; allowed: http:// and https://")
	case u.Scheme != "http" && u.Scheme != "https":
		return g.refused(at, "not over HTTP: "+u.Scheme+" URLs", "leave the request out", "found the scheme %s; allowed: http, https", short(u.Scheme))
	case u.Hostname() == "":
		return g.refused(at, "URLs without a host", "write it as http://HOST:PORT/PATH", "found a URL without a host; allowed: http://HOST:PORT/PATH")
	}
	host := hostOf(u)
	g.hosts.add(host)
	if !g.wanted(host) {
		return g.refused(at, "to the host "+host, "add --only-host "+host+" to send the requests to that host to the target instead",
			"found the host %s; allowed: %s", short(host), cmp.Or(strings.Join(g.o.Hosts, ", "), g.o.Target+", which is driven"))
	}
	if user := u.User; user != nil {
		r.header = append(r.header, [2]string{"Authorization", "Basic"})
		g.warnings.add("a URL had a user and a password in it; a variable of the environment takes their place")
	}
	if !g.passes(r) {
		return nil
	}
	if !slices.Contains(methods, r.method) {
		return g.refused(at, "method "+short(r.method), "leave the request out", "found the method %s; allowed: %s", short(r.method), strings.Join(methods, ", "))
	}
	e := load.Entry{Weight: 1, Request: load.Request{Method: r.method, Path: g.path(u, r), Body: []byte(r.body)}}
	if problem := bodyProblem(r); problem != "" {
		return g.refused(r.at, problem, "leave the request out, or write a body that can be sent", "found %s", problem)
	}
	if len(e.Path) > maxPath {
		return g.refused(at, "URLs that are too long", "leave the request out", "found a path of %d bytes; allowed: at most %d", len(e.Path), maxPath)
	}
	if problem := g.headers(r, &e); problem != "" {
		return g.refused(r.at, problem, "leave the header out", "found %s", problem)
	}
	g.keep(r, &e)
	return nil
}

// passes reports whether a request is one of those that are wanted by method and type.
func (g *gatherer) passes(r *request) bool {
	if len(g.o.Methods) > 0 && !slices.ContainsFunc(g.o.Methods, func(m string) bool { return strings.EqualFold(m, r.method) }) {
		g.left.add("method " + short(r.method))
		return false
	}
	if r.kind == "" {
		return true
	}
	wanted := !slices.Contains(unwanted, r.kind)
	if len(g.o.Types) > 0 {
		wanted = slices.Contains(g.o.Types, r.kind)
	}
	switch {
	case r.kind == "eventsource" || r.kind == "websocket":
		g.left.add(r.kind + ", whose response has no end")
		return false
	case !wanted:
		g.left.add(r.kind)
	}
	return wanted
}

// keep counts a request, or keeps the first of its kind.
func (g *gatherer) keep(r *request, e *load.Entry) {
	g.total++
	if word := secretField(r.body); word != "" {
		g.warnings.add(fmt.Sprintf("the body of %s %s has a field %s: a body is kept as it is, also in run files; leave the request out if that is a secret", e.Method, pathOnly(e.Path), word))
	}
	key := fmt.Sprintf("%q", []any{e.Method, e.Path, e.Header, e.HeaderEnv, r.body})
	if i, ok := g.index[key]; ok {
		g.kept[i].Weight++
		return
	}
	g.index[key] = len(g.kept)
	g.kept = append(g.kept, e)
}

// bodyProblem says why a body cannot be sent; empty if it can.
func bodyProblem(r *request) string {
	switch {
	case r.body == "":
		return ""
	case r.method == "GET" || r.method == "HEAD":
		return "a body in a " + r.method + " request"
	case len(r.body) > maxBody:
		return fmt.Sprintf("a body of more than %d KiB", maxBody>>10)
	case !utf8.ValidString(r.body):
		return "a body that is not text"
	}
	return ""
}

// hostOf is the host of a URL with its port, in small letters.
func hostOf(u *url.URL) string {
	port := u.Port()
	if port == "" || port == "80" && u.Scheme == "http" || port == "443" && u.Scheme == "https" {
		return strings.ToLower(u.Hostname())
	}
	return net.JoinHostPort(strings.ToLower(u.Hostname()), port)
}

// wanted reports whether requests to a host are taken.
func (g *gatherer) wanted(host string) bool {
	if len(g.o.Hosts) == 0 {
		name, port := splitHost(g.o.Target)
		otherName, otherPort := splitHost(host)
		return usual(port) == usual(otherPort) && (name == otherName || loopback(name) && loopback(otherName))
	}
	return slices.ContainsFunc(g.o.Hosts, func(wanted string) bool { return sameHost(wanted, host) })
}

// sameHost reports whether a host is one that was asked for; every name of this machine is the same, and without a port any
// port is.
func sameHost(wanted, host string) bool {
	name, port := splitHost(wanted)
	otherName, otherPort := splitHost(host)
	if port != "" && usual(port) != usual(otherPort) {
		return false
	}
	return name == otherName || loopback(name) && loopback(otherName)
}

// usual makes the ports that a URL leaves out none.
func usual(port string) string {
	if port == "80" || port == "443" {
		return ""
	}
	return port
}

func splitHost(s string) (name, port string) {
	s = strings.ToLower(s)
	if name, port, err := net.SplitHostPort(s); err == nil {
		return name, port
	}
	return strings.Trim(s, "[]"), ""
}

func loopback(name string) bool {
	addr, err := netip.ParseAddr(name)
	return name == "localhost" || err == nil && addr.Unmap().IsLoopback()
}

// encoded writes what cannot stand in a URL percent-encoded, as browsers and curl do.
func encoded(s string) string {
	var b strings.Builder
	for i := range len(s) {
		if c := s[i]; c <= ' ' || c >= 0x7f || strings.IndexByte("\"<>\\^`{|}", c) >= 0 {
			fmt.Fprintf(&b, "%%%02X", c)
		} else {
			b.WriteByte(c)
		}
	}
	return b.String()
}

// path is path and query as they are sent, without the values of parameters that are named like secrets.
func (g *gatherer) path(u *url.URL, r *request) string {
	path := u.EscapedPath()
	if strings.Contains(path, "/.") { // a client resolves . and .. before it sends
		path = (&url.URL{Path: "/"}).ResolveReference(&url.URL{Path: u.Path, RawPath: u.RawPath}).EscapedPath()
	}
	path = "/" + strings.TrimLeft(path, "/")
	if u.RawQuery == "" {
		return path
	}
	query, removed := withoutSecrets(u.RawQuery)
	for _, name := range removed {
		g.warnings.add(fmt.Sprintf("the value of the query parameter %s of %s %s was taken out, it is %q now; write a value for tests into the file of --write-mix if the service needs one",
			short(name), r.method, path, removedValue))
	}
	return path + "?" + query
}

// mix is what was gathered: the most frequent requests first.
func (g *gatherer) mix() (*Mix, error) {
	slices.SortStableFunc(g.kept, func(a, b *load.Entry) int { return cmp.Compare(b.Weight, a.Weight) })
	if g.lenient && slices.ContainsFunc(g.kept, func(e *load.Entry) bool { return e.Method != "HEAD" }) {
		g.kept = slices.DeleteFunc(g.kept, func(e *load.Entry) bool {
			if e.Method == "HEAD" {
				g.leave(e, "method HEAD, which cannot share connections with others")
			}
			return e.Method == "HEAD"
		})
	}
	for _, e := range g.kept[min(len(g.kept), load.MaxEntries):] {
		g.leave(e, fmt.Sprintf("rarer than the %d most frequent ones, which are all that a mix has", load.MaxEntries))
	}
	g.kept = g.kept[:min(len(g.kept), load.MaxEntries)]
	m := &Mix{Requests: g.total, Variables: g.variables, Left: g.left.list(), Dropped: g.dropped.list(), Warnings: g.warnings.order}
	if len(g.kept) == 0 {
		return nil, &Error{
			File: g.name, Msg: "no request is left: " + cmp.Or(strings.Join(m.Left, ", "), "it has none"),
			Hint: "take others with --only-host, --only-method or --only-type; its hosts: " + g.hosts.words(8),
		}
	}
	for header, values := range g.values {
		if len(values) > 1 {
			m.Warnings = append(m.Warnings, fmt.Sprintf("%s had %d different values; the one of the variable is sent for all", header, len(values)))
		}
	}
	slices.Sort(m.Warnings)
	names := map[string]bool{}
	for _, e := range g.kept {
		e.Name = named(e, names)
		m.Entries = append(m.Entries, *e)
	}
	used := func(v Variable) bool {
		return slices.ContainsFunc(m.Entries, func(e load.Entry) bool {
			return slices.ContainsFunc(e.HeaderEnv, func(kv [2]string) bool { return kv[1] == v.Name })
		})
	}
	m.Variables = slices.DeleteFunc(m.Variables, func(v Variable) bool { return !used(v) })
	return m, nil
}

// leave takes a kept request out again.
func (g *gatherer) leave(e *load.Entry, why string) {
	g.total -= int(e.Weight)
	for range int(e.Weight) {
		g.left.add(why)
	}
}

// list is every word with its number.
func (t *tally) list() (out []string) {
	for _, w := range t.order {
		out = append(out, fmt.Sprintf("%d %s", t.n[w], w))
	}
	return out
}

func pathOnly(path string) string {
	path, _, _ = strings.Cut(path, "?")
	return path
}

// named gives a request a name of its own: method and path, with the query or a number where others have the same.
func named(e *load.Entry, taken map[string]bool) string {
	cut := func(s string, room int) string {
		if len(s) > room {
			s = s[:room-3] + "..."
		}
		return s
	}
	name := cut(e.Method+" "+pathOnly(e.Path), maxName)
	if taken[name] {
		name = cut(e.Method+" "+e.Path, maxName)
	}
	for n := 2; taken[name]; n++ {
		end := fmt.Sprintf(" %d", n)
		name = cut(e.Method+" "+pathOnly(e.Path), maxName-len(end)) + end
	}
	taken[name] = true
	return name
}
