package load

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

// Answered bounds how many responses the server must have given for these counts: at least those that came in full,
// and at most those and every attempt whose request was, or may have been, written and whose response was lost.
func (c *Counts) Answered() (least, most uint64) {
	least, most = c.OK, max(c.Attempts, c.Requests)
	for _, errors := range []map[string]uint64{c.Errors, c.AttemptErrors} {
		for class, n := range errors {
			switch class {
			case ErrStatus3xx, ErrStatus4xx, ErrStatus5xx:
				least += n
			case ErrRefused, ErrConnectTimeout, ErrNameNotFound, ErrDescriptorLimit, ErrPortsExhausted, ErrStreamRefused:
				most -= min(n, most)
			}
		}
	}
	return least, max(least, most)
}

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
	InFlight int `json:"in_flight"` // requests without a response
}
