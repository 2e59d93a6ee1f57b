package targets

import (
	"fmt"
	"slices"
	"strings"
)

// Names of the signals that parts can be told. TTIN and TTOU are what gunicorn's master understands: one worker more, one
// worker less.
const (
	SignalTerm = "TERM"
	SignalKill = "KILL"
	SignalHup  = "HUP"
	SignalIn   = "TTIN"
	SignalOut  = "TTOU"
	SignalStop = "STOP"
	SignalCont = "CONT"
)

// PartWorker is one worker of the server, where a signal says whom it is for.
const PartWorker = "worker"

// Signal is what a kind of part can be told while it runs, as with kill(1).
type Signal struct {
	Name string
	One  bool   // one of its workers is told, the first that serves; false: the part as a whole
	Doc  string // what comes of it
}

// Signalled is a part that can be told the signals of its kind.
type Signalled interface {
	// Signal tells it, and does not wait for what comes of it: the hooks tell that. A process that ends because of it has
	// ended as planned (WorkerRecycled).
	Signal(name string, one bool) error
}

// Addressed is a target whose parts can be told signals. to is PartServer, PartWorker, PartProxy or the name of a service.
type Addressed interface {
	Signal(to, name string) error
}

// SignalsFor are the signals that a part of a target takes, and what the part is; kind is empty where the target has no such
// part.
func SignalsFor(s Spec, to string) (takes []Signal, kind string) {
	var all []Signal
	switch {
	case to == PartServer || to == PartWorker:
		d, _ := Lookup(s.Server)
		all, kind = d.Signals, d.Name
	case to == PartProxy && s.Proxy != nil:
		d, _ := LookupProxy(s.Proxy.Kind)
		all, kind = d.Signals, "the proxy "+d.Name
	case s.HasService(to):
		d, _ := LookupService(s.Services[to].Kind)
		all, kind = d.Signals, "the service "+d.Name
	}
	takes = slices.DeleteFunc(slices.Clone(all), func(g Signal) bool { return g.One != (to == PartWorker) })
	return takes, kind
}

// SignalNames are the names of all signals that any kind of part takes.
func SignalNames() []string {
	return []string{SignalTerm, SignalKill, SignalHup, SignalIn, SignalOut, SignalStop, SignalCont}
}

// Signal is part of Addressed: what is for the server goes to each of its copies, what is for one worker to the first copy.
func (t *composite) Signal(to, name string) error {
	takes, kind := SignalsFor(t.spec, to)
	if !slices.ContainsFunc(takes, func(g Signal) bool { return g.Name == name }) {
		return fmt.Errorf("%s takes no signal %s for its %s", kind, name, to)
	}
	part := to
	if to == PartWorker {
		part = PartServer
	}
	var errs []string
	for i := range t.parts {
		p := &t.parts[i]
		if p.part != part {
			continue
		}
		told, ok := p.Running.(Signalled)
		if !ok {
			return fmt.Errorf("%s cannot be told signals", kind)
		}
		if err := told.Signal(name, to == PartWorker); err != nil {
			errs = append(errs, err.Error())
		}
		if to == PartWorker {
			break
		}
	}
	if len(errs) > 0 {
		return fmt.Errorf("sending %s to the %s: %s", name, to, strings.Join(errs, "; "))
	}
	return nil
}

// SignalsMarkdown is the table of what parts can be told, for a README; kinds that take the same stand together.
func SignalsMarkdown() string {
	var order []string
	kinds := map[string][]string{}
	add := func(what, name string, all []Signal) {
		for _, g := range all {
			to := what
			if g.One {
				to = PartWorker
			}
			row := "`" + to + ": " + g.Name + "` | %s | " + g.Doc
			if kinds[row] == nil {
				order = append(order, row)
			}
			kinds[row] = append(kinds[row], name)
		}
	}
	for _, d := range All() {
		add(PartServer, d.Name, d.Signals)
	}
	for _, d := range Proxies() {
		add(PartProxy, d.Name, d.Signals)
	}
	for _, d := range Services() {
		add("SERVICE", d.Name, d.Signals)
	}
	var b strings.Builder
	b.WriteString("| signal | of | what comes of it |\n| --- | --- | --- |\n")
	for _, row := range order {
		fmt.Fprintf(&b, "| "+row+" |\n", strings.Join(kinds[row], ", "))
	}
	return b.String()
}
