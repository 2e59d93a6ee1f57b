package watch

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"benchtop/targets/all"
)

func TestMain(m *testing.M) {
	all.Register() // the servers that scenarios name; nothing is started here
	os.Exit(m.Run())
}

const scenario = `benchtop: 1
id: watched
title: A watched file
target: {server: builtin}
variants: [{id: once}, {id: twice}]
load: {model: closed, connections: 4}
plan: {slice: 1s}
`

func write(t *testing.T, path, text string) {
	t.Helper()
	if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
}

// The screen of a run is told what becomes of its file.
func TestTheScreenIsToldOfItsFile(t *testing.T) {
	path := filepath.Join(t.TempDir(), "watched.yaml")
	write(t, path, scenario)
	for _, test := range []struct {
		text, want string
		wrong      bool
	}{
		{strings.Replace(scenario, "target:", "tarrget:", 1), "watched.yaml was saved with an error at 4:1: unknown key \"tarrget\"", true},
		{scenario, "watched.yaml was saved and is valid", false},
		{"", "watched.yaml was saved with an error at 1:1", true},
	} {
		write(t, path, test.text)
		if got, wrong := Remark(path, true); !strings.Contains(got, test.want) || wrong != test.wrong || !strings.HasSuffix(got, "this run goes on as it began") {
			t.Errorf("%q, wrong %v, want %q", got, wrong, test.want)
		}
	}
	if got, wrong := Remark(path, false); !wrong || !strings.Contains(got, "is gone") {
		t.Errorf("%q, wrong %v", got, wrong)
	}
}
