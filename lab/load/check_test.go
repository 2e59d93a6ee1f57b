package load

import (
	"errors"
	"math"
	"net/netip"
	"slices"
	"testing"
	"time"
)

// base is a short task for an address.
func base(addr string) Task {
	return Task{
		ID: 1, Addr: addr, Request: Request{Path: "/hello", Host: addr}, Model: Closed, Connections: 4, KeepAlive: true,
		Timeout: time.Minute, Settle: 40 * time.Millisecond, Window: 260 * time.Millisecond,
	}
}

func TestPolicyRefused(t *testing.T) {
	good := func() Task {
		s := base("127.0.0.1:9")
		s.Think, s.Pool = time.Second, 8
		s.Retry = &Retry{Max: 3, Backoff: time.Millisecond, Jitter: true, Budget: 0.1, On: []int{429, 503}, RetryAfter: true}
		s.Timeouts = &Timeouts{Connect: time.Second, FirstByte: 5 * time.Second}
		return s
	}
	if err := good().Check(); err != nil {
		t.Fatal(err)
	}
	for name, tt := range map[string]struct {
		field  string
		change func(*Task)
	}{
		"negative think":   {"think", func(s *Task) { s.Think = -1 }},
		"long think":       {"think", func(s *Task) { s.Think = 2 * MaxThink }},
		"think in open":    {"think", func(s *Task) { s.Model, s.Rate = Open, 10 }},
		"negative pool":    {"pool", func(s *Task) { s.Pool = -1 }},
		"large pool":       {"pool", func(s *Task) { s.Pool = MaxConnections + 1 }},
		"pool of nothing":  {"pool", func(s *Task) { s.KeepAlive = false }},
		"no retries":       {"retry.max", func(s *Task) { s.Retry.Max = 0 }},
		"many retries":     {"retry.max", func(s *Task) { s.Retry.Max = MaxRetries + 1 }},
		"negative backoff": {"retry.backoff", func(s *Task) { s.Retry.Backoff = -1 }},
		"backoff over all": {"retry.backoff", func(s *Task) { s.Retry.Backoff = 11 * time.Second }},
		"longest wait":     {"retry.max_backoff", func(s *Task) { s.Retry.MaxBackoff = time.Hour }},
		"jitter of 0":      {"retry.jitter", func(s *Task) { s.Retry.Backoff = 0 }},
		"negative budget":  {"retry.budget", func(s *Task) { s.Retry.Budget = -0.1 }},
		"budget over 1":    {"retry.budget", func(s *Task) { s.Retry.Budget = 10 }},
		"an ok status":     {"retry.on", func(s *Task) { s.Retry.On = []int{200} }},
		"no status":        {"retry.on", func(s *Task) { s.Retry.On = []int{42} }},
		"expected":         {"retry.on", func(s *Task) { s.ExpectStatus = []int{503} }},
		"twice":            {"retry.on", func(s *Task) { s.Retry.On = []int{503, 503} }},
		"after what":       {"retry.retry_after", func(s *Task) { s.Retry.On = nil }},
		"short connect":    {"timeouts.connect", func(s *Task) { s.Timeouts.Connect = 1 }},
		"long first byte":  {"timeouts.first_byte", func(s *Task) { s.Timeouts.FirstByte = 2 * time.Minute }},
		"another engine":   {"engine", func(s *Task) { s.Engine = "epoll" }},
		"another version":  {"http", func(s *Task) { s.HTTP = "3" }},
		"streams of 1.1":   {"streams", func(s *Task) { s.Streams = 2 }},
		"negative streams": {"streams", func(s *Task) { s.HTTP, s.Pool, s.Streams = HTTP2, 0, -1 }},
		"many streams":     {"streams", func(s *Task) { s.HTTP, s.Pool, s.Streams = HTTP2, 0, MaxStreams+1 }},
		"many at a time":   {"streams", func(s *Task) { s.HTTP, s.Pool, s.Streams, s.Connections = HTTP2, 0, 100, MaxConnections/100+1 }},
		"pool of HTTP/2":   {"pool", func(s *Task) { s.HTTP = HTTP2 }},
		"HTTP/2 not kept":  {"http", func(s *Task) { s.HTTP, s.Pool, s.KeepAlive = HTTP2, 0, false }},
	} {
		s := good()
		tt.change(&s)
		var bad *TaskError
		if err := s.Check(); !errors.As(err, &bad) || bad.Field != tt.field {
			t.Errorf("%s: %v, want one of %s", name, err, tt.field)
		}
	}
}

func TestHTTP2Checked(t *testing.T) {
	s := base("127.0.0.1:9")
	s.HTTP, s.Streams, s.Think, s.Retry = HTTP2, 100, time.Second, &Retry{Max: 1}
	if n, err := s.Normalize(); err != nil || n.InFlight() != 400 || n.NetOnly() != "http" {
		t.Errorf("%v, %d in flight, %q", err, n.InFlight(), n.NetOnly())
	}
	s.Model, s.Connections, s.Rate, s.Think = Open, 0, 100, 0
	if n, err := s.Normalize(); err != nil || n.Connections != 10 || n.InFlight() != DefaultOpen || Budget(s) != 10+ownDescriptors {
		t.Errorf("%v, %d connections, %d in flight, %d descriptors", err, n.Connections, n.InFlight(), Budget(s))
	}
	s.HTTP, s.Streams = HTTP1, 0
	if n, err := s.Normalize(); err != nil || n.InFlight() != DefaultOpen || n.Multiplexed() {
		t.Errorf("%v, %d in flight", err, n.InFlight())
	}
}

