package targets

import (
	"encoding/json"
	"reflect"
	"strings"

	"benchtop/targets/setting"
)

// Kinds of servers and proxies have settings that no other kind has, in a struct of their own. It is kept in the field Own
// of a Spec or a Proxy, and stands in JSON behind the other settings, in the same object; run files of
// before have them in another order.

// OfServer is the place of a field in the own settings of a kind of server.
func OfServer[S, T any](field func(*S) *T) setting.Place {
	return setting.Within(setting.At(field), func(s *Spec, write bool) *S { return owned[S](&s.Own, write) })
}

// OfProxy is the place of a field in the own settings of a kind of proxy.
func OfProxy[S, T any](field func(*S) *T) setting.Place {
	return setting.Within(setting.At(field), func(p *Proxy, write bool) *S { return owned[S](&p.Own, write) })
}

// Own gives the own settings of the server of a Spec, to read: all left out when there are none of this kind.
func Own[S any](s *Spec) *S { return owned[S](&s.Own, false) }

// OwnOfProxy gives the own settings of a proxy, to read.
func OwnOfProxy[S any](p *Proxy) *S { return owned[S](&p.Own, false) }

// Shown is the value of a setting of the server as a file writes it; empty: nothing is set, or its kind has no such setting.
func (s Spec) Shown(key string) string {
	d, _ := Lookup(s.Server)
	if row := setting.Find(d.Settings, key); row != nil {
		return row.Shown(&s)
	}
	return ""
}

// LeftToSystem lists the settings of the server whose default differs between systems and whose value is the default of this
// one: on another system it may be another.
func (s Spec) LeftToSystem() []*setting.Setting {
	standard, _ := Check(Spec{Server: s.Server, Proxy: s.Proxy, Link: s.Link})
	d, _ := Lookup(s.Server)
	var out []*setting.Setting
	for i := range d.Settings {
		if row := &d.Settings[i]; row.Varies && row.Shown(&s) == row.Shown(&standard) {
			out = append(out, row)
		}
	}
	return out
}

// owned gives the settings; what is to be written is a copy that takes their place, because others may share them.
func owned[S any](own *any, write bool) *S {
	settings, ok := (*own).(*S)
	if !ok {
		settings = new(S)
	}
	if write {
		copied := *settings
		settings = &copied
		*own = settings
	}
	return settings
}

// MarshalJSON writes the own settings of the server beside the others.
func (s Spec) MarshalJSON() ([]byte, error) {
	type plain Spec
	return joined(plain(s), s.Own)
}

// UnmarshalJSON reads what MarshalJSON writes. Of a kind that is not known the own settings are kept as JSON.
func (s *Spec) UnmarshalJSON(b []byte) error {
	type plain Spec
	if err := json.Unmarshal(b, (*plain)(s)); err != nil {
		return err
	}
	d, _ := Lookup(s.Server)
	var err error
	s.Own, err = ownOf(b, reflect.TypeFor[Spec](), d.New)
	return err
}

// MarshalJSON writes the own settings of the kind beside the others.
func (p Proxy) MarshalJSON() ([]byte, error) {
	type plain Proxy
	return joined(plain(p), p.Own)
}

// UnmarshalJSON reads what MarshalJSON writes.
func (p *Proxy) UnmarshalJSON(b []byte) error {
	type plain Proxy
	if err := json.Unmarshal(b, (*plain)(p)); err != nil {
		return err
	}
	d, _ := LookupProxy(p.Kind)
	var err error
	p.Own, err = ownOf(b, reflect.TypeFor[Proxy](), d.New)
	return err
}

// joined writes two structs as one object, the keys of the second behind those of the first.
func joined(shared, own any) ([]byte, error) {
	object, err := json.Marshal(shared)
	if err != nil || own == nil {
		return object, err
	}
	more, err := json.Marshal(own)
	if err != nil || string(more) == "{}" {
		return object, err
	}
	return append(append(object[:len(object)-1], ','), more[1:]...), nil
}

// ownOf reads the settings of an object that a struct has no fields for; nil when there are none.
func ownOf(b []byte, shared reflect.Type, empty func() any) (any, error) {
	var rest map[string]json.RawMessage
	if err := json.Unmarshal(b, &rest); err != nil {
		return nil, err
	}
	for i := range shared.NumField() {
		key, _, _ := strings.Cut(shared.Field(i).Tag.Get("json"), ",")
		delete(rest, key)
	}
	if len(rest) == 0 {
		return nil, nil //nolint:nilnil // most kinds have none
	}
	if empty == nil {
		raw, err := json.Marshal(rest)
		return json.RawMessage(raw), err
	}
	own := empty()
	return own, json.Unmarshal(b, own)
}
