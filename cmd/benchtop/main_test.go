package main

import (
	"errors"
	"os"
	"os/exec"
	"os/signal"
	"slices"
	"strconv"
	"strings"
	"syscall"
	"testing"

	"github.com/rogpeppe/go-internal/testscript"

	"benchtop/lab/load"
	"benchtop/targets/all"
	"benchtop/targets/proc"
	"benchtop/targets/routine"
)

func TestMain(m *testing.M) {
	roles := all.Roles()
	roles[load.Role] = load.Loader
	proc.Dispatch(roles)
	all.Register()
	testscript.Main(m, map[string]func(){
		"benchtop": func() {
			plantFault()
			os.Exit(Main(system()))
		},
	})
}

// faultEnv asks this program, as the tests start it, for a panic in a goroutine of its own when it gets SIGUSR1.
const faultEnv = "BENCHTOP_TEST_FAULT"

func plantFault() {
	if os.Getenv(faultEnv) == "" {
		return
	}
	now := make(chan os.Signal, 1)
	signal.Notify(now, syscall.SIGUSR1)
	routine.Go(func() {
		<-now
		panic("planted")
	})
}

// TestScripts runs the program as a person would, one behaviour per file.
func TestScripts(t *testing.T) {
	testscript.Run(t, testscript.Params{
		Dir: "testdata/script",
		Setup: func(env *testscript.Env) error {
			env.Setenv("XDG_STATE_HOME", env.WorkDir+"/state")
			env.Setenv("LC_ALL", "C.UTF-8")
			return nil
		},
		Cmds: map[string]func(*testscript.TestScript, bool, []string){
			"exits":      exits,
			"no-escapes": noEscapes,
			"rehearse":   rehearse,
		},
	})
}

// exits CODE[,CODE] COMMAND...: the command must end with one of these codes. Two are for runs whose verdict hangs on
// the machine: on a busy one the generator is the bottleneck, and the run says so with 3. Its output is in stdout and stderr as after exec.
func exits(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) < 2 {
		ts.Fatalf("usage: exits CODE COMMAND...")
	}
	err := ts.Exec(args[1], args[2:]...)
	got := 0
	var exit *exec.ExitError
	if errors.As(err, &exit) {
		got = exit.ExitCode()
	} else if err != nil {
		ts.Fatalf("running %s: %v", args[1], err)
	}
	if !slices.Contains(strings.Split(args[0], ","), strconv.Itoa(got)) {
		ts.Fatalf("exit code %d, expected %s", got, args[0])
	}
}

// no-escapes FILE...: the file (stdout and stderr are files too) holds no escape and no other control character.
func noEscapes(ts *testscript.TestScript, _ bool, args []string) {
	for _, name := range args {
		for i, c := range []byte(ts.ReadFile(name)) {
			if c < ' ' && c != '\n' && c != '\t' || c == 0x7f {
				ts.Fatalf("%s: byte %d is %#x", name, i, c)
			}
		}
	}
}
