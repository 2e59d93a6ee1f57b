package main

import (
	"bufio"
	"context"
	"io"
	"net/http"
	"strings"
	"testing"
)

// A server behind a proxy is one address that any client can use, and both stop together.
func TestServeBehindAProxy(t *testing.T) {
	for _, args := range [][]string{
		{"--proxy", "builtin", "--proxy-keepalive", "8"},
		{"--proxy", "builtin", "--upstream", "tcp", "--workers", "2", "--engine", "fasthttp"},
	} {
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
		res, err := http.Get(strings.TrimSpace(line) + "/hello")
		if err != nil {
			t.Fatal(err)
		}
		body, err := io.ReadAll(res.Body)
		_ = res.Body.Close()
		if err != nil || string(body) != "Hello, world!" || res.Header.Get("X-Benchtop-Worker") == "" {
			t.Errorf("%v: %q, %v, %v", args, body, res.Header, err)
		}
		cancel()
		if err := <-ended; err != nil {
			t.Errorf("%v: %v", args, err)
		}
		if !strings.Contains(log.String(), "worker ") || !strings.Contains(log.String(), "proxy ") {
			t.Errorf("%v: said %q", args, log.String())
		}
	}
}
