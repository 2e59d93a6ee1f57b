package ledger

// Card settles a claim that no run can answer: what the page says is refuted by a start that fails or by the component's own
// words, or cannot be tested on one machine.
type Card struct {
	Claim    string `json:"-"`
	Finding  string `json:"finding"`  // in one sentence
	Evidence string `json:"evidence"` // what was seen, of which version
	See      string `json:"see"`      // how to see it by oneself
}

// cards are in the order of their claims. A claim with a card has a row in rows.go.
var cards = []Card{
	{
		Claim:   "C4",
		Finding: "the table cannot say what it says: its two rows differ in two things, and where uvloop is installed the default loop is uvloop, so that one of the two is no difference at all",
		Evidence: "real-workers-loop changes one at a time: 2 workers +38.9 % req/s, asyncio for uvloop -41.9 %, and both together, 2 workers with asyncio, -94.5 %: " +
			"a combination that the table does not have is the worst of all (uvicorn 0.17.6 leaves Nagle's algorithm on there)",
		See: "benchtop run real-workers-loop",
	},
	{
		Claim:    "C21",
		Finding:  "without effect: the group has one server, and nginx never leaves the only server of a group out, whatever fail_timeout says; with several servers it would send requests to a dead one for ever",
		Evidence: "nginx 1.22.1, one server on a unix socket, with fail_timeout=0 and with the default of 10 s: both give 502 three times while the server is away, and 200 to the first request after it is back",
		See:      "stop and start the only server behind nginx, and ask within 10 s: curl -s -o /dev/null -w '%{http_code}' http://127.0.0.1/",
	},
	{
		Claim:   "C23",
		Finding: "half of it at most: a proxied request takes two of the connections, so 4,096 are some 2,000 clients with a request each; the other two settings are what nginx does by itself",
		Evidence: "nginx 1.22.1 with worker_connections 64 in front of a server that waits 1 s: of 60 clients at once 29 got a response, and the others a closed connection; the log says that 64 worker_connections are not enough; " +
			"the log names epoll without being told, and accept_mutex is off by default since 1.11.3 (nginx's documentation of its core module)",
		See: "nginx with worker_connections 64 and a proxy_pass to a slow server; benchtop load http://127.0.0.1/ -c 60 -d 5s",
	},
	{
		Claim:   "C29",
		Finding: "without effect on the work: the application does it to the end either way, because nobody tells a handler that its client has gone; what changes is the proxy's log",
		Evidence: "nginx 1.22.1 in front of uvicorn 0.17.6 and FastAPI 0.92, handlers of 0.3 s and clients that give up after 0.1 s: 40 of 40 requests were carried out with the setting off, 40 of 40 with it on, def and async def alike; " +
			"the log has 499 for the first and 200 for the others",
		See: "curl -m 0.1 through nginx with proxy_ignore_client_abort on, and off, to a handler that sleeps for 0.3 s and counts",
	},
	{
		Claim:   "C31",
		Finding: "safety, not speed, and one of the two copies of the configuration does not start; what it believes of X-Forwarded-For holds for every machine in a private network",
		Evidence: "nginx 1.22.1: set_real_ip_from without an address, as the second page prints it, ends with invalid number of arguments; with the networks filled in, a client in one of them names any address as its own; " +
			"a body that is announced as 21 MB gets a 413 before a byte of it is sent",
		See: "nginx -t -c FILE; curl -H 'X-Forwarded-For: 1.2.3.4' http://127.0.0.1/ with the client's network in set_real_ip_from",
	},
	{
		Claim:   "C39",
		Finding: "refuted: CPython compiles a function with type hints to the same instructions as one without them, and checks nothing; with FastAPI hints cause work, because values are validated by them",
		Evidence: "Python 3.11: the code of both functions is equal byte for byte, and the hinted one takes texts where it asks for numbers; " +
			"PEP 484 says that no checking happens at run time",
		See: `python3 -c "f = lambda: 0; exec('def a(x): return x + x\ndef b(x: int) -> int: return x + x'); print(a.__code__.co_code == b.__code__.co_code, b('x'))"`,
	},
	{
		Claim:    "C44",
		Finding:  "refuted: the handler collects all results in a list and returns it, so nothing leaves before the last one is there; and its parameter, a list in a GET request, is read from a body",
		Evidence: "FastAPI 0.92 on uvicorn 0.17.6: with user_ids in the query the response is 422, field required in body; with a body the first byte of two results of 0.1 s and 0.5 s comes after 0.5 s",
		See:      "start the page's handler with uvicorn; curl -i 'http://127.0.0.1:8000/users/stream?user_ids=1&user_ids=2'",
	},
	{
		Claim:   "C52",
		Finding: "refuted: a session cannot load a library that all sessions share, so a pool with this setting opens no connection at all; it takes a restart of the server",
		Evidence: "PostgreSQL 15.18 ends a connection that asks for it at its start with FATAL: parameter \"shared_preload_libraries\" cannot be changed without restarting the server; " +
			"SET and ALTER ROLE fail alike, as ERROR 55P02, and pg_settings has its context as postmaster",
		See: "PGOPTIONS='-c shared_preload_libraries=pg_stat_statements' psql -c 'SELECT 1'",
	},
	{
		Claim:   "C69",
		Finding: "without effect: gunicorn's worker_connections is for gthread, eventlet and gevent; uvicorn's worker does not read it",
		Evidence: "gunicorn 20.1.0 with worker_connections 1 and uvicorn.workers.UvicornWorker (0.17.6): 50 connections are served at the same time by one worker, and worker_connections does not stand in uvicorn/workers.py; " +
			"gunicorn's own documentation of the setting names the workers that it affects",
		See: "gunicorn --worker-connections 1 -k uvicorn.workers.UvicornWorker APP, and benchtop load URL -c 50 -d 3s",
	},
	{
		Claim:    "C73",
		Finding:  "refuted: uvicorn does not start with this dictionary; worker_class, worker_connections, max_requests, max_requests_jitter and keepalive are settings of gunicorn",
		Evidence: "uvicorn 0.17.6: uvicorn.run ends with TypeError, unexpected keyword argument, for each of the five; its own names are limit_max_requests and timeout_keep_alive, and the others it does not have",
		See:      `python3 -c "import uvicorn; uvicorn.run('app:app', worker_class='uvicorn.workers.UvicornWorker')"`,
	},
	{
		Claim:   "C75",
		Finding: "refuted in its last part: the service does not start, because it asks itself before it listens; and there is nothing to compile, because CPython 3.11 has no just-in-time compiler",
		Evidence: "uvicorn 0.17.6 runs the start of the application before it opens its socket: a request to the own port in a startup handler fails with httpx.ConnectError, and uvicorn ends with Application startup failed; FastAPI before 0.93 takes lifespan= without a word and runs none of it. " +
			"Opening pools before the first request is sound, and is not measured here",
		See: "call the own /health in a startup handler of an application, and start it with uvicorn",
	},
	{
		Claim:   "C77",
		Finding: "too seldom to see what users notice, and too cheap to be that rare: a reading is the mean since the last one, so a second of full load in ten shows as a tenth of it",
		Evidence: "psutil 5.9.4 on a process that computes for one second in ten, on a busy machine: the highest reading is 78 % of a core each 0.1 s, 51 % each second and 5 % each 10 s, the mean 5 to 6 % in all of them; a reading of the own process costs 29 us of CPU, one of the machine 48 us. " +
			"Where the CPU of the machine is read instead of that of the process, it is not even known whose it is",
		See: "psutil.Process().cpu_percent(None) in threads that sleep for 0.1 s, 1 s and 10 s, beside a loop that computes for one second in ten",
	},
	{
		Claim:    "C91",
		Finding:  "not testable here: all parts of a run share one machine, one disk and the loopback network, and a declared delay in their place would only return what was declared",
		Evidence: "what can be tested is where it would matter: a database that waits for its disk, a machine that is full, clients that are far away. A run says which of these a service is; its CPU, its waits and its bytes are measured",
		See:      "benchtop run data-volume; a service whose CPU is idle gains nothing by a larger instance",
	},
	{
		Claim:    "C92",
		Finding:  "refuted for logging: a line for each request costs CPU, which can be made small but not nothing; whether an alert comes in time is a matter of weeks of traffic, and not testable here",
		Evidence: "access-log measures 35.6 % more CPU per request of the smallest handler for a line to a pipe (95 % CI +32.8 to +38.5, two shared cores)",
		See:      "benchtop run access-log",
	},
}

// cardOf is the card of a claim, nil where it has none.
func cardOf(claim string) *Card {
	for i := range cards {
		if cards[i].Claim == claim {
			return &cards[i]
		}
	}
	return nil
}
