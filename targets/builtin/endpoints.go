package builtin

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"net/http"
	"runtime"
	"strconv"
	"sync"
	"time"
)

// endpoint is one sample endpoint, written once for all engines.
type endpoint struct {
	path   string
	params []param
	handle func(*exchange)
}

// Bounds of the parameters.
const (
	maxUnits  = 1_000_000
	maxWait   = time.Minute
	maxItems  = 10_000
	maxBytes  = 16 << 20
	maxChunks = 10_000
	maxEvery  = 10 * time.Second
	maxCalls  = 1_000
)

// endpoints lists the sample endpoints.
func endpoints() []*endpoint {
	return []*endpoint{
		{"/hello", nil, hello},
		{"/work", []param{{name: "units", min: 1, max: maxUnits, standard: 100}}, work},
		{"/wait", []param{{name: "for", duration: true, max: int64(maxWait), standard: int64(5 * time.Millisecond)}}, wait},
		{"/json", []param{{name: "items", max: maxItems, standard: 10}}, items},
		{"/bytes", []param{{name: "n", max: maxBytes, standard: 1024}}, bytesOf},
		{"/stream", []param{
			{name: "chunks", min: 1, max: maxChunks, standard: 5},
			{name: "every", duration: true, max: int64(maxEvery), standard: int64(10 * time.Millisecond)},
		}, stream},
		{"/fanout", []param{
			{name: "calls", min: 1, max: maxCalls, standard: 5},
			{name: "wait", duration: true, max: int64(maxWait), standard: int64(5 * time.Millisecond)},
		}, fanout},
		{"/health", nil, health},
		{"/metrics", nil, metrics},
	}
}

// paths lists the paths of the endpoints.
func paths() []string {
	var all []string
	for _, e := range endpoints() {
		all = append(all, e.path)
	}
	return all
}

var helloBody = []byte("Hello, world!")

func hello(x *exchange) { x.text(helloBody) }

var healthBody = []byte("ok\n")

func health(x *exchange) { x.text(healthBody) }

// work hashes 1 KiB again and again, each time with the previous sum at its front, so no round can be left out.
func work(x *exchange) {
	var block [1024]byte
	for range x.args[0] * x.service.factor {
		sum := sha256.Sum256(block[:])
		copy(block[:], sum[:])
	}
	x.scratch = append(hex.AppendEncode(x.scratch, block[:8]), '\n')
	x.text(x.scratch)
	x.reused = true
}

func wait(x *exchange) {
	d := time.Duration(x.args[0])
	x.wait(d)
	x.scratch = append(append(append(x.scratch, "waited "...), d.String()...), '\n')
	x.text(x.scratch)
	x.reused = true
}

func fanout(x *exchange) {
	calls, d := x.args[0], time.Duration(x.args[1])
	x.service.loop.fanOut(int(calls), d)
	x.scratch = strconv.AppendInt(append(x.scratch, "calls "...), calls, 10)
	x.scratch = append(append(append(x.scratch, ", each waited "...), d.String()...), '\n')
	x.text(x.scratch)
	x.reused = true
}

// item is one element of the list of /json.
type item struct {
	ID    int      `json:"id"`
	Name  string   `json:"name"`
	Price float64  `json:"price"`
	Stock bool     `json:"in_stock"`
	Tags  []string `json:"tags"`
}

var itemTags = []string{"sample", "benchtop"}

func items(x *exchange) {
	list := make([]item, x.args[0])
	for i := range list {
		list[i] = item{ID: i, Name: "item " + strconv.Itoa(i), Price: float64(i) * 1.25, Stock: i%3 != 0, Tags: itemTags}
	}
	body, err := json.Marshal(list)
	if err != nil {
		x.status = http.StatusInternalServerError
		x.text([]byte("encoding the list: " + err.Error() + "\n"))
		return
	}
	x.contentType, x.body = jsonText, body
}

// pattern is what /bytes sends: the alphabet over and over, as long as the longest request so far.
var pattern struct {
	sync.Mutex
	b []byte
}

func bytesOf(x *exchange) {
	n := int(x.args[0])
	pattern.Lock()
	if len(pattern.b) < n {
		b := make([]byte, n)
		for i := range b {
			b[i] = 'a' + byte(i%26)
		}
		pattern.b = b
	}
	x.contentType, x.body = octets, pattern.b[:n]
	pattern.Unlock()
}

// stream sends chunks one by one. Each goes out in a write of its own, the first together with the head of the answer,
// so that two chunks are two small writes even without a pause between them.
func stream(x *exchange) { x.contentType, x.stream = plainText, nextChunk }

func nextChunk(x *exchange) []byte {
	i := x.chunk
	if i == x.args[0] {
		return nil
	}
	x.chunk++
	if i > 0 {
		x.wait(time.Duration(x.args[1]))
	}
	x.scratch = strconv.AppendInt(append(x.scratch[:0], "chunk "...), i, 10)
	x.scratch = append(x.scratch, '\n')
	return x.scratch
}

func metrics(x *exchange) {
	c := &x.service.counters
	b := x.scratch
	for _, m := range []struct {
		name, kind, help string
		value            int64
	}{
		{"served_total", "counter", "Responses written, this one not included.", int64(c.served.Load())}, // #nosec G115 -- far below
		{"in_flight", "gauge", "Requests being handled, this one included.", c.inFlight.Load()},
		{"rejected_total", "counter", "Requests refused with 503 because limit_concurrency was reached.", int64(c.rejected.Load())}, // #nosec G115 -- far below
		{"tls_handshakes_total", "counter", "TLS handshakes, full and resumed ones.", int64(c.tls.All())},                           // #nosec G115 -- far below
		{"tls_resumed_total", "counter", "TLS handshakes that resumed an earlier session.", int64(c.tls.Resumed())},                 // #nosec G115 -- far below
		{"connections_accepted_total", "counter", "Connections accepted.", int64(c.accepted.Load())},                                // #nosec G115 -- far below
		{"connections_open", "gauge", "Connections open now.", c.open.Load()},
		{"goroutines", "gauge", "Goroutines of the worker.", int64(runtime.NumGoroutine())},
	} {
		b = fmt.Appendf(b, "# HELP benchtop_worker_%[1]s %[2]s\n# TYPE benchtop_worker_%[1]s %[3]s\nbenchtop_worker_%[1]s{pid=%[4]q} %[5]d\n",
			m.name, m.help, m.kind, x.service.worker, m.value)
	}
	x.scratch = b
	x.contentType, x.body, x.reused = "text/plain; version=0.0.4; charset=utf-8", b, true
}
