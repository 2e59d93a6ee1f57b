package agents

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"math"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"sync/atomic"
	"syscall"
	"testing"
	"time"

	"benchtop/lab/class/bus"
	"benchtop/lab/class/joincode"
	"benchtop/lab/load"
	"benchtop/lab/load/generator"
	"benchtop/lab/load/histogram"
	"benchtop/targets"
	"benchtop/targets/fixture"
	"benchtop/targets/fixture/suite"
	"benchtop/targets/posix"
)

// task is a closed task for an address.
func taskAt(addr string, connections int, window time.Duration) load.Task {
	return load.Task{
		ID: 1, Addr: addr, Request: load.Request{Path: "/", Host: addr}, Model: load.Closed, Connections: connections, KeepAlive: true,
		Timeout: time.Minute, Settle: 300 * time.Millisecond, Window: window,
	}
}

// answering is a server that answers, and counts.
func answering(t *testing.T) (addr string, requests *atomic.Int64) {
	t.Helper()
	requests = &atomic.Int64{}
	s := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		requests.Add(1)
		_, _ = io.WriteString(w, "ok")
	}))
	t.Cleanup(s.Close)
	return s.Listener.Addr().String(), requests
}

// troubles keeps what was refused.
type troubles = suite.Log[string]

func gather(t *testing.T) (*Crew, *troubles) {
	t.Helper()
	log := &troubles{}
	c, err := Open(CrewConfig{Now: time.Now, Trouble: log.Tell})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(c.Close)
	return c, log
}

// lend is an agent in this process, whose clock is ahead.
func lend(t *testing.T, c *Crew, name string, ahead time.Duration, allow ...string) *suite.Log[string] {
	t.Helper()
	ctx, cancel := context.WithCancel(context.Background())
	said := &suite.Log[string]{}
	var over sync.WaitGroup
	over.Go(func() {
		err := Lend(ctx, Config{Code: codeOf(t, c), Hello: Hello{Name: name, Machine: "test"}, Allow: allow, Say: said.Tell, Now: func() time.Time { return time.Now().Add(ahead) }})
		if err != nil {
			t.Errorf("agent %s: %v", name, err)
		}
	})
	t.Cleanup(func() {
		cancel()
		over.Wait()
	})
	return said
}

func codeOf(t *testing.T, c *Crew) *joincode.Code {
	t.Helper()
	code, err := joincode.Parse(c.Code())
	if err != nil {
		t.Fatal(err)
	}
	return code
}

// here waits for so many agents, and gives them with parts of the task.
func here(t *testing.T, c *Crew, n int, task load.Task) []Part {
	t.Helper()
	suite.Eventually(t, "the agents are here", func() bool { return len(c.Here()) == n })
	tasks, err := task.Split(n)
	if err != nil {
		t.Fatal(err)
	}
	var parts []Part
	for i, a := range c.Here() {
		clock, err := c.Clock(t.Context(), a)
		if err != nil {
			t.Fatal(err)
		}
		parts = append(parts, Part{Agent: a, Clock: clock, Task: tasks[i]})
	}
	return parts
}

