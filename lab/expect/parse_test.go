package expect

import (
	"errors"
	"slices"
	"strings"
	"testing"

	"benchtop/lab/metric"
)

func TestParseAccepts(t *testing.T) {
	for _, c := range []struct{ src, want string }{
		{"rps(kept) / rps(none) >= 1.03", "rps(kept) / rps(none) >= 1.03"},
		{"  rps( kept )/rps(none)>=1.03 ", "rps(kept) / rps(none) >= 1.03"},
		{"rps(a) / rps(b) >= 103%", "rps(a) / rps(b) >= 103%"},
		{"errors(kept) == 0", "errors(kept) == 0"},
		{"errors(a) == errors(b)", "errors(a) == errors(b)"},
		{"errors(a) / errors(b) == 2", "errors(a) / errors(b) == 2"},
		{"upstream_connections_per_request(kept) < 0.01", "upstream_connections_per_request(kept) < 0.01"},
		{"connections_per_request(new) > .95", "connections_per_request(new) > 0.95"},
		{"p99(a) < 5 ms", "p99(a) < 5ms"},
		{"p99(a) < 5µs", "p99(a) < 5us"},
		{"p99(a) < 5μs", "p99(a) < 5us"},
		{"p999(a) <= 1.5e3us", "p999(a) <= 1500us"},
		{"max(a) < 1s", "max(a) < 1s"},
		{"5ms > p50(a)", "5ms > p50(a)"},
		{"p99(a) < p99(b)", "p99(a) < p99(b)"},
		{"p99(a) / p50(a) < 3", "p99(a) / p50(a) < 3"},
		{"rps(a) / rps(b) > rps(c) / rps(d)", "rps(a) / rps(b) > rps(c) / rps(d)"},
		{"rps(a) >= 1000", "rps(a) >= 1000"},
		{"error_rate(a) < 1%", "error_rate(a) < 1%"},
		{"error_rate(a) < 0.01", "error_rate(a) < 0.01"},
		{"worker_share_max(two-workers) <= 60 %", "worker_share_max(two-workers) <= 60%"},
		{"target_cpu_us_per_request(a) < 40", "target_cpu_us_per_request(a) < 40"},
		{"target_cpu_us_per_request(a) < 40us", "target_cpu_us_per_request(a) < 40us"},
		{"target_rss_bytes(a) < 64MiB", "target_rss_bytes(a) < 64MiB"},
		{"target_rss_bytes(a) < 50000000", "target_rss_bytes(a) < 50000000"},
		{"loop_lag_p99(blocking) > 20ms", "loop_lag_p99(blocking) > 20ms"},
		{"rps(workers=2.async) > 1", "rps(workers=2.async) > 1"},
		{"rps(ä) > 1", "rps(ä) > 1"},
		{"rps(a) > 1e20", "rps(a) > 1e+20"},
		{"service_cpu_us_per_request(a) < 40", "service_cpu_us_per_request(a) < 40"},
		{"service_cpu_us_per_request( a.db ) < 40us", "service_cpu_us_per_request(a.db) < 40us"},
		{"service_rss_bytes(a.db) / service_rss_bytes(a.cache) < 2", "service_rss_bytes(a.db) / service_rss_bytes(a.cache) < 2"},
		{"rps(a) > 0.0000000125", "rps(a) > 1.25e-08"},
	} {
		e, err := Parse(c.src)
		if err != nil {
			t.Errorf("%q: %v", c.src, err)
			continue
		}
		if e.String() != c.want {
			t.Errorf("%q is %q, want %q", c.src, e, c.want)
		}
		again, err := Parse(e.String())
		if err != nil || again.String() != e.String() {
			t.Errorf("%q parsed again: %v, %v", e, again, err)
		}
	}
}

