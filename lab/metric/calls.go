package metric

// calls are the metrics of calls that the server's workers make to the service upstream, and of what that counts itself.
var calls = []Metric{
	{
		Name: "calls_per_request", Unit: Plain, Lower: true, Exact: true, Over: EachAlike,
		Doc:   "calls that the server's workers sent to the upstream per request that they served",
		Words: "calls per request",
		Scope: Server, Kind: Mechanism, Why: 40, Of: perServed("calls_sent"),
	},
	{
		Name: "calls_in_flight", Unit: Plain, Lower: true,
		Doc:   "calls to the upstream in flight, of all workers together: mean of what they reported in the window, every 250 ms",
		Words: "calls in flight",
		Scope: Server, Kind: Mechanism, Why: 41, Of: inWindow("calls_in_flight"),
	},
	{
		Name: "calls_in_flight_peak", Unit: Count, Lower: true, Exact: true, Over: TheMost,
		Doc:   "greatest number of calls to the upstream in flight in one worker",
		Words: "most calls in flight in one worker",
		Scope: Server, Kind: Mechanism, Why: 42, Of: atMarks("calls_in_flight_peak", larger),
	},
	{
		Name: "calls_wait_p99", Unit: Duration, Lower: true, Doc: "wait of a call until client.limit lets it begin, 99th percentile", Words: "wait for the limit of calls p99",
		Scope: Server, Kind: Mechanism, Why: 43, Of: waits("calls_wait", 0.99),
	},
	{
		Name: "call_connections_per_request", Unit: Plain, Lower: true, Doc: "connections that the server's workers opened to the upstream per request that they served",
		Words: "connections opened to the upstream per request",
		Scope: Server, Kind: Mechanism, Why: 44, Of: perServed("calls_connects"),
	},
	{
		Name: "calls_failed", Unit: Count, Lower: true, Exact: true,
		Doc:   "calls sent to the upstream that got no response, or a status of 400 and above, over the counted slices",
		Words: "failed calls",
		Scope: Server, Kind: Mechanism, Failures: true, Why: 45, Usual: usual(0), Of: counted("calls_failed"),
	},
	{
		Name: "calls_timeouts", Unit: Count, Lower: true, Exact: true, Doc: "calls that the workers gave up after client.timeout or client.budget, over the counted slices",
		Words: "calls given up",
		Scope: Server, Kind: Mechanism, Failures: true, Why: 46, Usual: usual(0), Of: counted("calls_timeouts"),
	},
	{
		Name: "calls_rejected_per_request", Unit: Plain, Lower: true, Doc: "calls that the circuit breaker did not let through per request that the server's workers served",
		Words: "calls rejected by the breaker per request",
		Scope: Server, Kind: Mechanism, Failures: true, Why: 47, Usual: usual(0), Of: perServed("calls_rejected"),
	},
	{
		Name: "breaker_changes", Unit: Count, Lower: true, Exact: true, Doc: "times that a circuit breaker opened, let one call through to try, or closed, over the counted slices",
		Words: "changes of the breaker",
		Scope: Server, Kind: Mechanism, Failures: true, Why: 48, Usual: usual(0), Of: counted("calls_breaker_changes"),
	},
	{
		Name: "service_calls_per_request", Unit: Plain, Lower: true, Exact: true, Over: EachAlike,
		Doc:   "calls that the services counted themselves per request of the load",
		Words: "the services' calls per request",
		Scope: Service, Kind: Mechanism, Why: 49, Asked: true,
		Of: servicesPerRequest("calls")(IsService), Some: servicesPerRequest("calls"),
	},
	{
		Name: "service_calls_refused", Unit: Count, Lower: true, Exact: true,
		Doc:   "calls that the services refused because all slots were taken, as they count themselves, over the counted slices",
		Words: "the services' refused calls",
		Scope: Service, Kind: Mechanism, Failures: true,
		Of: servicesCounted("refused")(IsService), Some: servicesCounted("refused"),
	},
}
