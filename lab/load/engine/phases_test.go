package engine

import (
	"fmt"
	"net/http"
	"testing"
	"time"

	"benchtop/lab/instrument/faults"
	"benchtop/lab/load"
	"benchtop/lab/load/histogram"
)

// The timeout of a phase ends the attempt, and what it took is the sample.
func TestTimeoutsByPhase(t *testing.T) {
	t.Parallel()
	const phase, total = 60 * time.Millisecond, 20 * time.Second
	silent := func(t *testing.T) *faultServer { return newFaultServer(t, script(faults.Always("", faults.Keep))) }
	half := func(t *testing.T) *faultServer {
		return newFaultServer(t, script(faults.Always("HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nhalf", faults.Keep)))
	}
	for name, tt := range map[string]struct {
		server   func(*testing.T) *faultServer
		timeouts load.Timeouts
		timeout  time.Duration
		tls      bool
		class    string
		least    time.Duration
		most     time.Duration
	}{
		"first byte":           {silent, load.Timeouts{FirstByte: phase}, total, false, load.ErrReadTimeout, phase, total / 2},
		"whole request":        {silent, load.Timeouts{Connect: phase}, 2 * phase, false, load.ErrReadTimeout, 2 * phase, 2 * phase},
		"after the first byte": {half, load.Timeouts{FirstByte: phase}, 2 * phase, false, load.ErrReadTimeout, 2 * phase, 2 * phase},
		"handshake":            {silent, load.Timeouts{Connect: phase}, total, true, load.ErrConnectTimeout, phase, total / 2},
	} {
		// On a machine without a core for the server a phase passes before it has done its part: then with more time.
		wrong := ""
		for scale := time.Duration(1); scale <= 16; scale *= 2 {
			f := tt.server(t)
			s := calm(f.addr())
			timeouts := load.Timeouts{Connect: scale * tt.timeouts.Connect, FirstByte: scale * tt.timeouts.FirstByte}
			s.Timeouts, s.Timeout = &timeouts, scale*tt.timeout
			if tt.tls {
				s.TLS = &load.TLS{ServerName: "127.0.0.1", Insecure: true}
			}
			sum := someRequests(t, netEngine{}, s)
			wrong = ""
			if n := sum.Total.Errors[tt.class]; n == 0 || n != sum.Total.Requests || !tt.tls && n != f.faults.Load() {
				wrong = fmt.Sprintf("server: %d; load: %+v", f.faults.Load(), sum.Total)
			}
			h, err := histogram.Decode(sum.Latency)
			if err != nil || h.TotalCount() > 0 && (h.Min() < int64(scale*tt.least)*99/100 || h.Max() > int64(scale*tt.most)*101/100) {
				wrong += fmt.Sprintf("; samples from %v to %v, %v", time.Duration(h.Min()), time.Duration(h.Max()), err)
			}
			if wrong == "" {
				break
			}
		}
		if wrong != "" {
			t.Errorf("%s: %s", name, wrong)
		}
	}
}

// A server that keeps silent now and then costs a first-byte timeout and a retry each time, and no error.
func TestFirstByteTimeoutIsRetried(t *testing.T) {
	t.Parallel()
	f := newFaultServer(t, script(faults.FirstFailAnywhere(1, "", faults.Keep)))
	s := calm(f.addr())
	s.Connections = 1
	s.Timeouts, s.Retry = &load.Timeouts{FirstByte: 100 * time.Millisecond}, &load.Retry{Max: 1}
	for {
		before, failedBefore := f.requests.Load(), f.faults.Load()
		sum := policed(t, s)
		served, failed := f.requests.Load()-before, f.faults.Load()-failedBefore
		if sum.Total.Retried == failed && sum.Total.OK == served-failed && sum.Total.AttemptErrors[load.ErrReadTimeout] == failed && failed > 0 {
			return
		}
		// A server that got no turn for so long was silent by accident: then there is to be more time.
		if s.Timeouts.FirstByte *= 4; s.Timeouts.FirstByte > 8*time.Second {
			t.Fatalf("server: %d requests, %d silent; load: %+v", served, failed, sum.Total)
		}
		s.Window *= 4
	}
}

// The parts of a request's time: what the server takes before its first byte and between that and the last is found
// where it belongs.
func TestPhases(t *testing.T) {
	t.Parallel()
	const head, body = 15 * time.Millisecond, 30 * time.Millisecond
	h := http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		time.Sleep(head)
		w.WriteHeader(http.StatusOK)
		_, _ = w.Write([]byte("first"))
		_ = http.NewResponseController(w).Flush()
		time.Sleep(body)
		_, _ = w.Write([]byte("last"))
	})
	for _, secured := range []bool{false, true} {
		s := base("")
		if secured {
			s = secure(secureServer(t, h, nil))
		} else {
			s = base(serveHTTP(t, h))
		}
		s.Window = 300 * time.Millisecond
		sum := policed(t, s)
		count := func(text string) (n, most int64) {
			t.Helper()
			h, err := histogram.Decode(text)
			if err != nil {
				t.Fatal(err)
			}
			return h.TotalCount(), h.Max()
		}
		connects, _ := count(sum.Connect)
		handshakes, _ := count(sum.TLS)
		firsts, firstMost := count(sum.FirstByte)
		bodies, bodyMost := count(sum.Body)
		_, slowest := count(sum.Latency)
		if ok := int64(sum.Counts.OK); firsts != ok || bodies != ok || firstMost > slowest || bodyMost > slowest { //nolint:gosec // small
			t.Errorf("%d ok: %d first bytes up to %v, %d bodies up to %v, all within %v", ok, firsts, time.Duration(firstMost), bodies, time.Duration(bodyMost), time.Duration(slowest))
		}
		// A client that does not get its turn sees a step late, and what it calls the next one is shorter then; but not
		// each time.
		if firsts > 20 && (firstMost < int64(head)*99/100 || bodyMost < int64(body)*99/100) {
			t.Errorf("first bytes up to %v, bodies up to %v", time.Duration(firstMost), time.Duration(bodyMost))
		}
		if connects != int64(sum.Total.Connects) || secured != (handshakes > 0) || secured && handshakes != connects { //nolint:gosec // small
			t.Errorf("%d connects of %d, %d handshakes", connects, sum.Total.Connects, handshakes)
		}
	}
	for _, e := range engines() {
		if e.Name() == "net" {
			continue
		}
		if sum := someRequests(t, e, base(serveHTTP(t, h))); sum.FirstByte != "" || sum.Body != "" || sum.Total.Attempts != sum.Total.Requests {
			t.Errorf("%s: %+v", e.Name(), sum)
		}
	}
}
