package runfolder

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"benchtop/targets/fixture/suite"
	"benchtop/targets/procfs"
)

func TestSweepEndsWhatIsProvablyOurs(t *testing.T) {
	suite.Temp(t)
	for _, test := range []struct {
		name string
		orphan
		want bool // ended
	}{
		{"both marks", orphan{Marked: true}, true},
		{"both marks, in the ledger", orphan{Marked: true, Entered: true}, true},
		{"no environment, in the ledger, with its pipe", orphan{Bare: true, Entered: true, Piped: true}, true},
		{"no environment, in the ledger", orphan{Bare: true, Entered: true}, false},
		{"no environment, with a pipe that is not in the ledger", orphan{Bare: true, Piped: true}, false},
		{"no environment", orphan{Bare: true}, false},
		{"in the ledger, with an environment of somebody else", orphan{Entered: true}, false},
		{"the mark of the run alone, in the ledger", orphan{HalfWay: true, Entered: true}, false},
		{"nothing", orphan{}, false},
	} {
		t.Run(test.name, func(t *testing.T) {
			p, h := startHome(t, test.orphan)
			if n := sweep(t); n != 0 || !exists(h.Dir) || !alive(h.PIDs[0]) {
				t.Fatalf("ended %d processes of a run that goes on", n)
			}
			killed(t, p)
			if n := sweep(t); (n == 1) != test.want || n > 1 {
				t.Errorf("ended %d", n)
			}
			if alive(h.PIDs[0]) == test.want {
				t.Errorf("alive: %v", !test.want)
			}
			if exists(h.Dir) {
				t.Errorf("%s is still there", h.Dir)
			}
		})
	}
}

// The id alone, or the id of another boot, is no proof.
func TestSweepSparesUsedAgainIDs(t *testing.T) {
	suite.Temp(t)
	for name, change := range map[string]func(line string, id procfs.Identity) string{
		"another start": func(line string, _ procfs.Identity) string { return strings.Replace(line, `"start":`, `"start":1`, 1) },
		"another boot": func(line string, id procfs.Identity) string {
			return strings.Replace(line, id.Boot, "00000000-0000-0000-0000-000000000000", 1)
		},
		"another PID namespace": func(line string, id procfs.Identity) string {
			return strings.Replace(line, id.Space, "pid:[1]", 1)
		},
		"another pipe": func(line string, _ procfs.Identity) string { return strings.Replace(line, `"pipe:[`, `"pipe:[1`, 1) },
	} {
		t.Run(name, func(t *testing.T) {
			p, h := startHome(t, orphan{Bare: true, Entered: true, Piped: true})
			id, ok := procfs.Identify(h.PIDs[0])
			if !ok {
				t.Fatal("it is gone")
			}
			path := filepath.Join(h.Dir, ledgerName)
			content, err := os.ReadFile(path)
			if err != nil {
				t.Fatal(err)
			}
			head, line, _ := strings.Cut(string(content), "\n")
			if changed := change(line, id); changed == line {
				t.Fatalf("nothing to change in %q", line)
			} else if err := os.WriteFile(path, []byte(head+"\n"+changed), 0o600); err != nil {
				t.Fatal(err)
			}
			killed(t, p)
			if n := sweep(t); n != 0 || !alive(h.PIDs[0]) {
				t.Errorf("ended %d, alive: %v", n, alive(h.PIDs[0]))
			}
			if exists(h.Dir) {
				t.Error("the folder is still there")
			}
		})
	}
}

// F29: two labs at once have folders of their own, and the end of one does not touch the other.
func TestTwoHomes(t *testing.T) {
	suite.Temp(t)
	one, h1 := startHome(t, orphan{Marked: true})
	two, h2 := startHome(t, orphan{Marked: true})
	if h1.Dir == h2.Dir {
		t.Fatalf("both have %s", h1.Dir)
	}
	killed(t, one)
	if n := sweep(t); n != 1 || alive(h1.PIDs[0]) || !alive(h2.PIDs[0]) || !exists(h2.Dir) {
		t.Errorf("ended %d; the other's process lives: %v, its folder is there: %v", n, alive(h2.PIDs[0]), exists(h2.Dir))
	}
	killed(t, two)
	if n := sweep(t); n != 1 {
		t.Errorf("ended %d", n)
	}
}

func TestTornLedger(t *testing.T) {
	suite.Temp(t)
	p, h := startHome(t, orphan{Bare: true, Entered: true, Piped: true})
	f, err := os.OpenFile(filepath.Join(h.Dir, ledgerName), os.O_WRONLY|os.O_APPEND, 0)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := f.WriteString(`{"pid":1,"sta`); err != nil {
		t.Fatal(err)
	}
	_ = f.Close()
	killed(t, p)
	if n := sweep(t); n != 1 || exists(h.Dir) {
		t.Errorf("ended %d, the folder is there: %v", n, exists(h.Dir))
	}
}

func TestUnreadableLedgerIsReported(t *testing.T) {
	suite.Temp(t)
	p, h := startHome(t)
	if err := os.WriteFile(filepath.Join(h.Dir, ledgerName), []byte("what is this\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	killed(t, p)
	if _, err := Sweep(); err == nil || !strings.Contains(err.Error(), h.Dir) || !exists(h.Dir) {
		t.Errorf("%v; want an error that names %s, and the folder still there", err, h.Dir)
	}
}

// A folder whose processes live is kept for the next sweep.
func TestRunFolderWithLivingProcessesStays(t *testing.T) {
	suite.Temp(t)
	p, h := startHome(t, orphan{Marked: true, Entered: true})
	if err := p.Stop(t.Context(), suite.Deadline); err != nil {
		t.Error(err)
	}
	if !exists(h.Dir) || !strings.Contains(p.Tail(), "stays: these processes of it live") {
		t.Errorf("removed, or not told: %s", p.Tail())
	}
	if n := sweep(t); n != 1 || exists(h.Dir) {
		t.Errorf("ended %d", n)
	}
}

// A keeper removes the folder when it is the last one and the owner is gone, not before.
func TestLastKeeperRemovesTheFolder(t *testing.T) {
	suite.Temp(t)
	p, h := startHome(t)
	keep := func() *Keeper {
		k, err := Keep(h.Dir, "test")
		if err != nil {
			t.Fatal(err)
		}
		return k
	}
	first, second := keep(), keep()
	if err := first.Leave(0); err != nil || !exists(h.Dir) {
		t.Errorf("%v; removed while the owner lives", err)
	}
	killed(t, p)
	if err := second.Leave(suite.Deadline); err != nil || exists(h.Dir) {
		t.Errorf("%v; still there", err)
	}
	if _, err := Keep(h.Dir, "late"); err == nil {
		t.Error("entered a folder that is gone")
	}
}