// Three agents on a server with declared waits see what one generator sees: the percentiles of the merged histogram are its own.
func TestTheSumIsWhatOneMachineSees(t *testing.T) {
	target, err := targets.Start(t.Context(), targets.Spec{Server: "builtin", Workers: 1}, targets.Hooks{})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { fixture.Stopped(t, target) })
	const total = 61
	task := taskAt(target.Addr(), total, 3*time.Second)
	wait := func(name string, weight float64) load.Entry {
		return load.Entry{Name: name, Weight: weight, Request: load.Request{Path: "/wait?for=" + name, Host: task.Addr}}
	}
	task.Mix = []load.Entry{wait("200ms", 9), wait("600ms", 1)}
	g, err := generator.Start(t.Context(), generator.Config{})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = g.Stop(context.Background()) })
	crew, _ := gather(t)
	for i := range 3 {
		start(t, lenderRole, lending{Code: crew.Code(), Name: fmt.Sprint("agent", i)})
	}
	least := map[float64][2]int64{} // by percentile, of one machine and merged: a busy machine adds to a wait, it takes nothing away
	for attempt := range 8 {
		task.ID = attempt + 1
		one, err := g.Run(t.Context(), task, nil)
		if err != nil {
			t.Fatal(err)
		}
		rows := 0
		outcomes, err := crew.Run(t.Context(), here(t, crew, 3, task), generator.Config{}, func(load.Tick) { rows++ })
		if err != nil {
			t.Fatal(err)
		}
		sum, err := Merge(outcomes)
		if err != nil {
			t.Fatal(err)
		}
		var parts uint64
		for i, o := range outcomes {
			parts += o.Summary.Counts.Requests
			if want := []int{21, 20, 20}[i]; o.Void != "" || o.Task.Connections != want {
				t.Errorf("part %d: %+v", i, o)
			}
		}
		a, b := read(t, one.Latency), read(t, sum.Latency)
		if sum.Counts.Requests != parts || b.TotalCount() != int64(parts) || sum.Total.Connects != total || len(sum.Entries) != 2 || rows == 0 { //nolint:gosec // small
			t.Fatalf("%d requests of %d, %d in the histogram, %d connects, %d rows", sum.Counts.Requests, parts, b.TotalCount(), sum.Total.Connects, rows)
		}
		same := true
		for _, q := range []float64{50, 99} {
			x, y := a.ValueAtQuantile(q), b.ValueAtQuantile(q)
			if l, ok := least[q]; ok {
				x, y = min(x, l[0]), min(y, l[1])
			}
			least[q] = [2]int64{x, y}
			t.Logf("p%g: %v of one machine, %v merged", q, time.Duration(x), time.Duration(y))
			same = same && math.Abs(float64(y)/float64(x)-1) <= 0.01
		}
		if same {
			return
		}
	}
	t.Error("the percentiles are more than 1 % apart")
}

func read(t *testing.T, text string) *histogram.Sparse {
	t.Helper()
	h, err := histogram.Read(text)
	if err != nil {
		t.Fatal(err)
	}
	return h
}

// F26: a clock that is off is shown and refused; within the bound it takes part.
func TestClocks(t *testing.T) {
	t.Parallel()
	addr, _ := answering(t)
	for _, test := range []struct {
		ahead  time.Duration
		refuse string
	}{
		{2 * time.Second, "off by +"},
		{-2 * time.Second, "off by -"},
		{0, ""},
	} {
		out := &lockedBuffer{}
		ctx, cancel := context.WithCancel(context.Background())
		var agent sync.WaitGroup
		agent.Go(func() {
			defer cancel()
			suite.Eventually(t, "a code", func() bool { return strings.Contains(out.text(), "benchtop agent ") })
			_, rest, _ := strings.Cut(out.text(), "benchtop agent ")
			code, err := joincode.Parse(strings.Fields(rest)[0])
			if err != nil {
				t.Error(err)
				return
			}
			err = Lend(ctx, Config{Code: code, Hello: Hello{Name: "ada"}, Now: func() time.Time { return time.Now().Add(test.ahead) }, Say: func(string) {}})
			if err != nil {
				t.Error(err)
			}
		})
		lead := Lead{Crew: CrewConfig{Now: time.Now}, Wanted: load.Agents{Count: 1}, Out: out}
		outcomes, err := lead.Drive(t.Context(), taskAt(addr, 2, 300*time.Millisecond), generator.Config{}, nil)
		cancel()
		agent.Wait()
		switch {
		case test.refuse == "" && (err != nil || outcomes[0].Void != "" || outcomes[0].Summary.Counts.OK == 0):
			t.Errorf("%v ahead: %v", test.ahead, err)
		case test.refuse != "" && (err == nil || !strings.Contains(err.Error(), test.refuse) || !strings.Contains(err.Error(), "timedatectl")):
			t.Errorf("%v ahead: %v", test.ahead, err)
		}
		if !strings.Contains(out.text(), "clock "+map[bool]string{true: "+", false: "-"}[test.ahead > 0]) && test.ahead != 0 {
			t.Errorf("it is not shown: %s", out.text())
		}
	}
	for offset, fine := range map[time.Duration]bool{0: true, 49 * time.Millisecond: true, -49 * time.Millisecond: true, 51 * time.Millisecond: false, -2 * time.Second: false} {
		if err := (Clock{Offset: offset}).Check("ada"); (err == nil) != fine {
			t.Errorf("%v: %v", offset, err)
		}
	}
}

