package nginx

import (
	"context"

	"benchtop/targets"
)

// StartBar starts an nginx that generators are compared at: one process (`master_process off`), which responds
// `return 200` to everything, for up to so many connections. Its serving path is the one of a worker.
func StartBar(ctx context.Context, connections int) (targets.Target, error) {
	st := standard
	st.bar = connections
	return st.start(ctx, targets.Spec{Variant: "bar", Nonce: "bar", Proxy: &targets.Proxy{Workers: 1}}, nil, targets.Hooks{})
}

// barConfiguration is the whole file. The connections of one slice may still be closing when those of the next open.
func barConfiguration(l layout, connections int) string {
	w := &writer{}
	w.line("daemon off;")
	w.line("master_process off;")
	w.line("pid %s;", quote(l.folder+"/"+pidName))
	w.line("error_log stderr crit;")
	w.open("events")
	w.line("worker_connections %d;", 2*connections+512)
	w.shut()
	w.open("http")
	temporary(w, l)
	w.line("access_log off;")
	w.line("default_type text/plain;")
	w.line("keepalive_timeout 300s;")
	w.line("keepalive_requests 1000000000;")
	w.open("server")
	w.line("listen %s backlog=4096;", quote(l.listen))
	w.line(`location / { return 200 "Hello, World!"; }`)
	w.shut()
	status(w, l)
	w.shut()
	return w.String()
}
