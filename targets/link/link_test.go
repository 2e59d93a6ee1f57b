package link

import (
	"bytes"
	"context"
	"errors"
	"io"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"strconv"
	"syscall"
	"testing"
	"time"

	"benchtop/targets"
	"benchtop/targets/builtin"
	"benchtop/targets/fixture"
	"benchtop/targets/fixture/suite"
	"benchtop/targets/posix"
	"benchtop/targets/proc"
	"benchtop/targets/runfolder"
)

func TestMain(m *testing.M) {
	targets.Register(builtin.Descriptor())
	targets.RegisterLink(Descriptor())
	proc.Dispatch(map[string]proc.RoleFunc{builtin.Role: builtin.Worker, Role: Process, fixture.LabRole: fixture.Lab(targets.Start)})
	suite.Main(m, runfolder.Remove)
}

// wireHere carries in this process, in front of an address, and gives its own.
func wireHere(t *testing.T, l targets.Link, behind string) (*wire, string) {
	t.Helper()
	if l.Shared == nil {
		shared := true
		l.Shared = &shared
	}
	w := newWire(told{Link: l, Behind: behind})
	t.Cleanup(func() { // after the listener was closed
		_ = w.Close()
		if n := w.counts.open.Load(); n != 0 {
			t.Errorf("%d connections are open at the end", n)
		}
	})
	return w, suite.Serve(t, w.Serve)
}

// peer serves each connection with a function, and closes it afterwards.
func peer(t *testing.T, serve func(net.Conn)) string {
	t.Helper()
	return suite.Serve(t, func(l net.Listener) error {
		for {
			c, err := l.Accept()
			if err != nil {
				return nil //nolint:nilerr // the end of the test
			}
			go func() {
				defer func() { _ = c.Close() }()
				serve(c)
			}()
		}
	})
}

func dial(t *testing.T, address string) *net.TCPConn {
	t.Helper()
	c, err := net.DialTimeout("tcp", address, suite.Deadline)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = c.Close() })
	_ = c.SetDeadline(time.Now().Add(suite.Deadline))
	return c.(*net.TCPConn)
}

// All bytes come through, each way, with the end of either side, and are counted.
func TestCarriesEveryByte(t *testing.T) {
	request, response := bytes.Repeat([]byte("ask "), 50_000), bytes.Repeat([]byte("tell"), 100_000)
	alone := false
	for name, l := range map[string]targets.Link{
		"straight": {}, "rate": {Rate: 1e9}, "delay": {Delay: 3 * time.Millisecond}, "both": {Rate: 1e9, Delay: time.Millisecond}, "each": {Rate: 1e9, Shared: &alone},
	} {
		t.Run(name, func(t *testing.T) {
			w, address := wireHere(t, l, peer(t, func(c net.Conn) {
				if got, err := io.ReadAll(c); err != nil || !bytes.Equal(got, request) { // until the client has ended
					t.Errorf("the server got %d bytes, %v", len(got), err)
				}
				_, _ = c.Write(response)
			}))
			c := dial(t, address)
			go func() {
				_, _ = c.Write(request)
				_ = c.CloseWrite()
			}()
			if got, err := io.ReadAll(c); err != nil || !bytes.Equal(got, response) {
				t.Errorf("the client got %d bytes, %v", len(got), err)
			}
			counters := w.status().Counters
			if counters["link_bytes_up"] != uint64(len(request)) || counters["link_bytes_down"] != uint64(len(response)) {
				t.Errorf("counted %v", counters)
			}
			if busy, ok := counters["link_busy_down"]; ok != (l.Rate > 0 && l.Shared == nil) || ok && busy != uint64(len(response))*8 {
				t.Errorf("busy for %d ns, %v", busy, ok)
			}
		})
	}
}

