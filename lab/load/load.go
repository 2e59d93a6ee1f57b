// Package load is the load generator: it drives HTTP/1.1 requests at one address, closed or open, and reports
// counts, latency histograms and errors by class. The generator is a process of its own (role "loader"), so that
// its CPU is its own and nothing in the lab disturbs it; Start gives a handle to it.
//
// All times that cross a process boundary are proc.Now nanoseconds. All histograms are HdrHistogram V2 (base64) of
// nanoseconds, 1 ns to 120 s, three significant digits.
package load

import (
	"time"

	"benchtop/targets/proc"
)

// Role is the name under which the generator's process is dispatched.
const Role = "loader"

// TickEvery is the period of the rows that a running slice reports.
const TickEvery = 250 * time.Millisecond

// Model is how requests arrive.
type Model string

// Closed: each connection sends when it has its answer. Open: arrivals at a rate, whether or not answers came.
const (
	Closed Model = "closed"
	Open   Model = "open"
)

// Arrivals of an open slice.
const (
	Constant = "constant" // at equal distances
	Poisson  = "poisson"  // at random, independent of each other, drawn from Task.Seed
)

// Config configures the generator's process.
type Config struct {
	Engine  string `json:"engine,omitempty"`  // epoll | net; empty: for each slice the best of this system that can drive it
	Threads int    `json:"threads,omitempty"` // 0: 1
}

// Request is what is sent; the same bytes every time.
type Request struct {
	Method string      `json:"method"`           // GET if empty
	Path   string      `json:"path"`             // path and query as sent, begins with /
	Host   string      `json:"host"`             // Host header
	Header [][2]string `json:"header,omitempty"` // further headers in order
	Body   []byte      `json:"body,omitempty"`
}

// Task asks for one slice of load on connections of its own: settle (excluded), then the window (counted), then the
// drain until nothing is in flight.
type Task struct {
	ID           int           `json:"id"`
	Addr         string        `json:"addr"`          // host:port, a literal IP address: it was resolved and checked before; or unix:/absolute/path of a socket
	TLS          *TLS          `json:"tls,omitempty"` // nil: plain HTTP
	Request      Request       `json:"request"`
	Model        Model         `json:"model"`
	Connections  int           `json:"connections"`        // closed: exactly so many; open: at most so many (0: 1000)
	Rate         float64       `json:"rate,omitempty"`     // requests per second, open only
	Stages       Stages        `json:"stages,omitempty"`   // open only, instead of Rate; Window is their total, or 0
	Arrivals     string        `json:"arrivals,omitempty"` // constant | poisson
	KeepAlive    bool          `json:"keep_alive"`         // false: a new connection per request
	Timeout      time.Duration `json:"timeout"`            // of a request, connect and all its attempts included
	Start        int64         `json:"start"`              // proc.Now at which settle begins; in the past: at once
	Settle       time.Duration `json:"settle"`
	Window       time.Duration `json:"window"`
	ExpectStatus []int         `json:"expect_status,omitempty"` // statuses that count as ok beside 2xx
	ExpectRun    string        `json:"expect_run,omitempty"`    // value that X-Benchtop-Run must have; empty: not checked
	Seed         uint64        `json:"seed"`
	Terse        bool          `json:"terse,omitempty"` // rows come without histograms, which costs less; Run sets it when nobody listens
	Allow        []string      `json:"allow,omitempty"` // IP addresses that may be driven beside loopback, from --allow-host only (Pinned.Allow)
	Policy
	Engine string `json:"engine,omitempty"` // net: this slice is to be driven by it although it would not need to; empty: as the generator is configured
}

// Counts are counts of one stretch of time. Requests is every request that ended in it, whatever its end:
// Requests = OK + the sum of Errors.
type Counts struct {
	Sent     uint64            `json:"sent"`
	Requests uint64            `json:"requests"`
	OK       uint64            `json:"ok"`
	Errors   map[string]uint64 `json:"errors,omitempty"` // by the classes of this package
	Connects uint64            `json:"connects"`         // connections opened
	BytesIn  uint64            `json:"bytes_in"`

	// A request with retries is one request, and its class is that of its last attempt. Attempts are the tries of the
	// requests that ended: Requests, less those whose timeout passed before they could be sent, plus Retried.
	Attempts      uint64            `json:"attempts"`
	Retried       uint64            `json:"retried,omitempty"`        // attempts that failed and were followed by another
	AttemptErrors map[string]uint64 `json:"attempt_errors,omitempty"` // those by class; they add up to Retried, and none of them is in Errors
}