type lockedBuffer struct {
	mu sync.Mutex
	b  bytes.Buffer
}

func (l *lockedBuffer) Write(p []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.b.Write(p)
}

func (l *lockedBuffer) text() string {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.b.String()
}

// Agents whose clocks are apart start at one moment. Here they are apart by far more than is allowed, so that a busy machine does not
// hide it.
func TestStartsAreShifted(t *testing.T) {
	t.Parallel()
	addr, _ := answering(t)
	crew, _ := gather(t)
	lend(t, crew, "now", 0)
	lend(t, crew, "ahead", 20*time.Second)
	lend(t, crew, "behind", -20*time.Second)
	parts := here(t, crew, 3, taskAt(addr, 3, 300*time.Millisecond))
	for i, want := range map[string]time.Duration{"now": 0, "ahead": 20 * time.Second, "behind": -20 * time.Second} {
		for _, p := range parts {
			if off := p.Clock.Offset - want; p.Agent.Name == i && off.Abs() > 5*time.Second {
				t.Errorf("%s: %v", i, p.Clock)
			}
		}
	}
	outcomes, err := crew.Run(t.Context(), parts, generator.Config{}, nil)
	if err != nil {
		t.Fatal(err)
	}
	for _, o := range outcomes {
		if apart := time.Duration(o.Summary.From - outcomes[0].Summary.From); o.Void != "" || apart.Abs() > 5*time.Second {
			t.Errorf("%s: %s, it started %v later", o.Agent.Name, o.Void, apart)
		}
	}
}

// F26: an agent that is killed, or frozen, is lost: its part is void, and the others stop long before their time.
func TestAnAgentIsLost(t *testing.T) {
	t.Parallel()
	for name, signal := range map[string]syscall.Signal{"killed": syscall.SIGKILL, "frozen": posix.SIGSTOP} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			addr, requests := answering(t)
			crew, _ := gather(t)
			lend(t, crew, "ada", 0)
			suite.Eventually(t, "ada is here", func() bool { return len(crew.Here()) == 1 })
			bob, _ := start(t, lenderRole, lending{Code: crew.Code(), Name: "bob"})
			parts := here(t, crew, 2, taskAt(addr, 2, time.Hour))
			var once sync.Once
			outcomes, err := crew.Run(t.Context(), parts, generator.Config{}, func(load.Tick) {
				once.Do(func() {
					if err := posix.Kill(bob.PID(), signal); err != nil {
						t.Error(err)
					}
				})
			})
			if err != nil {
				t.Fatal(err)
			}
			ada, lost := outcomes[0], outcomes[1]
			if ada.Void != "" || ada.Problem == "" || ada.Summary.Counts.OK == 0 || !strings.HasPrefix(lost.Void, "was lost after ") {
				t.Errorf("ada %q, %q, %d; bob %q", ada.Void, ada.Problem, ada.Summary.Counts.OK, lost.Void)
			}
			sum, err := Merge(outcomes)
			if err != nil || sum.Counts.OK != ada.Summary.Counts.OK {
				t.Errorf("%v, %d", err, sum.Counts.OK)
			}
			_ = posix.Kill(bob.PID(), syscall.SIGKILL) // its generator goes with it
			quiet(t, requests)
		})
	}
}

// quiet waits until no request comes any more.
func quiet(t *testing.T, requests *atomic.Int64) {
	t.Helper()
	last, since := requests.Load(), 0
	suite.Eventually(t, "no request comes any more", func() bool {
		if now := requests.Load(); now != last {
			last, since = now, 0
		}
		since++
		return since > 20
	})
}

