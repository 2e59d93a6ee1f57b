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
	// Find looks for it within a second. It gives its version and place for people to read, or a *Lack.
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
// have; nil when all are there.
func Missing(ctx context.Context, names []string) error {
	var errs []error
	for _, name := range names {
		components.Lock()
		c, known := components.byName[name]
		components.Unlock()
		if !known {
			errs = append(errs, fmt.Errorf("the component %.40q is not known", name))
			continue
		}
		if _, err := c.Find(ctx); err != nil {
			errs = append(errs, err)
		}
	}
	return errors.Join(errs...)
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
