package targets_test

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"benchtop/targets"
	"benchtop/targets/fixture/suite"
	"benchtop/targets/runfolder"
)

// stage is what a test puts together a target of: parts that run nowhere and keep a diary.
type stage struct {
	mu     sync.Mutex
	diary  []string
	parts  map[string]*part
	refuse string // the part that does not start
	plain  bool   // the server cannot multiply its work
}

func (s *stage) note(line string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.diary = append(s.diary, line)
}

func (s *stage) lines() string {
	s.mu.Lock()
	defer s.mu.Unlock()
	return strings.Join(s.diary, ", ")
}

func (s *stage) start(name string, spec targets.Spec) (targets.Target, error) {
	if name == s.refuse {
		s.note(name + " refuses")
		return nil, errors.New(name + " does not start")
	}
	if path, ok := targets.UnixPath(spec.Listen); ok {
		if err := os.WriteFile(path, nil, 0o600); err != nil {
			return nil, err
		}
	}
	p := &part{stage: s, name: name, spec: spec, done: make(chan struct{})}
	s.mu.Lock()
	s.parts[name] = p
	s.mu.Unlock()
	return p, nil
}

// part is one target of a stage.
type part struct {
	stage *stage
	name  string
	spec  targets.Spec
	once  sync.Once
	done  chan struct{}
	err   error
}

func (p *part) end(err error) {
	p.once.Do(func() {
		p.err = err
		p.stage.note(p.name + " ends")
		close(p.done)
	})
}

func (p *part) Spec() targets.Spec         { return p.spec }
func (p *part) Done() <-chan struct{}      { return p.done }
func (p *part) Err() error                 { return p.err }
func (p *part) Stop(context.Context) error { p.end(nil); return nil }
func (p *part) Processes() []targets.Process {
	return []targets.Process{{PID: 1, Index: 0}, {PID: 2, Index: 1}}
}
func (p *part) Addr() string { return "addr-" + p.name }
func (p *part) Mark(context.Context) ([]targets.WorkerStatus, error) {
	if p.name == p.stage.refuse+"-mark" {
		return nil, errors.New("no answer of " + p.name)
	}
	return []targets.WorkerStatus{{PID: len(p.name)}}, nil
}

// register makes the stage's server and proxy known as fake.
func (s *stage) register(t *testing.T) {
	s.parts = map[string]*part{}
	targets.Register(targets.Descriptor{
		Name: "fake", Weighted: !s.plain,
		Complete: func(sp *targets.Spec) {
			if sp.Workers == 0 {
				sp.Workers = 2
			}
		},
		Check: func(sp targets.Spec) []*targets.Fault {
			var problems []*targets.Fault
			if sp.Workers > 64 {
				problems = append(problems, &targets.Fault{Key: "workers", Msg: "too many"})
			}
			if sp.Endpoint == "tcp only" && targets.IsUnix(sp.Listen) {
				problems = append(problems, &targets.Fault{Key: "listen", Msg: "no unix socket"})
			}
			if sp.Proxy != nil || sp.TLS != nil {
				t.Errorf("the server gets %+v, %+v", sp.Proxy, sp.TLS)
			}
			return problems
		},
		Start: func(_ context.Context, sp targets.Spec, _ targets.Hooks) (targets.Target, error) {
			name := "tcp"
			if path, ok := targets.UnixPath(sp.Listen); ok {
				name = strings.TrimSuffix(filepath.Base(path), ".sock")
			}
			return s.start(name, sp)
		},
	})
	targets.RegisterProxy(targets.ProxyDescriptor{
		Name:     "fake",
		Settings: targets.FrontSettings(),
		Complete: func(p *targets.Proxy) { p.Workers = max(p.Workers, 1) },
		Check: func(p targets.Proxy) []*targets.Fault {
			if p.Workers > 3 {
				return []*targets.Fault{{Key: "workers", Msg: "too many"}}
			}
			return nil
		},
		Start: func(_ context.Context, sp targets.Spec, upstreams []string, _ targets.Hooks) (targets.Target, error) {
			s.note("proxy of " + strings.Join(upstreams, " "))
			return s.start("proxy", sp)
		},
	})
}

