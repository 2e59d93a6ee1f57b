package link

import (
	"sync"
	"sync/atomic"

	"benchtop/targets/setting"
)

// lane is one direction of a link at its rate: bytes leave one after the other, in the order in which they came.
type lane struct {
	rate setting.Rate // 0: they leave at once

	mu   sync.Mutex
	free int64 // proc.Now when all that was let in has left

	busy *atomic.Int64 // nanoseconds that sending took; nil: nobody counts them
}

// leave lets n bytes in that came at a time of proc.Now, and gives the time when the last of them has left.
func (l *lane) leave(n int, came int64) int64 {
	if l.rate == 0 {
		return came
	}
	took := (int64(n)*8*1e9 + int64(l.rate) - 1) / int64(l.rate) // rounded up: never faster than declared
	if l.busy != nil {
		l.busy.Add(took)
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	l.free = max(l.free, came) + took
	return l.free
}

// Bounds of what is read at once, in bytes. The longest time that a byte waits for others is that of one such piece of every
// connection.
const (
	leastPiece = 1460       // of a segment of TCP on Ethernet
	mostPiece  = 32 << 10   // as io.Copy has it
	pieceTime  = 2e-3       // seconds that one is to take at least
	mostAway   = 4 << 20    // bytes of a connection that are under way at most, as TCP's window bounds them
	ahead      = 10_000_000 // nanoseconds that a piece may be let in before it leaves: late wake-ups cost no time then
)

// piece is how many bytes are read at once.
func (l *lane) piece() int {
	if l.rate == 0 {
		return mostPiece
	}
	return min(max(leastPiece, int(float64(l.rate)/8*pieceTime)), mostPiece)
}

// pieces is how many pieces of one connection may be under way, with this delay in nanoseconds.
func (l *lane) pieces(delay int64) int {
	away := int64(mostAway)
	if l.rate > 0 {
		away = min(away, int64(2*float64(l.rate)/8*float64(delay+ahead)*1e-9))
	}
	return 4 + int(away)/l.piece()
}
