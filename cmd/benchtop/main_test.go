package main

import (
	"errors"
	"os"
	"os/exec"
	"os/signal"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/rogpeppe/go-internal/testscript"

	"benchtop/lab/load/generator"
	"benchtop/targets/all"
	"benchtop/targets/fixture/suite"
	"benchtop/targets/proc"
	"benchtop/targets/routine"
	"benchtop/targets/runfolder"
)

func TestMain(m *testing.M) {
	roles := all.Roles()
	roles[generator.Role] = generator.Main
	proc.Dispatch(roles)
	all.Register()
	takeIgnored()
	testscript.Main(suite.Apart(m, runfolder.Remove), map[string]func(){
		"benchtop": func() {
			plantFault()
			os.Exit(Main(system()))
		},
		failingName: failingScreen,
	})
}

// calledSo is the test binary under another name in dir. Under those of TestMain it is that command.
func calledSo(t *testing.T, dir, name string) string {
	t.Helper()
	self, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	path := filepath.Join(dir, name)
	if err := os.Symlink(self, path); err != nil {
		t.Fatal(err)
	}
	return path
}

// takeIgnored takes the signals that the tests themselves were started with as ignored, by nohup or in the background of a
// shell, so that the programs that they start do not inherit that. The program itself must keep it.
func takeIgnored() {
	if filepath.Base(os.Args[0]) == "benchtop" {
		return
	}
	for _, s := range []os.Signal{os.Interrupt, syscall.SIGHUP} {
		if signal.Ignored(s) {
			signal.Notify(make(chan os.Signal, 1), s)
		}
	}
}

// faultEnv asks this program, as the tests start it, for a panic in a goroutine of its own when it gets SIGALRM.
const faultEnv = "BENCHTOP_TEST_FAULT"

func plantFault() {
	if os.Getenv(faultEnv) == "" {
		return
	}
	now := make(chan os.Signal, 1)
	signal.Notify(now, syscall.SIGALRM)
	routine.Go(func() {
		<-now
		panic("planted")
	})
}

// TestScripts runs the program as a person would, one behaviour per file.
func TestScripts(t *testing.T) {
	t.Parallel()
	testscript.Run(t, testscript.Params{
		Dir: "testdata/script",
		Setup: func(env *testscript.Env) error {
			env.Setenv("XDG_STATE_HOME", env.WorkDir+"/state")
			env.Setenv("LC_ALL", "C.UTF-8")
			// A runtime folder of its own, with a path short enough for sockets: what else runs here is none of the script's business.
			runtime, err := os.MkdirTemp("/tmp", "bt")
			if err != nil {
				return err
			}
			env.Defer(func() { _ = os.RemoveAll(runtime) })
			env.Setenv("XDG_RUNTIME_DIR", runtime)
			return nil
		},
		Cmds: map[string]func(*testscript.TestScript, bool, []string){
			"exits":      exits,
			"no-escapes": noEscapes,
			"rehearse":   rehearse,
		},
	})
}

// exits CODE[,CODE] COMMAND...: the command must end with one of these codes. Two are for runs whose verdict depends on
// the machine: on a busy one the generator is the bottleneck, and the run says so with 3. Its output is in stdout and stderr as after exec.
// A run whose slices are too short for this machine is refused, with the length that they need: the script does what it
// says and runs the command again, so that no script depends on the machine's speed.
func exits(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) < 2 {
		ts.Fatalf("usage: exits CODE COMMAND...")
	}
	command := args[1:]
	got := scriptCode(ts, command)
	for range 4 {
		needed := neededSlice.FindStringSubmatch(ts.ReadFile("stdout") + ts.ReadFile("stderr"))
		if needed == nil || command[1] != "run" {
			break
		}
		length, err := time.ParseDuration(needed[1])
		ts.Check(err)
		got = scriptCode(ts, append(command, "--slice", (2*length).String())) // the next warm-up may be slower still
	}
	if !slices.Contains(strings.Split(args[0], ","), strconv.Itoa(got)) {
		ts.Fatalf("exit code %d, expected %s", got, args[0])
	}
}

// neededSlice finds the slice that a refused run asks for.
var neededSlice = regexp.MustCompile(`set plan\.slice to at least ([0-9a-z.]+)`)

func scriptCode(ts *testscript.TestScript, command []string) int {
	err := ts.Exec(command[0], command[1:]...)
	var exit *exec.ExitError
	if errors.As(err, &exit) {
		return exit.ExitCode()
	}
	if err != nil {
		ts.Fatalf("running %s: %v", command[0], err)
	}
	return 0
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
