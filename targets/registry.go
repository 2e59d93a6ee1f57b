package targets

import (
	"maps"
	"slices"
	"strings"
	"sync"

	"benchtop/targets/setting"
)

// kinds are the registered descriptors of one sort of part by their names. Registering a name again replaces it, so that
// tests may register everything more than once.
type kinds[D interface{ name() string }] struct {
	sync.Mutex
	byName map[string]D
}

// register adds a descriptor, and gives the function that takes it away again.
func (k *kinds[D]) register(d D) (undo func()) {
	k.Lock()
	defer k.Unlock()
	if k.byName == nil {
		k.byName = map[string]D{}
	}
	before, was := k.byName[d.name()]
	k.byName[d.name()] = d
	return func() {
		k.Lock()
		defer k.Unlock()
		if delete(k.byName, d.name()); was {
			k.byName[d.name()] = before
		}
	}
}

func (k *kinds[D]) lookup(name string) (D, bool) {
	k.Lock()
	defer k.Unlock()
	d, ok := k.byName[name]
	return d, ok
}

func (k *kinds[D]) all() []D {
	k.Lock()
	defer k.Unlock()
	return slices.SortedFunc(maps.Values(k.byName), func(a, b D) int { return strings.Compare(a.name(), b.name()) })
}

var (
	servers  kinds[Descriptor]
	proxies  kinds[ProxyDescriptor]
	services kinds[ServiceDescriptor]
)

func (d Descriptor) name() string        { return d.Name }
func (d ProxyDescriptor) name() string   { return d.Name }
func (d ServiceDescriptor) name() string { return d.Name }

// Names lists the names of descriptors.
func Names[D interface{ name() string }](all []D) []string {
	out := make([]string, len(all))
	for i, d := range all {
		out[i] = d.name()
	}
	return out
}

// settingsOf joins the settings of all kinds of one sort.
func settingsOf[D any](all []D, of func(D) []setting.Setting) []setting.Setting {
	rows := make([][]setting.Setting, len(all))
	for i, d := range all {
		rows[i] = of(d)
	}
	return setting.Join(rows...)
}

// ServerSettings are the settings that any kind of server has, each once. It allows what any of them allows.
func ServerSettings() []setting.Setting {
	return settingsOf(All(), func(d Descriptor) []setting.Setting { return d.Settings })
}

// ProxySettings are the settings that any kind of proxy has.
func ProxySettings() []setting.Setting {
	return settingsOf(Proxies(), func(d ProxyDescriptor) []setting.Setting { return d.Settings })
}

// Register adds a kind of server, and gives the function that takes it away again.
func Register(d Descriptor) (undo func()) { return servers.register(d) }

// Lookup finds a kind of server by its name.
func Lookup(name string) (Descriptor, bool) { return servers.lookup(name) }

// All lists the registered kinds of server by name.
func All() []Descriptor { return servers.all() }

// RegisterProxy adds a kind of proxy, as Register does.
func RegisterProxy(d ProxyDescriptor) (undo func()) { return proxies.register(d) }

// LookupProxy finds a kind of proxy by its name.
func LookupProxy(name string) (ProxyDescriptor, bool) { return proxies.lookup(name) }

// Proxies lists the registered kinds of proxy by name.
func Proxies() []ProxyDescriptor { return proxies.all() }

// RegisterService adds a kind of service, as Register does.
func RegisterService(d ServiceDescriptor) (undo func()) { return services.register(d) }

// LookupService finds a kind of service by its name.
func LookupService(name string) (ServiceDescriptor, bool) { return services.lookup(name) }

// Services lists the registered kinds of service by name.
func Services() []ServiceDescriptor { return services.all() }

// ServicesFor lists the kinds that are made for the service of this name.
func ServicesFor(name string) []ServiceDescriptor {
	return slices.DeleteFunc(Services(), func(d ServiceDescriptor) bool { return d.For != name })
}
