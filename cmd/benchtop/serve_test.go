package main

import (
	"bufio"
	"crypto/tls"
	"io"
	"net/http"
	"os"
	"strings"
	"testing"
)

// A target alone, over TLS: its address says https, sessions are not resumed when that was asked for, and it ends with
// its standard input.
func TestServeSpeaksTLS(t *testing.T) {
	in, stop, err := os.Pipe()
	if err != nil {
		t.Fatal(err)
	}
	out, into := io.Pipe()
	env, _, said := testEnv()
	env.Stdin, env.Stdout = in, into
	env.Args = []string{"serve", "--tls", "--no-resumption", "--nodelay=false", "--backlog", "64", "--limit-concurrency", "100"}
	ended := make(chan int, 1)
	go func() {
		code := Main(env)
		_ = into.Close()
		ended <- code
	}()
	lines := bufio.NewReader(out)
	address, err := lines.ReadString('\n')
	if err != nil {
		t.Fatalf("exit %d: %s", <-ended, said)
	}
	if !strings.HasPrefix(address, "https://127.0.0.1:") {
		t.Errorf("the address is %q", address)
	}
	client := &http.Client{Timeout: deadline, Transport: &http.Transport{
		DisableKeepAlives: true,
		TLSClientConfig:   &tls.Config{InsecureSkipVerify: true, ClientSessionCache: tls.NewLRUClientSessionCache(1)},
	}}
	for range 2 {
		r, err := client.Get(strings.TrimSpace(address) + "/hello")
		if err != nil {
			t.Fatal(err)
		}
		_, _ = io.Copy(io.Discard, r.Body)
		_ = r.Body.Close()
		if r.StatusCode != http.StatusOK || r.TLS == nil || r.TLS.DidResume {
			t.Errorf("status %d, %+v", r.StatusCode, r.TLS)
		}
	}
	_ = stop.Close()
	_, _ = io.Copy(io.Discard, lines)
	if code := <-ended; code != exitOK {
		t.Errorf("exit %d: %s", code, said)
	}
	_ = in.Close()
}