// F27: when the other end is killed, or frozen, which is what a network that is cut looks like, an agent ends its task long before its
// time, and lives.
func TestTheOtherEndIsGone(t *testing.T) {
	t.Parallel()
	for name, signal := range map[string]syscall.Signal{"killed": syscall.SIGKILL, "frozen": posix.SIGSTOP} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			addr, requests := answering(t)
			p, _ := start(t, leaderRole, Part{Task: taskAt(addr, 1, time.Hour)})
			var text string
			if err := json.Unmarshal(p.ReadyLine(), &text); err != nil {
				t.Fatal(err)
			}
			_, said := start(t, lenderRole, lending{Code: text, Name: "ada"})
			suite.Eventually(t, "it is driven", func() bool { return requests.Load() > 0 })
			if err := posix.Kill(p.PID(), signal); err != nil {
				t.Fatal(err)
			}
			late := time.After(suite.Deadline)
			for line := ""; !strings.Contains(line, "was ended: the other end is gone"); {
				select {
				case line = <-said:
				case <-late:
					t.Fatal("the agent goes on")
				}
			}
			quiet(t, requests)
			_ = posix.Kill(p.PID(), syscall.SIGKILL) // a frozen one would be waited for; the other has ended
		})
	}
}

// F28: what the owner of the agent did not allow is refused there, and the person is told. TestTasksOfStrangers has what is
// refused; nothing was dialled then.
func TestATaskIsRefused(t *testing.T) {
	t.Parallel()
	crew, _ := gather(t)
	said := lend(t, crew, "strict", 0)
	_, err := crew.Run(t.Context(), here(t, crew, 1, taskAt("localhost:80", 1, 300*time.Millisecond)), generator.Config{}, nil)
	if err == nil || !strings.Contains(err.Error(), "strict") || !strings.Contains(err.Error(), "not a literal address") {
		t.Errorf("%v", err)
	}
	said.Await(t, "the person is told", func(text string) bool { return strings.HasPrefix(text, "refused: ") })
}

func TestTasksOfStrangers(t *testing.T) {
	t.Parallel()
	for want, change := range map[string]func(*load.Task){
		"not a loopback address":  func(t *load.Task) { t.Addr, t.Allow = "192.0.2.1:80", []string{"192.0.2.1"} },
		"not a literal address":   func(t *load.Task) { t.Addr = "localhost:80" },
		"a port":                  func(t *load.Task) { t.Addr = "127.0.0.1:0" },
		"unix socket":             func(t *load.Task) { t.Addr = "unix:/run/x.sock" },
		"no file of a machine":    func(t *load.Task) { t.Keys = &load.Keys{From: "/etc/passwd"} },
		"no environment variable": func(t *load.Task) { t.Request.HeaderEnv = [][2]string{{"X", "HOME"}} },
		"environment variable": func(t *load.Task) {
			t.Mix = []load.Entry{{Name: "a", Weight: 1, Request: load.Request{Path: "/", Host: "x", HeaderEnv: [][2]string{{"X", "HOME"}}}}}
		},
		"without a number": func(t *load.Task) { t.ID = 0 },
		"before it":        func(t *load.Task) { t.Settle = time.Hour },
		"are driven":       func(t *load.Task) { t.Window = 3 * time.Hour },
		"connections":      func(t *load.Task) { t.Connections = load.MaxConnections + 1 },
		"CONNECT":          func(t *load.Task) { t.Request.Method = "CONNECT" },
	} {
		task := taskAt("127.0.0.1:80", 1, time.Second)
		change(&task)
		if _, err := check(task, nil); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%s: %v", want, err)
		}
	}
	task := taskAt("192.0.2.7:80", 1, time.Second)
	if checked, err := check(task, []string{"192.0.2.7"}); err != nil || len(checked.Allow) != 1 {
		t.Error(err)
	}
	if _, err := Allowed(t.Context(), nil, []string{"127.0.0.1", "[::1]", "192.0.2.9"}); err != nil {
		t.Error(err)
	}
	if _, err := Allowed(t.Context(), nil, []string{"http://x"}); err == nil {
		t.Error("a URL is a host")
	}
}

