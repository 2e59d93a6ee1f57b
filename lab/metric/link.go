package metric

// links are the metrics of the declared link in front of a target.
var links = []Metric{
	{
		Name: "link_bytes_down_per_request", Unit: Bytes, Lower: true, Bare: true, Doc: "bytes that the declared link carried to the clients per request, heads of responses included, bytes",
		Words: "bytes per request towards the client",
		Scope: Link, Kind: Mechanism, Why: 60, Of: carried("link_bytes_down"),
	},
	{
		Name: "link_bytes_up_per_request", Unit: Bytes, Lower: true, Bare: true, Doc: "bytes that the declared link carried to the server per request, heads of requests included, bytes",
		Words: "bytes per request towards the server",
		Scope: Link, Kind: Mechanism, Asked: true, Of: carried("link_bytes_up"),
	},
	{
		Name: "link_busy", Unit: Share, Doc: "share of the time that what the declared link carried to the clients takes it, at a rate that all connections share",
		Words: "use of the link",
		Scope: Link, Kind: Mechanism, Why: 61, Of: linkBusy,
	},
	{
		Name: "link_cpu_us_per_request", Unit: Duration, Lower: true, Bare: true,
		Doc:   "CPU time of the process of the declared link per request that ended in the window, whatever its end, microseconds; it is neither the server's nor the target's",
		Words: "the link's CPU per request",
		Scope: Link, Kind: Mechanism, Of: cpuPerRequest(IsLink),
	},
}

// carried is a counter of the link per request of the load, from the first of the slice to its last.
func carried(name string) func(*Slice) (float64, bool) {
	return func(s *Slice) (float64, bool) {
		n, _, ok := count(s.Workers, name, IsLink)
		if !ok {
			return 0, false
		}
		return per(n, s.Load.Total.Requests)
	}
}

// linkBusy scales what the requests of the slice took of the link to those that ended in the window.
func linkBusy(s *Slice) (float64, bool) {
	took, ok := carried("link_busy_down")(s) // nanoseconds
	if !ok || s.Load.Length() == 0 {
		return 0, false
	}
	return took * float64(s.Load.Seen().Ended) / float64(s.Load.Length()), true
}
