package proxy

import (
	"bufio"
	"errors"
	"io"
	"math/rand/v2"
	"net"
	"net/http"
	"os"
	"slices"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"benchtop/targets"
	"benchtop/targets/fixture/suite"
	"benchtop/targets/proc"
)

// One of two upstreams is dead. With ejection it costs one try; without, every other request tries it, in vain.
func TestADeadUpstream(t *testing.T) {
	const n = 20
	for _, method := range []string{"GET", "POST"} { // a request that was not sent may always go to the next
		for _, eject := range []bool{true, false} {
			living := countingHere(t)
			address, f := frontHere(t, targets.Proxy{Keepalive: number(1), Eject: &eject}, deadAddress(t), living.address)
			for range n {
				if a := ask(t, client(t), method, address, "/", nil); a.status != 200 {
					t.Fatalf("%s, eject %v: %+v", method, eject, a)
				}
			}
			want := targets.Pool{Requests: n + 1, Opened: 1, Ejected: 1, Idle: 1}
			if !eject {
				want = targets.Pool{Requests: n + n/2, Opened: 1, Idle: 1}
			}
			if p := f.upstreams.pool(); p != want || living.requests.Load() != n {
				t.Errorf("%s, eject %v: counted %+v, want %+v; %d requests arrived", method, eject, p, want, living.requests.Load())
			}
			if !eject {
				continue
			}
			// After its time the upstream is tried again.
			f.upstreams.mu.Lock()
			f.upstreams.all[0].out = proc.Now()
			f.upstreams.mu.Unlock()
			for range 2 {
				ask(t, client(t), method, address, "/", nil)
			}
			if p := f.upstreams.pool(); p.Ejected != 2 || p.Requests != n+1+3 {
				t.Errorf("%s: counted %+v", method, p)
			}
		}
	}
}

func TestAllUpstreamsDead(t *testing.T) {
	for _, test := range []struct {
		upstreams int
		eject     bool
		requests  uint64 // of three from clients
		says      string // of the third response
	}{
		{1, true, 3, "refused"}, // a single one is never left out
		{1, false, 3, "refused"},
		{2, true, 2, "every upstream is left out"},
		{2, false, 6, "refused"},
	} {
		var dead []string
		for range test.upstreams {
			dead = append(dead, deadAddress(t))
		}
		address, f := frontHere(t, targets.Proxy{Eject: &test.eject}, dead...)
		var a answer
		for range 3 {
			a = ask(t, client(t), "GET", address, "/", nil)
			if a.status != http.StatusBadGateway || a.header.Get(runHeader) != "nonce.variant" {
				t.Errorf("%+v: %+v", test, a)
			}
		}
		if p := f.upstreams.pool(); p.Requests != test.requests || p.Failed != 3 || p.Opened != 0 || !strings.Contains(a.body, test.says) {
			t.Errorf("%+v: counted %+v, said %q", test, p, a.body)
		}
	}
}

// A server that takes the request and says nothing: 504 after the read timeout, and the next server gets the request,
// unless it is one that must not be sent twice.
func TestReadTimeout(t *testing.T) {
	silent := scriptHere(t, func(_ net.Conn, requests *bufio.Reader) {
		_, _ = head(requests)
		_, _ = io.Copy(io.Discard, requests) // until the proxy has had enough
	})
	for _, test := range []struct {
		method string
		alone  bool
		status int
		want   targets.Pool
	}{
		{"GET", true, 504, targets.Pool{Requests: 1, Opened: 1, Failed: 1}},
		{"GET", false, 200, targets.Pool{Requests: 2, Opened: 2, Ejected: 1, Idle: 1}},
		{"POST", false, 504, targets.Pool{Requests: 1, Opened: 1, Failed: 1, Ejected: 1}},
	} {
		t.Run(test.method+" "+strconv.FormatBool(test.alone), func(t *testing.T) {
			t.Parallel() // they do nothing but wait
			upstreams := []string{silent}
			if !test.alone {
				upstreams = append(upstreams, countingHere(t).address)
			}
			address, f := frontHere(t, targets.Proxy{Keepalive: number(1), ReadTimeout: time.Second}, upstreams...)
			if a := ask(t, client(t), test.method, address, "/", nil); a.status != test.status {
				t.Errorf("%+v", a)
			}
			if p := f.upstreams.pool(); p != test.want {
				t.Errorf("counted %+v, want %+v", p, test.want)
			}
		})
	}
}

