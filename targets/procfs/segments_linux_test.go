package procfs

import (
	"bufio"
	"os"
	"os/exec"
	"slices"
	"strings"
	"testing"

	"golang.org/x/sys/unix"
)

// A process makes a segment and is killed: the segment is still there, until it is removed.
func TestRemoveSegments(t *testing.T) {
	if os.Getenv("MAKE_A_SEGMENT") != "" {
		if _, err := unix.SysvShmGet(unix.IPC_PRIVATE, 56, unix.IPC_CREAT|0o600); err != nil {
			os.Exit(1)
		}
		_, _ = os.Stdout.WriteString("made\n")
		_, _ = os.Stdin.Read(make([]byte, 1)) // for ever: nobody writes, and the test kills it
	}
	if _, err := os.Stat("/proc/sysvipc/shm"); err != nil {
		t.Skip("this kernel has no System V shared memory")
	}
	child := exec.Command(os.Args[0], "-test.run=^TestRemoveSegments$")
	child.Env = append(os.Environ(), "MAKE_A_SEGMENT=1")
	in, errIn := child.StdinPipe()
	out, errOut := child.StdoutPipe()
	if errIn != nil || errOut != nil || child.Start() != nil {
		t.Fatal("the child did not start")
	}
	defer func() { _ = in.Close() }()
	if line, _ := bufio.NewReader(out).ReadString('\n'); line != "made\n" {
		_ = child.Process.Kill()
		_ = child.Wait()
		t.Skip("shared memory cannot be made here")
	}
	id, ok := Identify(child.Process.Pid)
	if !ok {
		t.Fatal("the child is not known")
	}
	left := func() []int64 {
		table, err := os.ReadFile("/proc/sysvipc/shm")
		if err != nil {
			t.Fatal(err)
		}
		return segmentsOf(string(table), int64(id.PID), 0)
	}
	RemoveSegments(id)
	if len(left()) != 1 {
		t.Error("the segment of a process that lives was removed")
	}
	_ = child.Process.Kill()
	_ = child.Wait()
	if len(left()) != 1 {
		t.Error("the segment ended with its process")
	}
	RemoveSegments(id)
	if n := left(); len(n) != 0 {
		t.Errorf("segments %v are left", n)
	}
}

func TestSegmentsOf(t *testing.T) {
	table := strings.Join([]string{
		"       key      shmid perms                  size  cpid  lpid nattch   uid   gid  cuid  cgid      atime      dtime      ctime                   rss                  swap",
		"  10266673      98304   600                    56 13086 13100      0   101   104   101   104 1796055217 1796055228 1796055097                  4096                     0",
		"  10266674      98305   600                    56 13086 13100      2   101   104   101   104 1796055217 1796055228 1796055097                  4096                     0",
		"  10266675      98306   600                    56 13086 13100      0   101   104   101   104 1796055217 1796055228 1796055000                  4096                     0",
		"  10266676      98307   600                    56 13087 13100      0   101   104   101   104 1796055217 1796055228 1796055097                  4096                     0",
		"short", "",
	}, "\n")
	if got := segmentsOf(table, 13086, 1796055098); !slices.Equal(got, []int64{98304}) { // one is attached, one of an earlier process, one of another
		t.Errorf("segments %v", got)
	}
}