// F28: what is no message is refused on either end, said, and harms nobody.
func TestMessagesOfStrangers(t *testing.T) {
	t.Parallel()
	addr, _ := answering(t)
	crew, trouble := gather(t)
	said := lend(t, crew, "ada", 0)
	parts := here(t, crew, 1, taskAt(addr, 1, 300*time.Millisecond))
	ada := parts[0].Agent.ID
	for _, text := range []string{"", "x", "[]", `{"benchtop":1,"run":"rm"}`, `{"benchtop":1}{}`, `{"benchtop":2}`, `{"benchtop":1,"prepare":{"task":{"id":"x"}}}`, strings.Repeat("x", MaxOrder+1)} {
		before := len(said.All())
		if err := crew.link.Order(ada, []byte(text)); err != nil {
			t.Fatal(err)
		}
		suite.Eventually(t, fmt.Sprintf("%.40q is refused", text), func() bool { return len(said.All()) > before })
	}
	for _, text := range said.All() {
		if text != "connected" && !strings.HasPrefix(text, "refused: ") {
			t.Errorf("it said %q", text)
		}
	}

	id, secret := strings.Repeat("ab", 8), strings.Repeat("01", 16)
	mallory := dial(t, codeOf(t, crew), id, secret)
	refused := func(want string) {
		t.Helper()
		trouble.Await(t, want, func(text string) bool { return strings.Contains(text, want) })
	}
	for _, m := range []struct{ text, want string }{
		{`{"benchtop":1,"run":"rm"}`, "unknown field"},
		{`{"benchtop":1,"hello":{"name":"  "}}`, "without a name"},
		{strings.Repeat("x", MaxReport+1), "at most"},
		{`{"benchtop":1,"done":{"summary":{"slice":1,"latency":"x"}}}`, "a summary"},
		{`{"benchtop":1,"done":{"summary":{"slice":1,"from":2,"to":1}}}`, "no load has"},
	} {
		if err := mallory.Report(id, []byte(m.text)); err != nil {
			t.Fatal(err)
		}
		refused(m.want)
	}
	if err := mallory.Report(ada, []byte(`{"benchtop":1,"bye":true}`)); err != nil { // the server holds the subject
		t.Fatal(err)
	}
	refused("Violation")
	if _, err := mallory.Orders(ada); err == nil {
		refused("Subscription Violation")
	}
	if err := mallory.Report(id, []byte(`{"benchtop":1,"hello":{"name":"ada"}}`)); err != nil {
		t.Fatal(err)
	}
	suite.Eventually(t, "another name than ada's", func() bool { all := crew.Here(); return len(all) == 2 && all[1].Name == "ada-2" })

	outcomes, err := crew.Run(t.Context(), parts, generator.Config{}, nil)
	if err != nil || outcomes[0].Void != "" || outcomes[0].Summary.Counts.OK == 0 {
		t.Errorf("ada does not go on: %v", err)
	}
}

// dial is an agent that says what it likes.
func dial(t *testing.T, code *joincode.Code, id, secret string) *bus.Link {
	t.Helper()
	connected := make(chan bus.State, 100)
	l, err := bus.DialAgent(code, id, secret, func(s bus.State) { connected <- s })
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(l.Close)
	if s := <-connected; !s.Connected {
		t.Fatalf("%+v", s)
	}
	return l
}

// F28: who has another code, or is somebody else already, is not let in.
func TestWhoIsNotLetIn(t *testing.T) {
	t.Parallel()
	crew, trouble := gather(t)
	id, secret := strings.Repeat("ab", 8), strings.Repeat("01", 16)
	dial(t, codeOf(t, crew), id, secret)
	over := func(l *bus.Link, err error, states <-chan bus.State) {
		t.Helper()
		if err != nil {
			return
		}
		t.Cleanup(l.Close)
		for s := range states {
			if s.Over {
				if !errors.Is(s.Err, bus.ErrRefused) {
					t.Error(s.Err)
				}
				return
			}
		}
	}
	wrong := codeOf(t, crew)
	wrong.Token = []byte("another 10")
	for want, try := range map[string]func(told func(bus.State)) (*bus.Link, error){
		"wrong token": func(told func(bus.State)) (*bus.Link, error) { return bus.DialAgent(wrong, id, secret, told) },
		"forged agent": func(told func(bus.State)) (*bus.Link, error) {
			return bus.DialAgent(codeOf(t, crew), id, strings.Repeat("02", 16), told)
		},
		"a seat": func(told func(bus.State)) (*bus.Link, error) {
			return bus.Dial(codeOf(t, crew), strings.Repeat("cd", 8), secret, told)
		},
		"without an id": func(told func(bus.State)) (*bus.Link, error) {
			return bus.DialAgent(codeOf(t, crew), "x", secret, told)
		},
	} {
		states := make(chan bus.State, 100)
		l, err := try(func(s bus.State) { states <- s })
		over(l, err, states)
		trouble.Await(t, want, func(text string) bool { return strings.Contains(text, want) })
	}
	err := Lend(t.Context(), Config{Code: wrong, Hello: Hello{Name: "x"}, Now: time.Now, Say: func(string) {}})
	if !errors.Is(err, bus.ErrRefused) {
		t.Error(err)
	}
}

