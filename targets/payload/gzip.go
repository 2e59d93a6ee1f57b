package payload

import (
	"bytes"
	"compress/gzip"
	"sync/atomic"

	"benchtop/targets/endpoint"
)

// threads of the pool: as many as AnyIO has in a worker.
const threads = 40

// Compressor compresses the responses of one worker, as the middleware of starlette does: of every type and status, whole ones
// from a length on, streams always.
type Compressor struct {
	level, least int
	slots        chan struct{} // of the pool; nil: in the turn of the handler
	idle         chan *writer  // as many as worked at once, at most those of the pool

	responses, before, after atomic.Int64 // before and after are bytes of bodies
}

// writer is what a response is compressed with. It has about 1 MB of tables, so it is used again.
type writer struct {
	*gzip.Writer
	out bytes.Buffer
}

// newCompressor gives the compressor of a worker with these settings; nil: off.
func newCompressor(g Gzip) *Compressor {
	if g.Where == Off {
		return nil
	}
	c := &Compressor{level: g.Level, least: *g.MinLength, idle: make(chan *writer, threads)}
	if g.Where == Pool {
		c.slots = make(chan struct{}, threads)
	}
	return c
}

func (c *Compressor) take() *writer {
	select {
	case w := <-c.idle:
		return w
	default:
	}
	w := &writer{}
	var err error
	if w.Writer, err = gzip.NewWriterLevel(&w.out, c.level); err != nil {
		panic(err) // the level was checked
	}
	return w
}

func (c *Compressor) give(w *writer) {
	w.out.Reset()
	w.Reset(&w.out)
	select {
	case c.idle <- w:
	default:
	}
}

// run does some compressing for a handler that has its turn, which it keeps, or gives away meanwhile.
func (c *Compressor) run(x *endpoint.Exchange, work func()) {
	if c.slots == nil {
		work()
		return
	}
	x.Worker.Await(func() {
		c.slots <- struct{}{}
		work()
		<-c.slots
	})
}

// Compress compresses the response of an exchange whose client takes it (Accepts). The endpoint has decided on the response,
// and its turn has not ended.
func (c *Compressor) Compress(x *endpoint.Exchange) {
	r := &x.Response
	switch {
	case r.Next != nil:
		r.Next = (&stream{Compressor: c, next: r.Next}).chunk
	case len(r.Body) < c.least:
		return
	default:
		c.run(x, func() { c.whole(r) })
	}
	r.Encoding = "gzip"
	c.responses.Add(1)
}

// whole compresses a body at once. The result is memory of its own: an engine may send it after the exchange has ended.
func (c *Compressor) whole(r *endpoint.Response) {
	w := c.take()
	w.add(r.Body, true)
	c.before.Add(int64(len(r.Body)))
	r.Body, r.Reused = bytes.Clone(w.out.Bytes()), false
	c.after.Add(int64(len(r.Body)))
	c.give(w)
}

// add compresses a part of a body. It writes to memory, which does not fail.
func (w *writer) add(part []byte, last bool) {
	_, _ = w.Write(part)
	if last {
		_ = w.Close()
	}
}

// stream is a response in chunks that is compressed. A client that is gone before its end leaves the writer to the collector.
type stream struct {
	*Compressor
	next   func(*endpoint.Exchange) []byte
	writer *writer // nil before the first chunk and after the last one
	ended  bool
}

// chunk gives what the compressor has ready, after as many chunks as that takes: it is not flushed after each.
func (s *stream) chunk(x *endpoint.Exchange) []byte {
	if s.writer == nil {
		s.writer = s.take()
	}
	out := &s.writer.out
	out.Reset()
	for out.Len() == 0 && !s.ended {
		part := s.next(x)
		s.ended = len(part) == 0
		s.run(x, func() { s.writer.add(part, s.ended) })
		s.before.Add(int64(len(part)))
	}
	if out.Len() == 0 {
		s.give(s.writer)
		s.writer = nil
		return nil
	}
	s.after.Add(int64(out.Len()))
	return out.Bytes()
}
