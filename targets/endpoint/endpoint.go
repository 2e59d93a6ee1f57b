// Package endpoint is the one table of the sample endpoints: what they are called, which parameters they take within
// which bounds, and the handlers of the built-in server. Everything that names an endpoint walks this table: the
// engines, the checks of a scenario, the Python application (which gets it as JSON), the documents.
//
// To add one: a row and its handler in a file here, and a handler in targets/python/app/endpoints_*.py.
package endpoint

import (
	"errors"
	"fmt"
	"net/url"
	"slices"
	"strings"
	"sync"

	"benchtop/targets/spelling"
)

// IgnoredBody is the largest body, in bytes, of a request to an endpoint that takes none: it is read and dropped.
const IgnoredBody = 4 << 20

// Endpoint is a row of the table.
type Endpoint struct {
	Path     string
	Doc      string   // what it responds with, in one line
	Params   []Param  // at most MaxParams
	Services []string // those of the target that its handler asks, as a scenario names them: database
	Samples  []string // queries worth looking at; none: a person who turns settings is not offered it
	Body     int64    // the largest body that it takes, in bytes; 0: it takes none
	Varies   bool     // its body tells of the worker: no two need be equal
	Handle   func(*Exchange)
}

// BodyLimit is the largest body of a request, in bytes. One over it gets a 413.
func (e *Endpoint) BodyLimit() int64 {
	if e == nil || e.Body == 0 {
		return IgnoredBody
	}
	return e.Body
}

// files are the rows in the order in which they are documented, by the file that they stand in.
var files = [][]*Endpoint{samples, {fromFile}}

var added struct {
	sync.Mutex
	rows []*Endpoint
}

// Register adds an endpoint from elsewhere, for example from the folder of a service that only it asks, in the place of the
// one that was added with its path before. What it gives takes the endpoint out again.
func Register(e *Endpoint) (remove func()) {
	added.Lock()
	defer added.Unlock()
	added.rows = slices.Clone(added.rows)
	if i := slices.IndexFunc(added.rows, func(row *Endpoint) bool { return row.Path == e.Path }); i >= 0 {
		added.rows[i] = e
	} else {
		added.rows = append(added.rows, e)
	}
	return func() {
		added.Lock()
		defer added.Unlock()
		added.rows = slices.DeleteFunc(slices.Clone(added.rows), func(row *Endpoint) bool { return row == e })
	}
}

// All lists the endpoints.
func All() []*Endpoint {
	added.Lock()
	defer added.Unlock()
	return append(slices.Concat(files...), added.rows...)
}

// Paths lists the paths of the endpoints, then those with each of the prefixes.
func Paths(prefixes ...string) []string {
	var paths []string
	for _, prefix := range append([]string{""}, prefixes...) {
		for _, e := range All() {
			paths = append(paths, prefix+e.Path)
		}
	}
	return paths
}

// Served is the list of the paths for people.
func Served(prefixes ...string) string {
	text := strings.Join(Paths(), " ")
	if len(prefixes) > 0 {
		text += ", each also below " + strings.Join(prefixes, " and ")
	}
	return text
}

// NotServed says that a path is not served, which one was most likely meant, and all that are.
func NotServed(path string, prefixes ...string) string {
	return fmt.Sprintf("%.60q is not served, %sallowed: %s", path, spelling.DidYouMean(path, Paths(prefixes...)), Served(prefixes...))
}

// Lookup gives the endpoint that a path asks for, with one of the prefixes or none; nil when there is none.
func Lookup(path string, prefixes ...string) *Endpoint {
	for _, e := range All() {
		if e.Path == path || slices.ContainsFunc(prefixes, func(prefix string) bool { return prefix+e.Path == path }) {
			return e
		}
	}
	return nil
}

// Lacks says which service of the endpoint is not there; empty when all are.
func (e *Endpoint) Lacks(has func(service string) bool) string {
	for _, service := range e.Services {
		if !has(service) {
			return fmt.Sprintf("%s needs the service %s, which this target does not have", e.Path, service)
		}
	}
	return ""
}

// Check says why a request (a path with its query) to a target with these services would not get a 200, nil when it
// would.
func Check(request string, services []string, prefixes ...string) error {
	if !strings.HasPrefix(request, "/") {
		return fmt.Errorf("%.60q does not begin with /; allowed: %s", request, Served(prefixes...))
	}
	u, err := url.ParseRequestURI(request)
	if err != nil || strings.ContainsFunc(request, func(r rune) bool { return r <= ' ' || r >= 0x7f || r == '#' }) {
		return fmt.Errorf("%.60q is not a path with a query; example: /work?units=400", request)
	}
	e := Lookup(u.Path, prefixes...)
	if e == nil {
		return errors.New(NotServed(u.Path, prefixes...))
	}
	if lack := e.Lacks(func(service string) bool { return slices.Contains(services, service) }); lack != "" {
		return errors.New(lack + "; add it to services:")
	}
	if err := new(Exchange).Parse(e, u.RawQuery); err != nil {
		return fmt.Errorf("%s: %w", u.Path, err)
	}
	return nil
}

// Samples lists the requests worth looking at.
func Samples() []string {
	var requests []string
	for _, e := range All() {
		for _, query := range e.Samples {
			requests = append(requests, e.request(query))
		}
	}
	return requests
}

func (e *Endpoint) request(query string) string {
	if query == "" {
		return e.Path
	}
	return e.Path + "?" + query
}
