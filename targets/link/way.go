package link

import (
	"errors"
	"io"
	"net"
	"sync/atomic"
	"time"

	"benchtop/targets/pause"
	"benchtop/targets/proc"
	"benchtop/targets/routine"
)

// way is one direction of one connection.
type way struct {
	from, to net.Conn
	lane     *lane
	delay    int64         // nanoseconds
	count    *atomic.Int64 // bytes delivered
	over     <-chan struct{}

	spare chan []byte // memory for pieces
	made  int         // of these, how many there are
	away  chan piece  // under way
	lost  chan struct{}
}

// piece is what was read at once, and when it is there.
type piece struct {
	bytes []byte
	at    int64 // proc.Now
	end   error // nothing comes after it, and why; io.EOF: the sender has ended
}

func newWay(w *wire, from, to net.Conn, l *lane, count *atomic.Int64) *way {
	y := &way{from: from, to: to, lane: l, delay: int64(w.Link.Delay), count: count, over: w.over, lost: make(chan struct{})}
	pieces := l.pieces(y.delay)
	y.spare, y.away = make(chan []byte, pieces), make(chan piece, pieces+1)
	return y
}

// run carries until the sender has ended, or one of both is gone.
func (y *way) run() {
	if y.lane.rate == 0 && y.delay == 0 {
		y.straight()
		return
	}
	var taking routine.Group
	taking.Go(y.take)
	for p := range y.away {
		if wait := p.at - proc.Now(); wait > 0 {
			pause.For(time.Duration(wait), y.over) // at its end the connections are closed as well
		}
		if !y.deliver(p) {
			close(y.lost)
			reset(y.from) // take reads no more
			break
		}
		if p.end == nil {
			y.spare <- p.bytes[:cap(p.bytes)]
		}
	}
	taking.Wait()
}

// straight carries without a wait.
func (y *way) straight() {
	for b := make([]byte, y.lane.piece()); ; {
		n, err := y.from.Read(b)
		if n > 0 && !y.deliver(piece{bytes: b[:n]}) {
			reset(y.from)
			return
		}
		if err != nil {
			y.deliver(piece{end: err})
			return
		}
	}
}

// take reads what comes, as long as memory for it is there: a sender that is faster than the link has to wait.
func (y *way) take() {
	defer close(y.away)
	for {
		b, ok := y.memory()
		if !ok {
			return
		}
		n, err := y.from.Read(b)
		now := proc.Now()
		left := now
		if n > 0 {
			left = y.lane.leave(n, now)
			y.away <- piece{bytes: b[:n], at: left + y.delay} // which has room for all
		}
		if err != nil {
			y.away <- piece{at: left + y.delay, end: err}
			return
		}
		if wait := left - now - ahead; wait > 0 && !pause.For(time.Duration(wait), y.lost) {
			return
		}
	}
}

// memory is for one more piece; false: nobody takes it any more.
func (y *way) memory() ([]byte, bool) {
	select {
	case b := <-y.spare:
		return b, true
	default:
	}
	if y.made < cap(y.spare) {
		y.made++
		return make([]byte, y.lane.piece()), true
	}
	select {
	case b := <-y.spare:
		return b, true
	case <-y.lost:
		return nil, false
	}
}

// deliver gives a piece to the receiver, or the end of the sender; false: the receiver is gone. What is counted never lags
// behind what the receiver has.
func (y *way) deliver(p piece) bool {
	if p.end == nil {
		y.count.Add(int64(len(p.bytes)))
		_, err := y.to.Write(p.bytes)
		return err == nil
	}
	if half, ok := y.to.(interface{ CloseWrite() error }); ok && errors.Is(p.end, io.EOF) {
		return half.CloseWrite() == nil
	}
	reset(y.to)
	return true
}
