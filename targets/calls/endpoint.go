package calls

import (
	"fmt"
	"strconv"
	"sync/atomic"

	"benchtop/targets"
	"benchtop/targets/endpoint"
)

// Values of the parameter how.
const (
	inSequence = "sequence"
	together   = "together"
	stream     = "stream"
)

// mostCalls is the most calls of a request.
const mostCalls = 1000

// Rows are the endpoints that call with c. Those of a nil Caller are for documents and checks.
func Rows(c *Caller) []*endpoint.Endpoint {
	return []*endpoint.Endpoint{{
		Path: "/calls", Services: []string{targets.ServiceUpstream}, Handle: c.handle,
		Doc: "calls of the upstream: one after the other until one fails; all together; or together, with a chunk of the response as each is over",
		Params: []endpoint.Param{
			{Name: "n", Doc: "how many", Type: endpoint.Int, Min: 1, Max: mostCalls, Default: 10, Unit: "calls"},
			{Name: "how", Doc: "how they are made", Type: endpoint.Word, Words: []string{inSequence, together, stream}},
		},
		Samples: []string{"n=1", "n=10&how=sequence", "n=10&how=together", "n=10&how=stream"},
	}}
}

// Call makes a call for a handler or a task that has the turn, and gives the status and the text of its failure; 0: it succeeded.
func (c *Caller) Call(w endpoint.Worker) (status int, text string) {
	r := c.request()
	defer r.end()
	var f *failure
	w.Await(func() { f = r.call() })
	if f != nil {
		return f.status, f.text
	}
	return 0, ""
}

func (c *Caller) handle(x *endpoint.Exchange) {
	n, how := int(x.Int("n")), x.Text("how")
	if how == stream {
		c.stream(x, n)
		return
	}
	r := c.request()
	defer r.end()
	failures := make([]*failure, n)
	if how == together {
		next := x.Worker.Together(n, func(i int) { failures[i] = r.call() })
		for range n {
			next()
		}
	} else {
		for i := 0; i < n && (i == 0 || failures[i-1] == nil); i++ {
			x.Worker.Await(func() { failures[i] = r.call() })
		}
	}
	for i, f := range failures {
		if f != nil {
			x.Fail(f.status, fmt.Sprintf("call %d of %d: %s", i+1, n, f.text))
			return
		}
	}
	b := strconv.AppendInt(append(x.Scratch(), "called "...), int64(n), 10)
	x.SendScratch(endpoint.PlainText, append(b, " times\n"...))
}

// stream responds with a chunk for each call, in the order in which they end. The status is sent with the first one: that a
// call failed can only be said in its chunk. A client that is gone leaves calls behind, which end by themselves.
func (c *Caller) stream(x *endpoint.Exchange, n int) {
	var next func() int
	failures, came := make([]*failure, n), 0
	begin := func(x *endpoint.Exchange) func() int {
		r, left := c.request(), atomic.Int64{}
		left.Store(int64(n))
		return x.Worker.Together(n, func(i int) {
			failures[i] = r.call()
			if left.Add(-1) == 0 {
				r.end()
			}
		})
	}
	x.Stream(endpoint.PlainText, func(x *endpoint.Exchange) []byte {
		if next == nil { // a HEAD never gets here
			next = begin(x)
		}
		if came == n {
			return nil
		}
		said := "called"
		if f := failures[next()]; f != nil {
			said = f.text
		}
		came++
		return fmt.Appendf(x.Scratch(), "%d of %d: %s\n", came, n, said)
	})
}
