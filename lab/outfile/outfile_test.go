//go:build unix

package outfile

import (
	"bufio"
	"bytes"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strings"
	"syscall"
	"testing"
)

const (
	roleEnv  = "BENCHTOP_TEST_WRITER" // what this program does as a child: a role and a path
	rewrites = "rewrites"
	begins   = "begins"
	size     = 1 << 20
)

func TestMain(m *testing.M) {
	role, path, _ := strings.Cut(os.Getenv(roleEnv), ":")
	switch role {
	case rewrites: // writes for ever, a line before each time
		for i := 0; ; i++ {
			fmt.Println(i)
			if err := Write(path, bytes.Repeat([]byte{byte('a' + i%2)}, size), 0o666); err != nil {
				fmt.Fprintln(os.Stderr, err)
				os.Exit(1)
			}
		}
	case begins: // and never ends
		f, err := create(path, 0o666)
		if err != nil {
			fmt.Fprintln(os.Stderr, err)
			os.Exit(1)
		}
		fmt.Println(f.Name())
		_, _ = os.Stdin.Read(make([]byte, 1))
	}
	os.Exit(m.Run())
}

// writer starts a child and gives what kills it, and the lines that it prints.
func writer(t *testing.T, role, path string) (kill func(), lines *bufio.Scanner) {
	t.Helper()
	cmd := exec.Command(os.Args[0])
	cmd.Env = append(os.Environ(), roleEnv+"="+role+":"+path)
	cmd.Stderr = os.Stderr
	out, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	in, err := cmd.StdinPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	killed := false
	kill = func() {
		if !killed {
			killed = true
			_ = cmd.Process.Kill()
			_ = cmd.Wait() // it was killed
			_ = in.Close()
		}
	}
	t.Cleanup(kill)
	return kill, bufio.NewScanner(out)
}

func names(t *testing.T, dir string) string {
	t.Helper()
	entries, err := os.ReadDir(dir)
	if err != nil {
		t.Fatal(err)
	}
	var out []string
	for _, e := range entries {
		out = append(out, e.Name())
	}
	return strings.Join(out, " ")
}

// withUmask sets the umask for the test.
func withUmask(t *testing.T, mask int) {
	old := syscall.Umask(mask)
	t.Cleanup(func() { syscall.Umask(old) })
}

func TestModes(t *testing.T) {
	withUmask(t, 0o027)
	for _, test := range []struct {
		name string
		old  fs.FileMode // 0: there is none
		perm fs.FileMode
		want fs.FileMode
	}{
		{"a new file obeys the umask", 0, 0o666, 0o640},
		{"a new private file", 0, 0o600, 0o600},
		{"a private file stays private", 0o600, 0o666, 0o600},
		{"an open file stays open", 0o666, 0o666, 0o666},
		{"a file that its owner alone reads", 0o400, 0o666, 0o400},
		{"a program", 0o755, 0o666, 0o755},
	} {
		t.Run(test.name, func(t *testing.T) {
			path := filepath.Join(t.TempDir(), "out")
			if test.old != 0 {
				if err := os.WriteFile(path, []byte("old"), 0o600); err != nil {
					t.Fatal(err)
				}
				if err := os.Chmod(path, test.old); err != nil {
					t.Fatal(err)
				}
			}
			if err := Write(path, []byte("new"), test.perm); err != nil {
				t.Fatal(err)
			}
			info, err := os.Stat(path)
			if err != nil || info.Mode().Perm() != test.want || info.Size() != 3 {
				t.Errorf("mode %v, want %v (%v)", info.Mode().Perm(), test.want, err)
			}
			if got := names(t, filepath.Dir(path)); got != "out" {
				t.Errorf("the folder holds %s", got)
			}
		})
	}
}

func TestOwners(t *testing.T) {
	if os.Geteuid() != 0 {
		t.Skip("only root can give files away")
	}
	path := filepath.Join(t.TempDir(), "out")
	if err := os.WriteFile(path, nil, 0o640); err != nil {
		t.Fatal(err)
	}
	if err := os.Chown(path, 1234, 5678); err != nil {
		t.Skipf("no other owner can be had here: %v", err)
	}
	if err := Write(path, []byte("new"), 0o666); err != nil {
		t.Fatal(err)
	}
	info, err := os.Stat(path)
	if err != nil {
		t.Fatal(err)
	}
	if s := info.Sys().(*syscall.Stat_t); s.Uid != 1234 || s.Gid != 5678 || info.Mode().Perm() != 0o640 {
		t.Errorf("it belongs to %d:%d, mode %v", s.Uid, s.Gid, info.Mode())
	}
}

func TestLinksAreFollowed(t *testing.T) {
	for _, test := range []struct {
		name, to string
		links    map[string]string
		target   string // where the content lands; empty: refused
		why      string
	}{
		{"to a file", "old", nil, "old", ""},
		{"to a file that is not there yet", "new", nil, "new", ""},
		{"into another folder", "sub/new", nil, "sub/new", ""},
		{"through another link", "second", map[string]string{"second": "sub/../third", "third": "new"}, "new", ""},
		{"into a folder that is not there", "none/new", nil, "", "does not exist; make it first"},
		{"in a circle", "second", map[string]string{"second": "link"}, "", "symbolic links"},
		{"to a folder", "sub", nil, "", "it is a folder"},
	} {
		t.Run(test.name, func(t *testing.T) {
			dir := t.TempDir()
			if err := errors.Join(os.Mkdir(filepath.Join(dir, "sub"), 0o700), os.WriteFile(filepath.Join(dir, "old"), []byte("old"), 0o600)); err != nil {
				t.Fatal(err)
			}
			link := filepath.Join(dir, "link")
			for name, to := range test.links {
				if err := os.Symlink(to, filepath.Join(dir, name)); err != nil {
					t.Fatal(err)
				}
			}
			if err := os.Symlink(test.to, link); err != nil {
				t.Fatal(err)
			}
			checked, err := Check(link), Write(link, []byte("new"), 0o666)
			if (checked == nil) != (err == nil) {
				t.Errorf("Check says %v, Write %v", checked, err)
			}
			if to, err := os.Readlink(link); err != nil || to != test.to {
				t.Errorf("the link leads to %q, %v", to, err)
			}
			if test.target == "" {
				if err == nil || !strings.Contains(err.Error(), test.why) {
					t.Errorf("%v, want %s", err, test.why)
				}
				return
			}
			if got, _ := os.ReadFile(filepath.Join(dir, test.target)); err != nil || string(got) != "new" {
				t.Errorf("%s holds %q: %v", test.target, got, err)
			}
		})
	}
}

