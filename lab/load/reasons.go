package load

import (
	"cmp"
	"fmt"
	"maps"
	"slices"
	"strings"
)

// Reason says why the requests of an error class failed, as it was found the first time: what was wrong, or every status
// that came.
type Reason struct {
	Text string `json:"reason"` // such as `two different Content-Length headers ("Content-Length: 6")` or "404 Not Found"
	// Bytes are the first bytes of that response, where the reason is a status those of its body if it has one: in
	// printable ASCII, escaped as in a Go string, and cut.
	Bytes string `json:"first_bytes,omitempty"`
}

// String is the reason with the bytes in quotes.
func (r Reason) String() string {
	if r.Bytes == "" {
		return r.Text
	}
	return r.Text + `: "` + r.Bytes + `"`
}

// Why are the reasons of the classes that the window counts, attempts included.
func (s *Summary) Why() map[string]Reason {
	out := maps.Clone(s.Reasons)
	maps.DeleteFunc(out, func(class string, _ Reason) bool {
		return s.Counts.Errors[class]+s.Counts.AttemptErrors[class] == 0
	})
	return out
}

// ErrorWords lists error classes with how often each occurred and, where it is known, why: the most frequent first.
func ErrorWords(errors map[string]uint64, why map[string]Reason) string {
	names := slices.SortedFunc(maps.Keys(errors), func(a, b string) int {
		return cmp.Or(cmp.Compare(errors[b], errors[a]), strings.Compare(a, b))
	})
	for i, name := range names {
		names[i] = fmt.Sprintf("%s %d", name, errors[name])
		if r, ok := why[name]; ok {
			names[i] += " (" + r.Text + ")"
		}
	}
	return strings.Join(names, ", ")
}
