package cache

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"net"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/redis/go-redis/v9"
	"go.uber.org/goleak"

	"benchtop/targets/fixture/suite"
	"benchtop/targets/routine"
	"benchtop/targets/shop/fill"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// running serves a cache in this process.
func running(t *testing.T, most int) (*service, string) {
	t.Helper()
	s := newService(most)
	return s, suite.Serve(t, s.serve)
}

func client(t *testing.T, addr string) *redis.Client {
	t.Helper()
	c := redis.NewClient(&redis.Options{Addr: addr, ReadTimeout: suite.Deadline})
	t.Cleanup(func() {
		if err := c.Close(); err != nil {
			t.Error(err)
		}
	})
	return c
}

// A client library of others connects, asks, and gets what Redis would answer.
func TestClientLibrary(t *testing.T) {
	s, addr := running(t, 1<<20)
	c, ctx := client(t, addr), t.Context()
	for _, step := range []struct {
		what string
		got  any
		want string
	}{
		{"ping", c.Ping(ctx), "PONG"},
		{"set", c.Set(ctx, "a", "1", 0), "OK"},
		{"get", c.Get(ctx, "a"), ": 1"},
		{"no such", c.Get(ctx, "nobody"), "redis: nil"},
		{"nx", c.SetNX(ctx, "a", "2", 0), "false"},
		{"xx", c.SetXX(ctx, "a", "2", 0), "true"},
		{"incr", c.IncrBy(ctx, "a", 40), ": 42"},
		{"decr", c.Decr(ctx, "a"), ": 41"},
		{"not a number", c.Incr(ctx, "text"), ": 1"},
		{"mset", c.MSet(ctx, "b", "x", "c", "y"), "OK"},
		{"mget", c.MGet(ctx, "b", "nobody", "c"), "[x <nil> y]"},
		{"exists", c.Exists(ctx, "a", "b", "nobody"), ": 2"},
		{"type", c.Type(ctx, "a"), "string"},
		{"ttl of for ever", c.TTL(ctx, "a"), "-1ns"},
		{"ttl of nobody", c.TTL(ctx, "nobody"), "-2ns"},
		{"ex", c.Set(ctx, "e", "1", 10*time.Second), "OK"},
		{"ttl", c.TTL(ctx, "e"), "10s"},
		{"persist", c.Persist(ctx, "e"), "true"},
		{"expire", c.Expire(ctx, "e", time.Hour), "true"},
		{"expire in the past", c.Expire(ctx, "e", -time.Second), "true"},
		{"gone", c.Exists(ctx, "e"), ": 0"},
		{"sadd", c.SAdd(ctx, "tag", "x", "y", "x"), ": 2"},
		{"scard", c.SCard(ctx, "tag"), ": 2"},
		{"srem", c.SRem(ctx, "tag", "x", "z"), ": 1"},
		{"smembers", c.SMembers(ctx, "tag"), "[y]"},
		{"wrong type", c.Get(ctx, "tag"), "WRONGTYPE"},
		{"wrong type too", c.SAdd(ctx, "a", "x"), "WRONGTYPE"},
		{"del", c.Del(ctx, "a", "tag", "nobody"), ": 2"},
		{"unknown", c.Do(ctx, "zadd", "z", 1, "m"), "unknown command 'ZADD': this cache knows CLIENT COMMAND DBSIZE"},
		{"arguments", c.Do(ctx, "get"), "wrong number of arguments for 'get'"},
		{"another database", c.Do(ctx, "select", 1), "this cache has database 0 alone"},
		{"dbsize", c.DBSize(ctx), ": 3"},
		{"info", c.Info(ctx), "keyspace_hits:"},
	} {
		if text := fmt.Sprint(step.got); !strings.Contains(text, step.want) {
			t.Errorf("%s: %s, want %s", step.what, text, step.want)
		}
	}
	status := s.status()
	if status.Accepted == 0 || status.Served < 30 || status.Counters["misses"] != 2 || status.Levels["entries"] != 3 {
		t.Errorf("%+v", status)
	}
	if err := c.FlushAll(ctx).Err(); err != nil || s.store.size != 0 || len(s.store.entries) != 0 {
		t.Errorf("%v, %d bytes of %d entries are left", err, s.store.size, len(s.store.entries))
	}
}

