package shop

import (
	"encoding/json"
	"fmt"
	"net/http"
	"strconv"
	"sync"
	"sync/atomic"
	"time"

	"golang.org/x/sync/singleflight"

	"benchtop/targets/endpoint"
	"benchtop/targets/pause"
	"benchtop/targets/shop/memo"
)

// responses are the kept responses of /cached.
type responses struct {
	settings Cache
	counts   *counts
	process  memo.Cache // nil: none are kept in the process
	service  *service   // nil: the target has no service cache
	flights  flights
	one      singleflight.Group
	hits     atomic.Int64 // for the audit
}

func openResponses(settings Cache, address string, c *counts) (*responses, error) {
	r := &responses{settings: settings, counts: c}
	if settings.inProcess() {
		var err error
		if r.process, err = memo.New(settings.Policy, *settings.Size, settings.TTL); err != nil {
			return nil, err
		}
	}
	if address != "" {
		r.service = openService(address, c)
	}
	return r, nil
}

func (r *responses) evictions() int64 {
	if r.process == nil {
		return 0
	}
	return r.process.Evictions()
}

func (r *responses) entries() int64 {
	if r.process == nil {
		return 0
	}
	return int64(r.process.Len())
}

// wanted is what a request for a cached response asks for.
type wanted struct {
	id   int64
	work time.Duration
	item bool // made from the item in the database, not by a declared wait
}

func (s *Shop) cached(x *endpoint.Exchange) {
	w := wanted{x.Int("id"), x.Duration("work"), x.Text("source") == "item"}
	audit := x.Int("audit")
	if s == nil || s.cache == nil || (w.item || audit > 0) && s.db == nil {
		s.lacks(x)
		return
	}
	r := s.cache
	var body []byte
	var err error
	if r.settings.Where == Off {
		x.Worker.Await(func() { body, err = s.load(w) })
	} else {
		r.counts.gets.Add(1)
		if body = r.find(w.id, x.Worker.Await); body != nil {
			s.audit(x, w.id, body, audit)
		} else {
			x.Worker.Await(func() { body, err = s.miss(w) })
		}
	}
	if err != nil {
		s.fail(x, err)
		return
	}
	x.Send(endpoint.JSONText, body)
}

// lacks responds with the service that is not there.
func (s *Shop) lacks(x *endpoint.Exchange) {
	settings := (*Cache)(nil).Filled()
	if s != nil && s.cache != nil {
		settings = s.cache.settings
	}
	x.Fail(http.StatusNotImplemented, lackOfCached(x, &settings, func(service string) bool { return x.Worker.Address(service) != "" }))
}

// find looks for an entry, and counts where it is; nil: nowhere.
func (r *responses) find(id int64, await func(func())) (body []byte) {
	var service bool
	if body, service = r.look(id, await); body == nil {
		return nil
	}
	r.hits.Add(1)
	if service {
		r.counts.hitsService.Add(1)
	} else {
		r.counts.hitsProcess.Add(1)
	}
	return body
}

// look looks into the process and then into the service. What the service has is kept in the process as well.
func (r *responses) look(id int64, await func(func())) (body []byte, service bool) {
	if r.process != nil {
		if body, ok := r.process.Get(id); ok {
			return body, false
		}
	}
	if !r.settings.inService() {
		return nil, false
	}
	await(func() { body = r.fromService(id) })
	if body != nil && r.process != nil {
		r.process.Put(id, body)
	}
	return body, true
}

// miss makes an entry and keeps it. With single flight one request of the worker does so while the others that miss it
// wait; it looks once more before, because the last one may just have put it there. It waits.
func (s *Shop) miss(w wanted) ([]byte, error) {
	if !s.cache.settings.SingleFlight {
		return s.made(w)
	}
	body, err, _ := s.cache.one.Do(strconv.FormatInt(w.id, 10), func() (any, error) {
		if body, _ := s.cache.look(w.id, now); body != nil {
			return body, nil
		}
		return s.made(w)
	})
	if err != nil {
		return nil, err
	}
	return body.([]byte), nil
}

// made is an entry from its source, which is kept from now on.
func (s *Shop) made(w wanted) ([]byte, error) {
	body, err := s.load(w)
	if err != nil {
		return nil, err
	}
	if s.cache.process != nil {
		s.cache.process.Put(w.id, body)
	}
	if s.cache.settings.inService() {
		s.cache.toService(w.id, body)
	}
	return body, nil
}

// now makes a call for somebody who waits already.
func now(call func()) { call() }

// load makes a response from its source. It waits.
func (s *Shop) load(w wanted) ([]byte, error) {
	s.counts.loads.Add(1)
	defer s.cache.flights.begin(w.id)()
	version := int64(0)
	if w.item {
		var err error
		if version, err = s.db.version(w.id, now); err != nil {
			return nil, err
		}
	} else {
		pause.Sleep(w.work)
	}
	return fmt.Appendf(nil, `{"id":%d,"version":%d}`, w.id, version), nil
}

// version reads the version of an item.
func (d *database) version(id int64, await func(func())) (version int64, err error) {
	err = d.session(await, func(c *session) error {
		version, err = c.changed(itemVersion, id)
		return err
	})
	return version, err
}

// audit compares every so many hits with the database.
func (s *Shop) audit(x *endpoint.Exchange, id int64, body []byte, every int64) {
	if every == 0 || s.cache.hits.Load()%every != 0 {
		return
	}
	var kept struct {
		Version int64 `json:"version"`
	}
	version, err := s.db.version(id, x.Worker.Await)
	if err != nil || json.Unmarshal(body, &kept) != nil {
		return // the response is good all the same
	}
	s.counts.audited.Add(1)
	if kept.Version != version {
		s.counts.stale.Add(1)
	}
}

// outdated removes what is kept of an item that changed.
func (r *responses) outdated(x *endpoint.Exchange, id int64) {
	if r == nil || r.settings.Invalidate == InvalidateNone {
		return
	}
	tag := r.settings.Invalidate == InvalidateTag
	switch {
	case r.process == nil:
	case tag:
		r.process.Clear() // there are items only
	default:
		r.process.Remove(id)
	}
	if r.settings.inService() {
		x.Worker.Await(func() { r.forget(id) })
	}
}

// flights are the loads in flight for each entry.
type flights struct {
	mu      sync.Mutex
	now     map[int64]int
	highest int // since the last mark
}

func (f *flights) begin(id int64) (end func()) {
	f.mu.Lock()
	defer f.mu.Unlock()
	if f.now == nil {
		f.now = map[int64]int{}
	}
	f.now[id]++
	f.highest = max(f.highest, f.now[id])
	return func() {
		f.mu.Lock()
		defer f.mu.Unlock()
		if f.now[id]--; f.now[id] == 0 {
			delete(f.now, id)
		}
	}
}

func (f *flights) most() int64 {
	f.mu.Lock()
	defer f.mu.Unlock()
	return int64(f.highest)
}

// mark begins again with what is in flight.
func (f *flights) mark() {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.highest = 0
	for _, n := range f.now {
		f.highest = max(f.highest, n)
	}
}
