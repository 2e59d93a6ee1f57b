package main

import (
	"io"
	"os"
	"path/filepath"
	"testing"
)

// Standard output that is a file keeps what stands in it already, by whatever name an output calls it.
func TestAnOutputThatIsStandardOutputIsWritten(t *testing.T) {
	dir := t.TempDir()
	name, link, other := filepath.Join(dir, "out"), filepath.Join(dir, "link"), filepath.Join(dir, "other")
	write(t, name, "before\n")
	write(t, other, "other\n")
	if err := os.Symlink(name, link); err != nil {
		t.Fatal(err)
	}
	f, err := os.OpenFile(name, os.O_WRONLY|os.O_APPEND, 0)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = f.Close() }()
	env := &Env{Stdout: f, screen: f}
	for _, path := range []string{"-", name, link, other} {
		if err := writeOutput(env, path, func(w io.Writer) error {
			_, err := io.WriteString(w, filepath.Base(path)+"\n")
			return err
		}); err != nil {
			t.Fatal(err)
		}
	}
	for path, want := range map[string]string{name: "before\n-\nout\nlink\n", other: "other\n"} {
		if got, err := os.ReadFile(path); err != nil || string(got) != want {
			t.Errorf("%s holds %q, %v; want %q", path, got, err, want)
		}
	}
}
