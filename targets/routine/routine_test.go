package routine

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"strings"
	"testing"
	"time"
)

// modeEnv makes this test binary a program that panics in one kind of goroutine.
const modeEnv = "BENCHTOP_TEST_PANIC"

var kinds = map[string]func(f func()){
	"go":    Go,
	"group": func(f func()) { new(Group).Go(f) },
	"after": func(f func()) { AfterFunc(0, f) },
	"done": func(f func()) {
		ctx, cancel := context.WithCancel(context.Background())
		OnDone(ctx, f)
		cancel()
	},
	"main":     func(f func()) { defer Recover(); f() },
	"reported": func(f func()) { reported(); Go(f) },
	"twice":    func(f func()) { reported(); Go(f); Go(f); Go(f) },
}

func reported() {
	Report(func(value any, stack []byte) {
		fmt.Printf("reported %v, %v\n", value, bytes.Contains(stack, []byte("plantedFault")))
	})
}

func plantedFault() { panic("planted") }

func TestMain(m *testing.M) {
	if kind := os.Getenv(modeEnv); kind != "" {
		kinds[kind](plantedFault)
		time.Sleep(time.Minute) // it ends before
		os.Exit(0)
	}
	os.Exit(m.Run())
}

// F10: a panic in any kind of goroutine ends the process with the code of an internal fault, and is told once.
func TestPanicsAreReported(t *testing.T) {
	self, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	for kind := range kinds {
		t.Run(kind, func(t *testing.T) {
			t.Parallel()
			cmd := exec.Command(self)
			cmd.Env = append(os.Environ(), modeEnv+"="+kind)
			out, err := cmd.CombinedOutput()
			var exit *exec.ExitError
			if !errors.As(err, &exit) || exit.ExitCode() != ExitCode {
				t.Errorf("%v\n%s", err, out)
			}
			want := []string{"panic: planted", "plantedFault"}
			if kind == "reported" || kind == "twice" {
				want = []string{"reported planted, true"}
			}
			for _, w := range want {
				if strings.Count(string(out), w) < 1 || kind == "twice" && strings.Count(string(out), w) != 1 {
					t.Errorf("%q is not there once:\n%s", w, out)
				}
			}
		})
	}
}

// Without a panic nothing happens, and a group waits.
func TestGroupWaits(t *testing.T) {
	var g Group
	done := make(chan int, 2)
	for i := range 2 {
		g.Go(func() { done <- i })
	}
	g.Wait()
	if len(done) != 2 {
		t.Errorf("%d of 2 have ended", len(done))
	}
	defer Recover()
}

// Every goes on until it is told to end, and ends then.
func TestEvery(*testing.T) {
	done, ended, calls := make(chan struct{}), make(chan struct{}), make(chan struct{})
	Go(func() {
		Every(time.Millisecond, done, func() { calls <- struct{}{} })
		close(ended)
	})
	for range 3 {
		<-calls
	}
	close(done)
	for {
		select {
		case <-calls: // it was on its way already
		case <-ended:
			return
		}
	}
}
