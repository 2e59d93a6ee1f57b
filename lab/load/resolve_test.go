package load

import (
	"context"
	"errors"
	"net"
	"net/netip"
	"reflect"
	"strings"
	"testing"
)

// names is a resolver that knows a few names and counts the questions.
type names struct {
	known map[string][]string
	asked int
}

func (n *names) LookupNetIP(_ context.Context, _, host string) ([]netip.Addr, error) {
	n.asked++
	list, ok := n.known[host]
	if !ok {
		return nil, &net.DNSError{Err: "no such host", Name: host, IsNotFound: true}
	}
	var out []netip.Addr
	for _, s := range list {
		out = append(out, netip.MustParseAddr(s))
	}
	return out, nil
}

func TestResolve(t *testing.T) {
	known := map[string][]string{
		"localhost": {"::1", "127.0.0.1"}, "six": {"::1"}, "example.com": {"192.0.2.1"}, "rebind.test": {"127.0.0.1", "10.0.0.5"}, "empty": {},
	}
	tests := []struct {
		url   string
		allow []string
		want  Pinned
		bad   string // part of the message
		loop  bool   // ErrNotLoopback
		class string
		asks  int
	}{
		{url: "http://127.0.0.1:8080/hello?x=1#frag", want: Pinned{Addr: "127.0.0.1:8080", Host: "127.0.0.1:8080", Path: "/hello?x=1"}},
		{url: "HTTP://127.9.8.7", want: Pinned{Addr: "127.9.8.7:80", Host: "127.9.8.7", Path: "/"}},
		{url: "http://[::1]:81/", want: Pinned{Addr: "[::1]:81", Host: "[::1]:81", Path: "/"}},
		{url: "http://[::ffff:127.0.0.1]:81/", want: Pinned{Addr: "127.0.0.1:81", Host: "[::ffff:127.0.0.1]:81", Path: "/"}},
		{url: "http://localhost:81/", want: Pinned{Addr: "127.0.0.1:81", Host: "localhost:81", Path: "/"}, asks: 1},
		{url: "http://six:81/", want: Pinned{Addr: "[::1]:81", Host: "six:81", Path: "/"}, asks: 1},
		{url: "ws://127.0.0.1:81/", bad: "WebSocket and gRPC are not driven"},
		{url: "GRPC://127.0.0.1:81/", bad: "WebSocket and gRPC are not driven"},
		{url: "http://192.0.2.1/", bad: "not a loopback", loop: true},
		{url: "http://0.0.0.0:80/", bad: "not a loopback", loop: true},
		{url: "http://example.com/", bad: "192.0.2.1", loop: true, asks: 1},
		{url: "http://rebind.test/", bad: "10.0.0.5", loop: true, asks: 1},
		{url: "http://example.com/", allow: []string{"Example.com"}, want: Pinned{Addr: "192.0.2.1:80", Host: "example.com", Path: "/", Allow: []string{"192.0.2.1"}}, asks: 1},
		{url: "http://192.0.2.1/", allow: []string{"192.0.2.1"}, want: Pinned{Addr: "192.0.2.1:80", Host: "192.0.2.1", Path: "/", Allow: []string{"192.0.2.1"}}},
		{url: "http://192.0.2.2/", allow: []string{"192.0.2.1"}, bad: "not a loopback", loop: true},
		{url: "http://nowhere/", bad: "could not be resolved", class: ErrNameNotFound, asks: 1},
		{url: "http://empty/", bad: "no address", class: ErrNameNotFound, asks: 1},
		{url: "https://127.0.0.1/", want: Pinned{Addr: "127.0.0.1:443", Host: "127.0.0.1", Path: "/", TLS: &TLS{ServerName: "127.0.0.1"}}},
		{url: "HTTPS://localhost:8443/a", want: Pinned{Addr: "127.0.0.1:8443", Host: "localhost:8443", Path: "/a", TLS: &TLS{ServerName: "localhost"}}, asks: 1},
		{url: "https://[::1]:81/", want: Pinned{Addr: "[::1]:81", Host: "[::1]:81", Path: "/", TLS: &TLS{ServerName: "::1"}}},
		{url: "https://192.0.2.1/", bad: "not a loopback", loop: true},
		{url: "https:/127.0.0.1/", bad: "no scheme"},
		{url: "unixx:///tmp/x.sock", bad: "scheme is unixx"},
		{url: "ftp://127.0.0.1/", bad: "scheme is ftp"},
		{url: "127.0.0.1:8080/", bad: "no scheme"},
		{url: "localhost:8080/", bad: "no scheme"},
		{url: "", bad: "no scheme"},
		{url: "http://", bad: "no host"},
		{url: "http://:80/", bad: "no host"},
		{url: "http://user@127.0.0.1/", bad: "user information"},
		{url: "http://user:pass@127.0.0.1/", bad: "user information"},
		{url: "http://@127.0.0.1/", bad: "user information"},
		{url: "http://127.0.0.1:0/", bad: "port is 0"},
		{url: "http://127.0.0.1:65536/", bad: "port is 65536"},
		{url: "http://127.0.0.1:-1/", bad: "port"},
		{url: "http://127.0.0.1:/", bad: "port is empty"},
		{url: "http://127.0.0.1:80a/", bad: "port"},
		{url: "http://127.0.0.1/a b", bad: "U+0020"},
		{url: " http://127.0.0.1/", bad: "U+0020"},
		{url: "http://127.0.0.1/\r\nX: y", bad: "U+000D"},
		{url: "http://127.0.0.1/\x1b[2J", bad: "U+001B"},
		{url: "http://127.0.0.1/ü", bad: "U+00FC"},
		{url: "http://[fe80::1%25lo]/", bad: "zone"},
		{url: "http://127.0.0.1%2f/", bad: ""},
		{url: "http://127.1/", bad: "could not be resolved", class: ErrNameNotFound, asks: 1},
	}
	for _, tt := range tests {
		n := &names{known: known}
		got, err := Resolve(context.Background(), n, tt.url, tt.allow)
		if tt.want.Addr != "" {
			if err != nil || !reflect.DeepEqual(got, tt.want) {
				t.Errorf("%q: %+v, %v", tt.url, got, err)
			}
		} else {
			var e *URLError
			if !errors.As(err, &e) || !strings.Contains(err.Error(), tt.bad) || e.Allowed == "" || e.Class != tt.class || errors.Is(err, ErrNotLoopback) != tt.loop {
				t.Errorf("%q: %+v, %v", tt.url, got, err)
			}
		}
		if n.asked != tt.asks {
			t.Errorf("%q: %d names looked up, want %d", tt.url, n.asked, tt.asks)
		}
	}
}
