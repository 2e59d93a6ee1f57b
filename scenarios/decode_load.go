package scenarios

import (
	"fmt"
	"math"
	"slices"
	"strconv"
	"strings"

	"benchtop/lab"
	"benchtop/lab/load"
	"benchtop/targets/setting"
)

// completeLoad fills in what depends on the model, and takes a header of it for the setting that it is.
func completeLoad(l *lab.Load) {
	header, closes := load.TakeClose(l.Header)
	if l.Header = header; closes {
		l.KeepAlive = false
	}
	if l.Connections == 0 {
		l.Connections = defaultConnections
		if l.Model == load.Open && l.RateShare == 0 { // a share is of the capacity at so many connections
			l.Connections = l.OpenConnections()
		}
	}
	if l.Model == load.Open && l.Arrivals == "" {
		l.Arrivals = load.Constant
	}
}

// loadOver reads the load of a variant over the one that it inherits. A rate replaces inherited stages and stages an
// inherited rate, as do a count of keys and a file of keys; both in one place are a mistake, which the rules report.
func (d *decoder) loadOver(n *node, at string, l *lab.Load) {
	inherited := load.Keys{}
	if l.Keys != nil {
		inherited = *l.Keys
	}
	given := d.mapping(n, at, "load", lab.LoadSettings(), l)
	switch {
	case given["rate"] && !given["stages"]:
		l.Stages = nil
	case given["stages"] && !given["rate"]:
		l.Rate, l.RateShare = 0, 0
	}
	if k := l.Keys; k != nil && inherited.From != "" && k.From == inherited.From {
		if k.Count != 0 {
			k.From = ""
		}
	} else if k != nil && inherited.Count != 0 && k.Count == inherited.Count && k.From != "" {
		k.Count = 0
	}
}

// stages reads the stages of a load. A stage with a rate holds it; one with `to` goes there in a straight line, from
// its own rate or from where the stage before it ended (the first one: from 0). The result is never nil, so that the
// rules can tell stages that could not be read from none; a stage that could not be read stays in it, so that places
// and indexes agree.
func (d *decoder) stages(row *setting.Setting, owner any, n *node, at string) {
	row.Begin(owner)
	last := 0.0
	for i, item := range d.list(n, at, row.Least, row.Most) {
		in := fmt.Sprintf("%s[%d]", at, i)
		s := row.Append(owner).(*load.Stage)
		given := d.mapping(item, in, row.Noun, row.Rows, s)
		if !given["for"] {
			d.failed[join(in, "for")] = true // reported just now
		}
		switch {
		case item.kind != mapping:
		case !given["rate"] && !given["to"]:
			d.problem(item, in, "the stage has neither rate nor to", "write rate: 1000 to hold a rate, or to: 5000 to go there in a straight line")
		case !given["to"]:
			s.To = s.Rate
		case !given["rate"]:
			s.Rate = last
		}
		for _, path := range []string{in, join(in, "for"), join(in, "rate"), join(in, "to")} {
			if d.failed[path] {
				d.failed[at] = true // nothing can be said of their total then
			}
		}
		last = s.To
	}
}

// windowOfStages makes the stages the counted part of every slice: they replace plan.slice, which must not be given
// beside them. That the stages of all variants take equally long is a rule (validate.go).
func (d *decoder) windowOfStages(p *lab.Plan) {
	for i := range p.Variants {
		stages := p.Variants[i].Load.Stages
		if len(stages) == 0 {
			continue
		}
		if n := d.places["plan.slice"]; n != nil {
			d.problem(n, "plan.slice", "slice together with stages: the stages are the counted part of every slice",
				fmt.Sprintf("leave slice out; the stages take %s", setting.Span(stages.Total())))
		}
		p.Slice = stages.Total()
		return
	}
}

