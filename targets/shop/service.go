package shop

import (
	"fmt"
	"net/http"
	"strconv"
	"strings"
	"time"

	"github.com/gomodule/redigo/redis"

	"benchtop/targets"
	"benchtop/targets/endpoint"
	"benchtop/targets/printable"
	"benchtop/targets/shop/fill"
)

// Of a worker's client of the service cache: those that go-redis has by itself.
const (
	serviceConnections = 10
	serviceConnect     = 5 * time.Second
	serviceReply       = 3 * time.Second
)

// service is a client of the service cache. It does not try a command again: that it failed is counted.
type service struct {
	*redis.Pool
	counts *counts
}

func openService(address string, c *counts) *service {
	network, where := targets.Network(address)
	dial := func() (redis.Conn, error) {
		return redis.Dial(network, where, redis.DialConnectTimeout(serviceConnect), redis.DialReadTimeout(serviceReply), redis.DialWriteTimeout(serviceReply))
	}
	return &service{&redis.Pool{Dial: dial, MaxIdle: serviceConnections, MaxActive: serviceConnections, Wait: true}, c}
}

// command is a command with its arguments.
type command []any

// do sends a command, behind others in the same round trip, and gives its reply.
func (s *service) do(last command, before ...command) (reply any, err error) {
	conn := s.Get()
	defer func() { _ = conn.Close() }() // back to the pool
	for _, c := range before {
		if err = conn.Send(c[0].(string), c[1:]...); err != nil {
			break
		}
	}
	if err == nil {
		reply, err = conn.Do(last[0].(string), last[1:]...)
	}
	s.counts.cacheRoundTrips.Add(1)
	if err != nil {
		s.counts.cacheErrors.Add(1)
	}
	return reply, err
}

// of is a command on keys.
func of(name string, keys []string) command { return command(redis.Args{name}.AddFlat(keys)) }

// itemTag is the tag of the responses, and what stands before the colon in their keys.
const itemTag = "item"

// keyOf is the key of a response.
func keyOf(id int64) string { return itemTag + ":" + strconv.FormatInt(id, 10) }

// fromService reads an entry; nil: there is none, or the cache failed.
func (r *responses) fromService(id int64) []byte {
	body, err := redis.Bytes(r.service.do(command{"GET", keyOf(id)}))
	if err != nil {
		return nil
	}
	return body
}

// toService keeps an entry. That the cache failed is counted, and no matter of the request.
func (r *responses) toService(id int64, body []byte) {
	key := keyOf(id)
	set := command{"SET", key, body}
	if r.settings.TTL > 0 {
		set = append(set, "PX", r.settings.TTL.Milliseconds())
	}
	if r.settings.Invalidate == InvalidateTag {
		_, _ = r.service.do(command{"SADD", fill.TagOf(itemTag), key}, set) // counted
		return
	}
	_, _ = r.service.do(set) // counted
}

// forget removes the entry of an item that changed, or all with the tag of items. What fails is counted.
func (r *responses) forget(id int64) {
	switch r.settings.Invalidate {
	case InvalidateTag:
		_, _ = r.removeTag(itemTag)
	case InvalidateFound:
		_, _ = r.removeListed(keyOf(id))
	default:
		_, _ = r.service.do(command{"DEL", keyOf(id)})
	}
}

// portion is how many keys a command or a pipeline takes.
const portion = 1000

// remove removes keys, portion by portion.
func (r *responses) remove(keys []string) (removed int64, err error) {
	for len(keys) > 0 && err == nil {
		var n int64
		some := keys[:min(portion, len(keys))]
		n, err = redis.Int64(r.service.do(of("DEL", some)))
		removed, keys = removed+n, keys[len(some):]
	}
	return removed, err
}

// removeTag removes the members of a tag, and then the tag: an entry that is put there in between stays without it.
func (r *responses) removeTag(tag string) (int64, error) {
	keys, err := redis.Strings(r.service.do(command{"SMEMBERS", fill.TagOf(tag)}))
	if err != nil || len(keys) == 0 {
		return 0, err
	}
	removed, err := r.remove(keys)
	if err == nil {
		_, err = r.service.do(command{"DEL", fill.TagOf(tag)})
	}
	return removed, err
}

// removeListed removes the keys that match a pattern. KEYS gives all of them at once, and nobody else is served until it has them.
func (r *responses) removeListed(pattern string) (int64, error) {
	keys, err := redis.Strings(r.service.do(command{"KEYS", pattern}))
	if err != nil {
		return 0, err
	}
	return r.remove(keys)
}

// removeFound removes the keys that begin with prefix, which KEYS finds, or SCAN in portions.
func (r *responses) removeFound(prefix string, scan bool) (removed int64, _ error) {
	pattern := strings.NewReplacer(`\`, `\\`, `*`, `\*`, `?`, `\?`, `[`, `\[`, `]`, `\]`).Replace(prefix) + "*"
	if !scan {
		return r.removeListed(pattern)
	}
	for cursor := "0"; ; {
		found, err := redis.Values(r.service.do(command{"SCAN", cursor, "MATCH", pattern, "COUNT", portion}))
		if err != nil {
			return removed, err
		}
		var keys []string
		if _, err = redis.Scan(found, &cursor, &keys); err != nil {
			return removed, err
		}
		n, err := r.remove(keys)
		if removed += n; err != nil || cursor == "0" {
			return removed, err
		}
	}
}

func (s *Shop) invalidate(x *endpoint.Exchange) {
	if s == nil || s.cache == nil || s.cache.service == nil {
		row := endpoint.Endpoint{Path: "this endpoint", Services: []string{Service}}
		x.Fail(http.StatusNotImplemented, row.Lacks(func(string) bool { return false }))
		return
	}
	var removed int64
	var err error
	prefix := x.Text("prefix")
	x.Worker.Await(func() {
		if how := x.Text("how"); how == "tag" {
			removed, err = s.cache.removeTag(prefix)
		} else {
			removed, err = s.cache.removeFound(prefix, how == "scan")
		}
	})
	if err != nil {
		x.Fail(http.StatusServiceUnavailable, "cache: "+printable.Line(err.Error()))
		return
	}
	x.SendScratch(endpoint.PlainText, fmt.Appendf(x.Scratch(), "removed %d\n", removed))
}
