package targets

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"
	"sync"
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
}

// RegisterComponent makes a component known; registering a name again replaces it.
func RegisterComponent(c Component) {
	components.Lock()
	defer components.Unlock()
	if components.byName == nil {
		components.byName = map[string]Component{}
	}
	components.byName[c.Name] = c
}

// Components lists what is registered by name.
func Components() []Component {
	components.Lock()
	defer components.Unlock()
	return slices.SortedFunc(maps.Values(components.byName), func(a, b Component) int { return strings.Compare(a.Name, b.Name) })
}

// Missing looks for components by their names and gives an error that wraps a *Lack for each that this machine does not
// have, and an *Unusable for what does not work; nil when all are there. Of several it says in one line how to install
// them all, and a failure that several share stands once.
func Missing(ctx context.Context, names []string) error {
	var lacks Lacks
	var errs []error
	for _, name := range names {
		components.Lock()
		c, known := components.byName[name]
		components.Unlock()
		if !known {
			errs = append(errs, fmt.Errorf("the component %.40q is not known", name))
			continue
		}
		_, err := c.Find(ctx)
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

// Needs lists the components that a Spec needs, those of its proxy included.
func Needs(s Spec) []string {
	var names []string
	add := func(name string) {
		components.Lock()
		_, known := components.byName[name]
		components.Unlock()
		if known && !slices.Contains(names, name) {
			names = append(names, name)
		}
	}
	d, _ := Lookup(s.Server)
	for _, name := range d.Requires {
		add(name)
	}
	add(s.Loop)
	add(s.HTTP)
	if s.Proxy != nil {
		add(s.Proxy.Kind)
	}
	return names
}
