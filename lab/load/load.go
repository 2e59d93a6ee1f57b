// Package load says what load is: a Task asks for a slice of it, Ticks come while it runs, a Summary is what it came to,
// with counts, latency histograms and errors by class. Package generator drives it, in a process of its own.
//
// All times that cross a process boundary are proc.Now nanoseconds. All histograms are HdrHistogram V2 (base64) of
// nanoseconds, 1 ns to 120 s, three significant digits (package histogram).
package load

import "time"

// TickEvery is the period of the rows that a running slice reports.
const TickEvery = 250 * time.Millisecond

// Model is how requests arrive.
type Model string

// Closed: each connection sends when it has its response. Open: arrivals at a rate, whether or not responses came.
const (
	Closed Model = "closed"
	Open   Model = "open"
)

// Arrivals of an open slice.
const (
	Constant = "constant" // at equal distances
	Poisson  = "poisson"  // at random, independent of each other, drawn from Task.Seed
)

// Task asks for one slice of load on connections of its own: settle (excluded), then the window (counted), then the
// drain until nothing is in flight.
type Task struct {
	ID           int           `json:"id"`
	Addr         string        `json:"addr"`          // host:port, a literal IP address: it was resolved and checked before; or unix:/absolute/path of a socket
	TLS          *TLS          `json:"tls,omitempty"` // nil: plain HTTP
	Request      Request       `json:"request"`
	Mix          []Entry       `json:"mix,omitempty"`  // instead of Request: several, each as often as its weight says
	Keys         *Keys         `json:"keys,omitempty"` // values that stand for {NAME} in the requests; nil: none do
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
	ExpectStatus []int         `json:"expect_status,omitempty"` // statuses that count as ok besides 2xx
	ExpectRun    string        `json:"expect_run,omitempty"`    // value that X-Benchtop-Run must have; empty: not checked
	Seed         uint64        `json:"seed"`
	Terse        bool          `json:"terse,omitempty"` // rows come without histograms, which costs less; set when nobody listens
	Allow        []string      `json:"allow,omitempty"` // IP addresses that may be driven besides loopback, from --allow-host only (Pinned.Allow)
	Policy
	Engine string `json:"engine,omitempty"` // net: this slice is to be driven by it although it would not need to; empty: as the generator is configured
}
