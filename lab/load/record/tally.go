package record

import "benchtop/lab/load"

// tally is load.Counts with the errors by index.
type tally struct {
	sent, requests, ok, connects, bytesIn, attempts uint64
	errors                                          [load.Classes]uint64
	retried                                         [load.Classes]uint64 // attempts that were followed by another
}

func (t *tally) ended(o *Outcome) {
	t.requests++
	t.bytesIn += uint64(o.Bytes) //nolint:gosec // a count
	if !o.Unsent {
		t.attempts += 1 + uint64(len(o.Tries))
	}
	for i := range o.Tries {
		t.retried[o.Tries[i].Class]++
	}
	if o.Class == load.OK {
		t.ok++
		return
	}
	t.errors[o.Class]++
}

func (t *tally) add(o *tally) {
	t.sent += o.sent
	t.requests += o.requests
	t.ok += o.ok
	t.connects += o.connects
	t.bytesIn += o.bytesIn
	t.attempts += o.attempts
	for i := range o.errors {
		t.errors[i] += o.errors[i]
		t.retried[i] += o.retried[i]
	}
}

func (t *tally) counts() load.Counts {
	c := load.Counts{Sent: t.sent, Requests: t.requests, OK: t.ok, Connects: t.connects, BytesIn: t.bytesIn, Attempts: t.attempts}
	c.Errors, _ = byClass(&t.errors)
	c.AttemptErrors, c.Retried = byClass(&t.retried)
	return c
}

// byClass names the classes that occurred, and adds them up.
func byClass(n *[load.Classes]uint64) (named map[string]uint64, sum uint64) {
	for i, n := range n {
		if n > 0 {
			if named == nil {
				named = map[string]uint64{}
			}
			named[load.Class(i).String()] = n
			sum += n
		}
	}
	return named, sum
}
