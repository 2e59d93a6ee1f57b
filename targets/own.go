package targets

import (
	"bytes"
	"cmp"
	"encoding/json"
	"errors"
	"fmt"
	"reflect"
	"slices"
	"strconv"
	"strings"

	"benchtop/targets/setting"
)

// Kinds of servers and proxies have settings that no other kind has, in a struct of their own. It is kept in the field Own
// of a Spec or a Proxy, and stands in JSON among the other settings: behind the shared one that the tag after of the field,
// or of one before it, names; else at the end.

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

// member is one key of a JSON object.
type member struct {
	key   string
	value json.RawMessage
}

// members splits an object.
func members(object []byte) ([]member, error) {
	d := json.NewDecoder(bytes.NewReader(object))
	_, err := d.Token() // {
	var out []member
	for err == nil && d.More() {
		var key json.Token
		if key, err = d.Token(); err != nil {
			break
		}
		m := member{key: fmt.Sprint(key)}
		err = d.Decode(&m.value)
		out = append(out, m)
	}
	return out, err
}

// withOwn writes two structs as one object.
func withOwn(shared, own any) ([]byte, error) {
	object, err := json.Marshal(shared)
	if err != nil || own == nil {
		return object, err
	}
	more, err := json.Marshal(own)
	if err != nil {
		return nil, err
	}
	all, err1 := members(object)
	others, err2 := members(more)
	rank := ranks(reflect.TypeOf(shared), reflect.TypeOf(own))
	all = append(all, others...)
	slices.SortStableFunc(all, func(a, b member) int { return cmp.Compare(rank[a.key], rank[b.key]) })
	out := []byte{'{'}
	for i, m := range all {
		if i > 0 {
			out = append(out, ',')
		}
		out = append(append(strconv.AppendQuote(out, m.key), ':'), m.value...)
	}
	return append(out, '}'), errors.Join(err1, err2)
}

// ranks order the keys of two structs in one object: negative, but for own ones at the end.
func ranks(shared, own reflect.Type) map[string]int {
	rank := map[string]int{}
	for i := range shared.NumField() {
		rank[keyOf(shared.Field(i))] = 2 * (i - shared.NumField())
	}
	if own.Kind() != reflect.Pointer {
		return rank // JSON of a kind that is not known
	}
	at := 0
	for i := range own.Elem().NumField() {
		f := own.Elem().Field(i)
		if before, ok := f.Tag.Lookup("after"); ok {
			at = rank[before] + 1
		}
		rank[keyOf(f)] = at
	}
	return rank
}

// keyOf is the key of a field in JSON.
func keyOf(f reflect.StructField) string {
	key, _, _ := strings.Cut(f.Tag.Get("json"), ",")
	return key
}

// ownOf reads the settings that a struct has no fields for; nil when there are none.
func ownOf(b []byte, shared reflect.Type, empty func() any) (any, error) {
	var all map[string]json.RawMessage
	if err := json.Unmarshal(b, &all); err != nil {
		return nil, err
	}
	for i := range shared.NumField() {
		delete(all, keyOf(shared.Field(i)))
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
