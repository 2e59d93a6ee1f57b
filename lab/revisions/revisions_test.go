package revisions

import (
	"context"
	"errors"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
	"time"

	"benchtop/targets/fixture/suite"
	"benchtop/targets/guard"
	"benchtop/targets/proc"
	"benchtop/targets/runfolder"
)

func TestMain(m *testing.M) {
	proc.Dispatch(map[string]proc.RoleFunc{guard.Role: guard.Guard})
	suite.Main(m, runfolder.Remove)
}

// repository is one of two commits in a folder below its root, which is the current one; a file is ignored.
func repository(t *testing.T) (root string) {
	t.Helper()
	if _, err := exec.LookPath("git"); err != nil {
		suite.Need(t, err)
	}
	root, err := filepath.EvalSymlinks(t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	if _, err := runfolder.Path(); err != nil { // of this process, not in the folder of one test
		t.Fatal(err)
	}
	t.Setenv("TMPDIR", t.TempDir())
	for name, value := range map[string]string{
		"GIT_CONFIG_GLOBAL": os.DevNull, "GIT_CONFIG_SYSTEM": os.DevNull, "GIT_AUTHOR_NAME": "A", "GIT_AUTHOR_EMAIL": "a@example.com",
		"GIT_COMMITTER_NAME": "A", "GIT_COMMITTER_EMAIL": "a@example.com",
	} {
		t.Setenv(name, value)
	}
	if err := os.MkdirAll(filepath.Join(root, "shop"), 0o700); err != nil {
		t.Fatal(err)
	}
	t.Chdir(filepath.Join(root, "shop"))
	command(t, "git", "init", "-q", "-b", "main", root)
	write(t, "value", "one")
	write(t, "gone", "soon")
	write(t, ".gitignore", "secret\n")
	command(t, "git", "add", "-A")
	command(t, "git", "commit", "-qm", "one")
	command(t, "git", "tag", "v1.0")
	write(t, "value", "two")
	command(t, "git", "commit", "-qam", "two")
	return root
}

func command(t *testing.T, name string, args ...string) string {
	t.Helper()
	out, err := exec.Command(name, args...).CombinedOutput()
	if err != nil {
		t.Fatalf("%s %v: %v\n%s", name, args, err, out)
	}
	return string(out)
}

func write(t *testing.T, name, text string) {
	t.Helper()
	if err := os.WriteFile(name, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
}

// Each revision has its files, the files as they are have what is not committed, and afterwards nothing is left.
func TestCopiesOfRevisions(t *testing.T) {
	root := repository(t)
	hook := filepath.Join(root, ".git", "hooks", "post-checkout")
	if err := os.MkdirAll(filepath.Dir(hook), 0o700); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(hook, []byte("#!/bin/sh\ntouch "+root+"/hooked\n"), 0o700); err != nil { //nolint:gosec // a hook is a program
		t.Fatal(err)
	}
	write(t, "value", "three")
	write(t, "new", "not added")
	write(t, "secret", "ignored")
	if err := os.Remove("gone"); err != nil {
		t.Fatal(err)
	}
	before := command(t, "git", "status", "--porcelain")
	set, err := Find(t.Context(), "v1.0", "main", ".")
	if err != nil {
		t.Fatal(err)
	}
	if err := set.Make(t.Context()); err != nil {
		t.Fatal(err)
	}
	for i, want := range []string{"one", "two", "three"} {
		r := &set.Revisions[i]
		if got, err := os.ReadFile(filepath.Join(r.Dir, "value")); err != nil || string(got) != want {
			t.Errorf("%s: %q, %v", r.Ref, got, err)
		}
		here := func(name string) bool { _, err := os.Stat(filepath.Join(r.Dir, name)); return err == nil }
		if as := r.Ref == WorkTree; here("new") != as || here("gone") == as || here("secret") {
			t.Errorf("%s: new %v, gone %v, ignored %v", r.Ref, here("new"), here("gone"), here("secret"))
		}
	}
	short := set.Revisions[1].Commit[:shortDigits]
	if ids := set.Revisions[0].ID() + " " + set.Revisions[1].ID() + " " + set.Revisions[2].ID(); !strings.HasPrefix(ids, "v1-0-") || !strings.HasSuffix(ids, " main-"+short+" work-"+short) {
		t.Error(ids)
	}
	for range 2 {
		if err := set.Close(); err != nil {
			t.Error(err)
		}
	}
	if list := command(t, "git", "worktree", "list"); strings.Count(list, "\n") != 1 {
		t.Error(list)
	}
	if after := command(t, "git", "status", "--porcelain"); after != before {
		t.Errorf("before\n%safter\n%s", before, after)
	}
	if left, err := os.ReadDir(os.Getenv("TMPDIR")); err != nil || len(left) > 0 {
		t.Error(left, err)
	}
	if _, err := os.Stat(filepath.Join(root, "hooked")); err == nil {
		t.Error("a hook of the repository ran")
	}
}

func TestRefusedRevisions(t *testing.T) {
	root := repository(t)
	for ref, want := range map[string]string{
		"nope":     `"nope" is no revision of ` + root + ` (git says: fatal: `,
		"":         `"" is no revision`,
		"-q":       `"-q" is no revision`,
		"main:sho": `is no revision`,
	} {
		if _, err := Find(t.Context(), "main", ref); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%q: %v", ref, err)
		}
	}
	same, err := Find(t.Context(), "main", "HEAD")
	if err != nil || !same.Same() {
		t.Errorf("main and HEAD: %+v, %v", same, err)
	}
	if changed, err := Find(t.Context(), "HEAD", "."); err != nil || changed.Same() {
		t.Errorf("HEAD and the files as they are: %+v, %v", changed, err)
	}
	t.Chdir(t.TempDir())
	if _, err := Find(t.Context(), "main", "HEAD"); err == nil || !strings.Contains(err.Error(), "is not in a git repository (git says: fatal: not a git repository") {
		t.Error(err)
	}
}

func TestBuilds(t *testing.T) {
	repository(t)
	set, err := Find(t.Context(), "v1.0")
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = set.Close() }()
	if err := set.Make(t.Context()); err != nil {
		t.Fatal(err)
	}
	r := &set.Revisions[0]
	if err := r.Build(t.Context(), "cat value > built && test $(cat built) = one"); err != nil {
		t.Error(err)
	}
	err = r.Build(t.Context(), "echo first; echo last >&2; exit 7")
	if want := "building v1.0 (" + r.Short() + ") with `echo first; echo last >&2; exit 7` failed with exit code 7; its last lines:\n"; err == nil ||
		!strings.HasPrefix(err.Error(), want) || !strings.Contains(err.Error(), "first") || !strings.Contains(err.Error(), "last") {
		t.Error(err)
	}
	// The end of the context ends what the build started, too.
	asked := errors.New("asked to end")
	ctx, end := context.WithCancelCause(t.Context())
	time.AfterFunc(300*time.Millisecond, func() { end(asked) }) // a moment in a build that would never end
	if err := r.Build(ctx, "sleep 1000 & wait"); !errors.Is(err, asked) {
		t.Error(err)
	}
}

