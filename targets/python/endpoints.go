package python

import (
	"fmt"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"
)

// parameter is one of an endpoint of the application, with its bounds; durations are in nanoseconds.
type parameter struct {
	name     string
	duration bool
	min, max int64
}

// endpoints are the paths that app/app.py serves, without the prefix of the twin.
var endpoints = []struct {
	path       string
	parameters []parameter
}{
	{"/hello", nil},
	{"/work", []parameter{{name: "units", min: 1, max: 1_000_000}}},
	{"/wait", []parameter{{name: "for", duration: true, max: int64(time.Minute)}}},
	{"/json", []parameter{{name: "items", max: 10_000}}},
	{"/bytes", []parameter{{name: "n", max: 16 << 20}}},
	{"/stream", []parameter{{name: "chunks", min: 1, max: 10_000}, {name: "every", duration: true, max: int64(10 * time.Second)}}},
	{"/fanout", []parameter{{name: "calls", min: 1, max: 1_000}, {name: "wait", duration: true, max: int64(time.Minute)}}},
	{"/health", nil},
	{"/metrics", nil},
}

// twins are the prefixes of the two forms of each endpoint.
var twins = []string{"/async", "/sync"}

func paths() string {
	var all []string
	for _, e := range endpoints {
		all = append(all, e.path)
	}
	return strings.Join(all, " ") + ", each also below " + strings.Join(twins, " and ")
}

// checkEndpoint tells whether the application would answer the request with 200.
func checkEndpoint(target string) error {
	u, err := url.ParseRequestURI(target)
	if err != nil || !strings.HasPrefix(target, "/") || strings.ContainsFunc(target, func(r rune) bool { return r <= ' ' || r >= 0x7f || r == '#' }) {
		return fmt.Errorf("%.60q is not a path with a query; example: /async/work?units=400", target)
	}
	path := u.Path
	for _, twin := range twins {
		path = strings.TrimPrefix(path, twin)
	}
	for _, e := range endpoints {
		if e.path == path && slices.Contains([]string{path, twins[0] + path, twins[1] + path}, u.Path) {
			if err := checkQuery(e.parameters, u.RawQuery); err != nil {
				return fmt.Errorf("%s: %w", u.Path, err)
			}
			return nil
		}
	}
	return fmt.Errorf("%.60q is not served, allowed: %s", u.Path, paths())
}

func checkQuery(parameters []parameter, query string) error {
	values, err := url.ParseQuery(query)
	if err != nil {
		return err
	}
	for name, given := range values {
		i := slices.IndexFunc(parameters, func(p parameter) bool { return p.name == name })
		switch {
		case i < 0:
			return fmt.Errorf("the parameter %.40q is not known, %s", name, known(parameters))
		case len(given) > 1:
			return fmt.Errorf("the parameter %s is given more than once", name)
		}
		if err := parameters[i].check(given[0]); err != nil {
			return err
		}
	}
	return nil
}

func (p parameter) check(s string) error {
	var v int64
	var err error
	if p.duration {
		var d time.Duration
		d, err = time.ParseDuration(s)
		v = int64(d)
	} else {
		v, err = strconv.ParseInt(s, 10, 64)
	}
	if err != nil || v < p.min || v > p.max {
		return fmt.Errorf("%s is %.40q, allowed is %s", p.name, s, p.allowed())
	}
	return nil
}

func (p parameter) allowed() string {
	if p.duration {
		return fmt.Sprintf("a duration with its unit from %v to %v, such as 5ms", time.Duration(p.min), time.Duration(p.max))
	}
	return fmt.Sprintf("a whole number from %d to %d", p.min, p.max)
}

func known(parameters []parameter) string {
	if len(parameters) == 0 {
		return "this endpoint takes none"
	}
	var all []string
	for _, p := range parameters {
		all = append(all, p.name+" ("+p.allowed()+")")
	}
	return "allowed: " + strings.Join(all, ", ")
}