// Error classes. A class that did not occur is left out of Counts.Errors.
const (
	ErrRefused         = "refused"
	ErrConnectTimeout  = "connect_timeout"
	ErrNameNotFound    = "name_not_found"
	ErrResetHeader     = "reset_header" // reset before the head of the answer was complete
	ErrResetBody       = "reset_body"
	ErrShortBody       = "short_body" // closed before the announced length
	ErrBadStatusLine   = "bad_status_line"
	ErrBadChunk        = "bad_chunk"
	ErrBadHeader       = "bad_header"
	ErrReadTimeout     = "read_timeout"
	ErrIdleClosed      = "idle_closed" // a kept connection was closed by the server before the first byte of an answer
	ErrTLS             = "tls"         // a handshake that failed: no TLS there, a certificate that is not trusted, an alert
	ErrStatus3xx       = "status_3xx"
	ErrStatus4xx       = "status_4xx"
	ErrStatus5xx       = "status_5xx"
	ErrDescriptorLimit = "descriptor_limit"
	ErrPortsExhausted  = "ports_exhausted"
)

// Tick is one row of a running slice, about every 250 ms.
type Tick struct {
	Slice int `json:"slice"`
	Seq   int `json:"seq"`
	Row
	Gauges
	Latency string `json:"latency,omitempty"` // histogram of the requests that ended in this row
}

// Row is what happened between two times: nanoseconds of proc.Now in a Tick, of the run in a run file.
type Row struct {
	From    int64   `json:"from"`
	To      int64   `json:"to"`
	Phase   string  `json:"phase"`             // settle | window | drain
	Offered float64 `json:"offered,omitempty"` // requests per second that the schedule has in this row, on average when they are random; open only
	Counts  Counts  `json:"counts"`
}

// Gauges are what there is at the end of a row.
type Gauges struct {
	Open     int `json:"open"`      // connections open
	InFlight int `json:"in_flight"` // requests without an answer
}

// Summary is what a slice came to.
//
// Counts and the histograms are of the window's population: every request that was sent in it (open: scheduled in it),
// however long it took to end, so that Counts.Sent = Counts.Requests unless the slice was broken off. A closed slice adds
// the requests that were in flight at the window's start and were not answered in it. Edge is what the window's own time
// saw; Throughput is made of it.
type Summary struct {
	Slice          int               `json:"slice"`
	Engine         string            `json:"engine"`
	Threads        int               `json:"threads"`
	From           int64             `json:"from"`  // proc.Now of the window's edges
	To             int64             `json:"to"`    // of a slice that was broken off: when it was
	Ended          int64             `json:"ended"` // when the last answer was there
	Counts         Counts            `json:"counts"`
	Total          Counts            `json:"total"`                      // of the whole slice: settle, window, drain
	Edge           *Edge             `json:"edge,omitempty"`             // nil: recorded by a version that did not see it (Summary.Seen)
	Offered        float64           `json:"offered,omitempty"`          // scheduled requests per second in the window, open only
	Latency        string            `json:"latency"`                    // open: from the scheduled send
	Service        string            `json:"service,omitempty"`          // from the actual send; open only (closed: the same as Latency)
	Connect        string            `json:"connect,omitempty"`          // connects that ended in the slice, without their handshakes
	TLS            string            `json:"tls,omitempty"`              // handshakes of those connects
	Handshakes     uint64            `json:"handshakes,omitempty"`       // how many
	Resumed        uint64            `json:"resumed,omitempty"`          // handshakes of those that resumed a session
	FirstByte      string            `json:"first_byte,omitempty"`       // of the ok answers in the window, from the request written to their first byte; net engine only
	Body           string            `json:"body,omitempty"`             // of the same, from the first byte to the last; net engine only
	Workers        map[string]uint64 `json:"workers,omitempty"`          // PID of X-Benchtop-Worker -> responses that came in the window
	TotalWorkers   map[string]uint64 `json:"total_workers,omitempty"`    // the same, whole slice
	ConnsPerWorker map[string]int    `json:"conns_per_worker,omitempty"` // connections by the worker that answered last on them, at the window's end
	CPU            int64             `json:"cpu"`                        // nanoseconds of CPU (user and system) of the generator in the window
	Busy           float64           `json:"busy"`                       // busiest thread's share of the window spent on CPU, 0 to 1
	LagP99         int64             `json:"lag_p99"`                    // nanoseconds, actual minus scheduled send, without waiting for a connection while all were busy; open only
	LagMax         int64             `json:"lag_max"`
	InFlightMean   float64           `json:"in_flight_mean"`      // time average over the window, unanswered requests included, for Little's law
	OnTime         float64           `json:"on_time,omitempty"`   // requests per second of the window's schedule that were sent before its end; open only
	Queued         uint64            `json:"queued,omitempty"`    // requests of the window's schedule that were due while every connection waited for the target; open only
	Fastest        int64             `json:"fastest,omitempty"`   // nanoseconds from its send of the fastest success in the whole slice; open only
	Stalled        proc.Stall        `json:"stalled,omitzero"`    // how the generator's process itself stood still, from the window's start to the slice's end
	WrongRun       string            `json:"wrong_run,omitempty"` // a value of X-Benchtop-Run that was not the expected one
	BodyHash       string            `json:"body_hash,omitempty"` // of the first ok answer's body, hex
	Note           string            `json:"note,omitempty"`      // what else is to be known of the responses
	Reasons        map[string]Reason `json:"reasons,omitempty"`   // of the error classes that occurred in the slice
}
