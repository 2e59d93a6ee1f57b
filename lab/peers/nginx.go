package peers

import (
	"bufio"
	"context"
	"crypto/rand"
	"encoding/hex"
	"errors"
	"fmt"
	"net"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strings"
	"sync"
	"syscall"
	"time"

	"benchtop/targets/proc"
	"benchtop/targets/routine"
)

// Times and attempts of a start.
const (
	nginxReady    = 10 * time.Second
	nginxGrace    = 3 * time.Second
	nginxAttempts = 5
	readyEvery    = 10 * time.Millisecond
)

// Nginx is a running nginx that answers `return 200` to everything.
//
// It is one process (`master_process off`): the serving path is the one of a worker, and there is nothing that a killed
// master could leave behind. The process dies with us, by the parent-death signal, however we end.
type Nginx struct {
	addr string
	dir  string
	cmd  *exec.Cmd
	out  *proc.Head
	done chan struct{}
	err  error // set before done is closed

	stop sync.Once
}

// HaveNginx tells where nginx is, if it can be used here: where no signal tells it that we are gone, it is not.
func HaveNginx() (string, bool) {
	if runtime.GOOS != "linux" {
		return "", false
	}
	for _, name := range []string{"nginx", "/usr/sbin/nginx"} { // the second is not on everyone's PATH
		if path, err := exec.LookPath(name); err == nil {
			return path, true
		}
	}
	return "", false
}

// StartNginx starts nginx on a free port of 127.0.0.1, on the core (-1: any), for up to so many connections, with all that
// it writes in the folder dir. It returns when nginx answers.
func StartNginx(ctx context.Context, path, dir string, core, connections int) (*Nginx, error) {
	var last error
	for range nginxAttempts {
		port, err := freePort()
		if err != nil {
			return nil, fmt.Errorf("starting nginx: %w", err)
		}
		n, err := startNginx(ctx, path, dir, port, core, connections)
		if err == nil {
			return n, nil
		}
		last = fmt.Errorf("starting nginx: %w", err)
		// The port was free a moment ago. nginx cannot be given a socket, so that someone else may have been faster.
		if ctx.Err() != nil || !strings.Contains(err.Error(), "Address already in use") {
			break
		}
	}
	return nil, last
}

func freePort() (int, error) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return 0, fmt.Errorf("looking for a free port: %w", err)
	}
	defer func() { _ = l.Close() }()
	return l.Addr().(*net.TCPAddr).Port, nil
}

// nginxConf is the whole configuration. token is answered at /ready, to tell this nginx from whatever else listens.
func nginxConf(dir string, port, connections int, token string) string {
	q := func(name string) string { return `"` + filepath.Join(dir, name) + `"` }
	return strings.Join([]string{
		"daemon off;",
		"master_process off;",
		"worker_processes 1;",
		"pid " + q("nginx.pid") + ";",
		"error_log stderr crit;",
		fmt.Sprintf("events { worker_connections %d; }", connections),
		"http {",
		"  access_log off;",
		"  default_type text/plain;",
		"  keepalive_timeout 300s;",
		"  keepalive_requests 1000000000;",
		"  client_body_temp_path " + q("body") + ";",
		"  proxy_temp_path " + q("proxy") + ";",
		"  fastcgi_temp_path " + q("fastcgi") + ";",
		"  uwsgi_temp_path " + q("uwsgi") + ";",
		"  scgi_temp_path " + q("scgi") + ";",
		"  server {",
		fmt.Sprintf("    listen 127.0.0.1:%d backlog=4096;", port),
		`    location = /ready { return 200 "` + token + `"; }`,
		`    location / { return 200 "Hello, World!"; }`,
		"  }",
		"}",
		"",
	}, "\n")
}

func startNginx(ctx context.Context, path, dir string, port, core, connections int) (*Nginx, error) {
	token := make([]byte, 12)
	_, _ = rand.Read(token) // never fails, it ends the program instead
	want := hex.EncodeToString(token)
	conf := filepath.Join(dir, "nginx.conf")
	if err := os.WriteFile(conf, []byte(nginxConf(dir, port, 2*connections+512, want)), 0o600); err != nil {
		return nil, fmt.Errorf("writing its configuration: %w", err)
	}
	n := &Nginx{addr: fmt.Sprintf("127.0.0.1:%d", port), dir: dir, out: &proc.Head{Limit: maxOutput}, done: make(chan struct{})}
	n.cmd = exec.Command(path, "-e", "stderr", "-p", dir, "-c", conf)
	n.cmd.Env = proc.Environ()
	n.cmd.Stdout, n.cmd.Stderr = n.out, n.out
	n.cmd.SysProcAttr = ownGroup()
	n.cmd.WaitDelay = waitDelay
	started := make(chan error, 1)
	routine.Go(func() {
		// As in run: the thread that forked has to live as long as nginx does.
		runtime.LockOSThread()
		err := startOn(core, n.cmd.Start)
		started <- err
		if err != nil {
			return
		}
		n.err = n.cmd.Wait()
		close(n.done)
	})
	if err := <-started; err != nil {
		return nil, err
	}
	if err := n.await(ctx, want); err != nil {
		stopErr := n.Stop()
		return nil, errors.Join(err, stopErr)
	}
	return n, nil
}

// await waits until it answers with the token. nginx does not say when it is ready, so it is asked until it is.
func (n *Nginx) await(ctx context.Context, want string) error {
	ctx, cancel := context.WithTimeoutCause(ctx, nginxReady, fmt.Errorf("it does not answer within %v", nginxReady))
	defer cancel()
	tick := time.NewTicker(readyEvery)
	defer tick.Stop()
	for {
		if answers(ctx, n.addr, want) {
			return nil
		}
		select {
		case <-n.done:
			return fmt.Errorf("it ended: %w; its output ends with:\n%s", n.err, tail(n.out.Bytes()))
		case <-ctx.Done():
			return context.Cause(ctx)
		case <-tick.C:
		}
	}
}

func answers(ctx context.Context, addr, want string) bool {
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, "http://"+addr+"/ready", nil)
	if err != nil {
		return false
	}
	req.Close = true
	transport := &http.Transport{Proxy: nil, DisableKeepAlives: true}
	defer transport.CloseIdleConnections()
	res, err := transport.RoundTrip(req)
	if err != nil {
		return false
	}
	defer func() { _ = res.Body.Close() }()
	text, err := bufio.NewReader(res.Body).Peek(len(want))
	return err == nil && string(text) == want
}

// Addr is where it serves.
func (n *Nginx) Addr() string { return n.addr }

// PID is its process.
func (n *Nginx) PID() int { return n.cmd.Process.Pid }

// Done is closed when it is gone.
func (n *Nginx) Done() <-chan struct{} { return n.done }

// Stop ends it and waits until it is gone.
func (n *Nginx) Stop() error {
	killed := false
	n.stop.Do(func() {
		select {
		case <-n.done:
			return
		default:
		}
		_ = n.cmd.Process.Signal(syscall.SIGTERM) // it may be gone already
		timer := time.NewTimer(nginxGrace)
		defer timer.Stop()
		select {
		case <-n.done:
		case <-timer.C:
			killed = true
			_ = syscall.Kill(-n.cmd.Process.Pid, syscall.SIGKILL) // not reaped yet, so the group is ours
		}
	})
	<-n.done
	if killed {
		return fmt.Errorf("nginx %d had to be killed", n.cmd.Process.Pid)
	}
	return nil
}
