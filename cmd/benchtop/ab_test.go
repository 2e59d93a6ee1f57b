package main

import (
	"bufio"
	"bytes"
	"encoding/json"
	"errors"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"benchtop/lab"
	"benchtop/lab/gate"
	"benchtop/lab/stats"
	"benchtop/targets/fixture/suite"
)

// sleeper is a service whose every response takes a declared wait, and wants a token.
const sleeper = `package main

import (
	"net/http"
	"os"
	"time"
)

const wait = 10 * time.Millisecond

func main() {
	http.HandleFunc("/ready", func(http.ResponseWriter, *http.Request) {})
	http.HandleFunc("/items", func(w http.ResponseWriter, r *http.Request) {
		if token := r.Header.Get("Authorization"); token != "Bearer t0p-s3cr3t" || os.Getenv("AB_TOKEN") != "" {
			http.Error(w, "not allowed: "+token, http.StatusForbidden)
			return
		}
		time.Sleep(wait)
		w.Write([]byte("hello\n"))
	})
	panic(http.ListenAndServe("127.0.0.1:"+os.Args[1], nil))
}
`

// repository has three commits of the sleeper: same and main do the same, slow waits twice as long.
func repository(t *testing.T) string {
	return committed(t, [][2]string{{"main", sleeper}, {"same", sleeper + "\n// The same.\n"}, {"slow", strings.Replace(sleeper, "10 *", "20 *", 1)}})
}

// committed is a repository of commits of a program, each with its tag.
func committed(t *testing.T, commits [][2]string) string {
	t.Helper()
	if _, err := exec.LookPath("git"); err != nil {
		suite.Need(t, err)
	}
	dir := t.TempDir()
	for _, commit := range commits {
		for name, text := range map[string]string{"main.go": commit[1], "go.mod": "module service\n\ngo 1.22\n"} {
			if err := os.WriteFile(filepath.Join(dir, name), []byte(text), 0o600); err != nil {
				t.Fatal(err)
			}
		}
		for _, args := range [][]string{{"init", "-q"}, {"add", "-A"}, {"commit", "-qm", commit[0]}, {"tag", commit[0]}} {
			git(t, dir, args...)
		}
	}
	return dir
}

// git runs git in a folder, whatever a person's own settings are.
func git(t *testing.T, dir string, args ...string) string {
	t.Helper()
	cmd := exec.Command("git", append([]string{"-c", "user.name=A", "-c", "user.email=a@example.com"}, args...)...)
	cmd.Dir, cmd.Env = dir, append(os.Environ(), "GIT_CONFIG_GLOBAL="+os.DevNull)
	out, err := cmd.CombinedOutput()
	if err != nil {
		t.Fatalf("git %v: %v\n%s", args, err, out)
	}
	return string(out)
}

// abOf prepares the program on two revisions of a repository, with a folder for its state and one for its temporary files.
func abOf(t *testing.T, repository string, args ...string) (cmd *exec.Cmd, state, temporary string) {
	t.Helper()
	state, temporary = t.TempDir(), t.TempDir()
	cmd = exec.Command(calledSo(t, t.TempDir(), "benchtop"), append([]string{"ab"}, args...)...)
	cmd.Dir = repository
	cmd.Env = append(os.Environ(), "XDG_STATE_HOME="+state, "TMPDIR="+temporary, "AB_TOKEN=Bearer t0p-s3cr3t")
	return cmd, state, temporary
}

// nothingLeft fails where a copy of a revision in the folder for temporary files is there, or git knows of one.
func nothingLeft(t *testing.T, repository, temporary string) {
	t.Helper()
	suite.Eventually(t, "git lists no worktree in "+temporary, func() bool {
		list, err := exec.Command("git", "-C", repository, "worktree", "list").CombinedOutput() // fails while another one is being made
		return err == nil && !strings.Contains(string(list), temporary)
	})
	if status := git(t, repository, "status", "--porcelain"); status != "" {
		t.Errorf("the repository has\n%s", status)
	}
	left, err := filepath.Glob(filepath.Join(temporary, "benchtop-ab-*"))
	if err != nil || len(left) > 0 {
		t.Errorf("%v, %v", left, err)
	}
}

