package proc

import (
	"bufio"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"sync"
	"time"
)

// maxLine is the longest line that either side accepts, in bytes.
const maxLine = 16 << 20

// sendTimeout is how long either side waits for the other one to read.
const sendTimeout = time.Second

// lineWriter writes values as lines of JSON with a deadline for each. A line that was cut by its deadline is completed
// before the next one, so the other side never sees half a line.
type lineWriter struct {
	mu      sync.Mutex
	w       *os.File
	timeout time.Duration
	rest    []byte
}

func (l *lineWriter) send(v any) error {
	b, err := json.Marshal(v)
	if err != nil {
		return fmt.Errorf("encoding a message: %w", err)
	}
	return l.write(append(b, '\n'), l.timeout)
}

func (l *lineWriter) write(line []byte, timeout time.Duration) error {
	if len(line) > maxLine {
		return fmt.Errorf("a message of %d bytes is too long, at most %d are allowed", len(line), maxLine)
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	if err := l.w.SetWriteDeadline(time.Now().Add(timeout)); err != nil && !errors.Is(err, os.ErrNoDeadline) {
		return fmt.Errorf("sending a message: %w", err)
	}
	if len(l.rest) > 0 {
		n, err := l.w.Write(l.rest)
		l.rest = l.rest[n:]
		if err != nil {
			return fmt.Errorf("sending a message: %w", err)
		}
	}
	n, err := l.w.Write(line)
	if err != nil {
		if n > 0 {
			l.rest = line[n:]
		}
		return fmt.Errorf("sending a message: %w", err)
	}
	return nil
}

// close closes the writing end; on the down pipe this ends the lifeline. It does not wait for a write that has begun.
func (l *lineWriter) close() { _ = l.w.Close() }

// readLine reads one line without its end. The result is a copy.
func readLine(r *bufio.Reader) ([]byte, error) {
	var line []byte
	for {
		part, err := r.ReadSlice('\n')
		line = append(line, part...)
		switch {
		case err == nil:
			return line[:len(line)-1], nil
		case !errors.Is(err, bufio.ErrBufferFull):
			return nil, err
		case len(line) > maxLine:
			return nil, fmt.Errorf("a line is longer than %d bytes", maxLine)
		}
	}
}
