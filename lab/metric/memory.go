package metric

// allocation are the metrics of what the server's workers do with their memory.
var allocation = []Metric{
	{
		Name: "memory_growth_per_1000", Unit: Bytes, Lower: true,
		Doc:   "resident memory that the server's processes gained in the window per 1,000 requests that ended in it",
		Words: "memory growth per 1,000 requests",
		Scope: Server, Kind: Mechanism, Why: 19, Asked: true, Of: memoryGrowth,
	},
	{
		Name: "server_pss_bytes", Unit: Bytes, Lower: true, Bare: true,
		Doc:   "memory of the server's processes at the end of a slice, a page that several share counted for each with its share of it (PSS), bytes; gunicorn on Linux",
		Words: "proportional memory", Claim: "needs %s proportional memory",
		Scope: Server, Of: proportional,
	},
	{
		Name: "allocated_bytes_per_request", Unit: Bytes, Lower: true, Bare: true,
		Doc:   "memory that the workers allocated per request that they served, in use again or not, bytes; built-in server",
		Words: "memory allocated per request",
		Scope: Server, Kind: Mechanism, Why: 54, Asked: true, Of: perServed("memory_allocated_bytes"),
	},
	{
		Name: "collections_per_request", Unit: Plain, Lower: true,
		Doc:   "collections of garbage in the workers per request that they served; built-in server",
		Words: "collections of garbage per request",
		Scope: Server, Kind: Mechanism, Why: 55, Asked: true, Of: perServed("memory_collections"),
	},
	{
		Name: "gc_pause_p99", Unit: Duration, Lower: true, Doc: "time that a collection of garbage stopped a worker, 99th percentile; built-in server",
		Words: "pause of a collection p99",
		Scope: Server, Kind: Mechanism, Why: 56, Asked: true, Of: waits("memory_pause", 0.99),
	},
}
