package load

import (
	"errors"
	"math/rand/v2"
	"slices"
	"sync"
	"testing"
	"time"
)

// The wait before a retry doubles up to its limit; with jitter it is drawn from below that, for every user otherwise
// and for every seed the same.
func TestRetryWait(t *testing.T) {
	const ms = time.Millisecond
	wall := time.Date(2025, 3, 1, 12, 0, 0, 0, time.UTC)
	waits := func(p Retry, user uint64) (out []time.Duration) {
		rng := rand.NewPCG(7, user)
		for n := 1; n <= 6; n++ {
			out = append(out, p.wait(n, 0, wall, rng))
		}
		return out
	}
	plain := Retry{Max: 6, Backoff: 100 * ms, MaxBackoff: time.Second}
	want := []time.Duration{100 * ms, 200 * ms, 400 * ms, 800 * ms, time.Second, time.Second}
	if got := waits(plain, 1); !slices.Equal(got, want) {
		t.Errorf("got %v, want %v", got, want)
	}
	if got := waits(Retry{Max: 6}, 1); slices.Max(got) != 0 {
		t.Errorf("without a backoff: %v", got)
	}
	if got := waits(Retry{Max: 6, Backoff: 6 * time.Second}, 1)[1]; got != DefaultMaxBackoff {
		t.Errorf("without a limit: %v", got)
	}
	jitter := plain
	jitter.Jitter = true
	one, again, other := waits(jitter, 1), waits(jitter, 1), waits(jitter, 2)
	if !slices.Equal(one, again) || slices.Equal(one, other) {
		t.Errorf("one user %v, the same again %v, another %v", one, again, other)
	}
	sum, n := time.Duration(0), 0
	for user := range uint64(500) {
		for i, w := range waits(jitter, user) {
			if w < 0 || w > want[i] {
				t.Fatalf("user %d, retry %d: %v is not within 0 and %v", user, i+1, w, want[i])
			}
		}
		sum, n = sum+waits(jitter, user)[5], n+1
	}
	// 500 draws from 0 to 1 s: a standard deviation of their mean is 13 ms.
	if mean := sum / time.Duration(n); (mean - 500*ms).Abs() > 60*ms {
		t.Errorf("the mean of jitter over 1s is %v", mean)
	}
}

func TestRetryAfter(t *testing.T) {
	wall := time.Date(2025, 3, 1, 12, 0, 0, 0, time.UTC)
	for text, want := range map[string]time.Duration{
		"3":                             3 * time.Second,
		"30":                            10 * time.Second, // the default limit
		"99999999999999999999":          100 * time.Millisecond,
		"9999999999":                    10 * time.Second,
		"0":                             100 * time.Millisecond, // at once is what the backoff is for
		"-5":                            100 * time.Millisecond,
		"soon":                          100 * time.Millisecond,
		"":                              100 * time.Millisecond,
		"Sat, 01 Mar 2025 12:00:04 GMT": 4 * time.Second,
		"Sat, 01 Mar 2025 13:00:04 GMT": 10 * time.Second,
		"Sat, 01 Mar 2025 11:00:00 GMT": 100 * time.Millisecond, // over
		"Sat, 01 Mar 2025 12:00:04":     100 * time.Millisecond,
	} {
		after := parseRetryAfter([]byte(text))
		p := Retry{Max: 1, Backoff: 100 * time.Millisecond, RetryAfter: true}
		if got := p.wait(1, after, wall, nil); got != want {
			t.Errorf("%q: %v, want %v", text, got, want)
		}
		p.RetryAfter = false
		if got := p.wait(1, after, wall, nil); got != p.Backoff {
			t.Errorf("%q, not looked at: %v", text, got)
		}
	}
}

// At no time are more retries let through than the share of the requests, and what was saved up is no more than a burst.
func TestBudgetOfRetries(t *testing.T) {
	for _, share := range []float64{0.1, 0.29, 1} {
		b := newBudget(&Retry{Budget: share})
		requests, retried := 0, 0
		for range 1000 {
			b.earn()
			requests++
			for b.spend() {
				retried++
			}
			if float64(retried) > share*float64(requests)+1e-9 {
				t.Fatalf("share %v: %d retries of %d requests", share, retried, requests)
			}
		}
		if want := int(share * 1000); retried < want-1 {
			t.Errorf("share %v: %d retries of 1000 requests, want about %d", share, retried, want)
		}
		for range 1000 {
			b.earn()
		}
		saved := 0
		for b.spend() {
			saved++
		}
		if saved != retryBurst {
			t.Errorf("share %v: %d were saved up", share, saved)
		}
	}
	var unlimited *budget
	unlimited.earn()
	if !unlimited.spend() || newBudget(&Retry{}) != nil {
		t.Error("no budget is no limit")
	}
	// Shared by all users.
	b := newBudget(&Retry{Budget: 0.01})
	var wg sync.WaitGroup
	spent := make([]int, 8)
	for i := range spent {
		wg.Add(1)
		go func() {
			defer wg.Done()
			for range 1000 {
				b.earn()
				if b.spend() {
					spent[i]++
				}
			}
		}()
	}
	wg.Wait()
	total := 0
	for _, n := range spent {
		total += n
	}
	if total > 80 || total < 79 {
		t.Errorf("%d retries of 8000 requests at 1 %%", total)
	}
}

func TestWhatIsRetried(t *testing.T) {
	p := &Retry{On: []int{429, 503}}
	for c := class(1); c < classes; c++ {
		for _, silent := range []bool{true, false} {
			want := false
			switch c {
			case classRefused, classConnectTimeout, classTLS, classIdleClosed:
				want = true
			case classResetHeader, classReadTimeout:
				want = silent
			}
			if got := p.allows(c, 500, silent); got != want {
				t.Errorf("%s, silent %v: %v", classNames[c], silent, got)
			}
		}
	}
	if !p.allows(classStatus5xx, 503, false) || !p.allows(classStatus4xx, 429, false) || p.allows(classStatus4xx, 404, false) {
		t.Error("statuses")
	}
	for method, want := range map[string]bool{
		"": true, "GET": true, "HEAD": true, "OPTIONS": true, "TRACE": true, "PUT": true, "DELETE": true,
		"POST": false, "PATCH": false, "get": false, "QUERY": false,
	} {
		s := base("127.0.0.1:9")
		s.Request.Method, s.Retry = method, p
		s, _ = s.normalize()
		if got := s.retries() != nil; got != want {
			t.Errorf("%s: %v", method, got)
		}
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
	} {
		s := good()
		tt.change(&s)
		var bad *TaskError
		if err := s.Check(); !errors.As(err, &bad) || bad.Field != tt.field {
			t.Errorf("%s: %v, want one of %s", name, err, tt.field)
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