func TestStagesRefused(t *testing.T) {
	good := Stages{{time.Second, 10, 10}}
	for name, change := range map[string]func(*Task){
		"closed":    func(s *Task) { s.Model, s.Stages = Closed, good },
		"with rate": func(s *Task) { s.Stages, s.Rate = good, 5 },
		"window":    func(s *Task) { s.Stages, s.Window = good, 2*time.Second },
		"no length": func(s *Task) { s.Stages = Stages{{time.Second, 10, 10}, {0, 10, 10}} },
		"negative":  func(s *Task) { s.Stages = Stages{{time.Second, -1, 10}} },
		"too high":  func(s *Task) { s.Stages = Stages{{time.Second, 1, MaxRate + 1}} },
		"no number": func(s *Task) { s.Stages = Stages{{time.Second, 1, math.NaN()}} },
		"nothing":   func(s *Task) { s.Stages = Stages{{time.Second, 0, 0}} },
		"too many":  func(s *Task) { s.Stages = slices.Repeat(good, MaxStages+1) },
	} {
		s := base("127.0.0.1:9")
		s.Model, s.Window = Open, 0
		change(&s)
		var bad *TaskError
		if err := s.Check(); !errors.As(err, &bad) {
			t.Errorf("%s: %v", name, err)
		}
	}
	s := base("127.0.0.1:9")
	s.Model, s.Stages, s.Window = Open, good, 0
	if err := s.Check(); err != nil {
		t.Error(err)
	}
}

func TestStagesFigures(t *testing.T) {
	s := Stages{{5 * time.Second, 1000, 1000}, {10 * time.Second, 1000, 5000}}
	lowest, highest := s.Range()
	if s.Total() != 15*time.Second || math.Abs(s.Mean()-35_000.0/15) > 1e-9 || lowest != 1000 || highest != 5000 {
		t.Errorf("%v, %v, %v to %v", s.Total(), s.Mean(), lowest, highest)
	}
	if lowest, highest := (Stages{}).Range(); lowest != 0 || highest != 0 || (Stages{}).Mean() != 0 {
		t.Error("no stages have figures")
	}
}

func TestLeastWindow(t *testing.T) {
	for rate, least := range map[float64]time.Duration{0.5: 2 * time.Second, 0.3: 3334 * time.Millisecond, 1e6: time.Millisecond, 1e-300: 2 * MaxWindow} {
		if got := LeastWindow(rate); got != least {
			t.Errorf("%v: least window %v, want %v", rate, got, least)
		}
	}
}

// Only what is idempotent is tried again.
func TestRetriedMethods(t *testing.T) {
	p := &Retry{Max: 1}
	for method, want := range map[string]bool{
		"": true, "GET": true, "HEAD": true, "OPTIONS": true, "TRACE": true, "PUT": true, "DELETE": true,
		"POST": false, "PATCH": false, "get": false, "QUERY": false,
	} {
		s := base("127.0.0.1:9")
		s.Request.Method, s.Retry = method, p
		s, _ = s.Normalize()
		if got := s.Retries(&s.Request) != nil; got != want {
			t.Errorf("%s: %v", method, got)
		}
	}
}

func TestAnswered(t *testing.T) {
	for _, tt := range []struct {
		name        string
		c           Counts
		least, most uint64
	}{
		{"nothing", Counts{}, 0, 0},
		{"all well", Counts{Requests: 9, Attempts: 9, OK: 9}, 9, 9},
		{"lost answers", Counts{Requests: 9, Attempts: 9, OK: 7, Errors: map[string]uint64{ErrReadTimeout: 1, ErrStatus4xx: 1}}, 8, 9},
		{"retried", Counts{
			Requests: 10, Attempts: 16, OK: 9, Errors: map[string]uint64{ErrStatus5xx: 1},
			Retried: 6, AttemptErrors: map[string]uint64{ErrStatus5xx: 4, ErrIdleClosed: 1, ErrRefused: 1},
		}, 14, 15},
		{"never sent", Counts{Requests: 4, Attempts: 4, Errors: map[string]uint64{ErrRefused: 3, ErrPortsExhausted: 1}}, 0, 0},
	} {
		if least, most := tt.c.Answered(); least != tt.least || most != tt.most {
			t.Errorf("%s: %d to %d, want %d to %d", tt.name, least, most, tt.least, tt.most)
		}
	}
}

func TestBudget(t *testing.T) {
	if n := Budget(Task{Model: Open}); n != DefaultOpen+ownDescriptors {
		t.Error(n)
	}
	if err := CheckBudget(10); err != nil {
		t.Error(err)
	}
}

func TestPermitted(t *testing.T) {
	for addr, want := range map[string]bool{
		"127.0.0.1:80": true, "127.255.3.4:80": true, "[::1]:80": true, "[::ffff:127.0.0.1]:80": true,
		"192.0.2.1:80": false, "192.0.2.7:80": true, "[fe80::1%lo]:80": false, "126.255.255.255:1": false, "128.0.0.1:1": false,
	} {
		if err := Permitted(netip.MustParseAddrPort(addr), []string{"192.0.2.7", "nonsense"}); (err == nil) != want {
			t.Errorf("%s: %v", addr, err)
		}
	}
}

func TestEveryClassHasAName(t *testing.T) {
	seen := map[string]bool{}
	for c := OK + 1; c < Classes; c++ {
		if n := c.String(); n == "" || seen[n] {
			t.Errorf("class %d: name %q", c, n)
		}
		seen[c.String()] = true
	}
}

func TestErrorWords(t *testing.T) {
	words := ErrorWords(map[string]uint64{ErrStatus4xx: 2, ErrRefused: 3, ErrTLS: 2}, map[string]Reason{ErrStatus4xx: {Text: "404 Not Found", Bytes: "no"}})
	if words != `refused 3, status_4xx 2 (404 Not Found), tls 2` {
		t.Error(words)
	}
}
