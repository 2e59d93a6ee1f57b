package shop

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/http"
	"strconv"
	"strings"

	"github.com/redis/go-redis/v9"

	"benchtop/targets"
	"benchtop/targets/endpoint"
	"benchtop/targets/printable"
	"benchtop/targets/shop/fill"
)

// silent is a logger of go-redis, which would write to standard error otherwise.
type silent struct{}

// Printf is part of the logger.
func (silent) Printf(context.Context, string, ...any) {}

// openService gives the client of a cache, with the pool of connections that go-redis has by itself. It does not try a
// command again: that it failed is counted.
func openService(address string, c *counts) *redis.Client {
	redis.SetLogger(silent{})
	network, where := targets.Network(address)
	client := redis.NewClient(&redis.Options{Network: network, Addr: where, Protocol: 2, DisableIdentity: true, MaxRetries: -1})
	client.AddHook(hook{c})
	return client
}

// hook counts what a client of the cache does.
type hook struct{ *counts }

// DialHook is part of redis.Hook.
func (hook) DialHook(next redis.DialHook) redis.DialHook {
	return func(ctx context.Context, network, address string) (net.Conn, error) {
		return next(ctx, network, address)
	}
}

// ProcessHook counts a command, but not the one that a connection begins with.
func (h hook) ProcessHook(next redis.ProcessHook) redis.ProcessHook {
	return func(ctx context.Context, cmd redis.Cmder) error {
		err := next(ctx, cmd)
		if cmd.Name() == "hello" {
			return err
		}
		return h.counted(err)
	}
}

// ProcessPipelineHook counts a pipeline, which is one round trip.
func (h hook) ProcessPipelineHook(next redis.ProcessPipelineHook) redis.ProcessPipelineHook {
	return func(ctx context.Context, cmds []redis.Cmder) error {
		return h.counted(next(ctx, cmds))
	}
}

func (h hook) counted(err error) error {
	h.cacheRoundTrips.Add(1)
	if err != nil && !errors.Is(err, redis.Nil) {
		h.cacheErrors.Add(1)
	}
	return err
}

// itemTag is the tag of the responses, and what stands before the colon in their keys.
const itemTag = "item"

// keyOf is the key of a response.
func keyOf(id int64) string { return itemTag + ":" + strconv.FormatInt(id, 10) }

// fromService reads an entry; nil: there is none, or the cache failed.
func (r *responses) fromService(id int64) []byte {
	body, err := r.service.Get(context.Background(), keyOf(id)).Bytes()
	if err != nil {
		return nil
	}
	return body
}

// toService keeps an entry. That the cache failed is counted, and no matter of the request.
func (r *responses) toService(id int64, body []byte) {
	ctx, key := context.Background(), keyOf(id)
	if r.settings.Invalidate != InvalidateTag {
		r.service.Set(ctx, key, body, r.settings.TTL)
		return
	}
	_, _ = r.service.Pipelined(ctx, func(p redis.Pipeliner) error { // counted
		p.Set(ctx, key, body, r.settings.TTL)
		p.SAdd(ctx, fill.TagOf(itemTag), key)
		return nil
	})
}

// forget removes an entry, or all with the tag of items.
func (r *responses) forget(id int64, tag bool) {
	if tag {
		_, _ = r.removeTag(itemTag) // counted
		return
	}
	r.service.Del(context.Background(), keyOf(id))
}

// portion is how many keys a command or a pipeline takes.
const portion = 1000

// remove removes keys, portion by portion.
func (r *responses) remove(keys []string) (removed int64, err error) {
	for len(keys) > 0 && err == nil {
		var n int64
		some := keys[:min(portion, len(keys))]
		n, err = r.service.Del(context.Background(), some...).Result()
		removed, keys = removed+n, keys[len(some):]
	}
	return removed, err
}

// removeTag removes the members of a tag, and then the tag: an entry that is put there in between stays without it.
func (r *responses) removeTag(tag string) (int64, error) {
	ctx := context.Background()
	keys, err := r.service.SMembers(ctx, fill.TagOf(tag)).Result()
	if err != nil || len(keys) == 0 {
		return 0, err
	}
	removed, err := r.remove(keys)
	if err == nil {
		err = r.service.Del(ctx, fill.TagOf(tag)).Err()
	}
	return removed, err
}

// removeFound removes the keys that begin with prefix: KEYS gives all of them at once, and nobody else is served until it has
// them; SCAN gives them in portions.
func (r *responses) removeFound(prefix string, scan bool) (removed int64, err error) {
	ctx := context.Background()
	pattern := strings.NewReplacer(`\`, `\\`, `*`, `\*`, `?`, `\?`, `[`, `\[`, `]`, `\]`).Replace(prefix) + "*"
	if !scan {
		keys, err := r.service.Keys(ctx, pattern).Result()
		if err != nil {
			return 0, err
		}
		return r.remove(keys)
	}
	for cursor := uint64(0); ; {
		var keys []string
		if keys, cursor, err = r.service.Scan(ctx, cursor, pattern, portion).Result(); err != nil {
			return removed, err
		}
		n, err := r.remove(keys)
		if removed += n; err != nil || cursor == 0 {
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