// A link is never faster than declared, and half the rate takes twice the time.
func TestRateHolds(t *testing.T) {
	t.Parallel()
	const size = 500_000
	took := func(l targets.Link, connections int) time.Duration {
		_, address := wireHere(t, l, peer(t, func(c net.Conn) { _, _ = c.Write(make([]byte, size/connections)) }))
		began := time.Now()
		done := make(chan int64, connections)
		for range connections {
			c := dial(t, address)
			go func() {
				n, _ := io.Copy(io.Discard, c)
				done <- n
			}()
		}
		sum := int64(0)
		for range connections {
			sum += <-done
		}
		if sum != size {
			t.Errorf("%d bytes came", sum)
		}
		return time.Since(began)
	}
	alone := false
	for name, test := range map[string]struct {
		link        targets.Link
		connections int
		least       time.Duration
	}{
		"one":    {targets.Link{Rate: 10e6}, 1, 400 * time.Millisecond},
		"shared": {targets.Link{Rate: 10e6}, 4, 400 * time.Millisecond},
		"each":   {targets.Link{Rate: 2.5e6, Shared: &alone}, 4, 400 * time.Millisecond},
	} {
		half := test.link
		half.Rate /= 2
		whole, slow, ratio := time.Hour, time.Hour, 0.0
		for range 10 { // the shortest of several: a busy machine makes some of them longer
			whole, slow = min(whole, took(test.link, test.connections)), min(slow, took(half, test.connections))
			if ratio = float64(slow) / float64(whole); ratio > 1.8 && ratio < 2.2 {
				break
			}
		}
		if whole < test.least || slow < 2*test.least {
			t.Errorf("%s: %v and %v, faster than declared", name, whole, slow)
		}
		if ratio < 1.8 || ratio > 2.2 {
			t.Errorf("%s: half the rate took %.2f times as long (%v, %v)", name, ratio, whole, slow)
		}
	}
}

// Not a byte is there before its delay, each way, nor is the end.
func TestDelayIsLeast(t *testing.T) {
	const delay = 20 * time.Millisecond
	_, address := wireHere(t, targets.Link{Delay: delay}, peer(t, func(c net.Conn) { _, _ = io.Copy(c, c) }))
	c := dial(t, address)
	for i := range 5 {
		began := time.Now()
		if _, err := c.Write([]byte{1}); err != nil {
			t.Fatal(err)
		}
		if i == 4 {
			_ = c.CloseWrite()
		}
		if _, err := io.ReadFull(c, make([]byte, 1)); err != nil || time.Since(began) < 2*delay {
			t.Errorf("there and back in %v, %v", time.Since(began), err)
		}
	}
	if _, err := c.Read(make([]byte, 1)); err != io.EOF { //nolint:errorlint // a Reader returns this very value
		t.Errorf("at the end: %v", err)
	}
}

// A sender on a unix socket is held up by a client that does not read, or not as fast: no more of it is kept on the way than
// the rate and the delay take, and some sockets of a network.
func TestSenderWaits(t *testing.T) {
	t.Parallel()
	const most = 32 << 20 // far more than the system gives any socket
	for name, l := range map[string]targets.Link{"straight": {}, "slow": {Rate: 1e6}, "far": {Rate: 1e6, Delay: 50 * time.Millisecond}} {
		t.Run(name, func(t *testing.T) {
			path := filepath.Join(t.TempDir(), "s")
			listener, err := net.Listen("unix", path)
			if err != nil {
				t.Fatal(err)
			}
			defer func() { _ = listener.Close() }()
			_, address := wireHere(t, l, targets.UnixPrefix+path)
			client := dial(t, address)
			_ = client.SetReadBuffer(socketBuffer) // else the system may give a client that does not read megabytes
			c, err := listener.Accept()
			if err != nil {
				t.Fatal(err)
			}
			defer func() { _ = c.Close() }()
			_ = c.SetWriteDeadline(time.Now().Add(300 * time.Millisecond))
			n, err := c.Write(make([]byte, most))
			if !errors.Is(err, os.ErrDeadlineExceeded) {
				t.Errorf("%d bytes were sent, and nobody was held up: %v", n, err)
			}
			_ = c.Close()
			if got, err := io.Copy(io.Discard, client); err != nil || got != int64(n) {
				t.Errorf("of %d bytes that were sent %d came: %v", n, got, err)
			}
		})
	}
}

// Who is cut off on one side is cut off on the other.
func TestEndsOfOthers(t *testing.T) {
	t.Run("no server", func(t *testing.T) {
		l, err := net.Listen("tcp", "127.0.0.1:0")
		if err != nil {
			t.Fatal(err)
		}
		_ = l.Close()
		_, address := wireHere(t, targets.Link{}, l.Addr().String())
		c, err := net.Dial("tcp", address) // which may be reset before it is there
		if err == nil {
			_, err = c.Read(make([]byte, 1))
			_ = c.Close()
		}
		if !errors.Is(err, syscall.ECONNRESET) {
			t.Errorf("%v", err)
		}
	})
	t.Run("the client is gone", func(t *testing.T) {
		for name, l := range map[string]targets.Link{"straight": {}, "rate": {Rate: 10e6}} {
			ended := make(chan struct{})
			_, address := wireHere(t, l, peer(t, func(c net.Conn) {
				b := make([]byte, 64<<10)
				for {
					if _, err := c.Write(b); err != nil {
						close(ended)
						return
					}
				}
			}))
			c := dial(t, address)
			if _, err := io.ReadFull(c, make([]byte, 1000)); err != nil {
				t.Fatal(err)
			}
			_ = c.Close()
			select {
			case <-ended:
			case <-time.After(suite.Deadline):
				t.Errorf("%s: the server sends on", name)
			}
		}
	})
	t.Run("the server cuts", func(t *testing.T) {
		_, address := wireHere(t, targets.Link{Rate: 10e6, Delay: time.Millisecond}, peer(t, func(c net.Conn) {
			_, _ = c.Read(make([]byte, 1))
			_ = c.(*net.TCPConn).SetLinger(0)
		}))
		c := dial(t, address)
		if _, err := c.Write([]byte("ab")); err != nil {
			t.Fatal(err)
		}
		if _, err := io.ReadAll(c); !errors.Is(err, syscall.ECONNRESET) {
			t.Errorf("%v", err)
		}
	})
}

