package main

import (
	"bytes"
	"context"
	"errors"
	"strings"
	"testing"

	"benchtop/lab"
	"benchtop/targets"
	"benchtop/targets/setting"
)

// toy are the settings that only the toy server of these tests has.
type toy struct{ Flavour string }

// A kind of server that no other file knows has its flags in serve, its words in show and its rows in the table of the README.
func TestTheFlagsOfAToy(t *testing.T) {
	var started toy
	t.Cleanup(targets.Register(targets.Descriptor{
		Name: "toy", Doc: "a toy", New: func() any { return &toy{} },
		Settings: []setting.Setting{{Key: "flavour", Doc: "what it tastes of", Default: "vanilla", Values: []string{"vanilla", "lemon"}, At: targets.OfServer(func(s *toy) *string { return &s.Flavour })}},
		Start: func(_ context.Context, s targets.Spec, _ targets.Hooks) (targets.Target, error) {
			started = *targets.Own[toy](&s)
			return nil, errors.New("it is a toy")
		},
	}))
	serve := func(args ...string) error {
		cmd := serveCommand(&Env{Stdin: strings.NewReader(""), Stdout: &bytes.Buffer{}, Stderr: &bytes.Buffer{}, Getenv: func(string) string { return "" }})
		if flag := cmd.Flags().Lookup("flavour"); flag == nil || flag.Usage != "what it tastes of" {
			t.Errorf("flag %+v", flag)
		}
		cmd.SetArgs(args)
		return cmd.Execute()
	}
	for _, test := range []struct{ args, want string }{
		{"--server toy --flavour lemon", "it is a toy"},
		{"--server toy --flavour lemmon", "--flavour is lemmon; allowed: vanilla, lemon"},
		{"--server builtin --flavour lemon", "--flavour: builtin has no such setting"},
		{"--server toy --workers 2", "--workers: toy has no such setting"},
	} {
		if err := serve(strings.Fields(test.args)...); err == nil || !strings.Contains(err.Error(), test.want) {
			t.Errorf("%s: %v", test.args, err)
		}
	}
	if started.Flavour != "lemon" {
		t.Errorf("started as %+v", started)
	}
	if want := "| `flavour` | toy | vanilla, lemon | vanilla | what it tastes of |\n"; !strings.Contains(targets.Markdown(), want) {
		t.Errorf("no %s in the table of settings", want)
	}
	v := lab.Variant{Target: targets.Spec{Server: "toy", Own: &toy{"lemon"}}}
	if words := TargetWords(&v); words != "toy, flavour lemon" {
		t.Errorf("show says %q", words)
	}
	t.Cleanup(targets.RegisterService(targets.ServiceDescriptor{
		Name: "shelf", New: func() any { return &toy{} },
		Settings: []setting.Setting{{Key: "flavour", Main: true, Default: "vanilla", At: setting.At(func(s *toy) *string { return &s.Flavour })}},
	}))
	v.Target.Services = map[string]targets.Part{"tasty": {Kind: "shelf", Settings: &toy{"lemon"}}}
	if words := TargetWords(&v); words != "toy, flavour lemon, with tasty (shelf, flavour lemon)" {
		t.Errorf("show says %q", words)
	}
}
