package record

import (
	"reflect"

	"benchtop/targets/printable"
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

// severalLines are the fields of events whose texts may have them: a lesson, or the last lines of a component. Elsewhere
// a line feed would forge a line of what is printed.
var severalLines = map[string]bool{"Lesson": true, "Look": true, "Notes": true, "Why": true, "Body": true, "Text": true, "Reason": true, "Void": true}

// sanitize makes every text of a value fit to print: a run file may come from anybody. text is how a string there is.
func sanitize(v reflect.Value, text func(string) string) {
	switch v.Kind() {
	case reflect.Pointer:
		if !v.IsNil() {
			sanitize(v.Elem(), text)
		}
	case reflect.Struct:
		for i := range v.NumField() {
			field := v.Type().Field(i)
			switch {
			case !field.IsExported():
			case severalLines[field.Name]:
				sanitize(v.Field(i), printable.Lines)
			default:
				sanitize(v.Field(i), printable.Line)
			}
		}
	case reflect.Slice, reflect.Array:
		if v.Type().Elem().Kind() == reflect.Uint8 {
			return
		}
		for i := range v.Len() {
			sanitize(v.Index(i), text)
		}
	case reflect.Map:
		for _, k := range v.MapKeys() {
			value := v.MapIndex(k)
			switch {
			case k.Kind() == reflect.String && text(k.String()) != k.String():
				v.SetMapIndex(k, reflect.Value{})
			case value.Kind() == reflect.String:
				v.SetMapIndex(k, reflect.ValueOf(text(value.String())).Convert(value.Type()))
			}
		}
	case reflect.String:
		if s := v.String(); v.CanSet() && text(s) != s {
			v.SetString(text(s))
		}
	}
}
