package proc

import (
	"strings"
	"sync"

	"benchtop/targets/printable"
)

// Sizes of what is kept and quoted of a child's output.
const (
	ringSize  = 64 << 10 // bytes kept
	tailLines = 20       // lines quoted
	tailBytes = 4 << 10  // bytes quoted
)

// ring keeps the last bytes that were written to it.
type ring struct {
	mu   sync.Mutex
	buf  []byte
	next int  // where the next byte goes
	full bool // the oldest byte is at next
}

// Write never fails and never waits for anything but other writers.
func (r *ring) Write(p []byte) (int, error) {
	n := len(p)
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.buf == nil {
		r.buf = make([]byte, ringSize)
	}
	if len(p) > len(r.buf) {
		p = p[len(p)-len(r.buf):]
	}
	for len(p) > 0 {
		c := copy(r.buf[r.next:], p)
		p = p[c:]
		r.next += c
		if r.next == len(r.buf) {
			r.next, r.full = 0, true
		}
	}
	return n, nil
}

func (r *ring) bytes() []byte {
	r.mu.Lock()
	defer r.mu.Unlock()
	if !r.full {
		return append([]byte(nil), r.buf[:r.next]...)
	}
	return append(append([]byte(nil), r.buf[r.next:]...), r.buf[:r.next]...)
}

// tail gives the last lines in a form that is safe to print. When the program crashed, the lines begin with the
// crash's headline, which the stacks after it would otherwise push out.
func (r *ring) tail() string {
	text := strings.TrimRight(string(r.bytes()), "\r\n")
	lines := strings.Split(text, "\n")
	from := max(0, len(lines)-tailLines)
	for i := len(lines) - 1; i >= 0; i-- {
		if crashHeadline(lines[i]) {
			from = i
			break
		}
	}
	lines = lines[from:min(len(lines), from+tailLines)]
	text = strings.Join(lines, "\n")
	if len(text) > tailBytes {
		text = text[:tailBytes]
	}
	return printable.Lines(text)
}

func crashHeadline(line string) bool {
	for _, start := range []string{"panic: ", "fatal error: ", "SIGABRT: ", "SIGQUIT: ", "SIGSEGV: ", "runtime: out of memory"} {
		if strings.HasPrefix(line, start) {
			return true
		}
	}
	return false
}
