package endpoint

import (
	"crypto/sha256"
	"encoding/hex"
	"strconv"
	"sync"
	"time"

	"benchtop/targets/pause"
)

// samples need nothing but the worker itself.
var samples = []*Endpoint{
	{Path: "/hello", Doc: "13 bytes of text", Samples: []string{""}, Handle: hello},
	{
		Path: "/work", Doc: "rounds of SHA-256 over 1 KiB, about 0.5 to 2 µs each", Handle: work,
		Params:  []Param{{Name: "units", Doc: "how many", Type: Int, Min: 1, Max: 1_000_000, Default: 100, Unit: "rounds"}},
		Samples: []string{"units=100", "units=400", "units=2000"},
	},
	{
		Path: "/wait", Doc: "a declared wait, as for a database", Handle: wait,
		Params:  []Param{{Name: "for", Doc: "how long", Type: Duration, Max: int64(time.Minute), Default: int64(5 * time.Millisecond)}},
		Samples: []string{"for=1ms", "for=5ms", "for=50ms"},
	},
	{
		Path: "/bytes", Doc: "bytes that are ready in memory", Handle: bytesOf,
		Params:  []Param{{Name: "n", Doc: "how many", Type: Size, Max: 16 << 20, Default: 1024}},
		Samples: []string{"n=1024", "n=100000"},
	},
	{
		Path: "/stream", Doc: "chunks, each in a write of its own", Handle: stream,
		Params: []Param{
			{Name: "chunks", Doc: "how many", Type: Int, Min: 1, Max: 10_000, Default: 5, Unit: "chunks"},
			{Name: "every", Doc: "the pause between two", Type: Duration, Max: int64(10 * time.Second), Default: int64(10 * time.Millisecond)},
		},
		Samples: []string{"chunks=5&every=10ms"},
	},
	{
		Path: "/fanout", Doc: "declared waits, at the same time where the concurrency model can", Handle: fanout,
		Params: []Param{
			{Name: "calls", Doc: "how many", Type: Int, Min: 1, Max: 1_000, Default: 5, Unit: "calls"},
			{Name: "wait", Doc: "how long each", Type: Duration, Max: int64(time.Minute), Default: int64(5 * time.Millisecond)},
		},
		Samples: []string{"calls=5&wait=5ms"},
	},
	{Path: "/health", Doc: "`ok` while the worker serves", Handle: health},
	{Path: "/metrics", Doc: "what the worker counts, in the text format of Prometheus", Varies: true, Handle: metrics},
}

var helloBody = []byte("Hello, world!")

func hello(x *Exchange) { x.Send(PlainText, helloBody) }

var healthBody = []byte("ok\n")

func health(x *Exchange) { x.Send(PlainText, healthBody) }

// Hash hashes 1 KiB for so many rounds, each time with the previous sum at its front, so no round can be left out.
func Hash(rounds int64) [8]byte {
	var block [1024]byte
	for range rounds {
		sum := sha256.Sum256(block[:])
		copy(block[:], sum[:])
	}
	return [8]byte(block[:8])
}

func work(x *Exchange) {
	sum := Hash(x.Int("units") * x.Worker.WorkFactor())
	x.SendScratch(PlainText, append(hex.AppendEncode(x.Scratch(), sum[:]), '\n'))
}

func wait(x *Exchange) {
	d := x.Duration("for")
	x.Worker.Wait(d)
	b := append(x.Scratch(), "waited "...)
	x.SendScratch(PlainText, append(append(b, d.String()...), '\n'))
}

func fanout(x *Exchange) {
	calls, d := x.Int("calls"), x.Duration("wait")
	next := x.Worker.Together(int(calls), func(int) { pause.Sleep(d) })
	for range calls {
		next()
	}
	b := strconv.AppendInt(append(x.Scratch(), "calls "...), calls, 10)
	b = append(append(b, ", each waited "...), d.String()...)
	x.SendScratch(PlainText, append(b, '\n'))
}

// pattern is what /bytes sends: the alphabet over and over, as long as the longest request so far.
var pattern struct {
	sync.Mutex
	b []byte
}

func bytesOf(x *Exchange) {
	n := int(x.Int("n"))
	pattern.Lock()
	if len(pattern.b) < n {
		b := make([]byte, n)
		for i := range b {
			b[i] = 'a' + byte(i%26)
		}
		pattern.b = b
	}
	x.Send(Octets, pattern.b[:n])
	pattern.Unlock()
}

// stream sends its chunks one by one: two of them are two small writes even without a pause between them.
func stream(x *Exchange) { x.Stream(PlainText, nextChunk) }

func nextChunk(x *Exchange) []byte {
	i := x.Chunk
	if i == x.Int("chunks") {
		return nil
	}
	x.Chunk++
	if i > 0 {
		x.Worker.Wait(x.Duration("every"))
	}
	x.scratch = strconv.AppendInt(append(x.Scratch(), "chunk "...), i, 10)
	x.scratch = append(x.scratch, '\n')
	return x.scratch
}

func metrics(x *Exchange) {
	x.SendScratch("text/plain; version=0.0.4; charset=utf-8", x.Worker.AppendMetrics(x.Scratch()))
}
