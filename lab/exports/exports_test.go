package exports

import (
	"os"
	"path/filepath"
	"testing"
	"time"

	"benchtop/lab/progress"
)

func TestAPlaceIsRemembered(t *testing.T) {
	dir := t.TempDir()
	file := filepath.Join(dir, "progress.json")
	open := func() *Place {
		return New(progress.Open(file, time.Now), filepath.Join(dir, "exports"), filepath.Join(dir, "home"))
	}
	p := open()
	if p.Folder() != "" || p.Proposed() != filepath.Join(dir, "exports") {
		t.Errorf("before it was asked for it is %q, proposed %q", p.Folder(), p.Proposed())
	}
	here, err := os.Getwd()
	if err != nil {
		t.Fatal(err)
	}
	for typed, want := range map[string]string{
		"~/out": filepath.Join(dir, "home", "out"), "~": filepath.Join(dir, "home"), " out/ ": filepath.Join(here, "out"), "~else": filepath.Join(here, "~else"), "/a/../b": "/b",
	} {
		if got, err := p.Path(typed); err != nil || got != want {
			t.Errorf("%q is %q, %v", typed, got, err)
		}
	}
	if _, err := p.Path("  "); err == nil {
		t.Error("nothing is a folder")
	}
	path := filepath.Join(dir, "home", "out")
	if kept, err := p.Choose(path); kept != nil || err != nil {
		t.Fatal(kept, err)
	}
	if info, err := os.Stat(path); err != nil || !info.IsDir() {
		t.Errorf("the folder is not there: %v", err)
	}
	if again := open(); again.Folder() != path || again.Proposed() != path {
		t.Errorf("afterwards it is %q", again.Folder())
	}
	if _, err := p.Choose(filepath.Join(file, "below")); err == nil || p.Folder() != path {
		t.Errorf("a folder that cannot be made: %v, then it is %q", err, p.Folder())
	}
}

func TestCheckout(t *testing.T) {
	dir, err := filepath.EvalSymlinks(t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	repo, plain := filepath.Join(dir, "repo"), filepath.Join(dir, "plain")
	for _, path := range []string{filepath.Join(repo, ".git"), filepath.Join(repo, "docs"), plain} {
		if err := os.MkdirAll(path, 0o700); err != nil {
			t.Fatal(err)
		}
	}
	if err := os.Symlink(filepath.Join(repo, "docs"), filepath.Join(plain, "link")); err != nil {
		t.Fatal(err)
	}
	for path, want := range map[string]string{
		repo: repo, filepath.Join(repo, "docs"): repo, filepath.Join(repo, "new", "one"): repo, filepath.Join(plain, "link"): repo,
		filepath.Join(plain, "link", "new"): repo, plain: "", filepath.Join(plain, "new", "one"): "",
	} {
		if got := Checkout(path); got != want {
			t.Errorf("%s is in %q, want %q", path, got, want)
		}
	}
}
