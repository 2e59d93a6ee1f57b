package foreign

import (
	"net"
	"net/http"
	"net/http/httptest"
	"net/netip"
	"os"
	"slices"
	"strings"
	"testing"

	"benchtop/targets"
	"benchtop/targets/fixture"
	"benchtop/targets/fixture/suite"
)

func TestListeners(t *testing.T) {
	for _, address := range []string{"127.0.0.1:0", "0.0.0.0:0", "[::1]:0", "[::]:0"} {
		l, err := net.Listen("tcp", address)
		if err != nil {
			t.Logf("%s: %v", address, err) // a machine without IPv6
			continue
		}
		bound := netip.MustParseAddrPort(l.Addr().String())
		ip := bound.Addr()
		if ip.IsUnspecified() {
			ip = netip.MustParseAddr("127.0.0.1")
		}
		if got := listeners(ip, int(bound.Port())); !slices.Equal(got, []int{os.Getpid()}) {
			t.Errorf("%s: %v, want %d", address, got, os.Getpid())
		}
		if got := listeners(netip.MustParseAddr("127.1.2.3"), int(bound.Port())); address == "127.0.0.1:0" && got != nil {
			t.Errorf("another address: %v", got)
		}
		_ = l.Close()
		if got := listeners(ip, int(bound.Port())); got != nil {
			t.Errorf("%s after it was closed: %v", address, got)
		}
	}
}

// The processes of a server that runs already are seen, with those below, and live on.
func TestProcessesOfURL(t *testing.T) {
	started, _ := begin(t, "workers", spec(t))
	suite.Eventually(t, "three processes", func() bool { return len(started.Processes()) == 3 })
	target, err := targets.Start(t.Context(), targets.Spec{Server: URLName, Own: &URLSettings{URL: "http://" + started.Addr()}}, targets.Hooks{})
	if err != nil {
		t.Fatal(err)
	}
	want, got := started.Processes(), target.Processes()
	if len(got) != 3 {
		t.Fatalf("%+v, want those of %+v", got, want)
	}
	for i := range got {
		if got[i].PID != want[i].PID || got[i].Role != "server" || got[i].Index != i {
			t.Errorf("%+v, want process %d", got[i], want[i].PID)
		}
	}
	if err := target.Stop(t.Context()); err != nil {
		t.Error(err)
	}
	if status := get(t, "http://"+started.Addr()+"/health"); status != http.StatusOK {
		t.Errorf("status %d after the end of the observer", status)
	}
}

// Another program that responds on the port is not the command, whatever it says.
func TestStolenPort(t *testing.T) {
	srv := httptest.NewServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) {}))
	defer srv.Close()
	t.Setenv(modeEnv, "hang")
	s := spec(t)
	targets.Own[CommandSettings](&s).Ready, s.Endpoint = "/", "/"
	c := &command{spec: s, addr: srv.Listener.Addr().String(), Ending: targets.NewEnding()}
	t.Setenv(modeEnv, "plain")
	started, err := startCommand(t.Context(), Command().Normalize(spec(t)), targets.Hooks{})
	if err != nil {
		t.Fatal(err)
	}
	defer fixture.Stopped(t, started)
	c.process = started.(*command).process
	if err := c.awaitReady(t.Context()); err == nil || !strings.Contains(err.Error(), "which is not of the command") {
		t.Errorf("%v", err)
	}
}