// Equal revisions do not differ by a fifth, and one that waits twice as long is found, says so, and fails the gate. The token
// that both want stands in nothing that is written. A machine that is too busy to drive some requests a second is refused as such.
func TestAbTellsTwoRevisionsApart(t *testing.T) {
	t.Parallel()
	dir := repository(t)
	for _, test := range []struct {
		ref     string
		differs bool
	}{{"same", false}, {"slow", true}} {
		t.Run(test.ref, func(t *testing.T) {
			t.Parallel()
			files := t.TempDir()
			cmd, state, temporary := abOf(t, dir, "main", test.ref, "--build", "go build -o server .", "--run", "./server {port}", "--path", "/items", "--ready", "/ready",
				"--header-env", "Authorization: AB_TOKEN", "-c", "2", "--metric", "p50", "--smallest-effect", "30%", "--fail-if-worse", "30%",
				"--blocks", "4", "--slice", "300ms", "--settle", "50ms", "--warmup", "300ms",
				"--json", files+"/r.json", "--md", files+"/r.md", "--html", files+"/r.html", "--junit", files+"/r.xml", "--github", files+"/r.github", "--save", files+"/r.jsonl")
			said, err := cmd.CombinedOutput()
			text, readErr := os.ReadFile(files + "/r.json")
			r := &lab.Result{}
			if err := errors.Join(readErr, json.Unmarshal(text, r)); err != nil {
				t.Fatalf("%v\n%s", err, said)
			}
			nothingLeft(t, dir, temporary)
			withoutSecrets(t, said, files, state)
			c := &r.Comparisons[0]
			if c.Pairs < lab.MinPairs || c.Verdict == stats.Refused && len(r.Generator.Reasons) > 0 {
				t.Skipf("the machine is too busy for a verdict: %s", c.Reason)
			}
			want := map[bool]int{true: exitRefuted}[test.differs]
			if code := cmd.ProcessState.ExitCode(); code != want || !r.Complete {
				t.Errorf("exit %d, want %d: %v\n%s", code, want, err, said)
			}
			if test.differs != (c.Verdict == stats.Higher) || test.differs != (r.Gate.Verdict == gate.Failed) || c.Verdict == stats.Lower {
				t.Errorf("%+v, %+v\n%s", c, r.Gate, said)
			}
			if !strings.Contains(r.Again, "benchtop ab main "+test.ref+" --build 'go build -o server .'") {
				t.Errorf("again: %q", r.Again)
			}
		})
	}
}

// withoutSecrets fails where the token stands in what was said, or in a file of the folders.
func withoutSecrets(t *testing.T, said []byte, folders ...string) {
	t.Helper()
	all, n := map[string][]byte{"what was said": said}, 0
	for _, folder := range folders {
		err := filepath.WalkDir(folder, func(path string, entry os.DirEntry, err error) error {
			if err == nil && entry.Type().IsRegular() {
				n++
				all[path], err = os.ReadFile(path)
			}
			return err
		})
		if err != nil {
			t.Fatal(err)
		}
	}
	if n < 7 {
		t.Errorf("%d files were written", n)
	}
	for name, text := range all {
		if bytes.Contains(text, []byte("s3cr3t")) {
			t.Errorf("%s has the token", name)
		}
	}
}

