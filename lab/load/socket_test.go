package load

import (
	"context"
	"errors"
	"net"
	"os"
	"path/filepath"
	"reflect"
	"strings"
	"testing"

	"benchtop/targets/posix"
)

// listening is the path of a unix socket of the given name.
func listening(t *testing.T, name string) string {
	t.Helper()
	// Not t.TempDir: its name is long, and a socket's path is short.
	dir, err := os.MkdirTemp("", "s")
	if err != nil {
		t.Fatal(err)
	}
	path := filepath.Join(dir, name)
	ln, err := net.Listen("unix", path)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		_ = ln.Close()
		_ = os.RemoveAll(dir)
	})
	return path
}

func TestResolveSocket(t *testing.T) {
	plain, odd := listening(t, "a.sock"), listening(t, "a b:c%.sock")
	file := filepath.Join(t.TempDir(), "file")
	if err := os.WriteFile(file, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	encoded := filepath.Dir(odd) + "/a%20b%3Ac%25.sock"
	for _, tt := range []struct {
		url, addr, path, bad string
	}{
		{url: "unix://" + plain, addr: "unix:" + plain, path: "/"},
		{url: "UNIX://" + plain + ":/", addr: "unix:" + plain, path: "/"},
		{url: "unix://" + plain + ":/hello?a=b:c#part", addr: "unix:" + plain, path: "/hello?a=b:c"},
		{url: "unix://" + plain + ":/a%20b", addr: "unix:" + plain, path: "/a%20b"},
		{url: "unix://" + encoded + ":/x", addr: "unix:" + odd, path: "/x"},
		{url: "unix:" + plain, bad: "not absolute"},
		{url: "unix://a.sock", bad: "not absolute"},
		{url: "unix://", bad: "not absolute"},
		{url: "unix:", bad: "not absolute"},
		{url: "unix:///", bad: "not a socket"},
		{url: "unix://" + plain + ":hello", bad: "begins with /"},
		{url: "unix://" + plain + ":", bad: "begins with /"},
		{url: "unix://" + plain + "?a=b", bad: "holds a ?"},
		{url: "unix://" + plain + "%zz", bad: "%zz"},
		{url: "unix://" + plain + ":/%zz", bad: "%zz"},
		{url: "unix://" + plain + "%00", bad: "zero byte"},
		{url: "unix://" + file, bad: "not a socket"},
		{url: "unix://" + plain + ".not.there", bad: "there is no socket"},
		{url: "unix:///" + strings.Repeat("x", posix.MaxSocketPath), bad: "the system allows"},
		{url: "unix://" + filepath.Dir(odd) + "/a b", bad: "U+0020"},
	} {
		n := &names{}
		got, err := Resolve(context.Background(), n, tt.url, nil)
		if n.asked > 0 {
			t.Errorf("%q: a name was looked up", tt.url)
		}
		if tt.bad == "" {
			if want := (Pinned{Addr: tt.addr, Path: tt.path, Host: "localhost"}); err != nil || !reflect.DeepEqual(got, want) {
				t.Errorf("%q: %+v, %v", tt.url, got, err)
			}
			continue
		}
		var e *URLError
		if !errors.As(err, &e) || !strings.Contains(err.Error(), tt.bad) {
			t.Errorf("%q: %+v, %v; want %q", tt.url, got, err, tt.bad)
		}
	}
	for _, addr := range []string{"unix:", "unix:a.sock", "unix:@a", "unix:" + file, "unix://" + plain + "x"} {
		var bad *TaskError
		if _, _, err := (&Task{Addr: addr}).Address(); !errors.As(err, &bad) || bad.Field != "addr" {
			t.Errorf("%s: %v", addr, err)
		}
	}
}
