package lesson

import (
	"testing"

	"benchtop/targets"
)

func TestTheDiagramHasEveryPart(t *testing.T) {
	for want, spec := range map[string]targets.Spec{
		"▣ ▣ 2 workers":      {Workers: 2},
		"proxy ▶ ▣ 1 worker": {Workers: 1, Proxy: &targets.Proxy{Kind: "builtin"}},
		"proxy ▶ ▣ 1 worker ▶ cache, db": {
			Workers: 1, Proxy: &targets.Proxy{Kind: "builtin"},
			Services: map[string]targets.Part{"db": {Kind: "a"}, "cache": {Kind: "b"}},
		},
	} {
		if got := partsText(spec); got != want {
			t.Errorf("%q, want %q", got, want)
		}
	}
}