func TestCheckOfAProxy(t *testing.T) {
	for _, test := range []struct {
		name  string
		spec  targets.Spec
		proxy targets.Proxy
		plain bool
		want  string // keys with problems
		says  string
	}{
		{name: "fine", proxy: targets.Proxy{Kind: "fake"}},
		{name: "kind", proxy: targets.Proxy{Kind: "squid"}, want: "proxy.kind", says: `"squid" is not known; allowed: fake`},
		{name: "of the kind", proxy: targets.Proxy{Kind: "fake", Workers: 4}, want: "proxy.workers", says: "proxy.workers: too many"},
		{name: "of the server", spec: targets.Spec{Workers: 65}, proxy: targets.Proxy{Kind: "fake"}, want: "workers proxy.upstreams"},
		{name: "upstream", proxy: targets.Proxy{Kind: "fake", Upstream: "udp"}, want: "proxy.upstream", says: "allowed: unix, tcp"},
		{name: "no unix", spec: targets.Spec{Endpoint: "tcp only"}, proxy: targets.Proxy{Kind: "fake"}, want: "proxy.upstream", says: "unix does not suit the server fake: no unix socket"},
		{name: "tcp", spec: targets.Spec{Endpoint: "tcp only"}, proxy: targets.Proxy{Kind: "fake", Upstream: "tcp"}},
		{name: "copies", proxy: targets.Proxy{Kind: "fake", Upstreams: 17}, want: "proxy.upstreams", says: "17 is not allowed, want 1 to 16"},
		{name: "processes", spec: targets.Spec{Workers: 33}, proxy: targets.Proxy{Kind: "fake", Upstreams: 2}, want: "proxy.upstreams", says: "2 copies of 33 workers are more than 64 processes"},
		{name: "uneven", proxy: targets.Proxy{Kind: "fake", Upstreams: 2, Uneven: 101}, want: "proxy.uneven", says: "want 1 to 100"},
		{name: "uneven alone", proxy: targets.Proxy{Kind: "fake", Uneven: 2}, want: "proxy.uneven", says: "set proxy.upstreams to 2 or more"},
		{name: "cannot be uneven", plain: true, proxy: targets.Proxy{Kind: "fake", Upstreams: 2, Uneven: 2}, want: "proxy.uneven", says: "the server fake cannot do more work than it is asked for"},
		{name: "listen", spec: targets.Spec{Listen: "0.0.0.0:80"}, proxy: targets.Proxy{Kind: "fake"}, want: "listen", says: "loopback"},
		{name: "everything at once", spec: targets.Spec{Workers: 65}, proxy: targets.Proxy{Kind: "squid", Upstream: "udp", Uneven: -1}, want: "proxy.kind workers proxy.upstream proxy.uneven proxy.upstreams"},
	} {
		t.Run(test.name, func(t *testing.T) {
			(&stage{plain: test.plain}).register(t)
			test.spec.Server, test.spec.Proxy = "fake", &test.proxy
			given := test.proxy
			_, problems := targets.Check(test.spec)
			var keys, says []string
			for _, p := range problems {
				keys, says = append(keys, p.Key), append(says, p.Error())
			}
			if got := strings.Join(keys, " "); got != test.want {
				t.Errorf("problems with %q, want %q", got, test.want)
			}
			if all := strings.Join(says, "\n"); !strings.Contains(all, test.says) {
				t.Errorf("said %q, want %q", all, test.says)
			}
			if given != test.proxy {
				t.Error("the caller's proxy was changed")
			}
		})
	}
}

// place is where the folders of sockets go; left lists what is in it.
func place(t *testing.T) (left func() []string) {
	t.Helper()
	dir := suite.Temp(t)
	t.Cleanup(func() {
		if err := runfolder.Remove(); err != nil {
			t.Error(err)
		}
	})
	return func() []string {
		found, err := filepath.Glob(dir + "/*/*/t*")
		if err != nil {
			t.Error(err)
		}
		return found
	}
}

