package expect

import (
	"math"
	"strings"
	"testing"
)

var nan = math.NaN()

// table is a Source: values by "metric(variant)".
type table map[string][]float64

func (t table) Slices(of Ref) []float64 { return t[of.String()] }

func (t table) Exact(of Ref) (float64, bool) {
	v, ok := t[of.String()]
	if !ok {
		return 0, false
	}
	return v[0], true
}

var measured = table{
	"rps(slow)":  {1000, 1010, 990, 1005, 995, 1000},
	"rps(fast)":  {1200, 1215, 1180, 1210, 1190, 1200},
	"rps(same)":  {1001, 1009, 991, 1004, 996, 1001},
	"rps(wild)":  {500, 2000, 800, 1600, 900, 1300},
	"rps(one)":   {1000, nan, nan},
	"rps(none)":  {nan, nan},
	"rps(holes)": {nan, 1215, nan, 1210, 1190, 1200},
	// Times in microseconds.
	"p99(slow)":                             {5200, 5100, 5300, 5250, 5150, 5200},
	"p50(slow)":                             {1040, 1020, 1060, 1050, 1030, 1040},
	"p99(fast)":                             {4200, 4100, 4300, 4250, 4150, 4200},
	"error_rate(slow)":                      {0, 0, 0, 0, 0, 0},
	"error_rate(fast)":                      {0, 0, 0, 0, 0, 0},
	"error_rate(wild)":                      {0, 0.02, 0.01, 0.03, 0.02, 0.02},
	"connections_per_request(slow)":         {1, 1, 1.01, 1, 1, 1},
	"connections_per_request(fast)":         {0, 0, 0.001, 0, 0, 0},
	"upstream_connections_per_request(off)": {0, 0, 0, 0},
	"target_processes(even)":                {8, 8, 8, 8},
	"target_rss_bytes(slow)":                {40e6, 41e6, 40e6, 40.5e6},
	"service_cpu_us_per_request(slow.db)":   {30, 31, 30, 29, 30, 30},
	"errors(slow)":                          {0},
	"errors(fast)":                          {3},
	"errors(lost)":                          {nan},
}

