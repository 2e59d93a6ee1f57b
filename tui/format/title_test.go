package format

import (
	"slices"
	"testing"

	"benchtop/lab"
)

// What was turned since a variant got its label comes before it, the last turn first; with less room less of it is said.
func TestTheTitleAfterATurn(t *testing.T) {
	for _, c := range []struct {
		label  string
		turned []string
		want   []string
	}{
		{"b", nil, nil},
		{"a new connection per request", nil, []string{"a new connection per request"}},
		{"a new connection per request", []string{"load.keepalive=true"}, []string{
			"now keep-alive on; first: a new connection per request", "now keep-alive on", "keep-alive on",
		}},
		{"b", []string{"workers=4", "load.connections=2000", "proxy.keepalive=8"}, []string{
			"now proxy keep-alive 8, connections 2\u202f000, workers 4", "now proxy keep-alive 8, connections 2\u202f000 +1",
			"now proxy keep-alive 8 +2", "proxy keep-alive 8 +2",
		}},
	} {
		v := lab.VariantState{Variant: lab.Variant{ID: "b", Label: c.label}, Turned: c.turned}
		if got := Titled(&v); got.ID != "b" || !slices.Equal(got.Labels, c.want) {
			t.Errorf("%v: %q, want %q", c.turned, got.Labels, c.want)
		}
	}
}
