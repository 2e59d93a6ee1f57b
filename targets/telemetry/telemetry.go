// Package telemetry is what a worker observes of its own requests, and what that costs it: a timing middleware, metrics with
// labels, a profile.
package telemetry

import (
	"strconv"
	"time"

	"benchtop/targets/endpoint"
	"benchtop/targets/gauge"
)

// Observer observes the requests of one worker.
type Observer struct {
	is       Telemetry
	spent    *gauge.Gauge // by handlers; nil without timing
	registry *registry    // nil without metrics
	profile  *profile     // nil without one
}

// Open gives the observer of a worker with these settings; nil: it observes nothing.
func Open(t *Telemetry) (*Observer, error) {
	o := &Observer{is: t.Filled()}
	if o.is.Timing {
		o.spent = gauge.New()
	}
	if o.is.Metrics != Off {
		o.registry = newRegistry()
	}
	if o.is.Profile == CPU {
		o.profile = &profile{}
		if err := o.profile.begin(); err != nil {
			return nil, err
		}
	}
	if o.spent == nil && o.registry == nil && o.profile == nil {
		return nil, nil //nolint:nilnil // as documented
	}
	return o, nil
}

// Responded observes that the handler of an endpoint, nil for a path that is not served, has decided on its response. What it
// took counts from its first instruction: waits for its turn are not in it, and neither are the chunks of a stream.
func (o *Observer) Responded(x *endpoint.Exchange, e *endpoint.Endpoint, path, query string, took time.Duration) {
	if o.spent != nil {
		o.spent.Record(int64(took))
		x.Response.ProcessTime = strconv.FormatFloat(took.Seconds(), 'f', 6, 64)
	}
	if o.registry == nil {
		return
	}
	if e != nil {
		path = e.Path
	} else if o.is.Metrics == Route {
		path = "" // or whoever asks for what there is not would fill the registry
	}
	if o.is.Metrics == Path && query != "" {
		path += "?" + query
	}
	o.registry.observe(path, took)
}