func TestEval(t *testing.T) {
	for _, c := range []struct {
		expr    string
		verdict Verdict
		of      Kind
		reason  string
	}{
		// A quotient of one metric over two variants.
		{"rps(fast) / rps(slow) >= 1.15", Confirmed, Value, ""},
		{"rps(fast) / rps(slow) >= 115%", Confirmed, Value, ""},
		// What is the same in every slice is that, however its logarithm is rounded.
		{"target_processes(even) >= 8", Confirmed, Value, ""},
		{"target_processes(even) <= 8", Confirmed, Value, ""},
		{"target_processes(even) > 8", Refuted, Value, "wholly on the other side of 8"},
		{"rps(fast) / rps(slow) > 1.5", Refuted, Value, "wholly on the other side of 1.5"},
		{"rps(wild) / rps(slow) > 1", Inconclusive, Value, "reaches across 1"},
		{"rps(holes) / rps(slow) > 1.15", Confirmed, Value, ""},
		{"1.15 <= rps(fast) / rps(slow)", Confirmed, Value, ""},
		{"1.15 >= rps(fast) / rps(slow)", Refuted, Value, ""},
		{"p99(slow) / p50(slow) < 6", Confirmed, Value, ""},
		{"rps(one) / rps(slow) > 0.5", Inconclusive, Value, "two pairs of measured slices; there is 1"},
		{"rps(none) / rps(slow) > 0.5", NotApplicable, Value, "no pair"},
		{"rps(absent) / rps(slow) > 0.5", NotApplicable, Value, "no pair"},
		// A quotient with zeros: on the pairs' own quotients, and never by a divisor of 0.
		{"connections_per_request(fast) / connections_per_request(slow) < 0.1", Confirmed, Value, ""},
		{"connections_per_request(slow) / connections_per_request(fast) > 10", NotApplicable, Value, "was 0 in a slice"},
		// A metric against a number.
		{"rps(slow) > 900", Confirmed, Value, ""},
		{"900 < rps(slow)", Confirmed, Value, ""},
		{"rps(slow) > 1100", Refuted, Value, ""},
		{"rps(slow) < 1001", Inconclusive, Value, "reaches across 1001"},
		{"rps(one) > 900", Inconclusive, Value, "two measured slices; there is 1"},
		{"rps(none) > 900", NotApplicable, Value, "rps(none) was not measured in any slice"},
		{"p99(slow) < 5.5ms", Confirmed, Value, ""},
		{"p99(slow) < 5500us", Confirmed, Value, ""},
		{"p99(slow) > 0.0055s", Refuted, Value, ""},
		{"error_rate(wild) < 10%", Confirmed, Value, ""},
		{"error_rate(slow) <= 0", Confirmed, Value, ""},
		{"error_rate(slow) < 0", Refuted, Value, ""},
		{"upstream_connections_per_request(off) < 0.01", Confirmed, Value, ""},
		{"target_rss_bytes(slow) < 50MB", Confirmed, Value, ""},
		{"target_rss_bytes(slow) < 30MiB", Refuted, Value, ""},
		{"service_cpu_us_per_request(slow.db) < 40", Confirmed, Value, ""},
		{"service_cpu_us_per_request(slow) < 40", NotApplicable, Value, "service_cpu_us_per_request(slow) was not measured"},
		// Two measured sides.
		{"rps(fast) > rps(slow)", Confirmed, OfRatio, ""},
		{"rps(fast) <= rps(slow)", Refuted, OfRatio, ""},
		{"rps(same) > rps(slow)", Inconclusive, OfRatio, "reaches across 1"},
		{"p99(fast) < p99(slow)", Confirmed, OfRatio, ""},
		{"rps(fast) / rps(slow) > rps(same) / rps(slow)", Confirmed, OfRatio, ""},
		{"rps(none) > rps(slow)", NotApplicable, OfRatio, "no pair"},
		{"connections_per_request(fast) < connections_per_request(slow)", Confirmed, Difference, ""},
		{"connections_per_request(fast) > connections_per_request(slow)", Refuted, Difference, ""},
		{"error_rate(slow) <= error_rate(fast)", Confirmed, Difference, ""},
		{"error_rate(slow) < error_rate(fast)", Refuted, Difference, ""},
		// Counts.
		{"errors(slow) == 0", Confirmed, Value, ""},
		{"0 == errors(slow)", Confirmed, Value, ""},
		{"errors(fast) == 0", Refuted, Value, "errors(fast) is 3, which is not == 0"},
		{"errors(fast) <= 3", Confirmed, Value, ""},
		{"4 > errors(fast)", Confirmed, Value, ""},
		{"errors(slow) < errors(fast)", Confirmed, Value, ""},
		{"errors(slow) / errors(fast) < 0.5", Confirmed, Value, ""},
		{"errors(fast) / errors(slow) > 2", NotApplicable, Value, "is 0, so that the quotient does not exist"},
		{"errors(absent) == 0", NotApplicable, Value, "was not counted"},
		{"errors(lost) == 0", NotApplicable, Value, "was not counted"},
	} {
		e, err := Parse(c.expr)
		if err != nil {
			t.Errorf("%q: %v", c.expr, err)
			continue
		}
		o := e.Eval(measured)
		if o.Verdict != c.verdict || o.Of != c.of {
			t.Errorf("%q: %+v, want %s of a %s", c.expr, o, c.verdict, c.of)
		}
		if !strings.Contains(o.Reason, c.reason) || (o.Reason == "") != (o.Verdict == Confirmed) {
			t.Errorf("%q: %s because %q, want %q", c.expr, o.Verdict, o.Reason, c.reason)
		}
		if math.IsNaN(o.Measured) != (o.Verdict == NotApplicable) {
			t.Errorf("%q: %s, measured %v", c.expr, o.Verdict, o.Measured)
		}
		if !(o.Low <= o.Measured && o.Measured <= o.High) && o.Verdict != NotApplicable && !strings.Contains(o.Reason, "there is 1") {
			t.Errorf("%q: measured %v outside %v to %v", c.expr, o.Measured, o.Low, o.High)
		}
	}
}

// An expectation and its mirror image say the same; one and its contrary never both hold.
func TestEvalMirrors(t *testing.T) {
	contrary := map[string]string{"<": ">=", "<=": ">", ">": "<=", ">=": "<"}
	for _, left := range []string{"rps(slow)", "rps(fast)", "rps(wild)", "rps(one)", "rps(none)"} {
		for op, other := range contrary {
			for _, right := range []string{"980", "1000", "1200", "rps(same)"} {
				there, back, against := eval(t, left+op+right), eval(t, right+mirrored(op)+left), eval(t, left+other+right)
				if there.Verdict != back.Verdict {
					t.Errorf("%s %s %s is %s, mirrored %s", left, op, right, there.Verdict, back.Verdict)
				}
				opposite := map[Verdict]Verdict{Confirmed: Refuted, Refuted: Confirmed, Inconclusive: Inconclusive, NotApplicable: NotApplicable}
				if against.Verdict != opposite[there.Verdict] {
					t.Errorf("%s %s %s is %s, the contrary %s", left, op, right, there.Verdict, against.Verdict)
				}
			}
		}
	}
}

func eval(t *testing.T, src string) Outcome {
	t.Helper()
	e, err := Parse(src)
	if err != nil {
		t.Fatalf("%q: %v", src, err)
	}
	return e.Eval(measured)
}
