package builtin

import (
	"context"
	"errors"
	"io"
	"net"
	"net/http"
	"os"
	"strings"
	"syscall"
	"testing"

	"benchtop/targets"
	"benchtop/targets/fixture/suite"
	"benchtop/targets/posix"
	"benchtop/targets/prefork"
)

// socketPath is the path of a socket that is not there yet, short enough for every system.
func socketPath(t *testing.T) string {
	t.Helper()
	dir, err := os.MkdirTemp("", "bt") // the test's own folder may have too long a name
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = os.RemoveAll(dir) })
	return dir + "/s"
}

// unixClient speaks to whatever listens at a path.
func unixClient(path string) *http.Client {
	return &http.Client{Timeout: suite.Deadline, Transport: &http.Transport{DisableKeepAlives: true, DialContext: func(ctx context.Context, _, _ string) (net.Conn, error) {
		return (&net.Dialer{}).DialContext(ctx, "unix", path)
	}}}
}

// A target on a unix socket serves, survives the death of a worker, and takes its file with it.
func TestUnixSocket(t *testing.T) {
	for _, engine := range []string{netHTTP, fastHTTP} {
		path := socketPath(t)
		tg, seen := startTarget(t, targets.Spec{Workers: 2, Listen: "unix:" + path, Own: &Settings{Engine: engine}})
		if spec := tg.Spec(); tg.Addr() != "unix:"+path || own(&spec).Accept != prefork.Shared {
			t.Errorf("listens on %s, accept %s", tg.Addr(), own(&spec).Accept)
		}
		c := unixClient(path)
		hello := func() {
			t.Helper()
			res, err := c.Get("http://x/hello")
			if err != nil {
				t.Fatal(err)
			}
			b, err := io.ReadAll(res.Body)
			_ = res.Body.Close()
			if err != nil || string(b) != "Hello, world!" {
				t.Errorf("%q, %v", b, err)
			}
		}
		hello()
		if err := posix.Kill(worker(t, tg, 0), syscall.SIGKILL); err != nil {
			t.Fatal(err)
		}
		suite.Eventually(t, "it is replaced", func() bool { return kinds(seen) == "worker_gone worker_replaced" })
		hello()
		_, err := start(t.Context(), Descriptor().Normalize(targets.Spec{Listen: "unix:" + path}), targets.Hooks{})
		if !errors.Is(err, syscall.EADDRINUSE) || !strings.Contains(err.Error(), "there is such a file already") {
			t.Errorf("a second target: %v", err)
		}
		hello()
		if err := tg.Stop(t.Context()); err != nil {
			t.Error(err)
		}
		if _, err := os.Lstat(path); !errors.Is(err, os.ErrNotExist) {
			t.Errorf("the socket is left: %v", err)
		}
	}
}

func TestReuseportIsNotForUnixSockets(t *testing.T) {
	s := Descriptor().Normalize(targets.Spec{Listen: "unix:/tmp/x", Own: &Settings{Accept: reuseport}})
	problems := Descriptor().Validate(s)
	if len(problems) == 0 || problems[len(problems)-1].Key != "accept" || !strings.Contains(problems[len(problems)-1].Msg, "unix socket") {
		t.Errorf("problems %v", problems)
	}
}

// The factor multiplies the rounds, not the answer's form: three units once are one unit three times.
func TestWorkFactor(t *testing.T) {
	body := func(factor int, path string) string {
		t.Helper()
		tg, _ := startTarget(t, targets.Spec{WorkFactor: factor})
		_, b, err := get(tg.Addr(), path)
		if err != nil {
			t.Fatal(err)
		}
		return b
	}
	if a, b := body(3, "/work?units=2"), body(0, "/work?units=6"); a != b {
		t.Errorf("three times two units give %q, six give %q", a, b)
	}
	s := Descriptor().Normalize(targets.Spec{WorkFactor: 101})
	if problems := Descriptor().Validate(s); len(problems) != 1 || problems[0].Key != "work_factor" {
		t.Errorf("problems %v", problems)
	}
}
