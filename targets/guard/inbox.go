package guard

import (
	"fmt"
	"slices"
	"strings"
	"sync"

	"benchtop/targets/printable"
)

// Sizes of what is quoted of a component's output.
const (
	tailLines = 20
	tailBytes = 4 << 10
)

// tail keeps the last lines.
type tail struct{ lines []string }

func (t *tail) add(text string) {
	if len(t.lines) == tailLines {
		t.lines = slices.Delete(t.lines, 0, 1)
	}
	t.lines = append(t.lines, text)
}

// String gives the lines, the first ones cut off when they are too many bytes.
func (t *tail) String() string {
	s := strings.Join(t.lines, "\n")
	if len(s) > tailBytes {
		s = strings.ToValidUTF8(s[len(s)-tailBytes:], "")
	}
	return s
}

// clean makes a line of the guard one that can be shown.
func clean(l line) line {
	if l.Dropped > 0 {
		l.Text, l.Stderr = fmt.Sprintf("[benchtop: %d lines of output were dropped here]", l.Dropped), true
		return l
	}
	l.Text = printable.Line(l.Text)
	if len(l.Text) > maxText { // what is replaced may get longer
		l.Text = strings.ToValidUTF8(l.Text[:maxText], "")
	}
	return l
}

// inbox holds what the caller's functions are still to be told, so that they hold up nobody else.
type inbox struct {
	wake chan struct{}

	mu      sync.Mutex
	lines   []line
	dropped int
	changed bool
	ended   bool
}

func newInbox() *inbox { return &inbox{wake: make(chan struct{}, 1)} }

func (in *inbox) add(lines []line, changed bool) {
	in.mu.Lock()
	in.lines = append(in.lines, lines...)
	if over := len(in.lines) - maxQueued; over > 0 {
		in.lines = slices.Delete(in.lines, 0, over)
		in.dropped += over
	}
	in.changed = in.changed || changed
	in.mu.Unlock()
	in.signal()
}

func (in *inbox) end() {
	in.mu.Lock()
	in.ended = true
	in.mu.Unlock()
	in.signal()
}

func (in *inbox) signal() {
	select {
	case in.wake <- struct{}{}:
	default:
	}
}

// deliver calls the functions until the end.
func (in *inbox) deliver(onLine func(stream, line string), onChange func()) {
	for range in.wake {
		in.mu.Lock()
		lines, changed, ended := in.lines, in.changed, in.ended
		if in.dropped > 0 {
			lines = slices.Insert(lines, 0, clean(line{Dropped: in.dropped}))
		}
		in.lines, in.changed, in.dropped = nil, false, 0
		in.mu.Unlock()
		for _, l := range lines {
			if onLine == nil {
				break
			}
			stream := "stdout"
			if l.Stderr {
				stream = "stderr"
			}
			onLine(stream, l.Text)
		}
		if changed && onChange != nil {
			onChange()
		}
		if ended {
			return
		}
	}
}
