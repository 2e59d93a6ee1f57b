package main

import (
	"bufio"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"go/ast"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/nats-io/nats-server/v2/server"

	"benchtop/lab/class"
)

// classLesson is short, and no machine is too slow for it. What it measures is nobody's business here.
const classLesson = `benchtop: 1
id: together
title: A lesson for a class
target: {server: builtin, endpoint: /hello}
variants: [{id: one}, {id: two, label: the same again}]
load: {model: open, rate: 100}
plan: {warmup: 300ms, slice: 500ms, settle: 50ms, blocks: 3}
predict: {ask: "How much more does two serve?", metric: rps, variant: two}
quiz:
  - {ask: "Which is right?", options: [{text: "The first"}, {text: "The second", correct: true}], why: "It says so."}
`

// talk is a program that is spoken to by lines.
type talk struct {
	t    *testing.T
	name string
	cmd  *exec.Cmd
	in   io.WriteCloser

	mu   sync.Mutex
	said strings.Builder
	more chan struct{}
	over chan struct{}
}

// talking starts the real program with a state folder.
func talking(t *testing.T, state string, args ...string) *talk {
	t.Helper()
	return started(t, args[0], state, func(name string) *exec.Cmd { return exec.Command(name, args...) })
}

// started starts a command that runs the program of the name.
func started(t *testing.T, what, state string, command func(name string) *exec.Cmd) *talk {
	t.Helper()
	name := calledSo(t, t.TempDir(), "benchtop")
	p := &talk{t: t, name: what, cmd: command(name), more: make(chan struct{}, 1), over: make(chan struct{})}
	p.cmd.Env = append(os.Environ(), "XDG_STATE_HOME="+state)
	var err error
	if p.in, err = p.cmd.StdinPipe(); err != nil {
		t.Fatal(err)
	}
	out, err := p.cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	p.cmd.Stderr = p.cmd.Stdout
	if err := p.cmd.Start(); err != nil {
		t.Fatal(err)
	}
	go func() {
		defer close(p.over)
		lines := bufio.NewScanner(out)
		for lines.Scan() {
			p.mu.Lock()
			p.said.WriteString(lines.Text() + "\n")
			p.mu.Unlock()
			select {
			case p.more <- struct{}{}:
			default:
			}
		}
	}()
	t.Cleanup(func() {
		_ = p.cmd.Process.Kill() // it has ended, or the test failed
		<-p.over
		_ = p.cmd.Wait()
	})
	return p
}

func (p *talk) text() string {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.said.String()
}

// hears waits until the program has said something, and gives what the pattern found.
func (p *talk) hears(pattern string) []string {
	p.t.Helper()
	want := regexp.MustCompile(pattern)
	late := time.After(deadline)
	for {
		if found := want.FindStringSubmatch(p.text()); found != nil {
			return found
		}
		select {
		case <-p.more:
		case <-late:
			p.t.Fatalf("%s never said %q:\n%s", p.name, pattern, p.text())
		case <-p.over:
			if found := want.FindStringSubmatch(p.text()); found != nil {
				return found
			}
			p.t.Fatalf("%s ended before it said %q:\n%s", p.name, pattern, p.text())
		}
	}
}

// through waits until the run of a seat is done. One for which this machine was too busy is started again.
func (p *talk) through() {
	p.t.Helper()
	for failed := range 8 {
		p.hears(fmt.Sprintf(`(?s)question 1|(counts for nothing.*){%d}`, failed+1))
		if strings.Contains(p.text(), "question 1") {
			return
		}
		p.say("")
	}
	p.t.Fatalf("%s has no run that counts:\n%s", p.name, p.text())
}

func (p *talk) say(line string) {
	p.t.Helper()
	if _, err := io.WriteString(p.in, line+"\n"); err != nil {
		p.t.Errorf("%s does not listen: %v", p.name, err)
	}
}

// ends waits for the end, and wants the exit code.
func (p *talk) ends(code int) {
	p.t.Helper()
	select {
	case <-p.over:
	case <-time.After(deadline):
		p.t.Fatalf("%s does not end:\n%s", p.name, p.text())
	}
	_ = p.cmd.Wait() // the code says it
	if got := p.cmd.ProcessState.ExitCode(); got != code {
		p.t.Errorf("%s ended with %d, want %d:\n%s", p.name, got, code, p.text())
	}
}

func lessonFile(t *testing.T, text string) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), "lesson.yaml")
	if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	return path
}

const joined = `benchtop join ([0-9A-Z-]+)`

