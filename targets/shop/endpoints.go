package shop

import (
	"time"

	"benchtop/targets/endpoint"
)

// cachedPath is the endpoint of the response cache: which services it needs is a matter of the settings.
const cachedPath = "/cached"

// Bounds of the parameters.
const (
	mostID     = 1_000_000
	mostListed = 1000
	mostKey    = 1_000_000_000
)

// Rows are the endpoints of the shop s. Those of a nil Shop are for documents and checks; they find no service.
func Rows(s *Shop) []*endpoint.Endpoint {
	return append(dbRowsOf(s), cacheRowsOf(s)...)
}

func dbRowsOf(s *Shop) []*endpoint.Endpoint {
	needs := []string{Database}
	id := endpoint.Param{Name: "id", Doc: "which", Type: endpoint.Int, Min: 1, Max: mostID, Default: 1}
	many := endpoint.Param{Name: "n", Doc: "how many", Type: endpoint.Int, Min: 1, Max: mostListed, Default: 10}
	return []*endpoint.Endpoint{
		{Path: "/user", Doc: "one user, read by its key", Services: needs, Params: []endpoint.Param{id}, Samples: []string{"id=1"}, Handle: s.user},
		{
			Path: "/users", Doc: "the first users with the titles of their posts: one query more for each, one with a JOIN, or two, the second with ANY", Services: needs,
			Params: []endpoint.Param{many, {Name: "how", Doc: "how they are read", Type: endpoint.Word, Words: []string{"n_plus_one", "join", "any"}}}, Samples: []string{"how=n_plus_one", "how=join", "how=any"}, Handle: s.users,
		},
		{
			Path: "/items", Doc: "items by their keys: a query for each, one with ANY, or a batch in one round trip", Services: needs,
			Params: []endpoint.Param{
				many,
				{Name: "from", Doc: "the first", Type: endpoint.Int, Min: 1, Max: mostID, Default: 1},
				{Name: "how", Doc: "how they are read", Type: endpoint.Word, Words: []string{"singles", "any", "batch"}},
			}, Samples: []string{"how=singles", "how=any", "how=batch"}, Handle: s.items,
		},
		{Path: "/report", Doc: "the users with the most posts, counted over all posts", Services: needs, Samples: []string{""}, Handle: s.report},
		{
			Path: "/slow", Doc: "a query that waits in the database", Services: needs,
			Params:  []endpoint.Param{{Name: "for", Doc: "how long", Type: endpoint.Duration, Max: int64(time.Minute), Default: int64(10 * time.Millisecond)}},
			Samples: []string{"for=10ms"}, Handle: s.slow,
		},
		{
			Path: "/order", Doc: "one item taken from stock, in a transaction", Services: needs,
			Params:  []endpoint.Param{{Name: "item", Doc: "which", Type: endpoint.Int, Min: 1, Max: mostID, Default: 1}},
			Samples: []string{"item=1"}, Handle: s.order,
		},
		{
			Path: "/broken", Doc: "a user, but every so many requests of a worker fail; with `db.leak` these keep their connection", Services: needs,
			Params: []endpoint.Param{
				{Name: "every", Doc: "which fail", Type: endpoint.Int, Min: 1, Max: mostID, Default: 100, Unit: "requests"},
				{Name: "status", Doc: "of a failure", Type: endpoint.Int, Min: 400, Max: 599, Default: 500},
			},
			Samples: []string{"every=100"}, Handle: s.broken,
		},
		{Path: "/update", Doc: "a new version of an item; its cached response goes as `cache.invalidate` says", Services: needs, Params: []endpoint.Param{id}, Samples: []string{"id=1"}, Handle: s.update},
	}
}

func cacheRowsOf(s *Shop) []*endpoint.Endpoint {
	needs := []string{Service}
	return []*endpoint.Endpoint{
		{
			Path: cachedPath, Handle: s.cached, Samples: []string{"id=1"},
			Doc: "a response that is kept for `cache.ttl`; needs the service cache unless `cache.where` is process or off, the service database with source=item or audit",
			Params: []endpoint.Param{
				{Name: "id", Doc: "which", Type: endpoint.Int, Min: 1, Max: mostKey, Default: 1},
				{Name: "work", Doc: "how long source=wait takes", Type: endpoint.Duration, Max: int64(time.Minute), Default: int64(20 * time.Millisecond)},
				{Name: "source", Doc: "what it is made from: a declared wait, or the item in the database", Type: endpoint.Word, Words: []string{"wait", "item"}},
				{Name: "audit", Doc: "every so many hits one is compared with the database; 0: none", Type: endpoint.Int, Max: mostID, Unit: "hits"},
			},
		},
		{
			Path: "/invalidate", Doc: "removes entries of the service cache: those whose keys KEYS or SCAN finds, or the members of a tag", Services: needs,
			Params: []endpoint.Param{
				{Name: "how", Doc: "how they are found", Type: endpoint.Word, Words: []string{"keys", "scan", "tag"}},
				{Name: "prefix", Doc: "of the keys, or the tag", Type: endpoint.Text, Max: 100},
			},
			Samples: []string{"how=keys&prefix=fill:", "how=scan&prefix=fill:", "how=tag&prefix=fill"}, Handle: s.invalidate,
		},
	}
}

// lackOfCached says which service a request for a cached response needs that is not there; empty: none.
func lackOfCached(x *endpoint.Exchange, c *Cache, has func(service string) bool) string {
	needs := []string{}
	if c.inService() {
		needs = append(needs, Service)
	}
	if x.Text("source") == "item" || x.Int("audit") > 0 {
		needs = append(needs, Database)
	}
	row := endpoint.Endpoint{Path: cachedPath, Services: needs}
	return row.Lacks(has)
}