// What a process that was killed left behind is removed by the next one.
func TestCopiesOfTheKilledAreSwept(t *testing.T) {
	repository(t)
	gone := exec.Command("true")
	if err := gone.Run(); err != nil {
		t.Fatal(err)
	}
	left := filepath.Join(os.Getenv("TMPDIR"), folderPrefix+strconv.Itoa(gone.Process.Pid)+"-1")
	command(t, "git", "worktree", "add", "--detach", "--quiet", filepath.Join(left, "1-main"), "main")
	set, err := Find(t.Context(), "main")
	if err != nil {
		t.Fatal(err)
	}
	if err := errors.Join(set.Make(t.Context()), set.Close()); err != nil {
		t.Fatal(err)
	}
	if _, err := os.Stat(left); !errors.Is(err, os.ErrNotExist) {
		t.Errorf("%s is there: %v", left, err)
	}
	if list := command(t, "git", "worktree", "list"); strings.Count(list, "\n") != 1 {
		t.Error(list)
	}
}

func TestTheProgramTakesTheShellsPlace(t *testing.T) {
	for line, want := range map[string]string{
		"./server -port {port}":        "exec ./server -port {port}",
		" PORT={port} node server.js ": "exec env PORT={port} node server.js",
		"cd app && ./server {port}":    "cd app && ./server {port}",
		"exec ./server {port}":         "exec ./server {port}",
		"./server {port} > log 2>&1":   "./server {port} > log 2>&1",
		"./server --name 'a b' {port}": "exec ./server --name 'a b' {port}",
	} {
		if got := inPlace(line); got != want {
			t.Errorf("%q: %q, want %q", line, got, want)
		}
	}
}