// A pipeline is answered in its order, and SCAN gives each key once, also those with a pattern.
func TestPipelineAndScan(t *testing.T) {
	_, addr := running(t, 1<<24)
	c, ctx := client(t, addr), t.Context()
	pipe := c.Pipeline()
	for i := range 1000 {
		pipe.Set(ctx, fmt.Sprintf("key:%d", i), i, 0)
	}
	pipe.Set(ctx, "other", 1, 0)
	if _, err := pipe.Exec(ctx); err != nil {
		t.Fatal(err)
	}
	seen := map[string]int{}
	for each := c.Scan(ctx, 0, "key:*", 7).Iterator(); each.Next(ctx); {
		seen[each.Val()]++
	}
	for key, n := range seen {
		if n != 1 {
			t.Errorf("%s came %d times", key, n)
		}
	}
	if len(seen) != 1000 {
		t.Errorf("%d keys", len(seen))
	}
	if keys, err := c.Keys(ctx, "key:1?").Result(); err != nil || len(keys) != 10 {
		t.Errorf("%v, %v", keys, err)
	}
}

// Entries end by the clock, whether or not somebody asks for them.
func TestExpiry(t *testing.T) {
	now := time.Unix(1000, 0)
	s := newStore(1 << 20)
	s.now = func() time.Time { return now }
	for i := range 100 {
		if err := s.put(fmt.Sprint(i), &entry{text: "x"}, now.Add(time.Duration(i)*time.Second).UnixNano()); err != nil {
			t.Fatal(err)
		}
	}
	now = now.Add(49 * time.Second)
	if s.get("50") == nil || s.get("49") != nil {
		t.Error("not by the clock")
	}
	s.sweep()
	now = now.Add(time.Hour)
	s.sweep()
	if len(s.entries) != 0 || len(s.mortal) != 0 || s.size != 0 || s.counts.Expired != 100 {
		t.Errorf("%d entries, %d bytes, %d expired", len(s.entries), s.size, s.counts.Expired)
	}
}

// What does not fit is refused, and what is there stays.
func TestMemory(t *testing.T) {
	_, addr := running(t, 10_000)
	c, ctx := client(t, addr), t.Context()
	if err := c.Set(ctx, "a", "here", 0).Err(); err != nil {
		t.Fatal(err)
	}
	if err := c.Set(ctx, "b", strings.Repeat("x", 20_000), 0).Err(); err == nil || !strings.HasPrefix(err.Error(), "OOM") {
		t.Errorf("%v", err)
	}
	var members []any
	for i := range 1000 {
		members = append(members, i)
	}
	if err := c.SAdd(ctx, "set", members...).Err(); err == nil || !strings.HasPrefix(err.Error(), "OOM") {
		t.Errorf("%v", err)
	}
	if v, err := c.Get(ctx, "a").Result(); v != "here" || err != nil {
		t.Errorf("%q, %v", v, err)
	}
}

// While one command works, no other does: that is the one executor.
func TestOneExecutor(t *testing.T) {
	s, addr := running(t, 1<<20)
	c := client(t, addr)
	s.store.mu.Lock()
	got := make(chan error, 1)
	routine.Go(func() { got <- c.Ping(context.Background()).Err() })
	select {
	case err := <-got:
		t.Errorf("answered while another command worked: %v", err)
	case <-time.After(50 * time.Millisecond):
	}
	s.store.mu.Unlock()
	if err := <-got; err != nil {
		t.Error(err)
	}
}

// Garbage ends the connection that it came on, and nothing else.
func TestGarbage(t *testing.T) {
	_, addr := running(t, 1<<20)
	for _, text := range []string{
		"\x00\xff\xfe\n", "*1\r\n$-1\r\n", "*99999999999\r\n", "*2\r\n$3\r\nGET\r\n$1000000000\r\n", "*1\r\n$3\r\nG", "GET\r\n\r\n\r\n", "*0\r\n*0\r\n", "$5\r\nhello\r\n", "\r\n",
		"*1\r\n$0\r\n\r\n",
	} {
		send(t, addr, []byte(text))
	}
	if err := client(t, addr).Ping(t.Context()).Err(); err != nil {
		t.Errorf("after garbage: %v", err)
	}
}

func send(t *testing.T, addr string, text []byte) {
	t.Helper()
	conn, err := net.Dial("tcp", addr)
	if err != nil {
		t.Fatal(err)
	}
	_, err = conn.Write(text)
	if err = errors.Join(err, conn.Close()); err != nil {
		t.Logf("%q: %v", text, err) // the cache may have closed first
	}
}

