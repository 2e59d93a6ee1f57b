package main

import (
	"bufio"
	"context"
	"errors"
	"io"
	"net"
	"net/http"
	"os"
	"strings"
	"testing"
)

// serveHere runs serve and gives the address that it prints, and the function that ends it and gives what it said.
func serveHere(t *testing.T, args ...string) (address string, end func() string) {
	t.Helper()
	ctx, cancel := context.WithCancel(t.Context())
	out, in := io.Pipe()
	var log strings.Builder
	cmd := serveCommand(&Env{Stdin: strings.NewReader(""), Stdout: in, Stderr: &log})
	cmd.SetArgs(args)
	ended := make(chan error, 1)
	go func() {
		ended <- cmd.ExecuteContext(ctx)
		_ = in.Close()
	}()
	line, err := bufio.NewReader(out).ReadString('\n')
	if err != nil {
		t.Fatalf("%v: %v", args, <-ended)
	}
	return strings.TrimSpace(line), func() string {
		cancel()
		if err := <-ended; err != nil {
			t.Errorf("%v: %v", args, err)
		}
		return log.String()
	}
}

// A server behind a proxy is one address that any client can use, and both stop together.
func TestServeBehindAProxy(t *testing.T) {
	for _, args := range [][]string{
		{"--proxy", "builtin", "--proxy-keepalive", "8"},
		{"--proxy", "builtin", "--upstream", "tcp", "--workers", "2", "--engine", "fasthttp"},
	} {
		address, end := serveHere(t, args...)
		res, err := http.Get(address + "/hello")
		if err != nil {
			t.Fatal(err)
		}
		body, err := io.ReadAll(res.Body)
		_ = res.Body.Close()
		if err != nil || string(body) != "Hello, world!" || res.Header.Get("X-Benchtop-Worker") == "" {
			t.Errorf("%v: %q, %v, %v", args, body, res.Header, err)
		}
		if said := end(); !strings.Contains(said, "worker ") || !strings.Contains(said, "proxy ") {
			t.Errorf("%v: said %q", args, said)
		}
	}
}

// The address of a unix socket is printed as load takes it.
func TestServeOnAUnixSocket(t *testing.T) {
	dir, err := os.MkdirTemp("", "bt") // the test's own folder may have too long a name
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = os.RemoveAll(dir) }()
	address, end := serveHere(t, "--listen", "unix:"+dir+"/s")
	conn, err := net.Dial("unix", strings.TrimPrefix(address, "unix://"))
	if err != nil {
		t.Error(err)
	} else {
		_ = conn.Close()
	}
	end()
	if _, err := os.Lstat(dir + "/s"); !errors.Is(err, os.ErrNotExist) {
		t.Errorf("the socket is left: %v", err)
	}
}
