package counters

import (
	"bufio"
	"fmt"
	"io"
	"os"
	"os/exec"
	"runtime"
	"strings"
	"sync"
	"testing"
	"time"

	"go.uber.org/goleak"
)

// roleVariable makes the test binary a child whose events are counted.
const roleVariable = "BENCHTOP_TEST_COUNTERS"

func TestMain(m *testing.M) {
	if os.Getenv(roleVariable) != "" {
		child()
		return
	}
	goleak.VerifyTestMain(m)
}

// child does what each line of its input asks for, so many times, and answers when it has: it sleeps, asks the system
// something, or works.
func child() {
	fmt.Println("here")
	for lines := bufio.NewScanner(os.Stdin); lines.Scan(); {
		var what string
		var n int
		if _, err := fmt.Sscan(lines.Text(), &what, &n); err != nil {
			os.Exit(4)
		}
		switch what {
		case "sleep":
			for range n {
				time.Sleep(time.Millisecond)
			}
		case "threads": // each sleeps once on a thread of its own, which ends with it
			var all sync.WaitGroup
			for range n {
				all.Add(1)
				go func() {
					defer all.Done()
					runtime.LockOSThread()
					time.Sleep(time.Millisecond)
				}()
			}
			all.Wait()
		case "ask":
			for range n {
				os.Getppid()
			}
		case "work":
			fmt.Fprint(io.Discard, work(n))
		}
		fmt.Println("done")
	}
}

// work takes as many instructions a step, whatever the values are.
func work(n int) (x uint64) {
	for x = 1; n > 0; n-- {
		x ^= x << 13
		x ^= x >> 7
		x ^= x << 17
	}
	return x
}

// kid is a child that runs.
type kid struct {
	cmd *exec.Cmd
	in  io.WriteCloser
	out *bufio.Reader
}

func spawn(t *testing.T) *kid {
	t.Helper()
	k := &kid{cmd: exec.Command(os.Args[0])} //nolint:gosec // this test binary
	k.cmd.Env = append(os.Environ(), roleVariable+"=1")
	var err error
	if k.in, err = k.cmd.StdinPipe(); err != nil {
		t.Fatal(err)
	}
	out, err := k.cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	k.out = bufio.NewReader(out)
	if err := k.cmd.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { k.stop(t) })
	k.answered(t, "here")
	return k
}

func (k *kid) pid() int { return k.cmd.Process.Pid }

// do has the child do something so many times, and comes back when it has.
func (k *kid) do(t *testing.T, what string, n int) {
	t.Helper()
	if _, err := fmt.Fprintln(k.in, what, n); err != nil {
		t.Fatal(err)
	}
	k.answered(t, "done")
}

func (k *kid) answered(t *testing.T, want string) {
	t.Helper()
	line, err := k.out.ReadString('\n')
	if err != nil || strings.TrimSpace(line) != want {
		t.Fatalf("the child said %q, %v", line, err)
	}
}

// stop ends the child; a second time it does nothing.
func (k *kid) stop(t *testing.T) {
	t.Helper()
	if k.cmd.ProcessState == nil {
		_ = k.in.Close()
		if err := k.cmd.Wait(); err != nil {
			t.Errorf("the child: %v", err)
		}
	}
}
