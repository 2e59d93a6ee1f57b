package all

import (
	"bufio"
	"net"
	"testing"

	"benchtop/targets"
	"benchtop/targets/cache"
)

// The cache serves in a process of its own, and what it counts comes with its marks.
func TestCacheOfATarget(t *testing.T) {
	tg := started(t, targets.Spec{Server: "builtin", Services: map[string]targets.Part{"cache": {Kind: cache.Name}}})
	conn, err := net.Dial("tcp", tg.Spec().Addresses["cache"])
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = conn.Close() }()
	if _, err := conn.Write([]byte("SET a 1\r\nGET a\r\nGET b\r\n")); err != nil {
		t.Fatal(err)
	}
	in := bufio.NewReader(conn)
	for _, want := range []string{"+OK\r\n", "$1\r\n", "1\r\n", "$-1\r\n"} {
		if line, err := in.ReadString('\n'); line != want || err != nil {
			t.Fatalf("%q, %v, want %q", line, err, want)
		}
	}
	statuses, err := tg.Mark(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	for _, s := range statuses {
		if s.Role == cache.Role {
			if s.Counters["hits"] != 1 || s.Counters["misses"] != 1 || s.Levels["entries"] != 1 || s.Served != 3 {
				t.Errorf("%+v", s)
			}
			return
		}
	}
	t.Errorf("no status of the cache: %+v", statuses)
}
