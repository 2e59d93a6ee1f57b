package ledger

import (
	"slices"
	"strings"
)

// Pages are whose claims the ledger has.
const Pages = "five web pages about FastAPI performance"

// Row is a row of the claim ledger: something that one of five pages about FastAPI performance says, and that a run
// can confirm or refute. Source is a page (S0 accepting connections, S1 keep-alive, S2 one worker by default, S3 the
// long guide, S4 keep-alive in the repository) and its line or lines.
type Row struct {
	Number  string
	Says    string // in the words of this project
	Source  []string
	Figures []Figure
}

// Figure is what a page measured, where it says so: the ratio of a metric between two configurations, and the variant
// that stands for the better one in scenarios that answer the claim.
type Figure struct {
	Scenarios []string
	Variant   string
	Metric    string
	Ratio     float64
}

// rows are all the claims of the pages. The figures are computed from the tables of the pages.
var rows = []Row{
	{Number: "C1", Says: "more workers serve more requests at once, with a shorter queue and an earlier first byte", Source: []string{"S0:16-30", "S3:927-928"}},
	{Number: "C2", Says: "uvloop is faster than the event loop of asyncio", Source: []string{"S0:42", "S3:595"}},
	{Number: "C3", Says: "the parser httptools is faster than h11", Source: []string{"S3:596", "S3:930"}},
	{Number: "C4", Says: "one worker with the default loop is bad, several workers with uvloop are good", Source: []string{"S0:28-30"}},
	{Number: "C5", Says: "more worker processes help a server to accept connections quickly, not one worker, and not closed connections", Source: []string{"S0:46-50"}},
	{Number: "C6", Says: "a long wait for the first byte in the browser shows that connections are accepted slowly", Source: []string{"S0:18", "S0:52-53"}},
	{Number: "C7", Says: "a server that accepts slowly lets the queue of new connections grow", Source: []string{"S0:26"}},
	{Number: "C8", Says: "serving static files from the same worker does not help, files belong to another server", Source: []string{"S0:50", "S3:1063"}},
	{Number: "C9", Says: "several workers share the load", Source: []string{"S0:41"}},
	{
		Number: "C10", Says: "kept connections from proxy to application: a sync endpoint goes from 863.8 to 948.5 requests per second", Source: []string{"S1:34-44", "S4:36-47"},
		Figures: []Figure{{[]string{"upstream-keepalive", "real-upstream-keepalive"}, "k8", "rps", 948.45 / 863.797}},
	},
	{
		Number: "C11", Says: "the same for an async endpoint: from 1,447.8 to 1,666.7 requests per second", Source: []string{"S1:50-60", "S4:53-64"},
		Figures: []Figure{{[]string{"upstream-keepalive-async", "real-upstream-keepalive-async"}, "k8", "rps", 1666.68 / 1447.83}},
	},
	{Number: "C12", Says: "an async endpoint serves more than a sync one: 68 % more in one table, 76 % in the other", Source: []string{"S1:34-60"}},
	{Number: "C13", Says: "kept upstream connections help sync and async endpoints alike", Source: []string{"S4:67"}},
	{Number: "C14", Says: "with HTTPS a new connection costs more than without", Source: []string{"S4:68"}},
	{Number: "C15", Says: "a client shares one pool of connections, for up to ten hosts", Source: []string{"S1:10-20"}},
	{Number: "C16", Says: "a client tries again: 5 times to connect, twice to read, on 429 and 5xx, with a back-off factor of 0.2", Source: []string{"S1:11-17"}},
	{Number: "C17", Says: "a client gives up after 5 s of connecting and 10 s of reading", Source: []string{"S1:18"}},
	{Number: "C18", Says: "the proxy reaches the application over a unix socket", Source: []string{"S1:87"}},
	{Number: "C19", Says: "a pool of 8 idle upstream connections is enough", Source: []string{"S1:88"}},
	{Number: "C20", Says: "keeping upstream connections takes HTTP/1.1 and an emptied Connection header", Source: []string{"S1:114-115"}},
	{Number: "C21", Says: "with fail_timeout=0 the proxy always tries the server again, even if it failed", Source: []string{"S1:85-87"}},
	{Number: "C22", Says: "one nginx worker easily handles 1,000 to 2,000 requests a second", Source: []string{"S1:70"}},
	{Number: "C23", Says: "4,096 connections for a proxy worker, without its accept mutex and with epoll", Source: []string{"S1:71-75"}},
	{Number: "C24", Says: "small writes are sent at once, without Nagle's algorithm", Source: []string{"S1:81"}},
	{Number: "C25", Says: "an access log costs throughput and is switched off", Source: []string{"S1:82", "S3:598"}},
	{Number: "C26", Says: "the proxy compresses at level 6 what is longer than 200 bytes", Source: []string{"S1:96-100"}},
	{Number: "C27", Says: "the proxy waits longer (65 s) than the application (60 s), so that the application gives up first", Source: []string{"S1:110"}},
	{Number: "C28", Says: "the proxy does not buffer responses", Source: []string{"S1:116"}},
	{Number: "C29", Says: "the proxy lets the application finish when the client has given up", Source: []string{"S1:109"}},
	{Number: "C30", Says: "a client's connection serves up to 5,000 requests and may be idle for 120 s", Source: []string{"S1:118-119"}},
	{Number: "C31", Says: "the proxy takes bodies up to 20 MB, believes addresses from private networks, and does not tell its version", Source: []string{"S1:93-94", "S1:120-124"}},
	{Number: "C32", Says: "by default one worker serves, and going from 2 to 10 cores does not help it", Source: []string{"S2:8-15"}},
	{Number: "C33", Says: "two workers are four processes", Source: []string{"S2:28-34"}},
	{Number: "C34", Says: "the start-up log tells how many workers there really are", Source: []string{"S2:24"}},
	{Number: "C35", Says: "as many workers start as were asked for, if they are fewer than the cores", Source: []string{"S2:36"}},
	{Number: "C36", Says: "with its defaults a service lets thousands of requests fail by timeout", Source: []string{"S2:6"}},
	{Number: "C37", Says: "thousands of concurrent connections take hardly any resources", Source: []string{"S3:13", "S3:1157"}},
	{Number: "C38", Says: "validation is compiled, and the framework below is light", Source: []string{"S3:14-15"}},
	{Number: "C39", Says: "type hints let the code be optimised when it is compiled", Source: []string{"S3:16", "S3:1043"}},
	{Number: "C40", Says: "a middleware measures how long each request takes and says so in a header", Source: []string{"S3:38-44"}},
	{Number: "C41", Says: "awaiting instead of blocking handles 5 to 10 times as many concurrent requests", Source: []string{"S3:54-95", "S3:1080"}},
	{Number: "C42", Says: "one blocking sleep stops the whole event loop", Source: []string{"S3:66", "S3:1088"}},
	{Number: "C43", Says: "calls of 0.1 s that are gathered take as long as one of them", Source: []string{"S3:99-115"}},
	{Number: "C44", Says: "results are streamed as each of them is completed", Source: []string{"S3:117-127"}},
	{Number: "C45", Says: "a semaphore of 10 limits the rate of calls to another service", Source: []string{"S3:129-144"}},
	{Number: "C46", Says: "one client for all calls, with 20 idle and 100 open connections, instead of one per call", Source: []string{"S3:136", "S3:967-992"}},
	{Number: "C47", Says: "a pool has 10 to 20 connections to the database, in production 5 to 25", Source: []string{"S3:167-168", "S3:290-292"}},
	{Number: "C48", Says: "a pooled connection is replaced after 50,000 queries, or after an hour without one", Source: []string{"S3:293-294"}},
	{Number: "C49", Says: "a query is given up after 60 s, in production after 30 s", Source: []string{"S3:169", "S3:295"}},
	{Number: "C50", Says: "a handler that connects and does not close leaks connections; a pool gets them back", Source: []string{"S3:1103-1119"}},
	{Number: "C51", Says: "compiling queries (jit) is off for short ones", Source: []string{"S3:171", "S3:298"}},
	{Number: "C52", Says: "a pool has pg_stat_statements by naming shared_preload_libraries in the settings of its sessions", Source: []string{"S3:299"}},
	{Number: "C53", Says: "users are read by their keys in one query, with ANY", Source: []string{"S3:186-191"}},
	{Number: "C54", Says: "a query for each row makes 11 of them, a JOIN makes one", Source: []string{"S3:213-250"}},
	{Number: "C55", Says: "queries that come often are prepared once", Source: []string{"S3:252-281"}},
	{Number: "C56", Says: "responses are kept in a shared cache for 300 or 600 s in front of a computation of 2 s", Source: []string{"S3:303-345"}},
	{Number: "C57", Says: "responses are kept in the process, the least recently used of 128, 256 or 1,000 going first", Source: []string{"S3:347-400"}},
	{Number: "C58", Says: "what the cache lacks is computed and then stored, with nothing that guards the two steps", Source: []string{"S3:324-341", "S3:374-382"}},
	{Number: "C59", Says: "entries of a user are removed by searching the cache with a pattern", Source: []string{"S3:410-421"}},
	{Number: "C60", Says: "entries are removed by tags: a set holds the keys that belong together", Source: []string{"S3:423-448", "S3:458"}},
	{Number: "C61", Says: "entries are loaded ahead at the start, and caches work at several levels", Source: []string{"S3:645-648", "S3:1149"}},
	{Number: "C62", Says: "responses of more than 1,000 bytes are compressed by the application", Source: []string{"S3:466-469"}},
	{Number: "C63", Says: "10,000 items are compressed in the handler", Source: []string{"S3:475-491"}},
	{Number: "C64", Says: "a table is sent as CSV without being loaded as a whole", Source: []string{"S3:493-533"}},
	{Number: "C65", Says: "a large list is sent in batches, with a garbage collection every 10,000 items", Source: []string{"S3:994-1035"}},
	{Number: "C66", Says: "work that the response does not need is done after it has been sent", Source: []string{"S3:535-575"}},
	{Number: "C67", Says: "work that computes goes to a pool of 4 threads", Source: []string{"S3:541-547", "S3:571-573"}},
	{Number: "C68", Says: "there are as many workers as cores", Source: []string{"S3:589", "S3:604"}},
	{Number: "C69", Says: "a worker has up to 1,000 connections", Source: []string{"S3:591", "S3:606"}},
	{Number: "C70", Says: "a worker is replaced after 1,000 requests, plus up to 100 at random", Source: []string{"S3:592-593"}},
	{Number: "C71", Says: "an idle connection is closed after 5 s", Source: []string{"S3:594"}},
	{Number: "C72", Says: "gunicorn with uvicorn's workers can stand in for uvicorn alone", Source: []string{"S3:601-605"}},
	{Number: "C73", Says: "gunicorn's settings for workers and recycling are given to uvicorn in a dictionary", Source: []string{"S3:585-599"}},
	{Number: "C74", Says: "an application that is loaded before the workers are forked saves memory", Source: []string{"S3:610"}},
	{Number: "C75", Says: "at its start the service warms up pools and cache, and asks its own endpoints so that they are compiled", Source: []string{"S3:612-654"}},
	{Number: "C76", Says: "requests are counted and timed for Prometheus", Source: []string{"S3:660-693"}},
	{Number: "C77", Says: "CPU and memory are read every 10 s", Source: []string{"S3:670-671", "S3:696-704"}},
	{Number: "C78", Says: "an endpoint is profiled while it serves", Source: []string{"S3:710-742"}},
	{Number: "C79", Says: "a log keeps the last 100 queries that took longer than 100 ms", Source: []string{"S3:751-822"}},
	{Number: "C80", Says: "a load test of 50 workers in a loop and 1,000 requests gives the mean, the median and the 95th percentile", Source: []string{"S3:828-879"}},
	{Number: "C81", Says: "wrk with 12 threads and 400 connections for 30 s compares four configurations", Source: []string{"S3:881-942"}},
	{Number: "C82", Says: "a script starts each server, waits 3 s, runs wrk and ends it", Source: []string{"S3:893-920"}},
	{Number: "C83", Says: "a faster JSON encoder makes responses faster", Source: []string{"S3:948-965"}},
	{Number: "C84", Says: "a dictionary without a bound leaks; a cache of 1,000 entries that expire after 300 s does not", Source: []string{"S3:1121-1141"}},
	{Number: "C85", Says: "health checks and a graceful stop lose no request", Source: []string{"S3:46", "S3:1065"}},
	{Number: "C86", Says: "a circuit breaker protects from a dependency that fails", Source: []string{"S3:1076"}},
	{Number: "C87", Says: "load is balanced over several servers", Source: []string{"S3:1072", "S3:1158"}},
	{Number: "C88", Says: "capacity is scaled with the load automatically", Source: []string{"S3:1073"}},
	{Number: "C89", Says: "connections to the database are limited, and pooled by the infrastructure", Source: []string{"S3:1064", "S3:1074"}},
	{Number: "C90", Says: "every call to another service has a timeout", Source: []string{"S3:1075"}},
	{Number: "C91", Says: "databases have SSDs, instances are of the right type, and static files come from a CDN", Source: []string{"S3:1063", "S3:1070-1071"}},
	{Number: "C92", Says: "logging has no impact on performance, and there are alerts", Source: []string{"S3:1061-1062"}},
	{Number: "C93", Says: "all improvements together make a service three to five times as fast", Source: []string{"S3:1155"}},
	{Number: "C94", Says: "most endpoints respond within 100 ms", Source: []string{"S3:1156"}},
	{Number: "C95", Says: "tests use realistic amounts of data", Source: []string{"S3:1054"}},
	{Number: "C96", Says: "an error does not leak what the handler holds", Source: []string{"S3:1042"}},
	{Number: "C97", Says: "measure first, optimise then", Source: []string{"S3:1160"}},
}

// Text is what a row says; empty for one that is not written down.
func Text(number string) string {
	for _, c := range rows {
		if c.Number == number {
			return c.Says
		}
	}
	return ""
}

// said is what a claim says, and on which pages in words: "page 0, lines 16 to 30".
func said(says string, sources []string) string {
	places := make([]string, len(sources))
	for i, s := range sources {
		page, lines, _ := strings.Cut(strings.TrimPrefix(s, "S"), ":")
		words := "line "
		if from, to, several := strings.Cut(lines, "-"); several {
			words, lines = "lines ", from+" to "+to
		}
		places[i] = "page " + page + ", " + words + lines
	}
	return says + " (" + strings.Join(places, "; ") + ")"
}

// figureOf gives what the page measured for a comparison of a scenario, if it did.
func (r *Row) figureOf(scenario, variant, metric string) (Figure, bool) {
	for _, f := range r.Figures {
		if slices.Contains(f.Scenarios, scenario) && f.Variant == variant && f.Metric == metric {
			return f, true
		}
	}
	return Figure{}, false
}
