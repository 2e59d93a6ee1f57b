package follow

import (
	"bufio"
	"context"
	"encoding/json"
	"errors"
	"io"
	"io/fs"
	"net"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"go.uber.org/goleak"

	"benchtop/lab"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

const deadline = time.Minute

// socket gives a path that is short enough for one.
func socket(t *testing.T, name string) string {
	t.Helper()
	dir, err := os.MkdirTemp("", "follow")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = os.RemoveAll(dir) })
	return filepath.Join(dir, Name(name))
}

func serve(t *testing.T, path string, pid int, started time.Time) *Hub {
	t.Helper()
	h, err := Serve(path, Hello{PID: pid, Command: "run", Started: started})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = h.Close() })
	return h
}

// watch follows what find gives, and turn makes it look again.
func watch(t *testing.T, find func() []string) (w *Watcher, turn func()) {
	t.Helper()
	ctx, cancel := context.WithCancel(context.Background())
	ticks := make(chan time.Time)
	w = Watch(ctx, find, ticks)
	t.Cleanup(func() { cancel(); w.Wait() })
	return w, func() { ticks <- time.Time{} }
}

// until waits until the labs are as wanted.
func until(t *testing.T, w *Watcher, what string, ok func([]Lab) bool) []Lab {
	t.Helper()
	late := time.After(deadline)
	for {
		labs := w.Labs()
		if ok(labs) {
			return labs
		}
		select {
		case <-w.Changed():
		case <-late:
			t.Fatalf("%s: %+v", what, labs)
		}
	}
}

func note(seq uint64, text string) lab.Event {
	return lab.Event{Seq: seq, Kind: lab.KindNote, Note: &lab.NoteEvent{Level: "info", Text: text}}
}

func TestFollow(t *testing.T) {
	path := socket(t, "workers")
	h := serve(t, path, 7, time.Unix(100, 0))
	info, err := os.Stat(path)
	if err != nil || info.Mode().Perm() != 0o600 || info.Mode()&fs.ModeSocket == 0 {
		t.Fatalf("the socket: %v, %v", info.Mode(), err)
	}
	h.Where(Where{Place: Read, Scenario: "workers"})
	w, _ := watch(t, func() []string { return []string{path, path + ".nobody"} })
	labs := until(t, w, "the place", func(l []Lab) bool { return len(l) == 1 && l[0].Where != nil })
	if labs[0].Hello.PID != 7 || labs[0].Where.Place != Read {
		t.Errorf("%+v", labs[0])
	}
	h.Event(lab.Event{Seq: 1, Kind: lab.KindRun, Run: &lab.RunEvent{}})
	h.Where(Where{Place: Run, Scenario: "workers", Phase: lab.PhaseStarting})
	h.Event(note(2, "hello"))
	h.Event(lab.Event{Seq: 3, Kind: lab.KindInterval, Interval: &lab.Interval{}}) // figures are not told
	h.Where(Where{Place: Run, Scenario: "workers", Phase: lab.PhaseSlice, Block: 1})
	labs = until(t, w, "the slice", func(l []Lab) bool { return len(l) == 1 && l[0].Where.Block == 1 })
	if e := labs[0].Events; len(e) != 1 || e[0].Note.Text != "hello" {
		t.Errorf("events %+v", e)
	}

	// Who comes later gets what has been in this run.
	late, _ := watch(t, func() []string { return []string{path} })
	until(t, late, "a late follower", func(l []Lab) bool { return len(l) == 1 && len(l[0].Events) == 1 && l[0].Where.Block == 1 })

	if err := h.Close(); err != nil {
		t.Fatal(err)
	}
	until(t, w, "the end", func(l []Lab) bool { return len(l) == 0 })
	if _, err := os.Lstat(path); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("the socket is still there: %v", err)
	}
}

