package scenarios

import (
	"encoding/json"
	"errors"
	"slices"
	"strings"
	"testing"

	"benchtop/lab"
	"benchtop/targets"
	"benchtop/targets/setting"
)

// toy are the settings that only the toy server of these tests has.
type toy struct {
	Flavour string `json:"flavour,omitempty"`
	Scoops  int    `json:"scoops,omitempty"`
}

// registerToy adds a kind of server and a kind of service that no other file knows.
func registerToy(t *testing.T) {
	t.Cleanup(targets.Register(targets.Descriptor{
		Name: "toy", Doc: "a toy", New: func() any { return &toy{} }, Requires: []string{"freezer"},
		Settings: []setting.Setting{
			{Key: "flavour", Doc: "what it tastes of", Default: "vanilla", Values: []string{"vanilla", "lemon"}, Needs: map[string]string{"lemon": "lemon"}, At: targets.OfServer(func(s *toy) *string { return &s.Flavour })},
			{Key: "scoops", Doc: "how many", Default: "1", Min: 1, Max: 9, At: targets.OfServer(func(s *toy) *int { return &s.Scoops })},
			{Key: "endpoint", Doc: "path", Type: setting.Path, Default: "/", Fixed: true, At: setting.At(func(s *targets.Spec) *string { return &s.Endpoint })},
		},
	}))
	t.Cleanup(targets.RegisterService(targets.ServiceDescriptor{
		Name: "fridge", Doc: "a toy", New: func() any { return &toy{} }, Requires: []string{"ice"},
		Settings: []setting.Setting{{Key: "scoops", Doc: "how many fit in", Default: "3", Min: 1, Max: 9, At: setting.At(func(s *toy) *int { return &s.Scoops })}},
	}))
}

const toyFile = `benchtop: 1
id: toys
title: Toys
requires: [freezer, ice, lemon]
target: {server: toy, scoops: 2, services: {cold: {kind: fridge, scoops: 4}}}
variants:
  - {id: a}
  - {id: b, flavour: lemon, services: {cold: {scoops: 5}}}
  - {id: c, services: {cold: off, other: {kind: fridge}}}
load: {model: closed, connections: 1}
`

// Everything that a file can do with a setting it can do with one that only the part itself names.
func TestASettingIsDeclaredOnce(t *testing.T) {
	registerToy(t)
	p := parsed(t, toyFile)
	a, b, c := p.Variants[0].Target, p.Variants[1].Target, p.Variants[2].Target
	if own := targets.Own[toy](&a); *own != (toy{Flavour: "vanilla", Scoops: 2}) || *targets.Own[toy](&b) != (toy{Flavour: "lemon", Scoops: 2}) {
		t.Errorf("a %+v, b %+v", own, targets.Own[toy](&b))
	}
	scoops := func(s targets.Spec, name string) int { return s.Services[name].Settings.(*toy).Scoops }
	if scoops(a, "cold") != 4 || scoops(b, "cold") != 5 || len(c.Services) != 1 || scoops(c, "other") != 3 {
		t.Errorf("services %+v, %+v, %+v", a.Services, b.Services, c.Services)
	}

	written, err := Marshal(p)
	if err != nil {
		t.Fatal(err)
	}
	if again := parsed(t, string(written)); !slices.EqualFunc(p.Variants, again.Variants, func(a, b lab.Variant) bool { return a.Target.String() == b.Target.String() }) {
		t.Errorf("written as\n%s", written)
	}
	var read targets.Spec
	if err := json.Unmarshal([]byte(b.String()), &read); err != nil || read.String() != b.String() || targets.Own[toy](&read).Flavour != "lemon" {
		t.Errorf("%v: %s, and read %s", err, &b, &read)
	}

	if err := Apply(p, []string{"a.scoops=9", "a.services.cold.scoops=7"}); err != nil || targets.Own[toy](&p.Variants[0].Target).Scoops != 9 || scoops(p.Variants[0].Target, "cold") != 7 {
		t.Errorf("--set: %v, %s", err, &p.Variants[0].Target)
	}
	turns := Turnables(&p.Variants[0])
	at := slices.IndexFunc(turns, func(t Turnable) bool { return t.Key == "scoops" })
	if at < 0 || turns[at].Value != "9" || !slices.Contains(turns[at].Next(false), "8") || turns[at].Doc != "how many" {
		t.Errorf("a free run turns %+v", turns)
	}
	schema := string(Schema())
	for _, want := range []string{`"flavour"`, `"what it tastes of"`, `"toy"`, `"fridge"`, `"how many fit in"`, `"freezer"`} {
		if !strings.Contains(schema, want) {
			t.Errorf("the schema has no %s", want)
		}
	}
}

// An expectation may be about one service of a variant, which must be there.
func TestAnExpectationOfOneService(t *testing.T) {
	registerToy(t)
	with := func(line string) error {
		_, err := Parse("x.yaml", []byte(toyFile+"expect:\n  - \""+line+"\"\n"))
		return err
	}
	if err := with("service_rss_bytes(a.cold) / service_rss_bytes(c.other) < 2"); err != nil {
		t.Error(err)
	}
	for line, want := range map[string]string{
		"service_rss_bytes(a.colt) < 5MB":          `x.yaml:12:26: error: variant "a" has no service "colt"; it has cold`,
		"service_rss_bytes(b.codl) < 5MB":          `did you mean "cold"?`,
		"service_rss_bytes(c.cold) < 5MB":          `variant "c" has no service "cold"; it has other`,
		"service_rss_bytes(d.cold) < 5MB":          `there is no variant "d"`,
		"service_cpu_us_per_request(a.cold) < 5MB": "a time",
		"target_rss_bytes(a.cold) < 5MB":           `there is no variant "a.cold"; metrics of one service are service_cpu_us_per_request, service_rss_bytes`,
	} {
		if err := with(line); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%s: %v, want %s", line, err, want)
		}
	}
}

// What is wrong with such a setting is said with its place and what is allowed.
func TestAMistakeInAToysSetting(t *testing.T) {
	registerToy(t)
	for change, want := range map[string]string{
		"scoops: 2|scoops: 10":             "x.yaml:5:31: error: scoops is 10; allowed: a whole number from 1 to 9",
		"flavour: lemon|flavor: lemon":     `did you mean "flavour"?`,
		"flavour: lemon|flavour: lemmon":   `x.yaml:8:22: error: flavour "lemmon" is not known`,
		"scoops: 5|scoops: 0":              "scoops is 0; allowed: a whole number from 1 to 9",
		"kind: fridge, |kind: frige, ":     `did you mean "fridge"?`,
		"freezer, ice|freezer":             "a service of kind fridge needs ice, which requires does not name",
		"freezer, ice, lemon|freezer, ice": "flavour: lemon needs lemon, which requires does not name",
	} {
		from, to, _ := strings.Cut(change, "|")
		_, err := Parse("x.yaml", []byte(strings.Replace(toyFile, from, to, 1)))
		var problems *Errors
		if !errors.As(err, &problems) || !strings.Contains(err.Error(), want) {
			t.Errorf("%s: %v", to, err)
		}
	}
	p := parsed(t, toyFile)
	if err := Apply(p, []string{"a.scops=3"}); err == nil || !strings.Contains(err.Error(), `did you mean "scoops"?`) {
		t.Errorf("--set: %v", err)
	}
}
