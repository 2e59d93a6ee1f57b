package scenarios

// Keys and values of later steps of the project, by the place they belong to. They are refused by name, so that a file
// written for a later version says so instead of looking misspelt; none is ever ignored.
var (
	laterTop = []string{
		"client", "database", "db", "cache", "link", "faults", "slo", "capacity", "services", "agents",
	}
	laterTarget = []string{
		"unix_socket", "middleware", "pool", "database", "db", "cache", "args", "env", "app", "version", "worker_class",
		"preload", "cpus", "pin", "client", "gil", "static",
	}
	laterProxy = []string{
		"static", "cache", "breaker", "circuit_breaker", "buffer_size", "header", "headers", "real_ip", "ignore_client_abort",
		"worker_connections", "accept_mutex", "keepalive_requests",
	}
	laterLoad = []string{
		"ramp", "pipeline", "redirects", "breaker", "circuit_breaker", "schedule", "mix", "bursts", "client", "policy", "pause",
	}
	laterPlan     = []string{"until", "capacity", "slo", "pin", "cooldown", "restarts"}
	laterServers  = []string{"hypercorn", "granian", "haproxy", "caddy", "node"}
	laterRequires = []string{"redis", "postgres"}
	laterModels   = []string{"capacity", "bursts"}
)