// A caller that looks only after the lab has gone still gets what the lab said last, once.
func TestTheLastWordIsHeard(t *testing.T) {
	path := socket(t, "short")
	h := serve(t, path, 9, time.Unix(100, 0))
	w, _ := watch(t, func() []string { return []string{path} })
	until(t, w, "the lab", func(l []Lab) bool { return len(l) == 1 })
	h.Where(Where{Place: Run, Scenario: "short", Ended: "complete"})
	if err := h.Close(); err != nil {
		t.Fatal(err)
	}
	for end := time.Now().Add(deadline); ; time.Sleep(time.Millisecond) {
		w.mu.Lock()
		over := w.labs[path] == nil || w.labs[path].over
		w.mu.Unlock()
		if over {
			break
		}
		if time.Now().After(end) {
			t.Fatal("it is followed for ever")
		}
	}
	if labs := w.Labs(); len(labs) != 1 || labs[0].Where == nil || labs[0].Where.Ended != "complete" {
		t.Errorf("its last word is not there: %+v", labs)
	}
	until(t, w, "the end", func(l []Lab) bool { return len(l) == 0 })
}

// A socket that a killed lab left behind is nobody, and what comes later is found.
func TestLabsComeAndGo(t *testing.T) {
	dead, path := socket(t, "dead"), socket(t, "late")
	l, err := net.Listen("unix", dead)
	if err != nil {
		t.Fatal(err)
	}
	l.(*net.UnixListener).SetUnlinkOnClose(false)
	_ = l.Close()
	w, turn := watch(t, func() []string { return []string{dead, path} })
	turn()
	if labs := w.Labs(); len(labs) != 0 {
		t.Errorf("nobody is there: %+v", labs)
	}
	h := serve(t, path, 8, time.Unix(100, 0))
	h.Where(Where{Place: Catalogue})
	turn()
	until(t, w, "the late one", func(l []Lab) bool { return len(l) == 1 && l[0].Hello.PID == 8 })
}

// What is not a lab of this version is not followed, and does not stop the watch.
func TestOthersAreNotFollowed(t *testing.T) {
	for name, text := range map[string]string{
		"a newer one":    `{"hello":{"benchtop":99,"pid":1}}` + "\n",
		"no hello":       `{"where":{"place":"run"}}` + "\n",
		"no JSON":        "hello\n",
		"nothing":        "",
		"an endless one": strings.Repeat("x", maxLine+10),
	} {
		path := socket(t, "other")
		l, err := net.Listen("unix", path)
		if err != nil {
			t.Fatal(err)
		}
		served := make(chan struct{})
		go func() {
			defer close(served)
			if conn, err := l.Accept(); err == nil {
				_, _ = conn.Write([]byte(text)) // the reader may have gone
				_ = conn.Close()
			}
		}()
		ctx, cancel := context.WithCancel(context.Background())
		w := Watch(ctx, func() []string { return []string{path} }, nil)
		<-served
		select {
		case <-w.Changed(): // it has gone again
		case <-time.After(deadline):
			t.Errorf("%s: nothing happened", name)
		}
		if labs := w.Labs(); len(labs) != 0 {
			t.Errorf("%s is followed: %+v", name, labs)
		}
		cancel()
		w.Wait()
		_ = l.Close()
	}
}

// A follower that does not read costs the lab nothing and is let go.
func TestAFollowerThatDoesNotReadIsLetGo(t *testing.T) {
	path := socket(t, "slow")
	h := serve(t, path, 9, time.Unix(100, 0))
	conn, err := net.Dial("unix", path)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = conn.Close() }()
	in := bufio.NewReader(conn)
	if line, err := in.ReadString('\n'); err != nil || !strings.Contains(line, `"pid":9`) {
		t.Fatal(line, err)
	}
	text := strings.Repeat("x", 64<<10)
	for i := range uint64(4 * (queued + kept)) { // more than every buffer between them holds
		h.Event(note(i, text))
	}
	h.mu.Lock()
	left := len(h.followers)
	h.mu.Unlock()
	if left != 0 {
		t.Errorf("%d followers are left", left)
	}
	if len(h.events) > kept {
		t.Errorf("%d events are kept", len(h.events))
	}
}