// The time is for each read, not for the whole response.
func TestEachReadHasItsTime(t *testing.T) {
	ours, theirs := net.Pipe()
	defer func() { _ = theirs.Close() }()
	socket := &recording{Conn: ours}
	s := newUpstreams(Descriptor().Normalize(targets.Proxy{Keepalive: number(1)}), []string{"127.0.0.1:1"})
	c := &conn{socket: socket, up: s.all[0], owner: s, r: bufio.NewReader(nil)}
	c.r.Reset(c)
	go func() {
		if _, ok := head(bufio.NewReader(theirs)); !ok {
			return
		}
		for _, part := range []string{"HTTP/1.1 200 OK\r\n", "Content-Length: 2\r\n\r\n", "o", "k"} {
			_, _ = io.WriteString(theirs, part)
		}
	}()
	req, err := http.NewRequestWithContext(t.Context(), "GET", "http://x/", nil)
	if err != nil {
		t.Fatal(err)
	}
	s.pick(0)
	res, _, err := c.roundTrip(req, &exchange{})
	if err != nil {
		t.Fatal(err)
	}
	if b, err := io.ReadAll(res.Body); err != nil || string(b) != "ok" {
		t.Errorf("%q, %v", b, err)
	}
	if want := []string{"both", "read", "read", "read"}; !slices.Equal(socket.deadlines, want) {
		t.Errorf("deadlines set: %v, want %v", socket.deadlines, want)
	}
	if s.pool().Idle != 1 {
		t.Errorf("counted %+v", s.pool())
	}
	s.sweep(func(*conn) bool { return true })
}

// recording keeps which deadlines were set.
type recording struct {
	net.Conn
	deadlines []string
}

func (r *recording) SetDeadline(d time.Time) error {
	r.deadlines = append(r.deadlines, "both")
	return r.Conn.SetDeadline(d)
}

func (r *recording) SetReadDeadline(d time.Time) error {
	r.deadlines = append(r.deadlines, "read")
	return r.Conn.SetReadDeadline(d)
}

// A server that closes kept connections without a word costs a try, never an error, and of POST not even that.
func TestServerClosesIdleConnections(t *testing.T) {
	var answered atomic.Int64
	upstream := scriptHere(t, func(conn net.Conn, requests *bufio.Reader) {
		if _, ok := head(requests); ok {
			_, _ = io.WriteString(conn, "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok")
			answered.Add(1)
		}
	})
	address, f := frontHere(t, targets.Proxy{Keepalive: number(1)}, upstream)
	for i, method := range []string{"GET", "GET", "GET", "POST", "POST"} {
		suite.Eventually(t, "the server has closed the connection", func() bool {
			f.upstreams.mu.Lock()
			defer f.upstreams.mu.Unlock()
			idle := f.upstreams.all[0].idle
			return i == 0 || len(idle) == 0 || !idle[0].alive()
		})
		if a := ask(t, client(t), method, address, "/", nil); a.status != 200 {
			t.Fatalf("%s: %+v", method, a)
		}
		suite.Eventually(t, "the answer is counted", func() bool { return answered.Load() == int64(i+1) })
	}
	if p := f.upstreams.pool(); p.Opened != 5 || p.Failed != 0 || p.Requests < 5 || p.Requests > 7 {
		t.Errorf("counted %+v", p)
	}
	suite.Eventually(t, "the last one is put away", func() bool {
		f.upstreams.tidy()
		return f.upstreams.pool().Idle == 0
	})
}

