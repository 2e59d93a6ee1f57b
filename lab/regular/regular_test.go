//go:build unix

package regular_test

import (
	"errors"
	"io"
	"io/fs"
	"net"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"

	"benchtop/lab/regular"
)

func TestOnlyRegularFilesAreOpened(t *testing.T) {
	dir := t.TempDir()
	at := func(name string) string { return filepath.Join(dir, name) }
	if err := os.WriteFile(at("file"), []byte("kept"), 0o600); err != nil {
		t.Fatal(err)
	}
	for link, to := range map[string]string{"link": "file", "device": "/dev/zero", "to-pipe": "pipe"} {
		if err := os.Symlink(to, at(link)); err != nil {
			t.Fatal(err)
		}
	}
	if err := syscall.Mkfifo(at("pipe"), 0o600); err != nil {
		t.Fatal(err)
	}
	t.Chdir(dir) // a socket's path has an end
	socket, err := net.Listen("unix", "socket")
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = socket.Close() }()
	for _, name := range []string{"file", "link"} {
		f, err := regular.Open(at(name))
		if err != nil {
			t.Fatal(err)
		}
		if text, err := io.ReadAll(f); err != nil || string(text) != "kept" {
			t.Errorf("%s: %q, %v", name, text, err)
		}
		_ = f.Close()
	}
	for name, what := range map[string]string{".": "a folder", "pipe": "a pipe", "to-pipe": "a pipe", "device": "a device", "socket": "a socket"} {
		if _, err := regular.Open(name); !errors.Is(err, regular.ErrNotRegular) || !strings.Contains(err.Error(), what) {
			t.Errorf("%s: %v", name, err)
		}
	}
	if _, err := regular.Open(at("none")); !errors.Is(err, fs.ErrNotExist) {
		t.Error(err)
	}
}
