package faults

import (
	"fmt"
	"net"
	"sync/atomic"
	"time"
)

// What a client that tries again makes of failures that end. Each script counts in Faults every request that it failed
// on purpose; Requests minus Faults were answered well.

// FirstFail fails the first n requests of every n+1 on each connection with the same bytes, and answers the last one
// well.
func FirstFail(n int, text string) Script {
	return func(s *Server, c *net.TCPConn, next func() bool) {
		for i := 1; next(); i++ {
			if i%(n+1) != 0 {
				s.Faults.Add(1)
				_, _ = c.Write([]byte(text))
				continue
			}
			_, _ = c.Write([]byte(OK))
		}
	}
}

// FirstFailAnywhere is FirstFail for failures that a connection does not survive: it counts the requests of all of
// them together, so that it is for one user at a time.
func FirstFailAnywhere(n int, text string, then After) Script {
	var seen atomic.Int64
	return func(s *Server, c *net.TCPConn, next func() bool) {
		for next() {
			if seen.Add(1)%int64(n+1) == 0 {
				_, _ = c.Write([]byte(OK))
				continue
			}
			s.Faults.Add(1)
			_, _ = c.Write([]byte(text))
			if then.ends(c) {
				return
			}
		}
	}
}

// Later answers the first request of every two on a connection with the status and a Retry-After of so many seconds,
// and the second one well. A second one that comes too soon is counted in Early.
func Later(status string, seconds int) Script {
	answer := []byte(fmt.Sprintf("HTTP/1.1 %s\r\nRetry-After: %d\r\nContent-Length: 0\r\n\r\n", status, seconds))
	return func(s *Server, c *net.TCPConn, next func() bool) {
		for next() {
			s.Faults.Add(1)
			asked := time.Now()
			_, _ = c.Write(answer)
			if !next() {
				return
			}
			if time.Since(asked) < time.Duration(seconds)*time.Second {
				s.Early.Add(1)
			}
			_, _ = c.Write([]byte(OK))
		}
	}
}

// Once answers one request of each connection and closes it at once, without having announced that.
func Once(s *Server, c *net.TCPConn, next func() bool) {
	if next() {
		_, _ = c.Write([]byte(OK))
		s.Faults.Add(1)
	}
}