// A lab has a number of followers; the next one is told so, gets nothing, and is let in when another has gone.
func TestFollowersAreCapped(t *testing.T) {
	path := socket(t, "many")
	h := serve(t, path, 9, time.Unix(100, 0))
	h.Where(Where{Place: Run, Scenario: "workers"})
	var conns []net.Conn
	defer func() {
		for _, c := range conns {
			_ = c.Close()
		}
	}()
	for range mostAtOnce {
		conn, err := net.Dial("unix", path)
		if err != nil {
			t.Fatal(err)
		}
		conns = append(conns, conn)
		if line, err := bufio.NewReader(conn).ReadString('\n'); err != nil || !strings.Contains(line, `"pid":9`) || strings.Contains(line, "refused") {
			t.Fatal(line, err)
		}
	}
	w, turn := watch(t, func() []string { return []string{path} })
	until(t, w, "the refusal", func(l []Lab) bool { return len(l) == 1 && l[0].Hello.Refused != "" })
	if labs := w.Labs(); labs[0].Where != nil || !strings.Contains(labs[0].Hello.Refused, "32 terminals follow it already") {
		t.Errorf("%+v", labs[0])
	}
	for range 100 { // strangers that insist cost the lab nothing that stays
		conn, err := net.Dial("unix", path)
		if err != nil {
			t.Fatal(err)
		}
		text, err := io.ReadAll(conn)
		if err != nil || strings.Count(string(text), "\n") != 1 || !strings.Contains(string(text), "refused") {
			t.Fatalf("%q, %v", text, err)
		}
		_ = conn.Close()
	}
	h.mu.Lock()
	if n := len(h.followers); n != mostAtOnce {
		t.Errorf("%d followers", n)
	}
	h.mu.Unlock()
	_ = conns[0].Close()
	deadlineAt := time.After(deadline)
	for done := false; !done; {
		turn()
		select {
		case <-w.Changed():
			l := w.Labs()
			done = len(l) == 1 && l[0].Where != nil && l[0].Hello.Refused == ""
		case <-time.After(10 * time.Millisecond): // it was asked while the last refusal was still being read: ask again
		case <-deadlineAt:
			t.Fatalf("it was not let in: %+v", w.Labs())
		}
	}
}

func TestTheSamePlaceIsSentOnce(t *testing.T) {
	path := socket(t, "same")
	h := serve(t, path, 1, time.Unix(100, 0))
	conn, err := net.Dial("unix", path)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = conn.Close() }()
	in := bufio.NewScanner(conn)
	in.Scan() // hello: it is a follower now
	h.Where(Where{Place: Run, Left: 5, At: time.Unix(1, 0)})
	h.Where(Where{Place: Run, Left: 4, At: time.Unix(2, 0)})
	h.Where(Where{Place: Why, Verdicts: []string{"A serves more"}})
	h.Where(Where{Place: Why, Verdicts: []string{"A serves more"}})
	if err := h.Close(); err != nil {
		t.Fatal(err)
	}
	var places []string
	for in.Scan() {
		var l Line
		if err := json.Unmarshal(in.Bytes(), &l); err != nil {
			t.Fatal(err)
		}
		places = append(places, l.Where.Place)
	}
	if got := strings.Join(places, " "); got != "run why" {
		t.Errorf("sent %q", got)
	}
}

func TestChoose(t *testing.T) {
	at := func(path, scenario string) Lab { return Lab{Path: path, Where: &Where{Scenario: scenario}} }
	labs := []Lab{at("new", "workers"), at("other", "noise"), {Path: "silent"}, at("old", "workers")} // the last started first
	for _, test := range []struct {
		scenario, followed, want string
		others                   int
	}{
		{"workers", "", "new", 1},
		{"workers", "old", "old", 1}, // one does not change sides
		{"workers", "gone", "new", 1},
		{"noise", "old", "other", 0},
		{"engines", "old", "", 0},
	} {
		got, others := Choose(labs, test.scenario, test.followed)
		path := ""
		if got != nil {
			path = got.Path
		}
		if path != test.want || len(others) != test.others {
			t.Errorf("%s after %s: %s and %d others", test.scenario, test.followed, path, len(others))
		}
	}
}

func TestName(t *testing.T) {
	for id, want := range map[string]string{"workers": "workers.lab", "": "benchtop.lab", "real-upstream-keepalive-async": "real-upstream-keepal.lab"} {
		if got := Name(id); got != want || len(got) > maxName {
			t.Errorf("%s is at %s", id, got)
		}
	}
}

// A nil hub is the one of a lab that nobody can follow.
func TestNobodyCanFollow(t *testing.T) {
	var h *Hub
	h.Where(Where{})
	h.Event(note(1, ""))
	if err := h.Close(); err != nil {
		t.Error(err)
	}
}
