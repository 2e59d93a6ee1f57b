package capacity

import (
	"errors"
	"strings"
	"testing"
)

func TestParseObjective(t *testing.T) {
	o, err := ParseObjective("p99 < 50ms,  errors<=0.1%, max < 2 s, p50 <= 800us, p999<1.5ms")
	if err != nil {
		t.Fatal(err)
	}
	want := []Term{
		{Metric: "p99", Limit: 50e3, text: "p99 < 50ms"},
		{Metric: "errors", OrEqual: true, Limit: 0.001, text: "errors<=0.1%"},
		{Metric: "max", Limit: 2e6, text: "max < 2 s"},
		{Metric: "p50", OrEqual: true, Limit: 800, text: "p50 <= 800us"},
		{Metric: "p999", Limit: 1500, text: "p999<1.5ms"},
	}
	if len(o.Terms) != len(want) {
		t.Fatalf("%+v", o.Terms)
	}
	for i := range want {
		if o.Terms[i] != want[i] {
			t.Errorf("term %d: %+v, want %+v", i, o.Terms[i], want[i])
		}
	}
	if l, ok := o.Latency(); !ok || l.Metric != "p99" {
		t.Errorf("%+v", l)
	}
}

func TestParseObjectiveErrors(t *testing.T) {
	for text, want := range map[string]struct {
		column int
		says   string
	}{
		"":                     {1, "found the end as a metric"},
		"p98 < 5ms":            {1, `"p98" as a metric`},
		"p99 > 5ms":            {5, `">" after p99`},
		"p99 == 5ms":           {5, "< or <="},
		"p99 < ms":             {7, `"ms" instead of a number`},
		"p99 < 5":              {8, "the unit is missing"},
		"p99 < 5m":             {8, `"m" is no unit`},
		"p99 < 5%":             {8, "is no unit of time"},
		"p99 < 0ms":            {7, "out of range"},
		"p99 < 500s":           {7, "out of range"},
		"errors < 0%":          {10, "not between"},
		"errors < 101%":        {10, "not between"},
		"errors < 5ms":         {11, "no unit of errors"},
		"p99 < 5ms,":           {11, "found the end"},
		"p99 < 5ms p50 < 1ms":  {11, "a comma"},
		"p99 < 5ms, p99 < 6ms": {12, "there twice"},
		"p99 < 1.2.3ms":        {7, "instead of a number"},
	} {
		_, err := ParseObjective(text)
		var e *SyntaxError
		if !errors.As(err, &e) || e.Column != want.column || !strings.Contains(err.Error(), want.says) {
			t.Errorf("%q: %v", text, err)
		}
	}
}

func FuzzParseObjective(f *testing.F) {
	f.Add("p99 < 50ms, errors < 0.1%")
	f.Fuzz(func(t *testing.T, text string) {
		o, err := ParseObjective(text)
		var e *SyntaxError
		if err != nil && (!errors.As(err, &e) || e.Column < 1 || e.Column > len(text)+1) {
			t.Errorf("%q: %v", text, err)
		}
		if err == nil && len(o.Terms) == 0 {
			t.Errorf("%q means nothing", text)
		}
	})
}
