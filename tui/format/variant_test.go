package format

import (
	"testing"

	"benchtop/lab"
)

// What was turned since a variant got its label comes before it.
func TestTheTitleAfterATurn(t *testing.T) {
	for _, c := range []struct {
		label  string
		turned []string
		want   string
	}{
		{"a new connection per request", nil, "a new connection per request"},
		{"a new connection per request", []string{"load.keepalive=true"}, "now keep-alive on; was: a new connection per request"},
		{"b", []string{"workers=4", "load.connections=2000", "proxy.keepalive=8"}, "now workers 4, connections 2\u202f000, proxy keep-alive 8"},
	} {
		v := lab.VariantState{Variant: lab.Variant{ID: "b", Label: c.label}, Turned: c.turned}
		if got := Titled(&v).Label; got != c.want {
			t.Errorf("%v: %q, want %q", c.turned, got, c.want)
		}
	}
}