// What cannot be run is said with its place, and leaves nothing.
func TestAbRefuses(t *testing.T) {
	t.Parallel()
	dir := repository(t)
	for name, test := range map[string]struct {
		args []string
		code int
		want []string
	}{
		"one revision": {[]string{"main"}, exitUsage, []string{"expected two revisions, got 1"}},
		"no port":      {[]string{"main", "slow", "--run", "./server"}, exitUsage, []string{`--run "./server" has no {port}`, "PORT={port}"}},
		"unknown":      {[]string{"main", "nope", "--run", "./server {port}"}, exitUsage, []string{`"nope" is no revision of`, "git says: fatal"}},
		"path and mix": {[]string{"main", "slow", "--run", "./server {port}", "--path", "/x", "--curl", "-"}, exitUsage, []string{"--path or --request together with a mix"}},
		"a profile of another machine": {
			[]string{"main", "slow", "--run", "./server {port}", "--profile-url", "http://192.0.2.1:{port}/debug/pprof/profile"},
			exitUsage,
			[]string{`--profile-url: the host is "192.0.2.1"; allowed are 127.0.0.1`},
		},
		"a profile without a scheme": {[]string{"main", "slow", "--run", "./server {port}", "--profile-url", "127.0.0.1:{port}/debug/pprof/profile"}, exitUsage, []string{"--profile-url: ", "is not a URL"}},
		"a profile at a fixed port":  {[]string{"main", "slow", "--run", "./server {port}", "--profile-url", "http://127.0.0.1:6060/"}, exitUsage, []string{"has no {port}, which stands for the port of each variant"}},
		"a profile of an hour":       {[]string{"main", "slow", "--run", "./server {port}", "--profile-for", "1h"}, exitUsage, []string{"--profile-for 1h0m0s; allowed: whole seconds from 1s to 30s"}},
		"a missing variable":         {[]string{"main", "slow", "--run", "./server {port}", "--header-env", "X-A: AB_NONE"}, exitUsage, []string{"the variable AB_NONE is not set"}},
		"a broken build": {
			[]string{"main", "slow", "--build", "echo a mistake in line 7; exit 3", "--run", "./server {port}"},
			exitUsage,
			[]string{"building main (", "failed with exit code 3; its last lines:\na mistake in line 7"},
		},
		"a service that dies": {
			[]string{"main", "slow", "--run", "echo no database at {port}; exit 1"},
			exitEnvironment,
			[]string{"it ended before it served", "no database at"},
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			cmd, _, temporary := abOf(t, dir, test.args...)
			said, _ := cmd.CombinedOutput() // the code is looked at below
			if code := cmd.ProcessState.ExitCode(); code != test.code {
				t.Errorf("exit %d, want %d", code, test.code)
			}
			for _, want := range test.want {
				if !strings.Contains(string(said), want) {
					t.Errorf("it did not say %q:\n%s", want, said)
				}
			}
			nothingLeft(t, dir, temporary)
		})
	}
}

// An interrupt in the middle of a build ends the build and leaves nothing.
func TestAbIsInterrupted(t *testing.T) {
	t.Parallel()
	dir := repository(t)
	cmd, _, temporary := abOf(t, dir, "main", "slow", "--build", "sleep 1000 & wait", "--run", "./server {port}", "--plain")
	out, err := cmd.StdoutPipe()
	if err == nil {
		err = cmd.Start()
	}
	if err != nil {
		t.Fatal(err)
	}
	late := time.AfterFunc(deadline, func() { _ = cmd.Process.Kill() })
	defer late.Stop()
	lines := bufio.NewScanner(out)
	for lines.Scan() {
		if strings.HasPrefix(lines.Text(), "building main") {
			if err := cmd.Process.Signal(os.Interrupt); err != nil {
				t.Error(err)
			}
		}
	}
	_ = cmd.Wait() // the code is looked at below
	if code := cmd.ProcessState.ExitCode(); code != exitInterrupt {
		t.Errorf("exit %d", code)
	}
	nothingLeft(t, dir, temporary)
}

// The scenario that would be run can be kept: it reads as one, and says how its folders are made.
func TestAbWritesItsScenario(t *testing.T) {
	t.Parallel()
	dir := repository(t)
	file := filepath.Join(t.TempDir(), "mine.yaml")
	cmd, _, temporary := abOf(t, dir, "main", ".", "--build", "go build -o server .", "--run", "./server {port}", "--request", "POST /items", "--write", file)
	if said, err := cmd.CombinedOutput(); err != nil {
		t.Fatalf("%v\n%s", err, said)
	}
	text, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	for _, want := range []string{"#   git worktree add --detach ../", "\n#   (cd . && go build -o server .)\n", "method: POST", "exec ./server {port}", " --allow-exec\n"} {
		if !strings.Contains(string(text), want) {
			t.Errorf("it has no %q:\n%s", want, text)
		}
	}
	env, out, errs := testEnv()
	env.Args = []string{"check", file}
	if code := Main(env); code != exitOK {
		t.Errorf("exit %d: %s%s", code, out, errs)
	}
	nothingLeft(t, dir, temporary)
}
