package scenarios

// Keys and values of later steps of the project, by the place they belong to. They are refused by name, so that a file
// written for a later version says so instead of looking misspelt; none is ever ignored.
var (
	laterTop = []string{
		"matrix", "exclude", "steps", "proxy", "tls", "client", "upstream", "database", "db", "cache", "link",
		"faults", "slo", "capacity", "upstreams", "services", "agents",
	}
	laterTarget = []string{
		"proxy", "tls", "upstream", "upstreams", "unix_socket", "backlog", "middleware", "gzip", "pool", "database", "db", "cache",
		"command", "url", "args", "env", "app", "version", "loop", "http", "worker_class", "max_requests", "max_requests_jitter",
		"preload", "limit_concurrency", "cpus", "pin", "matrix", "client", "gil", "static", "nodelay",
	}
	laterLoad = []string{
		"ramp", "retries", "retry", "backoff", "jitter", "pool", "pools", "think", "think_time", "pipeline", "redirects",
		"breaker", "circuit_breaker", "budget", "schedule", "mix", "bursts", "tls", "proxy", "client", "policy", "pause",
	}
	laterPlan     = []string{"matrix", "until", "capacity", "slo", "pin", "cooldown", "restarts"}
	laterServers  = []string{"nginx", "uvicorn", "gunicorn", "hypercorn", "granian", "haproxy", "caddy", "python", "node", "url", "command"}
	laterRequires = []string{"nginx", "uvicorn", "gunicorn", "redis", "postgres"}
	laterOrders   = []string{"together"}
	laterModels   = []string{"capacity", "bursts"}
)
