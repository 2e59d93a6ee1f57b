package targets

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"
	"sync"

	"benchtop/targets/setting"
)

// Component is a program or a library that this program does not bring along: nginx, uvicorn ...
type Component struct {
	Name    string // as `requires:` names it
	Install string // the line that installs it
	// Find looks for it within a second. It gives its version and place for people to read, or a
	// *Lack or an *Unusable.
	Find func(ctx context.Context) (string, error)
}

var components struct {
	sync.Mutex
	byName map[string]Component
	order  []string // of registration
}

// RegisterComponent makes a component known; registering a name again replaces it.
func RegisterComponent(c Component) {
	components.Lock()
	defer components.Unlock()
	if components.byName == nil {
		components.byName = map[string]Component{}
	}
	if _, known := components.byName[c.Name]; !known {
		components.order = append(components.order, c.Name)
	}
	components.byName[c.Name] = c
}

// Components lists what is registered by name.
func Components() []Component {
	components.Lock()
	defer components.Unlock()
	return slices.SortedFunc(maps.Values(components.byName), func(a, b Component) int { return strings.Compare(a.Name, b.Name) })
}

// Find looks for a component by its name, as its Find does.
func Find(ctx context.Context, name string) (where string, err error) {
	components.Lock()
	c, known := components.byName[name]
	components.Unlock()
	if !known {
		return "", fmt.Errorf("the component %.40q is not known", name)
	}
	return c.Find(ctx)
}

// Missing looks for components by their names and gives an error that wraps a *Lack for each that this machine does not
// have, and an *Unusable for what does not work; nil when all are there. Of several it says in one line how to install
// them all, and a failure that several share stands once.
func Missing(ctx context.Context, names []string) error {
	var lacks Lacks
	var errs []error
	for _, name := range names {
		_, err := Find(ctx, name)
		var lack *Lack
		switch {
		case errors.As(err, &lack):
			lacks = append(lacks, lack)
		case err != nil && !slices.ContainsFunc(errs, func(e error) bool { return e.Error() == err.Error() }):
			errs = append(errs, err)
		}
	}
	switch len(lacks) {
	case 0:
	case 1:
		errs = append(errs, lacks[0])
	default:
		errs = append(errs, lacks)
	}
	return errors.Join(errs...)
}

// Lacks is several components that are missing.
type Lacks []*Lack

func (l Lacks) Error() string {
	var text strings.Builder
	fmt.Fprintf(&text, "%s are missing; install them with: %s", strings.Join(l.Components(), ", "), l.Install())
	for _, lack := range l {
		fmt.Fprintf(&text, "\n  %s: %s", lack.Component, lack.Found)
	}
	return text.String()
}

// Unwrap gives each of them.
func (l Lacks) Unwrap() []error {
	errs := make([]error, len(l))
	for i, lack := range l {
		errs[i] = lack
	}
	return errs
}

// Components names them.
func (l Lacks) Components() []string {
	names := make([]string, len(l))
	for i, lack := range l {
		names[i] = lack.Component
	}
	return names
}

// Install is the one line that installs them all.
func (l Lacks) Install() string {
	lines := make([]string, len(l))
	for i, lack := range l {
		lines[i] = lack.Install
	}
	return InstallAll(lines)
}

// InstallAll makes one line of several that install something, each package named once; empty of none.
func InstallAll(lines []string) string {
	const manager = "apt-get install "
	var packages []string
	for _, line := range lines {
		for _, name := range strings.Fields(strings.TrimPrefix(line, manager)) {
			if !slices.Contains(packages, name) {
				packages = append(packages, name)
			}
		}
	}
	if len(packages) == 0 {
		return ""
	}
	return manager + strings.Join(packages, " ")
}

// Need is a component that a Spec cannot do without, and the setting that makes it so.
type Need struct {
	Component string
	Key       string // of the setting: server, loop, proxy.kind
	Because   string // in words
}

// Needs lists the components that a Spec needs, each once.
func Needs(s Spec) []string {
	var names []string
	for _, need := range NeedsOf(&s) {
		if !slices.Contains(names, need.Component) {
			names = append(names, need.Component)
		}
	}
	return names
}

