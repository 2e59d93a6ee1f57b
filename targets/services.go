package targets

import (
	"context"
	"encoding/json"
	"fmt"
	"maps"
	"reflect"
	"slices"
	"strings"

	"benchtop/targets/setting"
)

// Names of the services that the sample endpoints ask, as a target declares them.
const (
	ServiceDatabase = "database" // speaks the protocol of PostgreSQL
	ServiceCache    = "cache"    // speaks RESP, the protocol of Redis
	ServiceUpstream = "upstream" // speaks HTTP
)

// ServiceNames are these names.
var ServiceNames = []string{ServiceDatabase, ServiceCache, ServiceUpstream}

// ServiceDescriptor describes one kind of service: what a server needs besides it, such as a database or a cache.
type ServiceDescriptor struct {
	Name     string
	For      string // the name of the service that it is made for: ServiceCache; empty: none
	Doc      string
	New      func() any                  // a new struct of its settings, all left out
	Settings []setting.Setting           // of what New gives
	Check    func(settings any) []*Fault // what the rows cannot say is wrong with complete settings; may be nil
	Requires []string                    // components, as `requires:` names them
	Tasks    func(settings any) int      // processes and threads of a program of others that it may need; nil: it is one process of this program
	Signals  []Signal                    // that it can be told while it runs
	// Start starts it; it returns when the service can be used at its address.
	Start func(context.Context, Part, Hooks) (Running, error)
}

// Part is a service of a target: its kind, and the settings that the kind declares.
type Part struct {
	Kind     string `json:"kind"`
	Settings any    `json:"-"` // what New of the kind gives; nil: all defaults. Of a kind that is not known: its JSON
}

// MarshalJSON writes the kind and the settings side by side.
func (p Part) MarshalJSON() ([]byte, error) {
	type plain Part
	return joined(plain(p), p.Settings)
}

// UnmarshalJSON reads what MarshalJSON writes.
func (p *Part) UnmarshalJSON(b []byte) error {
	type plain Part
	if err := json.Unmarshal(b, (*plain)(p)); err != nil {
		return err
	}
	kind, _ := LookupService(p.Kind)
	var err error
	p.Settings, err = ownOf(b, reflect.TypeFor[Part](), kind.New)
	return err
}

// Owned gives a copy of the settings of a part that may be written to.
func (d ServiceDescriptor) Owned(p Part) any {
	own := d.New()
	if p.Settings != nil && reflect.TypeOf(p.Settings) == reflect.TypeOf(own) {
		reflect.ValueOf(own).Elem().Set(reflect.ValueOf(p.Settings).Elem())
	}
	return own
}

// Value is a setting of the part by its key; nil where its kind has none of that key, or is not known.
func (p Part) Value(key string) any {
	kind, known := LookupService(p.Kind)
	row := setting.Find(kind.Settings, key)
	if !known || row == nil {
		return nil
	}
	return row.Value(kind.Owned(p))
}

// checkServices normalizes the services of a Spec and finds what is wrong with them. The keys begin with "services." and
// the name.
func checkServices(s Spec) (Spec, []*Fault) {
	if len(s.Services) == 0 {
		return s, nil
	}
	var faults []*Fault
	normal := map[string]Part{}
	for _, name := range slices.Sorted(maps.Keys(s.Services)) {
		part := s.Services[name]
		at := "services." + name + "."
		kind, ok := LookupService(part.Kind)
		switch {
		case slices.Contains([]string{PartServer, PartWorker, PartProxy, PartLink, ""}, name):
			faults = append(faults, &Fault{Key: strings.TrimSuffix(at, "."), Msg: fmt.Sprintf("%q cannot be the name of a service", name)})
			continue
		case !ok:
			faults = append(faults, &Fault{Key: at + "kind", Msg: fmt.Sprintf("%.40q is not known; allowed: %s", part.Kind, strings.Join(Names(Services()), ", "))})
			continue
		}
		own := kind.Owned(part)
		setting.Fill(kind.Settings, own)
		found := setting.Check(kind.Settings, own)
		if kind.Check != nil {
			found = append(found, kind.Check(own)...)
		}
		for _, f := range found {
			faults = append(faults, &Fault{Key: at + f.Key, Msg: f.Msg})
		}
		normal[name] = Part{Kind: kind.Name, Settings: own}
	}
	s.Services = normal
	return s, faults
}
