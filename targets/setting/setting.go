// Package setting declares the settings of parts, loads and plans, each once: as a row beside the struct that holds its
// value. Whatever reads, writes, checks, documents or turns a setting walks these rows.
package setting

import (
	"reflect"
	"slices"
	"time"
)

// Type is the form of a setting's value. The types below follow from the Go type of the field; a row with another one
// names it, and the code that walks such rows knows how it is written.
type Type string

// The types, with the Go types of their fields. A pointer to one of these is a setting that may be left out although its
// zero value means something.
const (
	Int      Type = "int"      // int, uint64: a whole number
	Text     Type = "string"   // string: one of Values, or one line of text where there are none
	Bool     Type = "bool"     // bool
	Duration Type = "duration" // time.Duration: a number with its unit
	Bytes    Type = "bytes"    // int64: an amount of bytes with its unit
	BitRate  Type = "bitrate"  // Rate: bits or bytes per second, with their unit
	Share    Type = "share"    // float64: a percentage; 2% is 0.02
	Number   Type = "number"   // float64
	Texts    Type = "strings"  // []string
	Ints     Type = "ints"     // []int
	Lines    Type = "lines"    // string: a text of several lines
	Name     Type = "name"     // string: small letters, digits, single hyphens
	Path     Type = "path"     // string: path and query, as the first line of a request has them
	Version  Type = "version"  // string: a word that may look like a number
	Objects  Type = "objects"  // list of structs with settings of their own (Rows); Noun says what one is, Least and Most how many
	Group    Type = "group"    // pointer to a struct with settings of its own (Rows), or one of the words on and off
)

// Setting is the row of one setting.
type Setting struct {
	Key     string   // in files, behind --set and in run files
	Doc     string   // one line
	More    string   // for editors, where there is more to say than Doc; empty: Doc
	Name    string   // on the screen; empty: the key with spaces
	Flag    string   // on the command line, without the hyphens; empty: the key with hyphens; "-": it has none
	Short   string   // its one letter on the command line
	Type    Type     // empty: as the field's Go type says
	Default string   // as a file writes it
	Unset   bool     // the field keeps its zero value where the default holds
	Varies  bool     // the default differs between systems
	Always  bool     // written to files even where it is the default
	Main    bool     // a short description names it even where it is the default
	Said    string   // in a description, with %s for the value; empty: key and value
	Behind  string   // on the screen it stands behind the setting with this key
	Values  []string // the words that are allowed; nil: any
	Min     float64  // of numbers, nanoseconds, bytes
	Max     float64  // inclusive; 0 and 0: no bounds
	Step    float64  // values are multiples of it; 0: any
	Longest int      // characters of a text, or of each of several; 0: 2048
	Least   int      // items of a list
	Most    int      // items of a list; 0: 100
	Noun    string   // of an item of a list in messages, or of what a Group is
	Example string   // of a value, for messages
	Needed  bool     // it cannot be left out
	Fixed   bool     // a run cannot turn it
	Live    bool     // it is turned without starting the part again
	Steps   []string // what a free run turns it to; nil: as the type, Values and the bounds suggest

	Needs map[string]string // by value, the component that it needs and this machine may lack

	At   Place                  // the field
	Rows []Setting              // of a Group: the settings within, whose fields are those of the struct that At points to
	Idle func(owner any) string // why it has no effect now, empty: it has; see When
}

// Place finds the field of a setting in the struct that owns it.
type Place struct {
	find  func(owner any, write bool) any // a pointer to the field
	value reflect.Type                    // of the field
}

// At is the place of a field, by a function that points to it.
func At[S, T any](field func(*S) *T) Place {
	return Place{
		find:  func(owner any, _ bool) any { return field(owner.(*S)) },
		value: reflect.TypeFor[T](),
	}
}

// Within is a place in a struct that another one holds: outer gives it, for reading or for writing.
func Within[O, S any](p Place, outer func(owner *O, write bool) *S) Place {
	return Place{
		find:  func(owner any, write bool) any { return p.find(outer(owner.(*O), write), write) },
		value: p.value,
	}
}

// When is a reason why a setting has no effect, as a function of the struct that owns it.
func When[S any](why func(*S) string) func(any) string {
	return func(owner any) string { return why(owner.(*S)) }
}

// Form is the type of the setting.
func (s *Setting) Form() Type {
	if s.Type != "" {
		return s.Type
	}
	t := s.At.value
	if t.Kind() == reflect.Pointer {
		t = t.Elem()
	}
	switch {
	case t == reflect.TypeFor[time.Duration]():
		return Duration
	case t == reflect.TypeFor[Rate]():
		return BitRate
	case t.Kind() == reflect.Int, t.Kind() == reflect.Uint64:
		return Int
	case t.Kind() == reflect.Int64:
		return Bytes
	case t.Kind() == reflect.String:
		return Text
	case t.Kind() == reflect.Bool:
		return Bool
	case t.Kind() == reflect.Float64:
		return Share
	case t == reflect.TypeFor[[]int]():
		return Ints
	case t.Kind() == reflect.Slice:
		return Texts
	case t.Kind() == reflect.Struct:
		return Group
	}
	panic("the setting " + s.Key + " is of " + s.At.value.String()) // a test walks every row
}

// Bounded reports whether the row bounds its values.
func (s *Setting) Bounded() bool { return s.Min != 0 || s.Max != 0 }