// The next load has the same code, and the agents of the one before come by themselves. Who has it open at the same time has another one.
func TestTheNextLoadHasTheSameCode(t *testing.T) {
	t.Parallel()
	addr, _ := answering(t)
	config := CrewConfig{Dir: t.TempDir(), Now: time.Now}
	first, err := Open(config)
	if err != nil {
		t.Fatal(err)
	}
	lend(t, first, "ada", 0)
	suite.Eventually(t, "ada is here", func() bool { return len(first.Here()) == 1 })
	other, err := Open(config)
	if err != nil {
		t.Fatal(err)
	}
	other.Close()
	code := first.Code()
	if other.Code() == code {
		t.Error("two have one code")
	}
	first.Close()
	again, err := Open(config)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(again.Close)
	if again.Code() != code {
		t.Fatalf("%s, then %s", code, again.Code())
	}
	outcomes, err := again.Run(t.Context(), here(t, again, 1, taskAt(addr, 1, 300*time.Millisecond)), generator.Config{}, nil)
	if err != nil || outcomes[0].Void != "" || outcomes[0].Summary.Counts.OK == 0 {
		t.Errorf("%v", err)
	}
	again.Close()
	config.Now = func() time.Time { return time.Now().Add(2 * mostAge) }
	old, err := Open(config)
	if err != nil {
		t.Fatal(err)
	}
	old.Close()
	if old.Code() == code {
		t.Error("an old code is used")
	}
}

func TestSplit(t *testing.T) {
	t.Parallel()
	task := taskAt("127.0.0.1:80", 10, time.Second)
	task.Pool = 4
	parts, err := task.Split(3)
	if err != nil {
		t.Fatal(err)
	}
	for i, want := range [][2]int{{4, 2}, {3, 1}, {3, 1}} {
		if p := parts[i]; p.Connections != want[0] || p.Pool != want[1] || stagger(&p, 3, i) != 0 {
			t.Errorf("%+v", p)
		}
	}
	task.Pool, task.Model, task.Rate = 0, load.Open, 900
	parts, err = task.Split(3)
	if err != nil || parts[1].Rate != 300 || parts[1].Seed == parts[2].Seed || stagger(&parts[1], 3, 1) != int64(time.Second)/900 {
		t.Errorf("%v, %+v", err, parts)
	}
	task.Rate, task.Stages = 0, load.Stages{{For: time.Second, Rate: 30, To: 90}}
	if parts, err = task.Split(3); err != nil || parts[2].Stages[0] != (load.Stage{For: time.Second, Rate: 10, To: 30}) || task.Stages[0].Rate != 30 {
		t.Errorf("%v, %+v", err, parts)
	}
	task = taskAt("127.0.0.1:80", 2, time.Second)
	if _, err := task.Split(3); err == nil || !strings.Contains(err.Error(), "2 connections for 3 agents") {
		t.Error(err)
	}
}

// Who is waited for in vain is named.
func TestNobodyComes(t *testing.T) {
	t.Parallel()
	for want, wanted := range map[string]load.Agents{"0 of 2": {Count: 2}, "not here: ada": {Names: []string{"ada"}}, "nobody has joined": {All: true}} {
		lead := Lead{Crew: CrewConfig{Now: time.Now}, Wanted: wanted, Wait: time.Millisecond, Out: io.Discard}
		_, err := lead.Drive(t.Context(), taskAt("127.0.0.1:9", 2, time.Second), generator.Config{}, nil)
		if !errors.Is(err, ErrNobody) || !strings.Contains(err.Error(), want) {
			t.Errorf("%s: %v", want, err)
		}
	}
}
