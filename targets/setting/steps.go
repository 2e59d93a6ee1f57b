package setting

import "strconv"

var (
	truths    = []string{"false", "true"}
	durations = []string{"1ms", "2ms", "5ms", "10ms", "20ms", "50ms", "100ms", "200ms", "500ms", "1s", "2s", "5s", "10s", "30s", "1m", "1m15s", "5m"}
)

// Turns are the values that a free run turns the setting to; nil: it cannot be turned. What a part does not take of them
// is left out when it is turned.
func (s *Setting) Turns() []string {
	switch {
	case s.Fixed:
		return nil
	case s.Steps != nil:
		return s.Steps
	case len(s.Values) > 0:
		return s.Values
	}
	switch s.Form() {
	case Bool:
		return truths
	case Duration:
		if s.Min == 0 && s.Max > 0 {
			return append([]string{"0s"}, durations...)
		}
		return durations
	case Int:
		most := int(s.Max)
		if most == 0 {
			most = 1 << 16
		}
		return Ladder(int(s.Min), most)
	case Group:
		return []string{"off", "on"}
	}
	return nil
}

// Ladder are whole numbers that grow by about a half to a doubling, with both ends.
func Ladder(least, most int) []string {
	out := []string{strconv.Itoa(least)}
	last := least
	for _, base := range []int{1, 10, 100, 1000, 10000} {
		if most > 1000 {
			break
		}
		for _, step := range []int{1, 2, 3, 4, 6, 8} {
			if n := base * step; n > last && n < most {
				out, last = append(out, strconv.Itoa(n)), n
			}
		}
	}
	for n := 1; most > 1000 && n < most; n *= 2 {
		if n > last {
			out, last = append(out, strconv.Itoa(n)), n
		}
	}
	if most > last {
		out = append(out, strconv.Itoa(most))
	}
	return out
}

// Rates are numbers per second in steps of 1, 1.5, 2, 3, 5 and 7, from 10 to the highest.
func Rates(most float64) []string {
	var out []string
	for base := 10.0; base < most; base *= 10 {
		for _, step := range []float64{1, 1.5, 2, 3, 5, 7} {
			out = append(out, strconv.FormatFloat(base*step, 'f', -1, 64))
		}
	}
	return append(out, strconv.FormatFloat(most, 'f', 0, 64))
}
