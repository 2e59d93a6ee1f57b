package scenarios

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
)

const mixed = `benchtop: 1
id: mixed
title: A mix
target: {server: builtin, workers: 1}
variants:
  - {id: a}
  - {id: b, load: {keys: {count: 7}}}
load:
  model: closed
  mix:
    - {name: work, endpoint: "/work?units={key}"}
    - {name: hello, endpoint: /hello, weight: 8, header: {X-A: "{key}"}}
  keys: {from: keys.csv, zipf: 1}
`

// A file of keys lies beside the scenario; a variant can have keys of its own; what is saved is read again as it was.
func TestMix(t *testing.T) {
	dir := t.TempDir()
	path := filepath.Join(dir, "mixed.yaml")
	for name, text := range map[string]string{path: mixed, filepath.Join(dir, "keys.csv"): "key,other\n1,x\n2,y\n"} {
		if err := os.WriteFile(name, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	f, err := Find(path)
	if err != nil {
		t.Fatal(err)
	}
	a, b := &f.Plan.Variants[0].Load, &f.Plan.Variants[1].Load
	if len(a.Mix) != 2 || a.Mix[0].Weight != 1 || a.Mix[1].Weight != 8 || a.Mix[1].Header[0][1] != "{key}" || a.Keys.From != filepath.Join(dir, "keys.csv") || len(a.Keys.Hash) != 64 {
		t.Errorf("%+v, %+v", a.Mix, a.Keys)
	}
	if b.Keys.Count != 7 || b.Keys.From != "" || len(b.Mix) != 2 {
		t.Errorf("%+v", b.Keys)
	}
	text, err := Marshal(f.Plan)
	if err != nil {
		t.Fatal(err)
	}
	again, err := Parse("again.yaml", text)
	if err != nil {
		t.Fatalf("%v\n%s", err, text)
	}
	if x := again.Plan.Variants[0].Load; len(x.Mix) != 2 || x.Mix[1].Weight != 8 || *x.Keys != *a.Keys || again.Plan.Variants[1].Load.Keys.Count != 7 {
		t.Errorf("%+v\n%s", x, text)
	}
}

func TestReadRequests(t *testing.T) {
	path := filepath.Join(t.TempDir(), "requests.yaml")
	write := func(text string) {
		if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	write("mix: [{name: x, endpoint: \"/a/{key}\"}]\nkeys: {count: 3}\n")
	if mix, keys, err := ReadRequests(path); err != nil || len(mix) != 1 || keys.Count != 3 {
		t.Errorf("%v, %v, %v", mix, keys, err)
	}
	for text, want := range map[string]string{
		"mix: [{name: x}]\n":                               "1:7: error: the request has no endpoint",
		"mixture: [{name: x}]\n":                           `did you mean "mix"`,
		"mix: [{name: x, endpoint: \"/a/{key}\"}]\n":       "there are no keys",
		"- {name: x, endpoint: /a}\n":                      "the file of requests",
		"mix: [{name: x, endpoint: /a}]\nkeys: {count: 2}": "no request has {key}",
	} {
		write(text)
		if _, _, err := ReadRequests(path); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%q: %v, want %q", text, err, want)
		}
	}
}
