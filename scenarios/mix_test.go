package scenarios

import (
	"os"
	"path/filepath"
	"reflect"
	"strings"
	"testing"

	"benchtop/lab"
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

const withVariables = `benchtop: 1
id: named
title: Values from the environment
target: {server: builtin, workers: 1}
variants:
  - {id: a}
  - {id: b, load: {connections: 8}}
load:
  header_env: {Authorization: BENCH_TEST_TOKEN}
  mix:
    - {name: work, endpoint: "/work?units=1", header_env: {Authorization: BENCH_TEST_OTHER, X-Api-Key: BENCH_TEST_KEY}}
    - {name: hello, endpoint: /hello}
`

// A file is right without the variables that it names; each that is missing where it is run has its place. What is sent
// names the variable, and so does what is saved.
func TestHeaderEnv(t *testing.T) {
	f, err := Parse("named.yaml", []byte(withVariables))
	if err != nil {
		t.Fatal(err)
	}
	_, mix := f.Plan.Variants[1].Load.Requests("/", "h")
	if got := mix[0].HeaderEnv; len(got) != 2 || got[0] != [2]string{"Authorization", "BENCH_TEST_OTHER"} {
		t.Errorf("%v: the request's own does not replace that of the load", got)
	}
	if got := mix[1].HeaderEnv; len(got) != 1 || got[0] != [2]string{"Authorization", "BENCH_TEST_TOKEN"} {
		t.Errorf("%v", got)
	}
	none := func(string) (string, bool) { return "", false }
	err = f.Secrets(none)
	for _, want := range []string{
		"named.yaml:9:31: error: header_env: the variable BENCH_TEST_TOKEN is not set", "named.yaml:11:75: error: header_env: the variable BENCH_TEST_OTHER is not set",
		"read -rs BENCH_TEST_KEY && export BENCH_TEST_KEY",
	} {
		if err == nil || strings.Count(err.Error(), want) != 1 {
			t.Errorf("%v, want %q once", err, want)
		}
	}
	if err := f.Secrets(func(string) (string, bool) { return "v", true }); err != nil {
		t.Error(err)
	}
	text, err := Marshal(f.Plan)
	if err != nil {
		t.Fatal(err)
	}
	again, err := Parse("again.yaml", text)
	if err != nil || len(again.Plan.Variants[0].Load.Mix[0].HeaderEnv) != 2 || again.Plan.Variants[0].Load.HeaderEnv[0][1] != "BENCH_TEST_TOKEN" {
		t.Errorf("%v\n%s", err, text)
	}
}

func TestHeaderEnvRefused(t *testing.T) {
	for entry, want := range map[string]string{
		"header_env: {Authorization: Bearer abc}":   "1:59: error: Authorization: what stands there is not the name",
		"header_env: {Host: NAME}":                  "1:44: error: header_env cannot hold Host",
		"header_env: {Content-Length: NAME}":        `header "Content-Length" cannot be set here`,
		"header_env: {X-A: NAME, x-a: NAME}":        `header "x-a" stands twice`,
		"header_env: {X-A: NAME}, header: {x-a: b}": `header "X-A" stands in header as well`,
		"header_env: [X-A]":                         "header_env wants a mapping",
	} {
		path := filepath.Join(t.TempDir(), "requests.yaml")
		if err := os.WriteFile(path, []byte("mix: [{name: x, endpoint: /a, "+entry+"}]\n"), 0o600); err != nil {
			t.Fatal(err)
		}
		t.Setenv("NAME", "v")
		if _, _, err := ReadRequests(path); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%q: %v, want %q", entry, err, want)
		}
	}
}

// What is written is read again as it was; what a file cannot have is said.
func TestWriteRequests(t *testing.T) {
	t.Setenv("BENCH_TEST_KEY", "v")
	mix := []lab.Entry{
		{Name: "GET /a", Weight: 2, Endpoint: "/a?q=%20#"[:8], HeaderEnv: [][2]string{{"X-Api-Key", "BENCH_TEST_KEY"}}},
		{Name: "POST /b", Weight: 1, Endpoint: "/b", Method: "POST", Header: [][2]string{{"sec-ch-ua", `"Chromium";v="130"`}}, Body: "{\n  \"text\": \"caf\u00e9 '\"\n}"},
	}
	text, err := WriteRequests(mix)
	if err != nil {
		t.Fatal(err)
	}
	path := filepath.Join(t.TempDir(), "requests.yaml")
	if err := os.WriteFile(path, text, 0o600); err != nil {
		t.Fatal(err)
	}
	again, _, err := ReadRequests(path)
	if err != nil || !reflect.DeepEqual(again, mix) {
		t.Errorf("%v: %+v\n%s", err, again, text)
	}
	mix[1].Body = "a\r\nb"
	if _, err := WriteRequests(mix); err == nil || !strings.Contains(err.Error(), "the file that it would be:") {
		t.Error(err)
	}
}
