package record

import (
	"reflect"
	"strings"
	"unicode"
)

// harmless reports whether no text of a JSON line can hold a character that sanitize would replace: most lines hold
// nothing but printable ASCII without an escape.
func harmless(line []byte) bool {
	for _, c := range line {
		if c == '\\' || c >= 0x7f {
			return false
		}
	}
	return true
}

// sanitize replaces control, escape and direction-changing characters in every text of a value: a run file may come
// from anybody, and its texts go to a terminal.
func sanitize(v reflect.Value) {
	switch v.Kind() {
	case reflect.Pointer:
		if !v.IsNil() {
			sanitize(v.Elem())
		}
	case reflect.Struct:
		for i := range v.NumField() {
			if v.Type().Field(i).IsExported() {
				sanitize(v.Field(i))
			}
		}
	case reflect.Slice:
		if v.Type().Elem().Kind() == reflect.Uint8 {
			return
		}
		for i := range v.Len() {
			sanitize(v.Index(i))
		}
	case reflect.Array:
		for i := range v.Len() {
			sanitize(v.Index(i))
		}
	case reflect.Map:
		for _, k := range v.MapKeys() {
			if k.Kind() == reflect.String && clean(k.String()) != k.String() {
				v.SetMapIndex(k, reflect.Value{})
			}
		}
	case reflect.String:
		if s := v.String(); v.CanSet() && clean(s) != s {
			v.SetString(clean(s))
		}
	}
}

// clean replaces what a terminal would obey by U+FFFD; line feeds and tabs stay.
func clean(s string) string {
	return strings.Map(func(r rune) rune {
		switch {
		case r == '\n' || r == '\t':
			return r
		case unicode.IsControl(r), unicode.Is(unicode.Bidi_Control, r):
			return unicode.ReplacementChar
		}
		return r
	}, s)
}
