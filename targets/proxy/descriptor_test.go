package proxy

import (
	"reflect"
	"slices"
	"strings"
	"testing"
	"time"

	"benchtop/targets"
	"benchtop/targets/setting"
)

func TestNormalizeFillsEverythingIn(t *testing.T) {
	given := targets.Proxy{Gzip: &targets.Gzip{}}
	p := Descriptor().Normalize(given)
	if problems := Descriptor().Validate(p); len(problems) > 0 {
		t.Errorf("the defaults are not valid: %v", problems[0])
	}
	if again := Descriptor().Normalize(p); !reflect.DeepEqual(p, again) {
		t.Errorf("normalizing again changes %+v into %+v", p, again)
	}
	if given.Gzip.Level != 0 {
		t.Error("the caller's memory was changed")
	}
	if *p.Keepalive != 0 || p.HTTPVersion != "1.1" || p.Balance != "round_robin" || !*p.Eject || p.ConnectTimeout != time.Minute || p.ReadTimeout != time.Minute ||
		!*p.Buffering || p.BodyLimit != 1<<20 || p.AccessLog != "off" || p.Workers != 1 ||
		!reflect.DeepEqual(*p.Gzip, targets.Gzip{Level: 1, MinLength: 20, Types: []string{"text/html"}}) {
		t.Errorf("defaults: %+v", p)
	}
	if Descriptor().Normalize(targets.Proxy{}).Gzip != nil {
		t.Error("gzip is on by default")
	}
}

func TestValidate(t *testing.T) {
	for _, test := range []struct {
		name   string
		change func(*targets.Proxy)
		keys   string // of the problems, in order
		says   string
	}{
		{"fine", func(p *targets.Proxy) {
			p.Gzip = &targets.Gzip{Level: 9, MinLength: 1, Types: []string{"*", "image/svg+xml"}}
		}, "", ""},
		{"keepalive", func(p *targets.Proxy) { p.Keepalive = number(-1) }, "keepalive", "-1 is not allowed, want 0 to 10000"},
		{"names", func(p *targets.Proxy) { p.HTTPVersion, p.Balance, p.AccessLog = "2", "random", "on" }, "http_version balance access_log", "allowed: round_robin, least_connections, p2c"},
		{"times", func(p *targets.Proxy) { p.ConnectTimeout, p.ReadTimeout = 1, 2*time.Hour }, "connect_timeout read_timeout", "1ns is not allowed, want 1ms to 1h0m0s"},
		{"body", func(p *targets.Proxy) { p.BodyLimit = 1 << 40 }, "body_limit", "want 1 to 67108864"},
		{"workers", func(p *targets.Proxy) { p.Workers = 65 }, "workers", "want 1 to 64"},
		{"gzip", func(p *targets.Proxy) {
			p.Gzip = &targets.Gzip{Level: 10, MinLength: -1, Types: []string{"json", "Text/HTML", "a/b/c"}}
		}, "gzip.level gzip.min_length gzip.types gzip.types", `"json" is not a media type; examples: application/json, *`},
		{"many types", func(p *targets.Proxy) {
			p.Gzip = &targets.Gzip{Types: slices.Repeat([]string{"a/b"}, 21)}
		}, "gzip.types", "there are 21, at most 20 are allowed"},
	} {
		t.Run(test.name, func(t *testing.T) {
			p := targets.Proxy{}
			test.change(&p)
			var keys, says []string
			for _, e := range Descriptor().Validate(Descriptor().Normalize(p)) {
				keys = append(keys, e.Key)
				says = append(says, e.Error())
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

// Every field of a proxy has a setting, once, and nothing else has.
func TestTheSettingsAreThoseOfTheProxy(t *testing.T) {
	fields := func(v any, rows []setting.Setting) {
		keys := setting.Keys(rows)
		typ := reflect.TypeOf(v)
		for i := range typ.NumField() {
			key, _, _ := strings.Cut(typ.Field(i).Tag.Get("json"), ",")
			if at := slices.Index(keys, key); at >= 0 {
				keys = slices.Delete(keys, at, at+1)
			} else if key != "kind" && key != "-" { // what only a kind has is with the kind
				t.Errorf("%s has no setting", key)
			}
		}
		if len(keys) > 0 {
			t.Errorf("settings without a field: %v", keys)
		}
	}
	rows := Descriptor().Settings
	fields(targets.Proxy{}, rows)
	fields(targets.Gzip{}, setting.Find(rows, "gzip").Rows)
	for _, row := range rows {
		if row.Doc == "" || row.Default == "" && row.Form() != setting.Group {
			t.Errorf("%s: no documentation or default", row.Key)
		}
	}
}
