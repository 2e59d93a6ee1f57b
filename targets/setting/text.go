package setting

import (
	"cmp"
	"fmt"
	"math"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"
)

var (
	amount     = regexp.MustCompile(`^[0-9]+(\.[0-9]+)?$`)
	percentage = regexp.MustCompile(`^([0-9]+(?:\.[0-9]+)?) ?%$`)
)

// sizes are the units of an amount of bytes.
var sizes = []struct {
	unit  string
	bytes float64
}{{"KiB", 1 << 10}, {"MiB", 1 << 20}, {"GiB", 1 << 30}, {"kB", 1e3}, {"MB", 1e6}, {"GB", 1e9}, {"B", 1}}

// Parse reads a value as a file or a command line writes it, without regard to bounds. A list is written with commas.
func (s *Setting) Parse(text string) (value any, err error) {
	switch s.Form() {
	case Int:
		n, err := strconv.ParseInt(text, 10, 64)
		if err != nil {
			return nil, fmt.Errorf("%.40q is not a whole number", text)
		}
		return n, nil
	case Bool:
		if text != "true" && text != "false" {
			return nil, fmt.Errorf("%.40q is neither true nor false", text)
		}
		return text == "true", nil
	case Duration:
		d, err := time.ParseDuration(text)
		if err != nil {
			return nil, fmt.Errorf("%.40q is not a duration such as 250ms, 1.5s or 2m", text)
		}
		return d, nil
	case Bytes:
		n, ok := ParseBytes(text)
		if !ok {
			return nil, fmt.Errorf("%.40q is not an amount of bytes such as 200kB, 20MB or 1MiB", text)
		}
		return n, nil
	case BitRate:
		return parsedRate(text)
	case Share:
		if v, ok := ParseShare(text); ok {
			return v, nil
		}
		v, err := strconv.ParseFloat(text, 64)
		if err != nil {
			return nil, fmt.Errorf("%.40q is not a percentage such as 2%%", text)
		}
		return v, nil
	case Number:
		v, err := strconv.ParseFloat(text, 64)
		if err != nil {
			return nil, fmt.Errorf("%.40q is not a number", text)
		}
		return v, nil
	case Texts:
		return strings.Split(text, ","), nil
	case Ints:
		var out []int
		for part := range strings.SplitSeq(text, ",") {
			n, err := strconv.Atoi(strings.TrimSpace(part))
			if err != nil {
				return nil, fmt.Errorf("%.40q is not a %s", part, cmp.Or(s.Noun, "whole number"))
			}
			out = append(out, n)
		}
		return out, nil
	}
	return text, nil
}

// ParseBytes reads an amount of bytes with its unit.
func ParseBytes(text string) (n int64, ok bool) {
	for _, s := range sizes {
		number, found := strings.CutSuffix(text, s.unit)
		number = strings.TrimSuffix(number, " ")
		if !found || !amount.MatchString(number) {
			continue
		}
		v, err := strconv.ParseFloat(number, 64)
		if v = math.Round(v * s.bytes); err != nil || v > math.MaxInt64/2 {
			v = math.MaxInt64 / 2
		}
		return int64(v), true
	}
	return 0, false
}

// ParseShare reads a percentage: 2% is 0.02.
func ParseShare(text string) (share float64, ok bool) {
	m := percentage.FindStringSubmatch(text)
	if m == nil {
		return 0, false
	}
	v, err := strconv.ParseFloat(m[1], 64)
	return v / 100, err == nil
}

// Write gives a value as a file writes it, a list with commas.
func (s *Setting) Write(value any) string {
	switch x := value.(type) {
	case time.Duration:
		return Span(x)
	case Rate:
		return x.String()
	case int64:
		return Amount(x)
	case float64:
		if s.Form() == Share {
			return Percent(x)
		}
		return strconv.FormatFloat(x, 'f', -1, 64)
	case []string:
		return strings.Join(x, ",")
	case []int:
		words := make([]string, len(x))
		for i, n := range x {
			words[i] = strconv.Itoa(n)
		}
		return strings.Join(words, ",")
	}
	return fmt.Sprint(value)
}

// Amount writes an amount of bytes in the largest unit that it is a whole number of: 256MB, 1MiB, 200B.
func Amount(bytes int64) string {
	number, unit := bytes, "B"
	for _, s := range sizes {
		if n := bytes / int64(s.bytes); n > 0 && bytes%int64(s.bytes) == 0 && n < number {
			number, unit = n, s.unit
		}
	}
	return strconv.FormatInt(number, 10) + unit
}

// Shown is the value of the setting as a file writes it, the default where that holds for a field that is not set, on or
// off for a Group.
func (s *Setting) Shown(owner any) string {
	_, ok := s.Get(owner)
	switch {
	case s.Form() == Group && ok:
		return "on"
	case s.Form() == Group:
		return "off"
	case !ok && s.Unset && s.Default != "":
		return s.Default
	}
	value := s.Value(owner)
	if value == nil {
		return ""
	}
	return s.Write(value)
}

// Span writes a duration without the zero parts that time.Duration keeps: 2h, 1m30s.
func Span(d time.Duration) string {
	s := d.String()
	if strings.HasSuffix(s, "m0s") {
		s = strings.TrimSuffix(s, "0s")
	}
	if strings.HasSuffix(s, "h0m") {
		s = strings.TrimSuffix(s, "0m")
	}
	return s
}

// Percent writes a share as a percentage.
func Percent(share float64) string { return strconv.FormatFloat(100*share, 'g', 6, 64) + "%" }

// Label is the name of a setting on the screen, behind the key of the group that it stands in.
func (s *Setting) Label(group string) string {
	name := strings.ReplaceAll(s.Key, "_", " ")
	switch {
	case s.Name != "":
		return s.Name
	case group == "":
		return name
	}
	return group + "." + name
}

// Words describe settings in short: the main ones, and then every other one that is not as by default. A group that is on
// is one of them.
func Words(rows []Setting, owner any) []string {
	var out []string
	for _, main := range []bool{true, false} {
		for i := range rows {
			s := &rows[i]
			text := s.Shown(owner)
			if list, ok := s.Value(owner).([]string); ok {
				text = strings.Join(list, " ")
			}
			switch {
			case s.Main != main || text == "" || !main && (s.Varies || s.IsDefault(owner)):
			case s.Form() == Group:
				group, _ := s.Get(owner)
				out = append(out, strings.Join(append([]string{cmp.Or(s.Said, s.Label(""))}, Words(s.Rows, group)...), " "))
			case s.Said == "":
				out = append(out, s.Label("")+" "+text)
			default:
				out = append(out, strings.ReplaceAll(s.Said, "%s", text))
			}
		}
	}
	return out
}

// Allowed says in words which values there are; empty: any.
func (s *Setting) Allowed() string {
	switch {
	case len(s.Values) > 0:
		return strings.Join(s.Values, ", ")
	case !s.Bounded():
		return ""
	}
	bounds := s.bound(s.Min) + " to " + s.bound(s.Max)
	if s.Form() == BitRate {
		bounds += ", or " + noRate
	}
	return bounds
}

func (s *Setting) bound(x float64) string {
	switch s.Form() {
	case Duration:
		return time.Duration(x).String()
	case Share:
		return Percent(x)
	case BitRate:
		return Rate(x).String()
	}
	return strconv.FormatFloat(x, 'f', -1, 64)
}

// knows reports whether a word is allowed.
func (s *Setting) knows(word string) bool {
	return len(s.Values) == 0 || slices.Contains(s.Values, word)
}