// A connection is of use after the deadline of its last request has gone by.
func TestIdleOutlivesTheReadTimeout(t *testing.T) {
	server := countingHere(t)
	address, f := frontHere(t, targets.Proxy{Keepalive: number(1)}, server.address)
	ask(t, client(t), "POST", address, "/", nil)
	f.upstreams.mu.Lock()
	err := f.upstreams.all[0].idle[0].socket.SetDeadline(past)
	f.upstreams.mu.Unlock()
	if err != nil {
		t.Fatal(err)
	}
	f.upstreams.tidy()
	ask(t, client(t), "POST", address, "/", nil)
	if n := server.connections.Load(); n != 1 {
		t.Errorf("%d connections", n)
	}
}

// The pool never has more than it may; the one that was idle for longest goes.
func TestTheLongestIdleMakesRoom(t *testing.T) {
	s := newUpstreams(Descriptor().Normalize(targets.Proxy{Keepalive: number(2)}), []string{"127.0.0.1:1", "127.0.0.1:2"})
	made := func(u int) *conn {
		ours, theirs := net.Pipe()
		t.Cleanup(func() { _ = theirs.Close() })
		return &conn{socket: ours, up: s.all[u], owner: s}
	}
	first, second, third := made(0), made(1), made(1)
	for _, c := range []*conn{first, second, third} {
		s.keep(c)
	}
	if len(s.all[0].idle) != 0 || len(s.all[1].idle) != 2 || s.pool().Idle != 2 {
		t.Errorf("kept %d and %d", len(s.all[0].idle), len(s.all[1].idle))
	}
	if _, err := first.socket.Write([]byte("x")); !errors.Is(err, io.ErrClosedPipe) {
		t.Errorf("the first one is open: %v", err)
	}
	if c := s.reuse(s.all[1], false); c != third {
		t.Error("not the one that was used last")
	}
	if s.reuse(s.all[0], false) != nil {
		t.Error("one for the wrong upstream")
	}
	third.close()
	s.sweep(func(*conn) bool { return true })
	if _, err := second.socket.Write([]byte("x")); !errors.Is(err, io.ErrClosedPipe) || s.pool().Idle != 0 {
		t.Errorf("after the sweep: %v, %+v", err, s.pool())
	}
}

// More clients at once than connections may be kept.
func TestAPoolThatIsTooSmall(t *testing.T) {
	server := countingHere(t)
	address, f := frontHere(t, targets.Proxy{Keepalive: number(2)}, server.address)
	var clients sync.WaitGroup
	for range 16 {
		clients.Go(func() {
			c := client(t)
			for range 50 {
				if a, err := tryAsk(t.Context(), c, "GET", address, "/", nil); err != nil || a.status != 200 {
					t.Errorf("%+v, %v", a, err)
				}
			}
		})
	}
	clients.Wait()
	p := f.upstreams.pool()
	if p.Requests != 800 || p.Idle > 2 || p.Opened < uint64(p.Idle) || p.Failed != 0 || server.requests.Load() != 800 || server.connections.Load() != int64(p.Opened) {
		t.Errorf("counted %+v, the server %d on %d", p, server.requests.Load(), server.connections.Load())
	}
}

