package proxy

import (
	"bytes"
	"context"
	"net"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strconv"
	"sync"
	"syscall"
	"testing"

	"benchtop/targets"
	"benchtop/targets/fixture/suite"
)

// nginxBinary finds nginx; without it the test is skipped, or fails where it must be there.
func nginxBinary(t *testing.T) string {
	t.Helper()
	var missing error
	for _, name := range []string{"nginx", "/usr/sbin/nginx", "/usr/local/sbin/nginx"} {
		path, err := exec.LookPath(name)
		if err == nil {
			return path
		}
		missing = err
	}
	suite.Need(t, missing)
	return ""
}

// nginxHere starts an nginx that counts its connections and gives the path of its socket.
func nginxHere(t *testing.T) string {
	t.Helper()
	binary := nginxBinary(t)
	dir, err := os.MkdirTemp("", "bt")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = os.RemoveAll(dir) })
	socket := filepath.Join(dir, "s")
	config := `daemon off; master_process off; pid ` + dir + `/pid;
events { worker_connections 512; }
http {
	access_log off; client_body_temp_path ` + dir + `/b; proxy_temp_path ` + dir + `/p;
	fastcgi_temp_path ` + dir + `/f; uwsgi_temp_path ` + dir + `/u; scgi_temp_path ` + dir + `/g;
	server {
		listen unix:` + socket + `;
		location = /status { stub_status; }
		location / { return 200 "hello\n"; }
	}
}
`
	name := filepath.Join(dir, "conf")
	if err := os.WriteFile(name, []byte(config), 0o600); err != nil {
		t.Fatal(err)
	}
	var output bytes.Buffer
	cmd := exec.Command(binary, "-e", "stderr", "-p", dir, "-c", name)
	cmd.Stderr = &output
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	ended := make(chan struct{})
	go func() {
		_ = cmd.Wait() // killed below
		close(ended)
	}()
	t.Cleanup(func() {
		_ = cmd.Process.Signal(syscall.SIGKILL)
		<-ended
	})
	suite.Eventually(t, "nginx listens", func() bool {
		select {
		case <-ended:
			t.Fatalf("nginx ended: %s", output.String())
		default:
		}
		conn, err := net.Dial("unix", socket)
		if err == nil {
			_ = conn.Close()
		}
		return err == nil
	})
	return socket
}

var acceptsLine = regexp.MustCompile(`server accepts handled requests\n (\d+) (\d+) (\d+)`)

// accepted asks nginx how many connections it has accepted; the asking is one of them.
func accepted(t *testing.T, socket string) int {
	t.Helper()
	transport := &http.Transport{DisableKeepAlives: true, DialContext: func(ctx context.Context, _, _ string) (net.Conn, error) {
		return (&net.Dialer{}).DialContext(ctx, "unix", socket)
	}}
	a := ask(t, &http.Client{Transport: transport, Timeout: suite.Deadline}, "GET", "nginx", "/status", nil)
	m := acceptsLine.FindStringSubmatch(a.body)
	if m == nil {
		t.Fatalf("status: %+v", a)
	}
	n, err := strconv.Atoi(m[1])
	if err != nil {
		t.Fatal(err)
	}
	return n
}

// What the proxy counts as connections opened is what a real server counts as accepted.
func TestConnectionsAreThoseThatNginxCounts(t *testing.T) {
	socket := nginxHere(t)
	for _, p := range []targets.Proxy{{}, {Keepalive: number(2)}, {Keepalive: number(64)}, {Keepalive: number(64), HTTPVersion: targets.HTTP10}} {
		before := accepted(t, socket)
		address, f := frontHere(t, p, "unix:"+socket)
		const clients, each = 8, 100
		var asking sync.WaitGroup
		for range clients {
			asking.Go(func() {
				c := client(t)
				for range each {
					if a, err := tryAsk(t.Context(), c, "GET", address, "/", nil); err != nil || a.status != 200 || a.body != "hello\n" {
						t.Errorf("%+v, %v", a, err)
					}
				}
			})
		}
		asking.Wait()
		theirs := accepted(t, socket) - before - 1
		pool := f.upstreams.pool()
		if d := float64(theirs) - float64(pool.Opened); d > 0.01*float64(theirs) || -d > 0.01*float64(theirs) {
			t.Errorf("keepalive %d over HTTP/%s: nginx accepted %d, the proxy opened %d", *f.config.Keepalive, f.config.HTTPVersion, theirs, pool.Opened)
		}
		if none := *f.config.Keepalive == 0 || f.config.HTTPVersion == targets.HTTP10; none && pool.Opened != clients*each || *f.config.Keepalive == 64 && !none && pool.Opened > clients {
			t.Errorf("keepalive %d over HTTP/%s: %d connections for %d requests", *f.config.Keepalive, f.config.HTTPVersion, pool.Opened, clients*each)
		}
	}
}
