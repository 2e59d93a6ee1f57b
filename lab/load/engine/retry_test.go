package engine

import (
	"math/rand/v2"
	"slices"
	"sync"
	"testing"
	"time"

	"benchtop/lab/load"
)

// The wait before a retry doubles up to its limit; with jitter it is drawn from below that, for every user otherwise
// and for every seed the same.
func TestRetryWait(t *testing.T) {
	const ms = time.Millisecond
	waits := func(p load.Retry, user uint64) (out []time.Duration) {
		rng := rand.NewPCG(7, user)
		for n := 1; n <= 6; n++ {
			out = append(out, pauseBefore(&p, n, 0, rng))
		}
		return out
	}
	plain := load.Retry{Max: 6, Backoff: 100 * ms, MaxBackoff: time.Second}
	want := []time.Duration{100 * ms, 200 * ms, 400 * ms, 800 * ms, time.Second, time.Second}
	if got := waits(plain, 1); !slices.Equal(got, want) {
		t.Errorf("got %v, want %v", got, want)
	}
	if got := waits(load.Retry{Max: 6}, 1); slices.Max(got) != 0 {
		t.Errorf("without a backoff: %v", got)
	}
	if got := waits(load.Retry{Max: 6, Backoff: 6 * time.Second}, 1)[1]; got != load.DefaultMaxBackoff {
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

// What the response asks for takes the place of the backoff, up to the longest wait; at once is what the backoff is for.
func TestRetryAfterTakesTheBackoffsPlace(t *testing.T) {
	for after, want := range map[time.Duration]time.Duration{
		3 * time.Second: 3 * time.Second, time.Hour: load.DefaultMaxBackoff, 0: 100 * time.Millisecond, -time.Hour: 100 * time.Millisecond,
	} {
		p := load.Retry{Max: 1, Backoff: 100 * time.Millisecond, RetryAfter: true}
		if got := pauseBefore(&p, 1, after, nil); got != want {
			t.Errorf("%v: %v, want %v", after, got, want)
		}
		p.RetryAfter = false
		if got := pauseBefore(&p, 1, after, nil); got != p.Backoff {
			t.Errorf("%v, not looked at: %v", after, got)
		}
	}
}

// At no time are more retries let through than the share of the requests, and what was saved up is no more than a burst.
func TestBudgetOfRetries(t *testing.T) {
	for _, share := range []float64{0.1, 0.29, 1} {
		b := newBudget(&load.Retry{Budget: share})
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
	if !unlimited.spend() || newBudget(&load.Retry{}) != nil {
		t.Error("no budget is no limit")
	}
	// Shared by all users.
	b := newBudget(&load.Retry{Budget: 0.01})
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
	p := &load.Retry{On: []int{429, 503}}
	for c := load.Class(1); c < load.Classes; c++ {
		for _, silent := range []bool{true, false} {
			want := false
			switch c {
			case load.Refused, load.ConnectTimeout, load.TLSFailed, load.IdleClosed, load.StreamRefused:
				want = true
			case load.ResetHeader, load.ReadTimeout, load.StreamReset, load.GoAway:
				want = silent
			}
			if got := allows(p, c, 500, silent); got != want {
				t.Errorf("%s, silent %v: %v", c.String(), silent, got)
			}
		}
	}
	if !allows(p, load.Status5xx, 503, false) || !allows(p, load.Status4xx, 429, false) || allows(p, load.Status4xx, 404, false) {
		t.Error("statuses")
	}
}
