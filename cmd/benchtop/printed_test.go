package main

import (
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"benchtop/targets/printable"
)

// Whatever a file is called, its name reaches the terminal as one harmless piece of a line.
func TestNamesOfFilesAreSafeToPrint(t *testing.T) {
	dir := t.TempDir()
	t.Chdir(dir)
	evil := "a\x1b[2J\x1b]0;title\a\u202e\nforged: ok, workers.yaml"
	if err := os.WriteFile(filepath.Join(dir, evil), []byte("benchtop: 1\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	for _, args := range [][]string{
		{"check", evil},
		{"check", evil + ".none"},
		{"check", dir},
		{"run", evil},
		{"run", evil + ".none"},
		{"show", evil},
		{"report", evil},
		{"report", evil + ".none"},
		{"compare", evil, evil},
		{"replay", evil},
		{evil},
		{evil + ".none"},
		{"load", "http://127.0.0.1/", "--json", evil + "/x"},
		{"run", "noise", "--json", evil + "/x"},
		{"run", "noise", "--set", evil},
		{"serve", "--server", evil},
		{"load", "http://" + evil},
		{"new", evil},
		{"notes", evil},
		{"--" + evil},
	} {
		env, out, errs := testEnv()
		env.Args = args
		if code := Main(env); code == exitOK || code == exitInternal {
			t.Errorf("%q: exit %d", args, code)
		}
		printed := out.String() + errs.String()
		if printed == "" {
			t.Errorf("%q says nothing", args)
		}
		if printed != printable.Lines(printed) {
			t.Errorf("%q prints %q", args, printed)
		}
		for _, line := range strings.Split(printed, "\n") {
			if strings.HasPrefix(line, "forged") {
				t.Errorf("%q forges the line %q", args, line)
			}
		}
	}
}

// The last lines of a component come with an error; their lines stay, their escapes do not.
func TestErrorsAreSafeToPrint(t *testing.T) {
	env, _, _ := testEnv()
	env.Args = []string{"check", "na\nme"}
	text := env.said(errors.Join(errors.New("its last output:\none\ntwo"), &os.PathError{Op: "open", Path: "x\ny", Err: os.ErrNotExist}, errors.New("na\nme")))
	if want := "its last output:\none\ntwo\nopen x y: file does not exist\nna me"; text != want {
		t.Errorf("%q, want %q", text, want)
	}
}

// XDG Base Directory Specification: "If an implementation encounters a relative path in any of these variables it should
// consider the path invalid and ignore it."
func TestWhereRunsAreKept(t *testing.T) {
	for _, test := range []struct{ xdg, home, want string }{
		{"/state", "/me", "/state/benchtop/runs"},
		{"", "/me", "/me/.local/state/benchtop/runs"},
		{"relative", "/me", "/me/.local/state/benchtop/runs"},
		{"./relative", "/me", "/me/.local/state/benchtop/runs"},
		{"relative", "", ""},
		{"", "relative", ""},
		{"", "", ""},
	} {
		env := &Env{Getenv: func(key string) string { return map[string]string{"XDG_STATE_HOME": test.xdg, "HOME": test.home}[key] }}
		got, err := env.runsDir()
		if got != test.want || (err == nil) != (test.want != "") {
			t.Errorf("%+v: %q, %v", test, got, err)
		}
	}
}