// A client that sends without end, and no command in it, is cut off.
func TestEndless(t *testing.T) {
	_, addr := running(t, 1<<20)
	conn, err := net.Dial("tcp", addr)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = conn.Close() }()
	if _, err := conn.Write([]byte("*2\r\n$3\r\nGET\r\n$1000000000\r\n")); err != nil {
		t.Fatal(err)
	}
	block := bytes.Repeat([]byte("x"), 1<<20)
	sent := 0
	for ; sent < 4*longestJob; sent += len(block) {
		if _, err := conn.Write(block); err != nil {
			break
		}
	}
	if sent >= 4*longestJob {
		t.Errorf("%d bytes were taken", sent)
	}
}

// A SCAN gives every key that is there from its first call to its last, whatever comes, goes and changes meanwhile.
func TestScanWhileKeysChange(t *testing.T) {
	s := newStore(1 << 20)
	put := func(format string, i int) {
		t.Helper()
		if err := s.put(fmt.Sprintf(format, i), &entry{}, 0); err != nil {
			t.Fatal(err)
		}
	}
	const stay = 300
	for i := range stay {
		put("stay:%d", i)
		put("go:%d", i)
	}
	seen, cursor := map[string]bool{}, uint64(0)
	for step := 0; step == 0 || cursor > 0; step++ {
		var keys []string
		cursor, keys = s.scan(cursor, "stay:*", 7)
		for _, key := range keys {
			seen[key] = true
		}
		put("stay:%d", step*37%stay) // another value
		put("new:%d", step)
		s.remove(fmt.Sprintf("go:%d", step*53%stay))
		s.remove(fmt.Sprintf("go:%d", stay-1-step))
	}
	if len(seen) != stay {
		t.Errorf("%d of %d keys came", len(seen), stay)
	}
	if next, _ := s.scan(1<<40, "*", 1<<40); next != 0 {
		t.Errorf("a cursor of nothing goes on with %d", next)
	}
}

// A cache begins with the entries that it is asked for, and with their tag. What cannot fit is refused before the start.
func TestItBeginsWithEntries(t *testing.T) {
	const n = 2500
	s := newStore(filled(n))
	if err := s.fill(n); err != nil || len(s.entries) != n+1 || len(s.get(fill.Key(n)).text) != fill.Size || len(s.get(fill.Tag()).set) != n {
		t.Errorf("%v, %d entries", err, len(s.entries))
	}
	if err := newStore(s.size - 1).fill(n); !errors.Is(err, errMemory) {
		t.Error(err)
	}
	if faults := check(&Settings{Entries: 5000, Memory: leastMemory}); len(faults) != 1 || faults[0].Key != "entries" {
		t.Errorf("%v", faults)
	}
	for _, s := range []Settings{{Memory: leastMemory}, {Entries: 3000, Memory: leastMemory}, {Entries: fill.Most, Memory: 256 << 20}} {
		if faults := check(&s); len(faults) > 0 {
			t.Errorf("%+v: %v", s, faults)
		}
	}
}

func FuzzCommands(f *testing.F) {
	for _, text := range []string{"*1\r\n$4\r\nPING\r\n", "SET a b EX 1\r\nGET a\r\n", "*3\r\n$4\r\nSCAN\r\n$1\r\n0\r\n$5\r\nMATCH\r\n", "SADD s a b\r\nSREM s a b\r\nINCRBY s 9223372036854775807\r\n"} {
		f.Add([]byte(text))
	}
	f.Fuzz(func(t *testing.T, text []byte) {
		s, addr := running(t, 1<<20)
		send(t, addr, text)
		if err := client(t, addr).Ping(t.Context()).Err(); err != nil {
			t.Errorf("after %q: %v", text, err)
		}
		size := 0
		s.store.mu.Lock()
		defer s.store.mu.Unlock()
		for _, e := range s.store.entries {
			size += e.size
		}
		for i, e := range s.store.list {
			if e.place != i || s.store.entries[e.key] != e || len(s.store.list) != len(s.store.entries) {
				t.Fatalf("%q is at place %d of %d", e.key, i, len(s.store.entries))
			}
		}
		if size != s.store.size || size > 1<<20 {
			t.Errorf("%d bytes counted, %d there", s.store.size, size)
		}
	})
}

func TestNames(t *testing.T) {
	if list := names(); !slices.IsSorted(list) || len(list) != len(commands) {
		t.Error(list)
	}
}