// F27: a lesson from join to the answers, with real processes; the trainer is killed in its middle and started again.
func TestAClassOfProcesses(t *testing.T) {
	t.Parallel()
	state, exported := t.TempDir(), filepath.Join(t.TempDir(), "out")
	lesson := lessonFile(t, classLesson)
	trainer := talking(t, state, "class", "--plain", "--export", exported)
	code := trainer.hears(joined)[1]
	adas := t.TempDir()
	ada, grace := talking(t, adas, "join", code, "--plain", "--name", "Ada"), talking(t, t.TempDir(), "join", code, "--plain", "--name", "Grace")
	trainer.hears("Ada is here")
	trainer.hears("Grace is here")
	trainer.say("open lesson " + lesson)
	ada.hears("nothing runs until you press enter")
	grace.hears("nothing runs until you press enter")
	ada.say("answer 1 2")
	ada.hears("not done: the quiz is sealed")
	for want, args := range map[string][]string{"after the run": {"show", lesson}, "are shown after the run": {"notes", lesson}, "is shown after the run": {"show", lesson, "--source"}} {
		talking(t, adas, args...).hears(want)
	}
	ada.say("predict 1.5x 2.5x two")
	ada.hears("sealed:")
	trainer.hears("Ada: .*prediction sealed")
	trainer.say("open predictions")
	grace.hears("the trainer has opened the predictions")
	ada.say("")
	grace.say("")
	trainer.hears("Ada: running, block [12] of 3")
	if err := trainer.cmd.Process.Kill(); err != nil {
		t.Fatal(err)
	}
	trainer.ends(-1)
	ada.hears("not connected")
	ada.through()
	grace.through()
	ada.say("answer 1 2")
	ada.hears("answered: question 1, option 2")
	trainer = talking(t, state, "class", "--plain", "--export", exported)
	trainer.hears("it goes on: 2 seats, 1 lesson;")
	if again := trainer.hears(joined)[1]; again != code {
		t.Errorf("another code: %s", again)
	}
	trainer.hears("Ada: done, .*1 answered")
	trainer.hears("Grace: done")
	ada.hears("the trainer has everything")
	trainer.say("open answers")
	grace.hears("The second  \\[1\\]  right")
	trainer.say("end")
	trainer.ends(exitOK)
	ada.ends(exitOK)
	grace.ends(exitOK)

	events, err := class.Replay(exported)
	if err != nil {
		t.Fatal(err)
	}
	results := 0
	for i := range events {
		if events[i].Kind == class.KindResult {
			results++
		}
	}
	if results != 2 {
		t.Errorf("%d results", results)
	}
	replay := talking(t, state, "class", "--replay", exported)
	replay.hears("Ada: done")
	replay.hears("the class has ended")
	replay.ends(exitOK)
}

// F28: a trainer who means harm offers what starts a program or reaches another machine: the seat refuses it, says so, and starts nothing.
func TestASeatRefuses(t *testing.T) {
	t.Parallel()
	made := filepath.Join(t.TempDir(), "made")
	for name, lesson := range map[string]struct{ text, want string }{
		"a program": {strings.Replace(classLesson, "{server: builtin, endpoint: /hello}", "{server: command, command: [/bin/sh, -c, 'touch "+made+"', '{port}']}", 1), "starts a program"},
		"elsewhere": {strings.Replace(classLesson, "{server: builtin, endpoint: /hello}", "{server: url, url: 'http://10.0.0.5:80/'}", 1), "10.0.0.5"},
		"a file":    {strings.Replace(classLesson, "rate: 100}", "rate: 100, keys: {from: /etc/passwd}, mix: [{name: a, endpoint: '/hello?{x}'}]}", 1), "keys from a file"},
	} {
		file := lessonFile(t, lesson.text)
		if _, _, err := findOffered(file); err == nil {
			t.Errorf("%s: the trainer's own program offers it", name)
		}
		offer := readOffered(&class.Lesson{ID: "together", Text: lesson.text, SHA256: sumOf(lesson.text)})
		if offer.Plan != nil || !strings.Contains(offer.Refused, lesson.want) {
			t.Errorf("%s: a seat takes it: %q", name, offer.Refused)
		}
	}
	for name, l := range map[string]*class.Lesson{
		"another text": {ID: "together", Text: classLesson, SHA256: sumOf("x")},
		"another name": {ID: "../etc", Text: classLesson, SHA256: sumOf(classLesson)},
		"no YAML":      {ID: "together", Text: "x: [", SHA256: sumOf("x: [")},
	} {
		if offer := readOffered(l); offer.Plan != nil || offer.Refused == "" {
			t.Errorf("%s: a seat takes it", name)
		}
	}
	if _, err := os.Stat(made); err == nil {
		t.Error("it was started")
	}
}

