package endpoint

import (
	"fmt"
	"net/url"
	"strings"

	"benchtop/targets/spelling"
)

// Parse makes the exchange one with this endpoint and reads the query of its request. Every parameter may be given
// once; there are no others.
func (x *Exchange) Parse(e *Endpoint, query string) error {
	x.endpoint = e
	for i := range e.Params {
		x.values[i] = e.Params[i].standard()
	}
	var seen [MaxParams]bool
	for query != "" {
		var pair string
		pair, query, _ = strings.Cut(query, "&")
		if pair == "" {
			continue
		}
		name, text, _ := strings.Cut(pair, "=")
		if strings.ContainsAny(text, "%+") {
			if plain, err := url.QueryUnescape(text); err == nil {
				text = plain
			}
		}
		i := e.index(name)
		if i < 0 {
			return fmt.Errorf("the parameter %.40q is not known, %s%s", name, spelling.DidYouMean(name, e.names()), e.known())
		}
		if seen[i] {
			return fmt.Errorf("the parameter %s is given more than once", name)
		}
		seen[i] = true
		v, err := e.Params[i].parse(text)
		if err != nil {
			return err
		}
		x.values[i] = v
	}
	return nil
}

func (e *Endpoint) index(name string) int {
	for i := range e.Params {
		if e.Params[i].Name == name {
			return i
		}
	}
	return -1
}

func (e *Endpoint) names() []string {
	var names []string
	for _, p := range e.Params {
		names = append(names, p.Name)
	}
	return names
}

// known says which parameters the endpoint has.
func (e *Endpoint) known() string {
	if len(e.Params) == 0 {
		return "this endpoint takes none"
	}
	var all []string
	for _, p := range e.Params {
		all = append(all, p.Name+" ("+p.allowed()+")")
	}
	return "allowed: " + strings.Join(all, ", ")
}
