package lab_test

import (
	"context"
	"reflect"
	"strings"
	"testing"
	"time"

	"benchtop/lab"
	"benchtop/lab/load"
	"benchtop/targets"
)

// One variant that needs the net engine takes all others with it, and the run says so.
func TestOneEngineForAllVariants(t *testing.T) {
	t.Parallel()
	for name, tt := range map[string]struct {
		change func(*lab.Variant)
		field  string
	}{
		"nothing":  {func(*lab.Variant) {}, ""},
		"retry":    {func(v *lab.Variant) { v.Load.Retry = &load.Retry{Max: 2} }, "retry"},
		"think":    {func(v *lab.Variant) { v.Load.Think = time.Millisecond }, "think"},
		"pool":     {func(v *lab.Variant) { v.Load.Pool = 8 }, "pool"},
		"timeouts": {func(v *lab.Variant) { v.Load.Timeouts = &load.Timeouts{FirstByte: time.Millisecond} }, "timeouts"},
		"TLS":      {func(v *lab.Variant) { v.Target.TLS = &targets.TLS{} }, "TLS"},
	} {
		t.Run(name, func(t *testing.T) {
			p := plan("a", "b")
			p.Blocks = 1
			tt.change(&p.Variants[1])
			b := newBench(map[string]float64{"a": 10000, "b": 10000})
			events, _ := carryOut(t, context.Background(), p, b)
			want := ""
			if tt.field != "" {
				want = "net"
			}
			policed := 0
			for _, s := range b.seen {
				if s.Engine != want {
					t.Errorf("slice %d asks for the engine %q, want %q", s.ID, s.Engine, want)
				}
				l := &p.Variants[1].Load
				if s.Think == l.Think && s.Pool == l.Pool && reflect.DeepEqual(s.Retry, l.Retry) && reflect.DeepEqual(s.Timeouts, l.Timeouts) {
					policed++
				}
			}
			if policed == 0 || tt.field != "" && tt.field != "TLS" && policed != len(b.seen)/2 {
				t.Errorf("%d of %d slices carry the policy", policed, len(b.seen))
			}
			told := 0
			for _, e := range events {
				if e.Note != nil && e.Note.Level == "info" && strings.Contains(e.Note.Text, "net engine") {
					told++
					if !strings.Contains(e.Note.Text, "every variant, because b needs it ("+tt.field+")") {
						t.Error(e.Note.Text)
					}
				}
			}
			if told != min(len(tt.field), 1) {
				t.Errorf("told %d times", told)
			}
		})
	}
}

func TestHTTP2NeedsTheNetEngine(t *testing.T) {
	p := plan("a", "b")
	p.Variants[1].Load.HTTP = load.HTTP2
	if variant, field := p.NetOnly(); variant != "b" || field != "http" {
		t.Errorf("%q, %q", variant, field)
	}
}

// A target is started, and asked once before it is driven, in the version that the load speaks: it may speak no other.
func TestATargetKnowsWhatItsClientsSpeak(t *testing.T) {
	p, b := plan("a", "b"), newBench(map[string]float64{"a": 10000, "b": 10000})
	p.Blocks, p.Variants[1].Load.HTTP = 1, load.HTTP2
	if _, r := carryOut(t, t.Context(), p, b); !r.Complete {
		t.Errorf("%s: %s", r.Ended, r.Reason)
	}
	for _, s := range b.starts {
		if s.HTTP2 != (s.Variant == "b") {
			t.Errorf("%s: %+v", s.Variant, s)
		}
	}
}

func TestPolicyWords(t *testing.T) {
	for want, l := range map[string]lab.Load{
		"": {Policy: load.Policy{Timeouts: &load.Timeouts{}}},
		"think time 3s, a pool of 8 idle connections":        {Policy: load.Policy{Think: 3 * time.Second, Pool: 8}},
		"connect within 1s, first byte within 300ms":         {Policy: load.Policy{Timeouts: &load.Timeouts{Connect: time.Second, FirstByte: 300 * time.Millisecond}}},
		"HTTP/2 with 1 stream a connection":                  {Policy: load.Policy{HTTP: load.HTTP2}},
		"HTTP/2 with 16 streams a connection, think time 3s": {Policy: load.Policy{HTTP: load.HTTP2, Streams: 16, Think: 3 * time.Second}},
		"up to 1 retry": {Policy: load.Policy{Retry: &load.Retry{Max: 1}}},
		"up to 3 retries (on 429 503; Retry-After honoured)": {Policy: load.Policy{Retry: &load.Retry{Max: 3, On: []int{429, 503}, RetryAfter: true}}},
		"up to 2 retries (backoff 200ms doubling with jitter; budget 10 %)": {
			Policy: load.Policy{Retry: &load.Retry{Max: 2, Backoff: 200 * time.Millisecond, Jitter: true, Budget: 0.1}},
		},
	} {
		if got := l.PolicyWords(); got != want {
			t.Errorf("got %q, want %q", got, want)
		}
	}
}
