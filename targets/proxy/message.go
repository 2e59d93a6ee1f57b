package proxy

import (
	"io"
	"net"
	"net/http"
	"strconv"
	"sync"
)

// heads is the memory in which the heads of requests are written.
var heads = sync.Pool{New: func() any { return new([]byte) }}

// send writes a request. sent reports whether any of it may have reached the server.
func (c *conn) send(req *http.Request, body []byte) (sent bool, err error) {
	memory := heads.Get().(*[]byte)
	head := appendHead((*memory)[:0], req, len(body), c.owner.config.HTTPVersion, c.keeping)
	var n int64
	if len(body) == 0 {
		var m int
		m, err = c.socket.Write(head)
		n = int64(m)
	} else {
		parts := net.Buffers{head, body}
		n, err = parts.WriteTo(c.socket)
	}
	*memory = head
	heads.Put(memory)
	return n > 0, err
}

// appendHead adds the request line and the headers. The headers that concern one connection only are left out.
func appendHead(b []byte, req *http.Request, body int, version string, keep bool) []byte {
	b = append(b, req.Method...)
	b = append(b, ' ')
	b = append(b, req.URL.RequestURI()...)
	b = append(b, " HTTP/"...)
	b = append(b, version...)
	b = append(b, "\r\nHost: "...)
	b = append(b, req.Host...)
	b = append(b, "\r\n"...)
	for name, values := range req.Header {
		switch name {
		case "Connection", "Content-Length", "Expect", "Host", "Te", "Transfer-Encoding", "Upgrade":
			continue
		case "User-Agent":
			if len(values) == 1 && values[0] == "" {
				continue // the way in which ReverseProxy says that there was none
			}
		}
		for _, v := range values {
			b = append(b, name...)
			b = append(b, ": "...)
			b = append(b, v...)
			b = append(b, "\r\n"...)
		}
	}
	if body > 0 || !repeatable(req.Method) || req.Method == http.MethodPut {
		b = append(b, "Content-Length: "...)
		b = strconv.AppendInt(b, int64(body), 10)
		b = append(b, "\r\n"...)
	}
	if !keep {
		b = append(b, "Connection: close\r\n"...)
	}
	return append(b, "\r\n"...)
}

// body is the body of an upstream's answer. At its end, or when it is closed, the connection is given back.
type body struct {
	inner io.ReadCloser
	conn  *conn       // nil once it was given back
	stop  func() bool // the watch over the request's context
	left  int64       // bytes to come; below 0: not known
	err   error       // of all further reads
}

// hand makes the body of a response give the connection back; a response without one does so at once.
func (c *conn) hand(res *http.Response, stop func() bool) {
	b := &body{inner: res.Body, conn: c, stop: stop, left: res.ContentLength}
	if res.Body == http.NoBody {
		b.giveBack(true)
		return
	}
	res.Body = b
}

func (b *body) Read(p []byte) (int, error) {
	if b.conn == nil {
		return 0, b.err
	}
	n, err := b.inner.Read(p)
	if b.left >= 0 {
		if b.left -= int64(n); b.left == 0 && err == nil {
			err = io.EOF // at once, so that the server is free before the last bytes are sent on
		}
	}
	if err != nil {
		whole := err == io.EOF //nolint:errorlint // a Reader returns this very value
		if !whole {
			err = answerError(err)
			if c := b.conn; c.ctx.Err() == nil {
				c.owner.mu.Lock()
				c.owner.counts.Failed++
				c.owner.mu.Unlock()
			}
		}
		b.err = err
		b.giveBack(whole)
	}
	return n, err
}

// Close is part of io.Closer. What was not read ends the connection.
func (b *body) Close() error {
	if b.conn != nil {
		b.err = http.ErrBodyReadAfterClose
		b.giveBack(false)
	}
	return nil
}

// giveBack is called once.
func (b *body) giveBack(whole bool) {
	c := b.conn
	b.conn = nil
	untouched := b.stop() // else the deadline has been set to the past
	c.ctx = nil
	c.owner.release(c.up)
	if whole && untouched && c.keeping && c.r.Buffered() == 0 {
		c.owner.keep(c)
		return
	}
	c.close()
}
