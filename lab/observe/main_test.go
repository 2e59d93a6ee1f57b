package observe

import (
	"bufio"
	"fmt"
	"io"
	"os"
	"os/exec"
	"runtime"
	"strconv"
	"strings"
	"testing"
	"time"

	"go.uber.org/goleak"

	"benchtop/targets/posix"
)

// roleVariable makes the test binary a child that is to be observed.
const roleVariable = "BENCHTOP_TEST_OBSERVE"

func TestMain(m *testing.M) {
	if os.Getenv(roleVariable) != "" {
		child()
		return
	}
	goleak.VerifyTestMain(m)
}

// child burns the CPU time that each line of its input asks for, in milliseconds, and answers with what getrusage says
// that it has used. It ends with its input. At the word fork it starts a child of its own and answers with its PID, at the
// word reap it ends that one and answers with what it has used.
func child() {
	var below *exec.Cmd
	var in io.WriteCloser
	fmt.Println(used())
	for lines := bufio.NewScanner(os.Stdin); lines.Scan(); {
		switch lines.Text() {
		case "fork":
			below = exec.Command(os.Args[0]) //nolint:gosec // this test binary
			in, _ = below.StdinPipe()        // Start fails then
			out, _ := below.StdoutPipe()
			if below.Start() != nil {
				os.Exit(4)
			}
			_, _ = fmt.Fprintln(in, 200)
			answers := bufio.NewReader(out)
			for range 2 { // that it is there, and that it has burnt
				_, _ = answers.ReadString('\n')
			}
			fmt.Println(below.Process.Pid)
			continue
		case "reap":
			_ = in.Close()
			_ = below.Wait()
			fmt.Println(int64(below.ProcessState.UserTime() + below.ProcessState.SystemTime()))
			continue
		}
		milliseconds, err := strconv.Atoi(lines.Text())
		if err != nil {
			os.Exit(3)
		}
		var block [1024]byte
		for goal := used() + int64(milliseconds)*int64(time.Millisecond); used() < goal; {
			hashBlocks(&block, 100)
		}
		fmt.Println(used())
	}
}

func used() int64 {
	used, err := posix.Used()
	if err != nil {
		return 0
	}
	return used.CPU
}

// process under observation.
type kid struct {
	cmd   *exec.Cmd
	in    io.WriteCloser
	out   *bufio.Reader
	ended bool
}

func spawn(t testing.TB) *kid {
	t.Helper()
	k := &kid{cmd: exec.Command(os.Args[0])} //nolint:gosec // this test binary
	k.cmd.Env = append(os.Environ(), roleVariable+"=1", "GOMAXPROCS=2")
	k.cmd.Stderr = os.Stderr
	in, err := k.cmd.StdinPipe()
	if err != nil {
		t.Fatal(err)
	}
	out, err := k.cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := k.cmd.Start(); err != nil {
		t.Fatal(err)
	}
	k.in, k.out = in, bufio.NewReader(out)
	t.Cleanup(func() { k.stop(t) })
	k.answer(t)
	return k
}

// burn makes the child use CPU time and gives its own account of all that it has used, in nanoseconds.
func (k *kid) burn(t testing.TB, d time.Duration) int64 {
	t.Helper()
	return k.tell(t, strconv.FormatInt(d.Milliseconds(), 10))
}

// tell says a word to the child and gives its answer.
func (k *kid) tell(t testing.TB, word string) int64 {
	t.Helper()
	if _, err := fmt.Fprintln(k.in, word); err != nil {
		t.Fatal(err)
	}
	return k.answer(t)
}

func (k *kid) answer(t testing.TB) int64 {
	t.Helper()
	line, err := k.out.ReadString('\n')
	if err != nil {
		t.Fatal(err)
	}
	v, err := strconv.ParseInt(strings.TrimSpace(line), 10, 64)
	if err != nil {
		t.Fatal(err)
	}
	return v
}

// stop ends the child, waits for it, and gives what the system says that it used in all.
func (k *kid) stop(t testing.TB) int64 {
	t.Helper()
	if !k.ended {
		k.ended = true
		_ = k.in.Close()
		if err := k.cmd.Wait(); err != nil {
			t.Errorf("child: %v", err)
		}
	}
	return int64(k.cmd.ProcessState.UserTime() + k.cmd.ProcessState.SystemTime())
}

func (k *kid) pid() int { return k.cmd.Process.Pid }

var began = time.Now()

// monotonic stands in for proc.Now: on Linux the same clock, since boot.
func monotonic() int64 { return int64(time.Since(began)) + int64(time.Hour) }

func onLinux(t testing.TB) {
	t.Helper()
	if runtime.GOOS != "linux" {
		t.Skip("only Linux gives this")
	}
}