// number reads a number from Min to Max of its setting, whose noun says what it counts.
func (d *decoder) number(n *node, path string, s *setting.Setting) (float64, bool) {
	if n.kind != number || !anyNumber.MatchString(n.value) {
		d.wants(n, path, s.Noun+" (a number)", "")
		return 0, false
	}
	v, err := strconv.ParseFloat(n.value, 64)
	if err != nil || math.IsInf(v, 0) || v < s.Min || v > s.Max {
		d.problem(n, path, fmt.Sprintf("%s is %s; allowed: %s to %s %s", lastOf(path), n.value, bound(s.Min), bound(s.Max), s.Noun), "")
		return 0, false
	}
	return v, true
}

// rate reads requests per second, or a percentage of the capacity.
func (d *decoder) rate(n *node, path string) (perSecond, share float64, ok bool) {
	if _, isShare := setting.ParseShare(n.value); isShare && n.kind == text {
		v, ok := d.share(n, path, 0.01, 2)
		return 0, v, ok
	}
	if n.kind != number || !anyNumber.MatchString(n.value) {
		d.wants(n, path, "requests per second (a number) or a share of the capacity (60%)", "")
		return 0, 0, false
	}
	v, err := strconv.ParseFloat(n.value, 64)
	if err != nil || math.IsInf(v, 0) || v <= 0 || v > load.MaxRate {
		d.problem(n, path, fmt.Sprintf("%s is %s; allowed: above 0, at most %d requests per second", lastOf(path), n.value, int64(load.MaxRate)), "")
		return 0, 0, false
	}
	return v, 0, true
}

// agents reads which machines are to drive a load: all, a number, or a list of names.
func (d *decoder) agents(n *node, at string) (string, bool) {
	d.places[at] = n
	value := n.value
	switch n.kind {
	case text, number:
	case sequence:
		var names []string
		for i, item := range n.items {
			name, ok := d.text(item, fmt.Sprintf("%s[%d]", at, i), maxID)
			if !ok {
				return "", false
			}
			if _, err := strconv.Atoi(name); err == nil || name == "all" || strings.Contains(name, ",") {
				d.problem(item, at, fmt.Sprintf("%s is no name of an agent", short(name)), "start it with another one: benchtop agent CODE --name NAME")
				return "", false
			}
			names = append(names, name)
		}
		value = strings.Join(names, ",")
	default:
		d.wants(n, at, "all, a number of agents, or a list of their names ([ada, bob])", "")
		return "", false
	}
	if _, err := load.ParseAgents(value); err != nil {
		d.problem(n, at, lastOf(at)+": "+err.Error(), "write all, a number such as 3, or a list of names: [ada, bob]")
		return "", false
	}
	return value, true
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
		case p.key.kind != text || !load.IsToken(name):
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

// headerEnv reads pairs of a header and the environment variable that has its value.
func (d *decoder) headerEnv(n *node, at string) [][2]string {
	all := d.header(n, at)
	for _, kv := range all {
		i := slices.IndexFunc(n.pairs, func(p pair) bool { return p.key.value == kv[0] })
		p := n.pairs[i]
		d.places[join(at, kv[0])] = p.value
		if strings.EqualFold(kv[0], "host") {
			d.problem(p.key, at, "header_env cannot hold Host: every result names it", "write it in header")
		}
		if problem := load.VariableProblem(kv[1]); problem != "" {
			d.problem(p.value, at, kv[0]+": "+problem, "")
		} else {
			d.variables = append(d.variables, variable{kv[1], p.value})
		}
	}
	return all
}

// variable is an environment variable that a header takes its value from, and where it stands.
type variable struct {
	name string
	at   *node
}

// withoutValue are the problems of variables that have no value for a header. lookup is os.LookupEnv.
func withoutValue(all []variable, lookup func(string) (string, bool)) (out []Problem) {
	seen := map[*node]bool{}
	for _, v := range all {
		if problem := load.ValueProblem(v.name, lookup); problem != "" && !seen[v.at] { // a variant reads the load of all again
			msg, hint, _ := strings.Cut(problem, "; ")
			out = append(out, Problem{Line: v.at.line, Col: v.at.col, Msg: "header_env: " + msg, Hint: hint})
		}
		seen[v.at] = true
	}
	return out
}

func lineBreakHint(s string) string {
	if strings.ContainsAny(s, "\r\n") {
		return "it holds a line break"
	}
	return ""
}
