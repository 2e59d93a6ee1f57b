package engine

import (
	"context"
	"io"
	"net"
	"net/http"
	"path/filepath"
	"sync/atomic"
	"testing"
	"time"

	"benchtop/lab/load"
	"benchtop/lab/load/histogram"
	"benchtop/targets/fixture/suite"
)

// A timeout of the first byte holds for each request of a user, whatever the one before it took.
func TestFirstByteAfterASlowBody(t *testing.T) {
	t.Parallel()
	const first = 100 * time.Millisecond
	var turn atomic.Int64
	srv := newHTTP2Server(t, nil, func(w http.ResponseWriter, q *http.Request) {
		wait := time.NewTimer(4 * first)
		defer wait.Stop()
		if turn.Add(1) > 1 {
			<-q.Context().Done() // no byte of it
			return
		}
		_ = http.NewResponseController(w).Flush()
		<-wait.C
	})
	s := multiplexed(srv.addr)
	s.Connections, s.Streams, s.Settle, s.Window = 1, 1, 0, 8*first
	s.Timeout, s.Timeouts = 100*first, &load.Timeouts{FirstByte: first}
	sum := anew(t, s, 2, func() { turn.Store(0) })
	h, err := histogram.Decode(sum.Latency)
	if err != nil || sum.Total.OK != 1 || sum.Total.Errors[load.ErrReadTimeout] == 0 || h.Max() > int64(s.Timeout)/2 {
		t.Errorf("%+v, %v; the longest took %v, of at most %v until its first byte", sum.Total, err, time.Duration(h.Max()), first)
	}
}

// A request that a connection turned away has the whole time of a connect for the next one, however long it waited on the first.
func TestConnectAfterWaiting(t *testing.T) {
	t.Parallel()
	var wrong []string
	for wait := 100 * time.Millisecond; wait < 5*time.Second; wait *= 3 {
		if wrong = suite.Try(t, func(t testing.TB) { connectAfterWaiting(t, wait) }); len(wrong) == 0 {
			return
		}
	}
	t.Error(wrong)
}

func connectAfterWaiting(t testing.TB, wait time.Duration) {
	srv := newHTTP2Server(t, &http.HTTP2Config{MaxConcurrentStreams: 1}, func(w http.ResponseWriter, q *http.Request) {
		timer := time.NewTimer(wait)
		defer timer.Stop()
		select {
		case <-timer.C:
		case <-q.Context().Done():
		}
		w.Header().Set("Connection", "close") // GOAWAY
	})
	s := multiplexed(srv.addr)
	s.Connections, s.Streams, s.Window, s.Timeouts = 1, 8, 4*wait, &load.Timeouts{Connect: wait / 2}
	sum, err := Execute(context.Background(), netEngine{}, 2, s, func(load.Tick) {}, nil)
	if err != nil {
		t.Fatal(err)
	}
	h, err := histogram.Decode(sum.Connect)
	if err != nil || sum.Total.Connects < 2 || sum.Total.Errors[load.ErrConnectTimeout] > 0 || h.Max() >= int64(wait) {
		t.Errorf("%+v, %v; the longest connect took %v", sum.Total, err, time.Duration(h.Max()))
	}
}

// Who waits for a connection that another user opens waits for as long as its own timeout, not for the rest of the other's.
func TestTimeoutOfAnOpeningIsNotThatOfAllWhoWait(t *testing.T) {
	t.Parallel()
	f := newFaultServer(t, func(_ *faultServer, c *net.TCPConn, _ func() bool) { _, _ = io.Copy(io.Discard, c) }) // no handshake
	s := multiplexed(f.addr())
	s.TLS = &load.TLS{ServerName: "127.0.0.1", Insecure: true}
	s.Connections, s.Streams, s.Settle = 1, 2, 0
	const connect = 200 * time.Millisecond
	s.Timeout, s.Timeouts = 100*connect, &load.Timeouts{Connect: connect}
	s.Think, s.Window = connect, 5*connect // from the second request on the users are half a timeout apart
	sum, ticks := mustRun(t, netEngine{}, s)
	consistent(t, sum, ticks)
	h, err := histogram.Decode(sum.Latency)
	if err != nil || sum.Total.Errors[load.ErrConnectTimeout] != sum.Total.Requests || h.TotalCount() < 3 || h.Min() < int64(connect)*99/100 {
		t.Errorf("%+v, %v; timeouts of %v from %v on", sum.Total, err, connect, time.Duration(h.Min()))
	}
}

// No user waits for a server that reads nothing, when what was given up has filled the buffers between them.
func TestServerThatReadsNothing(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "s") // its buffers are small
	ln, err := net.Listen("unix", path)
	suite.Need(t, err)
	served := make(chan struct{})
	go func() {
		defer close(served)
		for {
			c, err := ln.Accept()
			if err != nil {
				return
			}
			defer func() { _ = c.Close() }()
			_, _ = c.Write(frame(settingsFrame, 0, 0, 0, 4, 0x3f, 0xff, 0xff, 0xff))
			_, _ = c.Write(frame(windowFrame, 0, 0, number(1<<30)...))
		}
	}()
	defer func() {
		_ = ln.Close()
		<-served
	}()
	s := multiplexed("unix:" + path)
	s.Request.Host, s.Request.Method, s.Request.Body = "localhost", "POST", make([]byte, 3000)
	s.Model, s.Rate, s.Connections, s.Streams = load.Open, 1000, 1, 8
	s.Timeout, s.Window = 20*time.Millisecond, time.Second
	ctx, cancel := context.WithTimeout(context.Background(), 30*time.Second)
	defer cancel()
	sum, err := Execute(ctx, netEngine{}, 2, s, func(load.Tick) {}, nil)
	if err != nil || sum.Total.Errors[load.ErrReadTimeout] == 0 || errorsOf(sum.Total) != sum.Total.Requests {
		t.Errorf("%v: %+v", err, sum.Total)
	}
}
