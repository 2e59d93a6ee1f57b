package builtin

import (
	"reflect"
	"runtime"
	"strings"
	"testing"
	"time"

	"benchtop/targets"
	"benchtop/targets/payload"
)

func TestNormalizeFillsEverythingIn(t *testing.T) {
	s := Descriptor().Normalize(targets.Spec{})
	if problems := Descriptor().Validate(s); len(problems) > 0 {
		t.Errorf("the defaults are not valid: %v", problems[0])
	}
	if !reflect.DeepEqual(s, Descriptor().Normalize(s)) {
		t.Error("normalizing again changes something")
	}
	o := own(&s)
	if !*o.NoDelay || s.Backlog < 1 || s.LimitConcurrency != 0 || s.TLS != nil || !*Descriptor().Normalize(targets.Spec{TLS: &targets.TLS{}}).TLS.Resumption {
		t.Errorf("defaults of the accept side: %v", s)
	}
	if s.Workers != 1 || o.Threads != 40 || s.KeepaliveTimeout != 75*time.Second || !*o.Keepalive || s.Endpoint != "/hello" || o.GOMAXPROCS != 1 {
		t.Errorf("defaults: %v", s)
	}
	if runtime.GOOS == "linux" && o.Accept != reuseport {
		t.Errorf("accept %q", o.Accept)
	}
}

func TestValidate(t *testing.T) {
	for _, test := range []struct {
		name   string
		change func(*targets.Spec)
		keys   string // of the problems, in order
		says   string
	}{
		{"fine", func(s *targets.Spec) { s.Endpoint = "/stream?chunks=2&every=1s" }, "", ""},
		{"workers", func(s *targets.Spec) { s.Workers = 65 }, "workers", "65 is not allowed, want 1 to 64"},
		{"negative", func(s *targets.Spec) { s.Workers, s.Own = -1, &Settings{Threads: -1, GOMAXPROCS: -1} }, "workers threads gomaxprocs", "want 1"},
		{"names", func(s *targets.Spec) { s.Own = &Settings{Engine: "ngin", Concurrency: "sync"} }, "engine concurrency", "allowed: nethttp, fasthttp"},
		{"accept", func(s *targets.Spec) { s.Own = &Settings{Accept: "both"} }, "accept", "shared, reuseport"},
		{"no backlog", func(s *targets.Spec) { s.Backlog = -1 }, "backlog", "-1 is not allowed, want 1 to 65535"},
		{"limit", func(s *targets.Spec) { s.LimitConcurrency = -1 }, "limit_concurrency", "-1 is not allowed, want 0 to 1000000"},
		{"times", func(s *targets.Spec) { s.KeepaliveTimeout, s.Heartbeat = 1, 1 }, "keepalive_timeout heartbeat", "1ns is not allowed, want 10ms to 1h0m0s"},
		{"relative", func(s *targets.Spec) { s.Endpoint = "hello" }, "endpoint", "does not begin with /"},
		{"not served", func(s *targets.Spec) { s.Endpoint = "/helo" }, "endpoint", "allowed: /hello /work"},
		{"not a path", func(s *targets.Spec) { s.Endpoint = "/hello\r\nX: y" }, "endpoint", "not a path"},
		{"bad parameter", func(s *targets.Spec) { s.Endpoint = "/work?units=0" }, "endpoint", "/work: units is \"0\", allowed is a whole number from 1 to 1000000"},
		{"unknown parameter", func(s *targets.Spec) { s.Endpoint = "/work?unit=1" }, "endpoint", "allowed: units"},
		{"listen", func(s *targets.Spec) { s.Listen = "0.0.0.0:80" }, "listen", "loopback"},
		{"listen name", func(s *targets.Spec) { s.Listen = "localhost:80" }, "listen", "127.0.0.1"},
		{"listen port", func(s *targets.Spec) { s.Listen = "127.0.0.1:99999" }, "listen", "0 to 65535"},
		{"header", func(s *targets.Spec) { s.Nonce = "a\r\nX: y" }, "nonce", "printable ASCII"},
		{"gzip", func(s *targets.Spec) { s.Own = &Settings{Gzip: &payload.Gzip{Where: "proxy", Level: 10}} }, "gzip.where gzip.level", "allowed: off, loop, pool"},
		{"fewer by rule", func(s *targets.Spec) { s.Workers, s.Own = 8, &Settings{Scale: &Scale{}} }, "scale.most", "4, and the target begins with 8 workers"},
		{"no pool", func(s *targets.Spec) {
			s.Own = &Settings{Concurrency: blocking, Gzip: &payload.Gzip{Where: payload.Pool}}
		}, "gzip.where", "concurrency: blocking has none; allowed: off, loop"},
	} {
		t.Run(test.name, func(t *testing.T) {
			s := Descriptor().Normalize(targets.Spec{})
			test.change(&s)
			var keys, says []string
			for _, p := range Descriptor().Validate(s) {
				keys = append(keys, p.Key)
				says = append(says, p.Error())
			}
			if got := strings.Join(keys, " "); got != test.keys {
				t.Errorf("problems with %q, want %q", got, test.keys)
			}
			if all := strings.Join(says, "\n"); !strings.Contains(all, test.says) {
				t.Errorf("said %q, want %q", all, test.says)
			}
		})
	}
}

// Every setting is documented, and its documented default is the real one.
func TestTheDefaultsAreThoseOfTheSettings(t *testing.T) {
	s := Descriptor().Normalize(targets.Spec{})
	for _, row := range Descriptor().Settings {
		if row.Doc == "" || row.Default == "" {
			t.Errorf("%s: no documentation or default", row.Key)
		}
		if got := row.Shown(&s); got != row.Default && !row.Varies && row.Key != "backlog" && got+"m" != row.Default && got != "1m15s" {
			t.Errorf("%s: %s, and its default is %s", row.Key, got, row.Default)
		}
	}
}