func TestParseRefuses(t *testing.T) {
	for _, c := range []struct {
		src     string
		at      string // the text at which the mistake is; empty is the end
		message string
		suggest string
	}{
		{"", "", "is empty", ""},
		{"   ", "", "is empty", ""},
		{"rps(a)", "", "a comparison is missing", ""},
		{"rps(a) >", "", "ends where a metric", ""},
		{"rps(a) / >= 2", ">=", "where a metric of a variant or a number should stand", ""},
		{"p99(a) < 5", "5", "needs a number with its unit: us, ms or s, as in 5ms", ""},
		{"target_rss_bytes(a) < 5ms", "5ms", "a number of bytes", ""},
		{"loop_lag_p99(a) < 20%", "20%", "allowed is us, ms or s", ""},
		{"rps(a) > 100ms", "100ms", "allowed is a plain number", ""},
		{"rps(a) > 10%", "10%", "a rate per second", ""},
		{"errors(a) < 1.5", "1.5", "not a whole number", ""},
		{"errors(a) < 1%", "1%", "a whole number", ""},
		{"connections_per_request(a) < 1MB", "1MB", "a plain number", ""},
		{"error_rate(a) < 5", "5", "a share from 0 to 1", "5%"},
		{"error_rate(a) < 120%", "120%", "a share from 0 to 1", ""},
		{"target_cpu_us_per_request(a) < 1MB", "1MB", "a plain number of microseconds", ""},
		{"rps(a) / rps(b) > 2ms", "2ms", "a quotient has no unit", ""},
		{"rps(a) / p99(b) > 2", "p99", "same unit", ""},
		{"rps(a) > p99(b)", "p99(b)", "both sides need the same unit", ""},
		{"rps(a) / rps(b) > rps(c)", "rps(c)", "both sides need the same unit", ""},
		{"rps(a) / 2 > 3", "2", "cannot be divided by a number", ""},
		{"2 / rps(a) > 3", "/", "numbers are not divided", ""},
		{"rps(a) / rps(b) / rps(c) > 3", "/ rps(c)", "once", ""},
		{"1 < 2", "1 < 2", "two numbers", ""},
		{"rps(a) > 2 * rps(b)", "*", "no multiplication", ""},
		{"rps(a) * 2 > rps(b)", "*", "no multiplication", ""},
		{"rps(a) > 1 + 2", "+", "no addition", ""},
		{"rps(a) > -1", "-1", "cannot be negative", ""},
		{"1 < rps(a) < 2", "< 2", "a second comparison", ""},
		{"rps(a) > 1 and rps(b) > 1", "and", "one comparison", ""},
		{"rps(a) > rps(b) and rps(b) > 1", "and", "one comparison", ""},
		{"rps(a) > rps(b) && rps(b) > 1", "&", "one comparison", ""},
		{"rps(a) > rps(b) rps(c)", "rps(c)", "after the end", ""},
		{"rps(a) = 5", "=", "no comparison", "=="},
		{"rps(a) => 5", "=>", "no comparison", ">="},
		{"rps(a) ≥ 5", "≥", "no comparison", ">="},
		{"rps(a) != 5", "!=", "where a comparison should stand", ""},
		{"rps(a) == 5", "==", "== is for counts", ""},
		{"p99(a) == p99(b)", "==", "== is for counts", ""},
		{"rsp(a) > 5", "rsp", "there is no metric \"rsp\"", "rps"},
		{"RPS(a) > 5", "RPS", "there is no metric", "rps"},
		{"conections_per_request(a) < 5", "conections", "there is no metric", "connections_per_request"},
		{"p98(a) < 5ms", "p98", "there is no metric", "p90"},
		{"p99.9(a) < 5ms", "p99.9", "there is no metric", "p999"},
		{"throughput(a) > 5", "throughput", "there is no metric", ""},
		{"rps > 5", "rps", "of which variant", ""},
		{"rps() > 5", ")", "of which variant", ""},
		{"rps(a > 5", "", "is not closed", ""},
		{"rps(a(b)) > 5", "(b", "is not closed", ""},
		{"rps(a, b) > 5", ", b", "one variant", ""},
		{"service_rss_bytes(a, db) < 5MB", ", db", "one variant", ""},
		{"service_rss_bytes(a.db) < 5ms", "5ms", "a number of bytes", ""},
		{"service_rss_bytes(a.db) < target_cpu_us_per_request(a)", "target", "both sides need the same unit", ""},
		{"service_rss_bytes(a.) < 5MB", ")", "of which service? write service_rss_bytes(ID.SERVICE)", ""},
		{"service_rss_bytes(.db) < 5MB", ".db", "of which variant? write service_rss_bytes(ID)", ""},
		{"service_rss_bytes(a.db.c) < 5MB", ".c", "is not closed", ""},
		{"service_rss_bytes(a.d b) < 5MB", " b", "the id of one service", ""},
		{"service_rss_bytes(a.db", "", "is not closed", ""},
		{"rps(\"a\") > 5", "\"a", "one variant", ""},
		{"rps(a\x1b[31m) > 5", "\x1b", "one variant", ""},
		{"rps(a\u202eb) > 5", "\u202e", "one variant", ""},
		{"rps(a\xff) > 5", "\xff", "one variant", ""},
		{"p99(a) < 5Ms", "Ms", "unknown unit", "ms"},
		{"p99(a) < 5 milliseconds", "milliseconds", "unknown unit", "ms"},
		{"p99(a) < 5min", "min", "unknown unit", ""},
		{"target_rss_bytes(a) < 5mb", "mb", "unknown unit", "MB"},
		{"rps(a) > 1,000", ",", "nothing between its thousands", ""},
		{"rps(a) > 1e999", "1e999", "not a number that can be compared", ""},
		{"target_rss_bytes(a) > 1e308GB", "1e308", "too large", ""},
		{"rps(a) > " + strings.Repeat("1", 2000), "1", "at most 1000 are allowed", ""},
	} {
		e, err := Parse(c.src)
		var wrong *SyntaxError
		if !errors.As(err, &wrong) {
			t.Errorf("%q: %v, %v; want a syntax error", c.src, e, err)
			continue
		}
		if !strings.Contains(wrong.Msg, c.message) {
			t.Errorf("%q: %q does not say %q", c.src, wrong.Msg, c.message)
		}
		if wrong.Suggest != c.suggest {
			t.Errorf("%q: suggests %q, want %q", c.src, wrong.Suggest, c.suggest)
		}
		if wrong.Offset < 0 || wrong.Offset > len(c.src) || wrong.Offset+wrong.Length > len(c.src) {
			t.Errorf("%q: place %d+%d is outside", c.src, wrong.Offset, wrong.Length)
		} else if rest := c.src[wrong.Offset:]; c.at == "" && rest != "" || !strings.HasPrefix(rest, c.at) {
			t.Errorf("%q: points at %q, want %q", c.src, rest, c.at)
		}
	}
}

