package payload_test

import (
	"testing"

	"benchtop/targets/endpoint"
	"benchtop/targets/payload"
)

// list is the response of a payload's /json.
func list(t *testing.T, p *payload.Payload, query string) *endpoint.Response {
	t.Helper()
	e := payload.Rows(p)[0]
	x := &endpoint.Exchange{Worker: &worker{}}
	if err := x.Parse(e, query); e.Path != "/json" || err != nil {
		t.Fatal(e.Path, err)
	}
	e.Handle(x)
	return &x.Response
}

// Each encoder gives the same bytes. What is encoded once is kept, for a bounded number of lengths.
func TestEncoders(t *testing.T) {
	const two = `[{"id":0,"name":"item 0","price":0,"in_stock":false,"tags":["sample","benchtop"]},{"id":1,"name":"item 1","price":1.25,"in_stock":true,"tags":["sample","benchtop"]}]`
	std := payload.Open(nil, nil)
	for _, encoder := range []string{payload.Std, payload.Generated, payload.Pre} {
		p := payload.Open(nil, &payload.JSON{Encoder: encoder})
		if r := list(t, p, "items=2"); string(r.Body) != two || r.ContentType != endpoint.JSONText || r.Reused {
			t.Errorf("%s: %+v, %s", encoder, r, r.Body)
		}
		for _, query := range []string{"", "items=0", "items=10000"} {
			if got, want := string(list(t, p, query).Body), string(list(t, std, query).Body); got != want {
				t.Errorf("%s, %q: %.200q, want %.200q", encoder, query, got, want)
			}
		}
		first, second := list(t, p, "items=2").Body, list(t, p, "items=2").Body
		if same := &first[0] == &second[0]; same != (encoder == payload.Pre) {
			t.Errorf("%s: the same memory: %v", encoder, same)
		}
	}
}

func BenchmarkEncoders(b *testing.B) {
	for _, encoder := range []string{payload.Std, payload.Generated, payload.Pre} {
		b.Run(encoder, func(b *testing.B) {
			e := payload.Rows(payload.Open(nil, &payload.JSON{Encoder: encoder}))[0]
			x := &endpoint.Exchange{Worker: &worker{}}
			if err := x.Parse(e, "items=1000"); err != nil {
				b.Fatal(err)
			}
			b.ReportAllocs()
			for b.Loop() {
				e.Handle(x)
			}
		})
	}
}