func TestATargetOfSeveralParts(t *testing.T) {
	left := place(t)
	s := &stage{}
	s.register(t)
	tg, err := targets.Start(t.Context(), targets.Spec{
		Server: "fake", Variant: "v", TLS: &targets.TLS{}, Listen: "127.0.0.1:0", WorkFactor: 3,
		Proxy: &targets.Proxy{Kind: "fake", Upstreams: 3, Uneven: 5},
	}, targets.Hooks{})
	if err != nil {
		t.Fatal(err)
	}
	front := s.parts["proxy"].spec
	if tg.Addr() != "addr-proxy" || front.Proxy.Upstreams != 3 || front.TLS == nil || front.Listen != "127.0.0.1:0" || front.Nonce == "" || tg.Spec().Proxy.Upstream != "unix" {
		t.Errorf("%s, %v", tg.Addr(), front)
	}
	for name, factor := range map[string]int{"s0": 3, "s1": 3, "s2": 15} {
		sp := s.parts[name].spec
		path, _ := targets.UnixPath(sp.Listen)
		info, err := os.Stat(filepath.Dir(path))
		if err != nil {
			t.Fatal(err)
		}
		if sp.Nonce != front.Nonce || sp.Variant != "v" || sp.Proxy != nil || sp.TLS != nil || sp.WorkFactor != factor || len(path) >= 100 || info.Mode().Perm() != 0o700 {
			t.Errorf("%s: %v in a folder with %v", name, sp, info.Mode())
		}
	}
	var indices []int
	for _, p := range tg.Processes() {
		indices = append(indices, p.Index)
	}
	for i, n := range indices {
		if i != n || len(indices) != 8 {
			t.Fatalf("indices %v", indices)
		}
	}
	if statuses, err := tg.Mark(t.Context()); err != nil || len(statuses) != 4 || statuses[3].PID != len("proxy") {
		t.Errorf("%+v, %v", statuses, err)
	}
	s.refuse = "s1"
	s.parts["s1"].name = "s1-mark"
	if statuses, err := tg.Mark(t.Context()); err == nil || len(statuses) != 3 {
		t.Errorf("without one answer: %+v, %v", statuses, err)
	}
	if tg.Err() != nil {
		t.Errorf("error while it runs: %v", tg.Err())
	}
	for range 2 {
		if err := tg.Stop(t.Context()); err != nil {
			t.Error(err)
		}
	}
	<-tg.Done()
	if !strings.HasPrefix(s.lines(), "proxy of addr-s0 addr-s1 addr-s2, proxy ends, s") || strings.Count(s.lines(), "ends") != 4 {
		t.Errorf("diary: %s", s.lines())
	}
	if tg.Err() != nil || len(left()) > 0 {
		t.Errorf("after Stop: %v, left %v", tg.Err(), left())
	}
}

// When a part is gone the others are stopped, and the error names it.
func TestAPartThatIsGone(t *testing.T) {
	for name, want := range map[string]string{"proxy": "the proxy: boom", "s1": "server 2 of 2: boom"} {
		t.Run(name, func(t *testing.T) {
			left := place(t)
			s := &stage{}
			s.register(t)
			tg, err := targets.Start(t.Context(), targets.Spec{Server: "fake", Proxy: &targets.Proxy{Kind: "fake", Upstreams: 2}}, targets.Hooks{})
			if err != nil {
				t.Fatal(err)
			}
			s.parts[name].end(errors.New("boom"))
			select {
			case <-tg.Done():
			case <-time.After(suite.Deadline):
				t.Fatal("it is not done")
			}
			if err := tg.Err(); err == nil || err.Error() != want {
				t.Errorf("error %v, want %s", err, want)
			}
			if strings.Count(s.lines(), "ends") != 3 || len(left()) > 0 {
				t.Errorf("diary: %s; left %v", s.lines(), left())
			}
			if err := tg.Stop(t.Context()); err != nil {
				t.Error(err)
			}
		})
	}
}

// What was started is stopped when a part does not start.
func TestAPartThatDoesNotStart(t *testing.T) {
	for _, name := range []string{"proxy", "s1"} {
		t.Run(name, func(t *testing.T) {
			left := place(t)
			s := &stage{refuse: name}
			s.register(t)
			_, err := targets.Start(t.Context(), targets.Spec{Server: "fake", Proxy: &targets.Proxy{Kind: "fake", Upstreams: 2}}, targets.Hooks{})
			if err == nil || !strings.Contains(err.Error(), name+" does not start") {
				t.Errorf("error %v", err)
			}
			if strings.Count(s.lines(), "ends") != len(s.parts) || len(left()) > 0 {
				t.Errorf("diary: %s; started %d; left %v", s.lines(), len(s.parts), left())
			}
		})
	}
}

func TestCheckListen(t *testing.T) {
	for address, says := range map[string]string{
		"127.0.0.1:0": "", "[::1]:80": "", "unix:/tmp/x.sock": "",
		"localhost:80":                     "loopback",
		"127.0.0.1":                        "neither host:port nor unix:",
		"127.0.0.1:70000":                  "0 to 65535",
		"unix:x.sock":                      "begins with /",
		"unix:/" + strings.Repeat("x", 99): "has 100 bytes, at most 99",
		"unix:/tmp/\x1b":                   "control characters",
	} {
		err := targets.CheckListen(address)
		if (err == nil) != (says == "") || err != nil && !strings.Contains(err.Error(), says) {
			t.Errorf("%q: %v", address, err)
		}
	}
}
