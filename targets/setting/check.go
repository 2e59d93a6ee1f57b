package setting

import (
	"fmt"
	"math"
	"reflect"
	"strings"
	"time"
)

// Fault is what is wrong with the value of a setting.
type Fault struct {
	Key string // within groups behind theirs: gzip.level
	Msg string // what was found and what is allowed
}

func (f *Fault) Error() string { return f.Key + ": " + f.Msg }

// Fill gives every setting that is left out its default. Groups that are there are filled as copies.
func Fill(rows []Setting, owner any) {
	for i := range rows {
		s := &rows[i]
		_, ok := s.Get(owner)
		switch {
		case s.Form() == Group && ok:
			Fill(s.Rows, s.Open(owner))
		case s.Form() == Group, s.Unset, s.Default == "":
		case !ok:
			value, err := s.Parse(s.Default)
			if err != nil {
				panic("the default of the setting " + s.Key + ": " + err.Error()) // a test fills every row
			}
			s.Set(owner, value)
		}
	}
}

// Filled is a copy of a group of settings with the defaults of what it leaves out; nil leaves all of them out.
func Filled[T any](rows []Setting, group *T) T {
	var out T
	if group != nil {
		out = *group
	}
	Fill(rows, &out)
	return out
}

// Because gives why where something is so, and nothing where it is not: for When.
func Because(so bool, why string) string {
	if so {
		return why
	}
	return ""
}

// Check gives what is wrong with the values of settings by their rows, those that are left out aside.
func Check(rows []Setting, owner any) []*Fault {
	var out []*Fault
	for i := range rows {
		s := &rows[i]
		value, ok := s.Get(owner)
		switch {
		case ok && s.Form() == Group:
			for _, f := range Check(s.Rows, value) {
				out = append(out, &Fault{Key: s.Key + "." + f.Key, Msg: f.Msg})
			}
		case ok:
			if msg := s.Wrong(value); msg != "" {
				out = append(out, &Fault{Key: s.Key, Msg: msg})
			}
		}
	}
	return out
}

// Wrong says what is wrong with a value and what is allowed; empty: nothing.
func (s *Setting) Wrong(value any) string {
	if word, ok := value.(string); ok && !s.knows(word) {
		return fmt.Sprintf("%.40q is not known, allowed: %s", word, strings.Join(s.Values, ", "))
	}
	if list, ok := value.([]string); ok && s.Most > 0 && len(list) > s.Most {
		return fmt.Sprintf("there are %d, at most %d are allowed", len(list), s.Most)
	}
	if !s.Bounded() {
		return ""
	}
	x := 0.0
	switch v := reflect.ValueOf(value); {
	case v.CanInt():
		x = float64(v.Int())
	case v.CanUint():
		x = float64(v.Uint())
	case v.CanFloat():
		x = v.Float()
	default:
		return "" // a text or a list
	}
	d, isDuration := value.(time.Duration)
	switch {
	case s.Form() == BitRate && x == 0: // there is none
	case isDuration && s.Step == float64(time.Second) && (math.Mod(x, s.Step) != 0 || x < s.Min || x > s.Max):
		return fmt.Sprintf("%v is not allowed, want whole seconds, %v to %v", d, time.Duration(s.Min), time.Duration(s.Max))
	case !(x >= s.Min && x <= s.Max): // what is not a number is wrong too
		return fmt.Sprintf("%v is not allowed, want %s to %s", value, s.bound(s.Min), s.bound(s.Max))
	}
	return ""
}
