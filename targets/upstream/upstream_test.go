package upstream

import (
	"context"
	"io"
	"net/http"
	"net/http/httptest"
	"slices"
	"sync"
	"testing"
	"time"

	"go.uber.org/goleak"

	"benchtop/targets/calls"
	"benchtop/targets/fixture/suite"
	"benchtop/targets/setting"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// serving serves an upstream in this process and gives a function that calls it, for the status, 0 when there is no response,
// and one that tells it to end.
func serving(t *testing.T, settings Settings) (s *service, call func(ctx context.Context) int, end func()) {
	t.Helper()
	setting.Fill(Descriptor().Settings, &settings)
	ending := make(chan struct{})
	end = sync.OnceFunc(func() { close(ending) })
	header = http.Header{}
	s = newService(&settings, ending)
	server := httptest.NewUnstartedServer(nil)
	server.Config = s.server()
	server.Start()
	transport := &http.Transport{}
	t.Cleanup(func() {
		transport.CloseIdleConnections()
		end()
		server.Close()
	})
	call = func(ctx context.Context) int {
		r, err := http.NewRequestWithContext(ctx, http.MethodGet, server.URL+Path, nil)
		if err != nil {
			t.Error(err)
			return 0
		}
		r.Header = header.Clone()
		response, err := (&http.Client{Transport: transport, Timeout: suite.Deadline}).Do(r)
		if err != nil {
			return 0
		}
		body, err := io.ReadAll(response.Body)
		_ = response.Body.Close()
		if err != nil || response.StatusCode == http.StatusOK && string(body) != "called\n" {
			t.Errorf("%q, %v", body, err)
		}
		return response.StatusCode
	}
	return s, call, end
}

// header is that of the calls of a test.
var header http.Header

func of[T any](v T) *T { return &v }

// A call takes at least the declared wait; what is counted is what the caller got.
func TestWaitsAndErrors(t *testing.T) {
	s, call, _ := serving(t, Settings{Wait: of(20 * time.Millisecond), Errors: 0.5})
	got := map[int]uint64{}
	for range 20 {
		began := time.Now()
		got[call(t.Context())]++
		if took := time.Since(began); took < 20*time.Millisecond {
			t.Errorf("a call took %v", took)
		}
	}
	st := s.status(false)
	if got[http.StatusOK] == 0 || got[http.StatusInternalServerError] == 0 || len(got) != 2 {
		t.Errorf("%v", got)
	}
	if st.Counters["calls"] != 20 || st.Counters["errors"] != got[http.StatusInternalServerError] || st.Counters["hangs"] != 0 || st.InFlight != 0 {
		t.Errorf("%+v", st)
	}
}

// A call that hangs lasts until its caller gives up, and until the process ends.
func TestHangs(t *testing.T) {
	s, call, end := serving(t, Settings{Wait: of(time.Duration(0)), Hangs: 1})
	ctx, cancel := context.WithCancel(t.Context())
	given := make(chan int)
	go func() { given <- call(ctx) }()
	suite.Eventually(t, "one call is in flight", func() bool { return s.status(false).Levels["in_flight"] == 1 })
	cancel()
	if status := <-given; status != 0 {
		t.Errorf("it got %d", status)
	}
	suite.Eventually(t, "no calls are in flight", func() bool { return s.status(false).Levels["in_flight"] == 0 })
	go func() { given <- call(context.Background()) }()
	suite.Eventually(t, "two calls have hung", func() bool { return s.status(false).Counters["hangs"] == 2 })
	end()
	if status := <-given; status != 0 {
		t.Errorf("at the end it got %d", status)
	}
}

// Above the slots a call is refused at once. The peak is that since the last mark.
func TestSlots(t *testing.T) {
	s, call, _ := serving(t, Settings{Wait: of(time.Duration(0)), Hangs: 1, Slots: 2})
	ctx, cancel := context.WithCancel(t.Context())
	var calls sync.WaitGroup
	for range 2 {
		calls.Go(func() { call(ctx) })
	}
	suite.Eventually(t, "two calls are in flight", func() bool { return s.status(false).InFlight == 2 })
	for range 3 {
		if status := call(t.Context()); status != http.StatusServiceUnavailable {
			t.Errorf("one call more got %d", status)
		}
	}
	if st := s.status(true); st.Counters["refused"] != 3 || st.Counters["calls"] != 5 || st.Levels["in_flight_peak"] != 2 {
		t.Errorf("%+v", st)
	}
	cancel()
	calls.Wait()
	suite.Eventually(t, "no calls are in flight", func() bool { return s.status(true).InFlight == 0 })
	if st := s.status(true); st.Levels["in_flight_peak"] != 0 {
		t.Errorf("after they ended: %+v", st)
	}
}

// Equal seeds draw equal calls, whatever the callers do; the shares and the mean are those that were declared.
func TestDraws(t *testing.T) {
	drawn := func(seed uint64) (all []fate, errors, hangs int, mean float64) {
		s := newService(&Settings{Wait: of(time.Millisecond), Distribution: Exponential, Errors: 0.1, Hangs: 0.05, Seed: seed}, nil)
		for range 100_000 {
			f := s.begin()
			all = append(all, f)
			mean += f.wait.Seconds() / 100_000
			if f.fails {
				errors++
			}
			if f.hanging {
				hangs++
			}
		}
		return all, errors, hangs, mean
	}
	a, errors, hangs, mean := drawn(1)
	if errors < 9_500 || errors > 10_500 || hangs < 4_600 || hangs > 5_400 || mean < 0.98e-3 || mean > 1.02e-3 {
		t.Errorf("%d errors, %d hangs, on average %v s", errors, hangs, mean)
	}
	if b, _, _, _ := drawn(1); !slices.Equal(a, b) {
		t.Error("the same seed draws something else")
	}
	if b, _, _, _ := drawn(2); slices.Equal(a, b) {
		t.Error("another seed draws the same")
	}
}

func TestSharesAreHeldAgainstEachOther(t *testing.T) {
	if faults := check(&Settings{Errors: 0.6, Hangs: 0.5}); len(faults) != 1 {
		t.Errorf("%v", faults)
	}
	if faults := check(&Settings{Errors: 0.5, Hangs: 0.5}); len(faults) != 0 {
		t.Errorf("%v", faults)
	}
}

// What keeps a slot when the caller is gone: nothing by default; a program that does not look goes on, unless it was told how
// long it is waited for.
func TestWhoNotices(t *testing.T) {
	no := false
	for name, test := range map[string]struct {
		notices *bool
		timeout string
		frees   bool
		givenUp uint64
	}{
		"it looks":     {nil, "", true, 0},
		"it does not":  {&no, "", false, 0},
		"it was told":  {&no, "20", true, 1},
		"told and not": {&no, "60000", false, 0},
	} {
		t.Run(name, func(t *testing.T) {
			s, call, end := serving(t, Settings{Wait: of(time.Duration(0)), Hangs: 1, Notices: test.notices})
			header = http.Header{}
			if test.timeout != "" {
				header.Set(calls.TimeoutHeader, test.timeout)
			}
			ctx, cancel := context.WithTimeout(t.Context(), 50*time.Millisecond)
			defer cancel()
			call(ctx)
			if test.frees {
				suite.Eventually(t, "no calls are in flight", func() bool { return s.status(false).InFlight == 0 })
			} else if time.Sleep(50 * time.Millisecond); s.status(false).InFlight != 1 {
				t.Error("it ended")
			}
			if got := s.status(false).Counters["given_up"]; got != test.givenUp {
				t.Errorf("%d were given up, want %d", got, test.givenUp)
			}
			end()
			suite.Eventually(t, "no calls are in flight", func() bool { return s.status(false).InFlight == 0 })
		})
	}
}

// A time that cannot be read is an error of the caller.
func TestTimeoutHeader(t *testing.T) {
	_, call, _ := serving(t, Settings{Wait: of(time.Duration(0))})
	for text, want := range map[string]int{"1000": 200, "60000": 200, "0": 400, "-1": 400, "60001": 400, "20ms": 400, "1.5": 400} {
		header = http.Header{calls.TimeoutHeader: {text}}
		if got := call(t.Context()); got != want {
			t.Errorf("%q: %d, want %d", text, got, want)
		}
	}
}

// A call that hangs for a time fails then.
func TestHangFor(t *testing.T) {
	s, call, _ := serving(t, Settings{Wait: of(time.Duration(0)), Hangs: 1, HangFor: 20 * time.Millisecond})
	began := time.Now()
	if status := call(t.Context()); status != http.StatusInternalServerError || time.Since(began) < 20*time.Millisecond {
		t.Errorf("%d after %v", status, time.Since(began))
	}
	if st := s.status(false); st.Counters["hangs"] != 1 {
		t.Errorf("%+v", st)
	}
}