// Shutdown delivers what has come, and does not wait for idle clients whose server is gone.
func TestShutdownDelivers(t *testing.T) {
	const size = 50_000
	w, address := wireHere(t, targets.Link{Rate: 10e6, Delay: 20 * time.Millisecond}, peer(t, func(c net.Conn) { _, _ = c.Write(make([]byte, size)) }))
	c := dial(t, address)
	if _, err := io.ReadFull(c, make([]byte, 1)); err != nil {
		t.Fatal(err)
	}
	rest := make(chan int64, 1)
	go func() {
		n, _ := io.Copy(io.Discard, c)
		rest <- n
	}()
	close(w.last) // as Shutdown begins
	if n := <-rest; n != size-1 {
		t.Errorf("%d bytes came, want %d", n, size-1)
	}
	suite.Eventually(t, "the connection of a client that is idle is closed", func() bool { return w.counts.open.Load() == 0 })
}

// started is a target with a link in processes of its own.
func started(t *testing.T, s targets.Spec) (targets.Target, *fixture.Events) {
	t.Helper()
	events := &fixture.Events{}
	ctx, cancel := context.WithTimeout(t.Context(), suite.Deadline)
	defer cancel()
	tg, err := targets.Start(ctx, s, events.Hooks())
	if err != nil {
		t.Fatal(err)
	}
	return tg, events
}

// A target behind a link answers through it; what the link counts is what the client got, and its process is a part of its own.
func TestTarget(t *testing.T) {
	const size = 60_000
	tg, _ := started(t, targets.Spec{Server: builtin.Name, Variant: "v", Link: &targets.Link{Rate: 100e6, Delay: time.Millisecond}})
	defer fixture.Stopped(t, tg)
	c := dial(t, tg.Addr())
	if _, err := io.WriteString(c, "GET /bytes?n="+strconv.Itoa(size)+" HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n"); err != nil {
		t.Fatal(err)
	}
	got, err := io.ReadAll(c)
	if err != nil || len(got) < size || !bytes.Contains(got, []byte("X-Benchtop-Run: "+tg.Spec().RunHeader())) {
		t.Errorf("%d bytes, %v", len(got), err)
	}
	roles := map[string]string{}
	for _, p := range tg.Processes() {
		roles[p.Part] += p.Role
	}
	if roles[targets.PartLink] != Role || roles[targets.PartServer] != builtin.Role || len(roles) != 2 {
		t.Errorf("processes %v", roles)
	}
	marks, err := tg.Mark(t.Context())
	if err != nil || len(marks) != 2 {
		t.Fatalf("%v, %v", marks, err)
	}
	for _, m := range marks {
		if m.Role == Role && m.Counters["link_bytes_down"] != uint64(len(got)) {
			t.Errorf("the link counted %v, the client %d bytes", m.Counters, len(got))
		}
	}
}

// When the lab is killed, no process is left.
func TestKilledLabLeavesNothing(t *testing.T) {
	fixture.KilledLab(t, targets.Spec{Server: builtin.Name, Link: &targets.Link{Rate: 1e6, Delay: time.Second}}, 3, nil)
}

// A link that is killed is replaced.
func TestKilled(t *testing.T) {
	tg, events := started(t, targets.Spec{Server: builtin.Name, Variant: "v", Link: &targets.Link{}})
	defer fixture.Stopped(t, tg)
	for _, p := range tg.Processes() {
		if p.Part == targets.PartLink {
			if err := posix.Kill(p.PID, syscall.SIGKILL); err != nil {
				t.Fatal(err)
			}
		}
	}
	events.Await(t, targets.WorkerReplaced, 0, "")
	r, err := http.Get("http://" + tg.Addr() + "/hello")
	if err != nil {
		t.Fatal(err)
	}
	_ = r.Body.Close()
	http.DefaultClient.CloseIdleConnections()
}