// NeedsOf gives what a Spec needs and why, its proxy and services included.
func NeedsOf(s *Spec) []Need {
	d, _ := Lookup(s.Server)
	needs := settingNeeds(d.Settings, s, "")
	for i := len(d.Requires) - 1; i >= 0; i-- {
		needs = slices.Insert(needs, 0, Need{d.Requires[i], "server", "server " + s.Server})
	}
	if s.Limits != nil {
		needs = append(needs, Need{ComponentCgroup, PartLimits, "a server with limits"})
	}
	if s.Proxy != nil {
		kind, _ := LookupProxy(s.Proxy.Kind)
		for _, c := range kind.Requires {
			needs = append(needs, Need{c, "proxy.kind", "a proxy of kind " + s.Proxy.Kind})
		}
		needs = append(needs, settingNeeds(kind.Settings, s.Proxy, "proxy.")...)
	}
	for _, name := range slices.Sorted(maps.Keys(s.Services)) {
		if c, ok := d.Drivers[name]; ok {
			needs = append(needs, Need{c, "services." + name, s.Server + " with the service " + name})
		}
	}
	for _, name := range slices.Sorted(maps.Keys(s.Services)) {
		part := s.Services[name]
		kind, known := LookupService(part.Kind)
		for _, c := range kind.Requires {
			needs = append(needs, Need{c, "services." + name + ".kind", "a service of kind " + part.Kind})
		}
		if known {
			needs = append(needs, settingNeeds(kind.Settings, kind.Owned(part), "services."+name+".")...)
		}
	}
	return needs
}

func settingNeeds(rows []setting.Setting, owner any, prefix string) []Need {
	var needs []Need
	for i := range rows {
		word, ok := rows[i].Get(owner)
		if ok && rows[i].Form() == setting.Group {
			needs = append(needs, settingNeeds(rows[i].Rows, word, prefix+rows[i].Key+".")...)
		}
		if value, isWord := word.(string); ok && isWord && rows[i].Needs[value] != "" {
			needs = append(needs, Need{rows[i].Needs[value], prefix + rows[i].Key, prefix + rows[i].Key + ": " + value})
		}
	}
	return needs
}

// Requirable lists the components that some kind of part needs, in the order of their registration: what `requires:` of a
// scenario may name.
func Requirable() []string {
	var named []string
	var add func(requires []string, rows []setting.Setting)
	add = func(requires []string, rows []setting.Setting) {
		named = append(named, requires...)
		for i := range rows {
			add(slices.Sorted(maps.Values(rows[i].Needs)), rows[i].Rows)
		}
	}
	for _, d := range All() {
		add(append(slices.Clone(d.Requires), slices.Sorted(maps.Values(d.Drivers))...), d.Settings)
	}
	for _, d := range Proxies() {
		add(d.Requires, d.Settings)
	}
	for _, d := range Services() {
		add(d.Requires, d.Settings)
	}
	named = append(named, ComponentCgroup)
	components.Lock()
	defer components.Unlock()
	out := slices.DeleteFunc(slices.Clone(components.order), func(name string) bool { return !slices.Contains(named, name) })
	for _, name := range named {
		if !slices.Contains(out, name) {
			out = append(out, name)
		}
	}
	return out
}

// Lack is a component that a server or proxy needs and that this machine does not have.
type Lack struct {
	Component string // as `requires:` names it: nginx, uvicorn ...
	Found     string // what was looked at, and what it said
	Install   string // the line that installs it
}

func (e *Lack) Error() string {
	return fmt.Sprintf("%s is missing (%s); install it with: %s", e.Component, e.Found, e.Install)
}

// Unusable is the error for a component that is there and does not work, so that installing it is no help.
type Unusable struct {
	Component string // as `requires:` names it
	Failed    string // what was tried, and how it failed
	Next      string // what to do
}

func (e *Unusable) Error() string { return e.Failed + "; " + e.Next }