func TestBalance(t *testing.T) {
	for _, test := range []struct {
		policy string
		active []int // of each upstream before
		tried  uint32
		out    []int
		draws  []int // of p2c
		want   []int // picked one after the other
	}{
		{policy: targets.RoundRobin, active: []int{0, 9, 0}, want: []int{0, 1, 2, 0}},
		{policy: targets.RoundRobin, active: []int{0, 0, 0}, out: []int{1}, want: []int{0, 2, 0, 2}},
		{policy: targets.RoundRobin, active: []int{0, 0}, tried: 0b01, want: []int{1, 1}},
		{policy: targets.LeastConnections, active: []int{2, 0, 1}, want: []int{1, 2, 1, 2, 0}},
		{policy: targets.LeastConnections, active: []int{0, 0, 0}, want: []int{0, 1, 2, 0}},
		{policy: targets.LeastConnections, active: []int{0, 5, 5}, out: []int{0}, want: []int{1, 2}},
		{policy: targets.PowerOfTwo, active: []int{5, 0, 3}, draws: []int{0, 1}, want: []int{2}},       // drawn: 0 and 2
		{policy: targets.PowerOfTwo, active: []int{5, 0, 9}, draws: []int{2, 0}, want: []int{0}},       // drawn: 2 and 0
		{policy: targets.PowerOfTwo, active: []int{1, 1, 0}, draws: []int{1, 0}, want: []int{1}},       // 1 and 0, alike: the first
		{policy: targets.PowerOfTwo, active: []int{3, 1}, tried: 0b10, want: []int{0}},                 // no draw is needed
		{policy: targets.PowerOfTwo, active: []int{1, 0}, draws: []int{0, 0, 0, 0}, want: []int{1, 0}}, // 0 and 1; then 0 and 1, alike
		{policy: targets.RoundRobin, active: []int{0, 0}, tried: 0b11, want: []int{-1}},
		{policy: targets.RoundRobin, active: []int{0, 0}, out: []int{0, 1}, want: []int{-1}},
	} {
		s := newUpstreams(Descriptor().Normalize(targets.Proxy{Balance: test.policy}), slices.Repeat([]string{"127.0.0.1:1"}, len(test.active)))
		s.intn = func(n int) int {
			d := test.draws[0]
			test.draws = test.draws[1:]
			if d >= n {
				t.Errorf("%+v: a draw of %d below %d", test, d, n)
			}
			return d
		}
		for i, u := range s.all {
			u.active = test.active[i]
			if slices.Contains(test.out, i) {
				u.out = proc.Now() + int64(time.Hour)
			}
		}
		// What p2c draws is an index into the candidates, which begin with the one whose turn it is.
		if test.policy == targets.PowerOfTwo && len(test.want) == 2 {
			test.draws = []int{0, 0, 0, 0}
		}
		var got []int
		for range test.want {
			if u := s.pick(test.tried); u != nil {
				got = append(got, u.index)
			} else {
				got = append(got, -1)
			}
		}
		if !slices.Equal(got, test.want) {
			t.Errorf("%s of %v without %b and %v: %v, want %v", test.policy, test.active, test.tried, test.out, got, test.want)
		}
	}
}

// The better of two drawn at random keeps unequal servers about equally busy, and asks each of them.
func TestPowerOfTwoSpreads(t *testing.T) {
	s := newUpstreams(Descriptor().Normalize(targets.Proxy{Balance: targets.PowerOfTwo}), slices.Repeat([]string{"127.0.0.1:1"}, 4))
	s.intn = rand.New(rand.NewPCG(1, 2)).IntN
	for range 1000 {
		s.pick(0) // nobody ever answers
	}
	for _, u := range s.all {
		if u.active < 245 || u.active > 255 {
			t.Errorf("upstream %d has %d of 1000", u.index, u.active)
		}
	}
}

// A unix socket that nobody listens on any more, and one that is not there.
func TestUnixUpstreamGone(t *testing.T) {
	dir, err := os.MkdirTemp("", "bt")
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = os.RemoveAll(dir) }()
	l, err := (&net.ListenConfig{}).Listen(t.Context(), "unix", dir+"/s")
	if err != nil {
		t.Fatal(err)
	}
	l.(*net.UnixListener).SetUnlinkOnClose(false)
	_ = l.Close()
	for _, name := range []string{"/s", "/nothing"} {
		address, f := frontHere(t, targets.Proxy{}, "unix:"+dir+name)
		if a := ask(t, client(t), "GET", address, "/", nil); a.status != http.StatusBadGateway {
			t.Errorf("%s: %+v", name, a)
		}
		if p := f.upstreams.pool(); p.Failed != 1 || p.Opened != 0 {
			t.Errorf("%s: counted %+v", name, p)
		}
	}
}
