package metric

// tasks are the metrics of what handlers leave for after their responses.
var tasks = []Metric{
	{
		Name: "tasks_per_request", Unit: Plain, Doc: "tasks that handlers left for after their response per request that the server's workers served",
		Words: "tasks per request",
		Scope: Server, Kind: Mechanism, Why: 70, Asked: true, Of: perServed("tasks_queued"),
	},
	{
		Name: "tasks_done_per_request", Unit: Plain, Doc: "tasks that ended in the window per request that the server's workers served",
		Words: "tasks done per request",
		Scope: Server, Kind: Mechanism, Why: 71, Asked: true, Of: perServed("tasks_done"),
	},
	{
		Name: "tasks_left", Unit: Plain, Lower: true,
		Doc:   "tasks queued and not done, of all workers together: mean of what they reported in the window, every 250 ms",
		Words: "tasks not done yet",
		Scope: Server, Kind: Mechanism, Why: 72, Asked: true, Of: inWindow("tasks_left"),
	},
	{
		Name: "tasks_wait_p99", Unit: Duration, Lower: true, Doc: "time from the end of a handler until its task had a turn, 99th percentile",
		Words: "wait of a task for its turn p99",
		Scope: Server, Kind: Mechanism, Why: 73, Asked: true, Of: waits("tasks_wait", 0.99),
	},
}