func TestWhatIsNoFileIsWrittenInPlace(t *testing.T) {
	if err := errors.Join(Check("/dev/null"), Write("/dev/null", []byte("x"), 0o666)); err != nil {
		t.Error(err)
	}
	if info, err := os.Stat("/dev/null"); err != nil || info.Mode().IsRegular() {
		t.Fatalf("/dev/null is %v, %v", info.Mode(), err)
	}
	elsewhere := runtime.GOOS != "linux" // there is no such device
	if err := Write("/dev/full", []byte("x"), 0o666); !errors.Is(err, syscall.ENOSPC) && !elsewhere {
		t.Errorf("/dev/full: %v", err)
	}
	dir := t.TempDir()
	if err := Check(dir); err == nil || !strings.Contains(err.Error(), "folder") {
		t.Errorf("a folder: %v", err)
	}
	if err := Write(dir, nil, 0o666); err == nil || !strings.Contains(err.Error(), "folder") {
		t.Errorf("a folder: %v", err)
	}
}

// The temporary of a writer that lives is its own; that of a killed one goes with the next write.
func TestLeftOversAreRemoved(t *testing.T) {
	dir := t.TempDir()
	kill, lines := writer(t, begins, filepath.Join(dir, "out.json"))
	if !lines.Scan() {
		t.Fatal("the writer said nothing")
	}
	left := filepath.Base(lines.Text())
	strangers := []string{".out.json.1234567", ".benchtop-0123456789abcdef", "out.benchtop-0123456789abcdef", ".x.benchtop-0123456789ABCDEF"}
	for _, name := range strangers {
		if err := os.WriteFile(filepath.Join(dir, name), nil, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	another := filepath.Join(dir, "another")
	if err := Write(another, nil, 0o666); err != nil {
		t.Fatal(err)
	}
	if got := names(t, dir); !strings.Contains(got, left) {
		t.Errorf("what a living writer writes is gone; the folder holds %s", got)
	}
	kill()
	if err := Write(another, nil, 0o666); err != nil {
		t.Fatal(err)
	}
	got := names(t, dir)
	if strings.Contains(got, left) {
		t.Errorf("the folder holds %s", got)
	}
	for _, name := range strangers {
		if !strings.Contains(got, name) {
			t.Errorf("%s is gone, and was nobody's to remove", name)
		}
	}
}

// F17: whenever a writer is killed, the file is one of the whole ones.
func TestAKilledWriterLeavesAWholeFile(t *testing.T) {
	path := filepath.Join(t.TempDir(), "out")
	if err := Write(path, bytes.Repeat([]byte{'b'}, size), 0o666); err != nil {
		t.Fatal(err)
	}
	for i := range 20 {
		kill, lines := writer(t, rewrites, path)
		for range 1 + i%4 {
			if !lines.Scan() {
				t.Fatal("the writer ended")
			}
		}
		kill()
		got, err := os.ReadFile(path)
		if err != nil || len(got) != size || bytes.Count(got, got[:1]) != size {
			t.Fatalf("kill %d left %d bytes, %d of them the same: %v", i, len(got), bytes.Count(got, got[:1]), err)
		}
	}
	if err := Write(path, nil, 0o666); err != nil {
		t.Fatal(err)
	}
	if got := names(t, filepath.Dir(path)); got != "out" {
		t.Errorf("the folder holds %s", got)
	}
}

// A disk that takes no more leaves the earlier content, and nothing else.
func TestAFullDiskLeavesTheEarlierContent(t *testing.T) {
	path := filepath.Join(t.TempDir(), "out")
	if err := Write(path, []byte("old"), 0o666); err != nil {
		t.Fatal(err)
	}
	var limit syscall.Rlimit
	if err := syscall.Getrlimit(syscall.RLIMIT_FSIZE, &limit); err != nil {
		t.Fatal(err)
	}
	small := limit
	small.Cur = 1 << 20 // far above what the test itself writes meanwhile
	if err := syscall.Setrlimit(syscall.RLIMIT_FSIZE, &small); err != nil {
		t.Skipf("no limit can be set: %v", err)
	}
	err := Write(path, make([]byte, 2<<20), 0o666) // Go ignores SIGXFSZ
	if back := syscall.Setrlimit(syscall.RLIMIT_FSIZE, &limit); back != nil {
		t.Fatal(back)
	}
	if err == nil || !strings.Contains(err.Error(), "writing "+path) {
		t.Errorf("%v", err)
	}
	if got, _ := os.ReadFile(path); string(got) != "old" {
		t.Errorf("it holds %d bytes", len(got))
	}
	if got := names(t, filepath.Dir(path)); got != "out" {
		t.Errorf("the folder holds %s", got)
	}
}