func TestJoinWords(t *testing.T) {
	t.Parallel()
	for want, args := range map[string][]string{
		"expected the code":  {"join"},
		"has a typing error": {"join", "12345-ABCDE"},
		"no such scenario":   {"class", "nothing-like-it"},
		"holds no class":     {"class", "--replay", t.TempDir()},
		"--replay shows":     {"class", "--replay", "x", "--demo", "2"},
		"1 to 40 seats":      {"class", "--demo", "41"},
		"at most one":        {"class", "a", "b"},
	} {
		p := talking(t, t.TempDir(), args...)
		p.hears(regexp.QuoteMeta(want))
		p.ends(exitUsage)
	}
}

func sumOf(text string) string {
	sum := sha256.Sum256([]byte(text))
	return hex.EncodeToString(sum[:])
}

// A class over a server of somebody else says what that does not enforce, and where it lets no class through opens none.
func TestAClassOverAnotherServer(t *testing.T) {
	t.Parallel()
	theirs := func(most int32) string {
		s, err := server.NewServer(&server.Options{Host: "127.0.0.1", Port: server.RANDOM_PORT, NoSigs: true, NoLog: true, NoSystemAccount: true, MaxPayload: most, Authorization: "letmein"})
		if err != nil {
			t.Fatal(err)
		}
		s.Start()
		t.Cleanup(func() { s.Shutdown(); s.WaitForShutdown() })
		if !s.ReadyForConnections(deadline) {
			t.Fatal("not ready")
		}
		return "nats://letmein@" + s.Addr().String()
	}
	trainer := talking(t, t.TempDir(), "class", "--plain", "--nats", theirs(1<<20))
	trainer.hears("not enforced: this server knows nothing of seats.*The connection is not encrypted")
	talking(t, t.TempDir(), "join", trainer.hears(joined)[1], "--plain", "--name", "Ada")
	trainer.hears("Ada is here")
	trainer.say("end")
	trainer.ends(exitOK)

	trainer = talking(t, t.TempDir(), "class", "--plain", "--nats", theirs(1<<10))
	trainer.hears("max_payload: 524288")
	trainer.ends(exitEnvironment)
}

// A rehearsal: seats join, predict, run and answer by themselves, and are marked as recorded.
func TestRehearsal(t *testing.T) {
	t.Parallel()
	trainer := talking(t, t.TempDir(), "class", "workers", "--plain", "--demo", "3")
	trainer.hears(`\(recorded\): .*prediction sealed`)
	trainer.say("who")
	trainer.hears("3 seats")
	trainer.say("end")
	trainer.ends(exitOK)
}

// Those who watch see the trainer's own run, and run nothing.
func TestWatchingATrainer(t *testing.T) {
	t.Parallel()
	trainer := talking(t, t.TempDir(), "class", lessonFile(t, classLesson), "--plain")
	spectator := talking(t, t.TempDir(), "join", trainer.hears(joined)[1], "--watch", "--plain", "--name", "Linus")
	trainer.hears(`Linus \(watches\) is here`)
	trainer.say("watch")
	spectator.hears(`A lesson for a class \(together\)`)
	spectator.hears("block 3")
	trainer.hears("your run: ")
	trainer.say("end")
	trainer.ends(exitOK)
	spectator.hears("the trainer has ended the class")
	spectator.ends(exitOK)
}

// What NATS registers with the default mux of net/http is served by nobody: every server of ours has a handler of its own.
func TestNobodyServesTheDefaultMux(t *testing.T) {
	for _, s := range house(t) {
		if s.test {
			continue
		}
		ast.Inspect(s.file, func(n ast.Node) bool {
			switch n := n.(type) {
			case *ast.CompositeLit:
				if selected(n.Type) == "http.Server" && !slices.ContainsFunc(n.Elts, func(e ast.Expr) bool {
					pair, _ := e.(*ast.KeyValueExpr)
					key, _ := pair.Key.(*ast.Ident)
					return key != nil && key.Name == "Handler"
				}) {
					t.Errorf("%s: a server without a handler", s.name)
				}
			case *ast.CallExpr:
				switch name := selected(n.Fun); name {
				case "http.ListenAndServe", "http.ListenAndServeTLS", "http.Serve", "http.ServeTLS", "http.Handle", "http.HandleFunc":
					t.Errorf("%s: %s, which may be about the default mux; use a server with a handler", s.name, name)
				}
			case *ast.SelectorExpr:
				if selected(n) == "http.DefaultServeMux" {
					t.Errorf("%s: the default mux", s.name)
				}
			}
			return true
		})
	}
}

// selected is a name of another package as it is written, empty for anything else.
func selected(e ast.Expr) string {
	s, ok := e.(*ast.SelectorExpr)
	if !ok {
		return ""
	}
	from, _ := s.X.(*ast.Ident)
	if from == nil {
		return ""
	}
	return from.Name + "." + s.Sel.Name
}
