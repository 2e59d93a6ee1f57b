package runfolder

import (
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"

	"benchtop/targets/fixture/suite"
)

func TestRunFolder(t *testing.T) {
	temp := suite.Temp(t)
	dir, err := Path()
	if err != nil {
		t.Fatal(err)
	}
	if want := filepath.Join(temp, "benchtop-"+strconv.Itoa(os.Getuid())) + "/"; !strings.HasPrefix(dir, want) {
		t.Errorf("%s is not in %s", dir, want)
	}
	if again, err := Path(); err != nil || again != dir {
		t.Errorf("%s, %v the second time", again, err)
	}
	info, err := os.Stat(dir)
	if err != nil || info.Mode().Perm() != 0o700 {
		t.Errorf("%v, %v", info.Mode(), err)
	}
	if n := sweep(t); n != 0 || !exists(dir) {
		t.Errorf("swept itself: %d", n)
	}
	if err := Remove(); err != nil || exists(dir) {
		t.Errorf("%v", err)
	}
	if err := Remove(); err != nil {
		t.Errorf("the second time: %v", err)
	}
	next, err := Path()
	if err != nil || next == dir {
		t.Errorf("after it was removed: %s, %v", next, err)
	}
	if err := Remove(); err != nil {
		t.Error(err)
	}
}

func TestRunFolderPlaces(t *testing.T) {
	temp := suite.Temp(t)
	runtime := filepath.Join(temp, "run")
	if err := os.Mkdir(runtime, 0o700); err != nil {
		t.Fatal(err)
	}
	for _, test := range []struct{ name, runtime, temp, want string }{
		{"runtime folder", runtime, temp, filepath.Join(runtime, "benchtop") + "/"},
		{"runtime folder is not there", filepath.Join(temp, "none"), temp, filepath.Join(temp, "benchtop-")},
		{"runtime folder is not absolute", "run", temp, filepath.Join(temp, "benchtop-")},
		{"too long for sockets", "", filepath.Join(temp, strings.Repeat("x", 60)), "/tmp/benchtop-"},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Setenv("XDG_RUNTIME_DIR", test.runtime)
			t.Setenv("TMPDIR", test.temp)
			dir, err := Path()
			if err != nil {
				t.Fatal(err)
			}
			if !strings.HasPrefix(dir, test.want) || len(dir) > maxFolder {
				t.Errorf("%s, want it in %s", dir, test.want)
			}
			if err := Remove(); err != nil {
				t.Error(err)
			}
		})
	}
}

func TestRunFolderIsRefusedWhereOthersAre(t *testing.T) {
	for _, test := range []struct {
		name string
		make func(base string) error
		want string
	}{
		{"wide permissions", func(base string) error {
			if err := os.Mkdir(base, 0o700); err != nil {
				return err
			}
			return os.Chmod(base, 0o750)
		}, "has the permissions 0750, want 0700"},
		{"a link", func(base string) error { return os.Symlink(t.TempDir(), base) }, "is not a folder"},
		{"a file", func(base string) error { return os.WriteFile(base, nil, 0o600) }, "is not a folder"},
		{"another user's", func(base string) error {
			if os.Getuid() != 0 {
				t.Skip("only root can make one for another user")
			}
			if err := os.Mkdir(base, 0o700); err != nil {
				return err
			}
			return os.Chown(base, 1, 1)
		}, "belongs to another user"},
	} {
		t.Run(test.name, func(t *testing.T) {
			base := filepath.Join(suite.Temp(t), "benchtop-"+strconv.Itoa(os.Getuid()))
			if err := test.make(base); err != nil {
				t.Fatal(err)
			}
			if _, err := Path(); err == nil || !strings.Contains(err.Error(), test.want) {
				t.Errorf("%v, want %q", err, test.want)
			}
			if n, err := Sweep(); n != 0 || err != nil {
				t.Errorf("swept %d, %v", n, err)
			}
		})
	}
}