func TestSyntaxErrorMessage(t *testing.T) {
	_, err := Parse("rsp(a) > 5")
	if err == nil || !strings.HasSuffix(err.Error(), `(did you mean "rps"?)`) {
		t.Errorf("error is %v", err)
	}
}

func TestRefs(t *testing.T) {
	e, err := Parse("rps( kept ) / rps(none) >= rps(third) / rps(kept)")
	if err != nil {
		t.Fatal(err)
	}
	want := []Ref{{Metric: "rps", Variant: "kept", Offset: 5}, {Metric: "rps", Variant: "none", Offset: 18}, {Metric: "rps", Variant: "third", Offset: 31}, {Metric: "rps", Variant: "kept", Offset: 44}}
	if got := e.Refs(); !slices.Equal(got, want) {
		t.Errorf("references %v, want %v", got, want)
	}
	for src, want := range map[string]Ref{
		"0 == errors(b)":                {Metric: "errors", Variant: "b", Offset: 12},
		"5MB > service_rss_bytes(b.db)": {Metric: "service_rss_bytes", Variant: "b", Offset: 24, Service: "db", At: 26},
	} {
		e, err := Parse(src)
		if err != nil {
			t.Fatal(err)
		}
		if got := e.Refs(); !slices.Equal(got, []Ref{want}) {
			t.Errorf("references %+v", got)
		}
	}
}

// The grammar names no metric: one that the table has just got is read, checked by its unit, and suggested.
func TestAMetricOfTheTableIsPartOfTheGrammar(t *testing.T) {
	defer metric.Register(metric.Metric{Name: "toys_per_request", Unit: metric.Duration, Words: "toys"})()
	if _, err := Parse("toys_per_request(a) < 5ms"); err != nil {
		t.Error(err)
	}
	for src, want := range map[string]string{
		"toys_per_request(a) < 5":  "toys_per_request needs a number with its unit: us, ms or s, as in 5ms",
		"toy_per_request(a) < 5ms": `did you mean "toys_per_request"?`,
		"nothing(a) < 5":           ", toys_per_request",
	} {
		if _, err := Parse(src); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%s: %v, want %q", src, err, want)
		}
	}
}

func FuzzParse(f *testing.F) {
	for _, seed := range []string{
		"", "rps(kept) / rps(none) >= 1.03", "errors(a) == 0", "p99(a) < 5µs", "0 <= error_rate(é)", "1e", "1.e5%", "((", "p99.9(", "rps(a)=<\xff", "service_rss_bytes(a.db) < 5MB", "\xc2", "5 µ", "rps(\u2028)",
	} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, src string) {
		e, err := Parse(src)
		if err != nil {
			var wrong *SyntaxError
			if !errors.As(err, &wrong) {
				t.Fatalf("%q: error of type %T", src, err)
			}
			if wrong.Offset < 0 || wrong.Length < 0 || wrong.Offset+wrong.Length > len(src) || wrong.Msg == "" {
				t.Fatalf("%q: %+v", src, wrong)
			}
			return
		}
		for _, r := range e.Refs() {
			if !strings.HasPrefix(src[r.Offset:], r.Variant) || r.Variant == "" || !strings.HasPrefix(src[r.At:], r.Service) {
				t.Fatalf("%q: reference %+v", src, r)
			}
		}
		again, err := Parse(e.String())
		if err != nil || again.String() != e.String() {
			t.Fatalf("%q is %q, which is %v, %v", src, e, again, err)
		}
		_ = e.Eval(table{})
	})
}
