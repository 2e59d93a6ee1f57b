package metric

import (
	"strings"
	"testing"
)

func TestTable(t *testing.T) {
	seen, places := map[string]bool{}, map[int]string{}
	for _, m := range All() {
		if found, ok := Lookup(m.Name); !ok || found.Doc != m.Doc || seen[m.Name] {
			t.Errorf("%s: found %q, %v", m.Name, found.Doc, ok)
		}
		seen[m.Name] = true
		if m.Doc == "" || m.Words == "" || m.Unit == "" || m.Scope == "" || m.Words == m.Name && m.Unit != Count {
			t.Errorf("%s says too little of itself: %+v", m.Name, m)
		}
		if (m.Of == nil) == (m.Quantile == 0) {
			t.Errorf("%s is computed in no way or in two", m.Name)
		}
		if m.Some != nil && m.Scope != Service {
			t.Errorf("%s is of the %s and can be asked of a service", m.Name, m.Scope)
		}
		if m.Why > 0 && (m.Kind != Mechanism || places[m.Why] != "") {
			t.Errorf("%s has the place %d of %q", m.Name, m.Why, places[m.Why])
		}
		places[m.Why] = m.Name
		if m.Claim != "" && strings.Count(m.Claim, "%s") != 1 {
			t.Errorf("%s: %q", m.Name, m.Claim)
		}
	}
	if m := Named("of_a_later_version"); m.Words != "of_a_later_version" || m.Head() != m.Words {
		t.Errorf("%+v", m)
	}
}

func TestRegister(t *testing.T) {
	undo := Register(Metric{Name: "toy", Words: "toys", In: Summary})
	if m, ok := Lookup("toy"); !ok || m.Head() != "toys" || In(Summary)[len(In(Summary))-1].Name != "toy" || !strings.Contains(Markdown(), "| `toy` | toys |") {
		t.Errorf("%+v, %v", m, ok)
	}
	undo()
	if _, ok := Lookup("toy"); ok {
		t.Error("it is still there")
	}
}

func TestSays(t *testing.T) {
	for want, got := range map[string]string{
		"B serves 12.0 % more than A":                                     Named("rps").Says("B", "A", 1.12),
		"B serves 2.10 times as much as A":                                Named("rps").Says("B", "A", 2.1),
		"B needs 3.0 % less CPU per request than A":                       Named("target_cpu_us_per_request").Says("B", "A", 0.97),
		"B needs 3.00 times as much memory as A":                          Named("target_rss_bytes").Says("B", "A", 3),
		"B's p99 latency is 5.0 % shorter than A's":                       Named("p99").Says("B", "A", 0.95),
		"B's longest latency is 0.250 times as long as A's":               Named("max").Says("B", "A", 0.25),
		"B's proxy's CPU per request is 39.2 % lower than A's":            Named("proxy_cpu_us_per_request").Says("B", "A", 0.608),
		"B's connections per request are 3.00 times as high as A's":       Named("connections_per_request").Says("B", "A", 3),
		"B's share of the requests cut at a stop is 5.0 % lower than A's": Named("requests_cut_share").Says("B", "A", 0.95),
		"B's error rate is 5.0 % higher than A's":                         Named("error_rate").Says("B", "A", 1.05),
	} {
		if got != want {
			t.Errorf("%q, want %q", got, want)
		}
	}
}

func TestSuffix(t *testing.T) {
	for text, want := range map[string]float64{"ms": 1e3, "µs": 1, "%": 0.01, "KiB": 1024} {
		if _, _, scale, ok := Suffix(text); !ok || scale != want {
			t.Errorf("%s: %v, %v", text, scale, ok)
		}
	}
	if _, _, _, ok := Suffix("h"); ok || NearestSuffix("KB") != "kB" || NearestSuffix("percent") != "%" {
		t.Error("a unit that is none")
	}
}
