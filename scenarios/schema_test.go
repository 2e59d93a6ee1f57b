package scenarios

import (
	"strings"
	"testing"

	"benchtop/lab"
	"benchtop/lab/metric"
	"benchtop/targets"
	"benchtop/targets/setting"
)

// Every key is documented, and every row can be read, written and told.
func TestEveryRowIsWhole(t *testing.T) {
	for place, rows := range map[string][]setting.Setting{
		"file": fileKeys(), "variant": variantKeys(), "load": lab.LoadSettings(), "target": targetKeys(targets.ServerSettings()), "proxy": proxyKeys(targets.ProxySettings()),
	} {
		walk(rows, place, func(at string, s *setting.Setting) {
			if s.Doc == "" {
				t.Errorf("%s has no documentation", at)
			}
			if valueSchema(s) == nil {
				t.Errorf("%s has no schema", at)
			}
			if s.Default != "" && !s.Unset {
				if _, err := s.Parse(s.Default); err != nil {
					t.Errorf("%s: its default: %v", at, err)
				}
			}
		})
	}
}

func walk(rows []setting.Setting, at string, f func(string, *setting.Setting)) {
	for i := range rows {
		f(at+"."+rows[i].Key, &rows[i])
		walk(rows[i].Rows, at+"."+rows[i].Key, f)
	}
}

// Files walk the table of metrics: one that it has just got can be written, and is in the schema.
func TestAMetricOfTheTableCanBeWritten(t *testing.T) {
	defer metric.Register(metric.Metric{Name: "toys_per_request", Unit: metric.Plain, Words: "toys", Scope: metric.Proxy})()
	const more = "plan: {metric: toys_per_request}\nexpect: [toys_per_request(a) > 0.5]\n"
	p := parsed(t, strings.Replace(good, "endpoint: /hello", "endpoint: /hello, proxy: {keepalive: 8}", 1)+more)
	if problems := Validate(p); p.Metric != "toys_per_request" || len(problems) > 0 {
		t.Errorf("metric %s, %v", p.Metric, problems)
	}
	if _, err := Parse("x.yaml", []byte(good+more)); err == nil || !strings.Contains(err.Error(), "toys_per_request is a metric of a proxy") {
		t.Errorf("without a proxy: %v", err)
	}
	if _, err := Parse("x.yaml", []byte(good+"plan: {metric: toy_per_request}\n")); err == nil || !strings.Contains(err.Error(), `did you mean "toys_per_request"?`) {
		t.Errorf("misspelt: %v", err)
	}
	if !strings.Contains(string(Schema()), `"toys_per_request"`) {
		t.Error("the schema does not have it")
	}
}
