package proxy

import (
	"bufio"
	"io"
	"strconv"
	"sync"
	"time"

	"benchtop/targets/proc"
)

// Size and rhythm of a buffered access log.
const (
	logBuffer = 64 << 10
	logFlush  = time.Second
)

// accessLog writes a line per request: time, method, path, status, bytes of body, microseconds.
type accessLog struct {
	mu     sync.Mutex
	to     io.Writer
	buffer *bufio.Writer // nil: every line is a system call of its own
	line   []byte
}

func (l *accessLog) write(method, path string, status int, sent int64, since int64) {
	l.mu.Lock()
	defer l.mu.Unlock()
	b := time.Now().AppendFormat(l.line[:0], time.RFC3339Nano)
	b = append(b, ' ')
	b = append(b, method...)
	b = append(b, ' ')
	b = strconv.AppendQuote(b, path)
	b = append(b, ' ')
	b = strconv.AppendInt(b, int64(status), 10)
	b = append(b, ' ')
	b = strconv.AppendInt(b, sent, 10)
	b = append(b, ' ')
	b = strconv.AppendInt(b, (proc.Now()-since)/int64(time.Microsecond), 10)
	b = append(b, "us\n"...)
	l.line = b
	if l.buffer != nil {
		_, _ = l.buffer.Write(b) // nobody to tell: this is the log
		return
	}
	_, _ = l.to.Write(b)
}

// flush writes what is buffered.
func (l *accessLog) flush() {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.buffer != nil {
		_ = l.buffer.Flush()
	}
}
