package targets

import (
	"bytes"
	"encoding/json"
	"reflect"
	"strings"

	"benchtop/targets/setting"
)

// Kinds of servers and proxies have settings that no other kind has, in a struct of their own. It is kept in the field Own
// of a Spec or a Proxy, and stands in JSON beside the other settings.

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
	return withOwn(plain(s), s.Own)
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
	return withOwn(plain(p), p.Own)
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

// withOwn writes two structs as one object.
func withOwn(shared, own any) ([]byte, error) {
	out, err := json.Marshal(shared)
	if err != nil || own == nil {
		return out, err
	}
	more, err := json.Marshal(own)
	if err != nil || bytes.Equal(more, []byte("{}")) {
		return out, err
	}
	if bytes.Equal(out, []byte("{}")) {
		return more, nil
	}
	return append(append(out[:len(out)-1], ','), more[1:]...), nil
}

// ownOf reads the settings that a struct has no fields for; nil when there are none.
func ownOf(b []byte, shared reflect.Type, empty func() any) (any, error) {
	var all map[string]json.RawMessage
	if err := json.Unmarshal(b, &all); err != nil {
		return nil, err
	}
	for i := range shared.NumField() {
		name, _, _ := strings.Cut(shared.Field(i).Tag.Get("json"), ",")
		delete(all, name)
	}
	if len(all) == 0 {
		return nil, nil //nolint:nilnil // most kinds have none
	}
	rest, err := json.Marshal(all)
	if err != nil || empty == nil {
		return json.RawMessage(rest), err
	}
	own := empty()
	return own, json.Unmarshal(rest, own)
}
