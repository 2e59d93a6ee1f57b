package builtin

import (
	"fmt"
	"net/url"
	"strconv"
	"strings"
	"time"
)

// param is a bounded parameter of an endpoint. Durations are in nanoseconds.
type param struct {
	name     string
	duration bool
	min, max int64
	standard int64 // when it is not given
}

// allowed says what values the parameter takes.
func (p param) allowed() string {
	if p.duration {
		return fmt.Sprintf("a duration with its unit from %v to %v, such as 5ms", time.Duration(p.min), time.Duration(p.max))
	}
	return fmt.Sprintf("a whole number from %d to %d", p.min, p.max)
}

func (p param) parse(s string) (int64, error) {
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
		return 0, fmt.Errorf("%s is %.40q, allowed is %s", p.name, s, p.allowed())
	}
	return v, nil
}

// maxParams is the most that an endpoint has.
const maxParams = 2

// parseQuery reads the query of a request into args, in the order of params. Every parameter may be given once; there
// are no others.
func parseQuery(params []param, query string, args *[maxParams]int64) error {
	for i, p := range params {
		args[i] = p.standard
	}
	var seen [maxParams]bool
	for query != "" {
		var pair string
		pair, query, _ = strings.Cut(query, "&")
		if pair == "" {
			continue
		}
		name, value, _ := strings.Cut(pair, "=")
		if strings.ContainsAny(value, "%+") {
			if plain, err := url.QueryUnescape(value); err == nil {
				value = plain
			}
		}
		i := find(params, name)
		if i < 0 {
			return fmt.Errorf("the parameter %.40q is not known, %s", name, known(params))
		}
		if seen[i] {
			return fmt.Errorf("the parameter %s is given more than once", name)
		}
		seen[i] = true
		v, err := params[i].parse(value)
		if err != nil {
			return err
		}
		args[i] = v
	}
	return nil
}

func find(params []param, name string) int {
	for i, p := range params {
		if p.name == name {
			return i
		}
	}
	return -1
}

func known(params []param) string {
	if len(params) == 0 {
		return "this endpoint takes none"
	}
	var all []string
	for _, p := range params {
		all = append(all, p.name+" ("+p.allowed()+")")
	}
	return "allowed: " + strings.Join(all, ", ")
}