// Place gives the pointer to the field, for types that this package does not know.
func (s *Setting) Place(owner any) any { return s.At.find(owner, true) }

func (s *Setting) field(owner any, write bool) reflect.Value {
	return reflect.ValueOf(s.At.find(owner, write)).Elem()
}

// Get is the value of the setting; ok is false where nothing is set, which is the zero value of a field that is no pointer.
func (s *Setting) Get(owner any) (value any, ok bool) {
	f := s.field(owner, false)
	if f.IsZero() {
		return nil, false
	}
	if f.Kind() == reflect.Pointer && f.Type().Elem().Kind() != reflect.Struct {
		f = f.Elem()
	}
	return f.Interface(), true
}

// Value is what the field holds, its zero value included; nil of a pointer that is not set.
func (s *Setting) Value(owner any) any {
	f := s.field(owner, false)
	if f.Kind() != reflect.Pointer || f.Type().Elem().Kind() == reflect.Struct {
		return f.Interface()
	}
	if f.IsNil() {
		return nil
	}
	return f.Elem().Interface()
}

// Set gives the setting a value of its field's type, or one that converts to it.
func (s *Setting) Set(owner, value any) {
	f := s.field(owner, true)
	v := reflect.ValueOf(value)
	if f.Kind() == reflect.Pointer && v.Type() != f.Type() {
		p := reflect.New(f.Type().Elem())
		p.Elem().Set(v.Convert(f.Type().Elem()))
		f.Set(p)
		return
	}
	f.Set(v.Convert(f.Type()))
}

// Clear leaves the setting out.
func (s *Setting) Clear(owner any) { s.field(owner, true).SetZero() }

// Open gives the struct of a Group for writing: a copy of the one that is there, so that who shares it keeps his, or a
// new one.
func (s *Setting) Open(owner any) any {
	f := s.field(owner, true)
	p := reflect.New(f.Type().Elem())
	if !f.IsNil() {
		p.Elem().Set(f.Elem())
	}
	f.Set(p)
	return p.Interface()
}

// Begin makes the setting, whose field is a list of structs, an empty list.
func (s *Setting) Begin(owner any) {
	f := s.field(owner, true)
	f.Set(reflect.MakeSlice(f.Type(), 0, 4))
}

// Append gives a new last struct of such a list; it is good until the next one.
func (s *Setting) Append(owner any) any {
	f := s.field(owner, true)
	f.Set(reflect.Append(f, reflect.Zero(f.Type().Elem())))
	return f.Index(f.Len() - 1).Addr().Interface()
}

// Items gives the structs of such a list.
func (s *Setting) Items(owner any) []any {
	f := s.field(owner, false)
	out := make([]any, f.Len())
	for i := range out {
		out[i] = f.Index(i).Addr().Interface()
	}
	return out
}

// IsDefault reports whether files may leave the setting out: nothing is set, or the default that would be filled in.
func (s *Setting) IsDefault(owner any) bool {
	if s.Unset || s.Default == "" || s.Form() == Group {
		_, ok := s.Get(owner)
		return !ok
	}
	value := s.Value(owner)
	if value == nil {
		return true
	}
	standard, err := s.Parse(s.Default)
	return err == nil && reflect.DeepEqual(reflect.ValueOf(standard).Convert(reflect.TypeOf(value)).Interface(), value)
}

// Find gives the row of a key, nil if there is none.
func Find(rows []Setting, key string) *Setting {
	for i := range rows {
		if rows[i].Key == key {
			return &rows[i]
		}
	}
	return nil
}

// Inherit gives rows what they leave out from those of the same keys, groups row by row.
func Inherit(rows, from []Setting) []Setting {
	out := slices.Clone(rows)
	for i := range out {
		base := Find(from, out[i].Key)
		if base == nil {
			continue
		}
		whole, own := *base, reflect.ValueOf(out[i])
		for f := range own.NumField() {
			if !own.Field(f).IsZero() {
				reflect.ValueOf(&whole).Elem().Field(f).Set(own.Field(f))
			}
		}
		if out[i].Rows != nil {
			whole.Rows = Inherit(out[i].Rows, base.Rows)
		}
		out[i] = whole
	}
	return out
}

// Join is the settings of several kinds, each key once, with the words of the first kind that has it. It allows what any
// of them allows.
func Join(kinds ...[]Setting) []Setting {
	var out []Setting
	for _, rows := range kinds {
		for _, s := range rows {
			if other := Find(out, s.Key); other != nil {
				*other = widened(*other, s)
				continue
			}
			out = append(out, s)
		}
	}
	return out
}

func widened(a, b Setting) Setting {
	if a.Default != b.Default {
		a.Default = ""
	}
	if len(a.Values) == 0 || len(b.Values) == 0 {
		a.Values = nil
	}
	for _, word := range b.Values {
		if len(a.Values) > 0 && !slices.Contains(a.Values, word) {
			a.Values = append(slices.Clone(a.Values), word)
		}
	}
	if !a.Bounded() || !b.Bounded() {
		a.Min, a.Max = 0, 0
		return a
	}
	a.Min, a.Max = min(a.Min, b.Min), max(a.Max, b.Max)
	return a
}

// Keys lists the keys of rows in their order.
func Keys(rows []Setting) []string {
	out := make([]string, len(rows))
	for i := range rows {
		out[i] = rows[i].Key
	}
	return out
}
