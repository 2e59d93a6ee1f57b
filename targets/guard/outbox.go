package guard

import (
	"bufio"
	"errors"
	"io"
	"os"
	"slices"
	"sync"

	"benchtop/targets/proc"
)

// Bounds of what waits to be sent to the lab. The component is never made to wait: beyond them its oldest lines go.
const (
	maxText   = 4 << 10 // bytes of a line
	maxQueued = 4096    // lines
	maxBatch  = 512     // lines in one message
)

// outbox is what the guard has to say. One goroutine sends it, so that a lab that does not read holds nothing else up.
type outbox struct {
	wake chan struct{} // holds one value when something is there
	done chan struct{} // closed when everything was sent, or the lab is gone

	mu      sync.Mutex
	lines   []line
	dropped int
	tree    []member
	changed bool // tree is news
	first   *ending
	last    *result
}

func newOutbox() *outbox {
	return &outbox{wake: make(chan struct{}, 1), done: make(chan struct{})}
}

// put changes the outbox and wakes the sender.
func (o *outbox) put(change func()) {
	o.mu.Lock()
	change()
	o.mu.Unlock()
	select {
	case o.wake <- struct{}{}:
	default:
	}
}

func (o *outbox) addLine(l line) {
	o.put(func() {
		if len(o.lines) >= maxQueued {
			o.lines = slices.Delete(o.lines, 0, maxQueued/8)
			o.dropped += maxQueued / 8
		}
		o.lines = append(o.lines, l)
	})
}

func (o *outbox) setTree(tree []member) {
	o.put(func() { o.tree, o.changed = slices.Clone(tree), true })
}

func (o *outbox) setFirst(e *ending) { o.put(func() { o.first = e }) }

// setLast says that nothing comes after this.
func (o *outbox) setLast(r *result) { o.put(func() { o.last = r }) }

// take gives the next message. The last one goes alone and at the end.
func (o *outbox) take() (n news, ok bool) {
	o.mu.Lock()
	defer o.mu.Unlock()
	if o.dropped > 0 {
		n.Lines = append(n.Lines, line{Dropped: o.dropped})
		o.dropped = 0
	}
	batch := min(len(o.lines), maxBatch)
	n.Lines = append(n.Lines, o.lines[:batch]...)
	o.lines = slices.Delete(o.lines, 0, batch)
	if o.changed {
		n.Tree, n.Empty, o.changed = o.tree, len(o.tree) == 0, false
	}
	n.First, o.first = o.first, nil
	if len(n.Lines) > 0 || n.Tree != nil || n.Empty || n.First != nil {
		return n, true
	}
	if o.last != nil {
		return news{Last: o.last}, true
	}
	return news{}, false
}

// giveBack keeps what must not get lost of a message that the lab did not read in time, and counts its lines.
func (o *outbox) giveBack(n news) {
	o.mu.Lock()
	defer o.mu.Unlock()
	for _, l := range n.Lines {
		o.dropped += max(1, l.Dropped)
	}
	if (n.Tree != nil || n.Empty) && !o.changed {
		o.tree, o.changed = n.Tree, true
	}
	if n.First != nil {
		o.first = n.First
	}
}

// run sends until the last message was sent.
func (o *outbox) run(c *proc.Child) {
	defer close(o.done)
	for range o.wake {
		for {
			n, ok := o.take()
			if !ok {
				break
			}
			switch err := c.Send(n); {
			case errors.Is(err, os.ErrDeadlineExceeded):
				o.giveBack(n)
			case n.Last != nil:
				return // also when the lab is gone: nobody listens then
			}
		}
	}
}

// drain takes the lines of one stream of the component until its end.
func (o *outbox) drain(r io.Reader, stderr bool) {
	in := bufio.NewReaderSize(r, 32<<10)
	var text []byte
	for {
		part, err := in.ReadSlice('\n')
		text = append(text, part[:min(len(part), maxText-len(text))]...)
		switch {
		case errors.Is(err, bufio.ErrBufferFull):
			continue // what is longer than a line may be is read and left out
		case err == nil || len(text) > 0:
			o.addLine(line{Stderr: stderr, Text: trimEnd(text)})
			text = text[:0]
		}
		if err != nil {
			return
		}
	}
}

func trimEnd(text []byte) string {
	for len(text) > 0 && (text[len(text)-1] == '\n' || text[len(text)-1] == '\r') {
		text = text[:len(text)-1]
	}
	return string(text)
}
