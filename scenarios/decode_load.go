package scenarios

import (
	"fmt"
	"strings"

	"benchtop/lab"
	"benchtop/lab/load"
)

// methods that the generator may send.
var methods = []string{"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"}

func (d *decoder) loadFields(l *lab.Load) []field {
	return append([]field{
		{"model", func(n *node, at string) {
			if v, ok := d.choice(n, at, []string{string(load.Closed), string(load.Open)}, laterModels); ok {
				l.Model = load.Model(v)
			}
		}},
		{"connections", func(n *node, at string) {
			if v, ok := d.whole(n, at, 1, MaxConnections); ok {
				l.Connections = int(v)
			}
		}},
		{"rate", func(n *node, at string) {
			if rate, share, ok := d.rate(n, at); ok {
				l.Rate, l.RateShare = rate, share
			}
		}},
		{"stages", func(n *node, at string) { l.Stages = d.stages(n, at) }},
		{"arrivals", func(n *node, at string) {
			if v, ok := d.choice(n, at, []string{load.Constant, load.Poisson}, nil); ok {
				l.Arrivals = v
			}
		}},
		{"keepalive", func(n *node, at string) {
			if v, ok := d.bool(n, at); ok {
				l.KeepAlive = v
			}
		}},
		{"timeout", func(n *node, at string) {
			if v, ok := d.duration(n, at, MinTimeout, MaxTimeout); ok {
				l.Timeout = v
			}
		}},
		{"method", func(n *node, at string) {
			if v, ok := d.choice(n, at, methods, nil); ok {
				l.Method = v
			}
		}},
		{"header", func(n *node, at string) { l.Header = d.header(n, at) }},
		{"body", func(n *node, at string) { l.Body, _ = d.markdown(n, at, maxBody) }},
		{"expect_status", func(n *node, at string) {
			l.ExpectStatus = nil
			for i, item := range d.list(n, at, 1, 20) {
				if v, ok := d.whole(item, fmt.Sprintf("%s[%d]", at, i), 200, 599); ok {
					l.ExpectStatus = append(l.ExpectStatus, int(v))
				}
			}
		}},
	}, d.policyFields(l)...)
}

// completeLoad fills in what depends on the model, and takes a header of it for the setting that it is.
func completeLoad(l *lab.Load) {
	header, closes := load.TakeClose(l.Header)
	if l.Header = header; closes {
		l.KeepAlive = false
	}
	if l.Connections == 0 {
		l.Connections = defaultConnections
		if l.Model == load.Open && l.RateShare == 0 { // a share is of the capacity at so many connections
			l.Connections = defaultConnectionsOpen
		}
	}
	if l.Model == load.Open && l.Arrivals == "" {
		l.Arrivals = load.Constant
	}
}

// header reads name: value pairs.
func (d *decoder) header(n *node, at string) [][2]string {
	d.places[at] = n
	if n.kind != mapping {
		d.wants(n, at, "a mapping (Name: value)", "")
		return nil
	}
	if len(n.pairs) > maxHeaders {
		d.problem(n, at, fmt.Sprintf("header has %d entries; at most %d are allowed", len(n.pairs), maxHeaders), "")
		return nil
	}
	var out [][2]string
	seen := map[string]int{}
	for _, p := range n.pairs {
		name := p.key.value
		lower := strings.ToLower(name)
		in := join(at, "header")
		why, own := load.OwnHeaders[lower]
		if lower == "connection" && strings.EqualFold(p.value.value, "close") {
			own = false
		}
		switch {
		case p.key.kind != text || !isToken(name):
			d.problem(p.key, in, fmt.Sprintf("%s is not the name of a header: letters, digits and hyphens", short(name)), lineBreakHint(name))
			continue
		case own:
			d.problem(p.key, in, fmt.Sprintf("header %s cannot be set here", short(name)), why)
			continue
		case seen[lower] > 0:
			d.problem(p.key, in, fmt.Sprintf("header %s stands twice; first on line %d", short(name), seen[lower]), "remove one of them")
			continue
		}
		seen[lower] = p.key.line
		if strings.ContainsAny(p.value.value, "\r\n") {
			d.problem(p.value, in, fmt.Sprintf("the value of header %s holds a line break; it would be read as another header", short(name)), "a header is one line")
			continue
		}
		if v, ok := d.text(p.value, in, maxHeader); ok {
			out = append(out, [2]string{name, v})
		}
	}
	return out
}

func lineBreakHint(s string) string {
	if strings.ContainsAny(s, "\r\n") {
		return "it holds a line break"
	}
	return ""
}

// isToken tells whether s is a token of RFC 9110, section 5.6.2.
func isToken(s string) bool {
	for _, r := range s {
		letter := r >= 'a' && r <= 'z' || r >= 'A' && r <= 'Z' || r >= '0' && r <= '9'
		if !letter && !strings.ContainsRune("!#$%&'*+-.^_`|~", r) {
			return false
		}
	}
	return s != ""
}
