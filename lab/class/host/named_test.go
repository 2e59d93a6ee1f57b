package host_test

import (
	"crypto/tls"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/nats-io/nats-server/v2/server"

	"benchtop/lab/class/bus"
	"benchtop/lab/class/host"
	"benchtop/targets/selfsigned"
)

// A class over a server of somebody else is a class like any other, also when it is opened again; what that server does not enforce is said, and is so:
// a seat that nobody let in says something in its own name, and what breaks the rules is still refused.
func TestAClassOverAServerThatRunsAlready(t *testing.T) {
	made, err := selfsigned.New()
	if err != nil {
		t.Fatal(err)
	}
	theirs, err := server.NewServer(&server.Options{
		Host: "127.0.0.1", Port: server.RANDOM_PORT, NoSigs: true, NoLog: true, NoSystemAccount: true, JetStream: true, StoreDir: t.TempDir(),
		TLS: true, TLSTimeout: deadline.Seconds(), TLSConfig: &tls.Config{Certificates: []tls.Certificate{made.TLS()}, MinVersion: tls.VersionTLS12},
		Users: []*server.User{{Username: "class", Password: "monday", Permissions: &server.Permissions{
			Publish: &server.SubjectPermission{Allow: []string{"benchtop.>"}}, Subscribe: &server.SubjectPermission{Allow: []string{"benchtop.>"}},
		}}},
	})
	if err != nil {
		t.Fatal(err)
	}
	theirs.Start()
	t.Cleanup(func() { theirs.Shutdown(); theirs.WaitForShutdown() })
	if !theirs.ReadyForConnections(deadline) {
		t.Fatal("not ready")
	}
	at := "tls://class:monday@" + theirs.Addr().String()

	dir := filepath.Join(t.TempDir(), "class")
	h := openAt(t, dir, at)
	code := h.Code()
	h.Close()
	h = openAt(t, dir, "") // where it was is kept
	if h.Code() != code || h.Code() == open(t, filepath.Join(t.TempDir(), "own")).Code() {
		t.Errorf("another code: %s", h.Code())
	}
	if text := h.NotEnforced(); !strings.Contains(text, "in the name of another seat") || strings.Contains(text, "not encrypted") {
		t.Error(text)
	}
	const one, two = "00000000000000aa", "00000000000000bb"
	link, states := raw(t, codeOf(t, h), one, strings.Repeat("0", 32))
	is(t, states, func(s bus.State) bool { return s.Connected })
	if err := link.Say(two, []byte("{}")); err != nil { // the trainer's own server would hold it
		t.Fatal(err)
	}
	until(t, "a message that is none is refused", func() bool {
		for _, r := range h.Room().Refused {
			if r.Seat == two {
				return true
			}
		}
		return false
	})
	wholeClass(t, h)
}

// A server that lets no class through opens none.
func TestAServerThatOpensNoClass(t *testing.T) {
	theirs, err := server.NewServer(&server.Options{Host: "127.0.0.1", Port: server.RANDOM_PORT, NoSigs: true, NoLog: true, NoSystemAccount: true, MaxPayload: 1 << 10})
	if err != nil {
		t.Fatal(err)
	}
	theirs.Start()
	t.Cleanup(func() { theirs.Shutdown(); theirs.WaitForShutdown() })
	if !theirs.ReadyForConnections(deadline) {
		t.Fatal("not ready")
	}
	h, err := host.Open(host.Config{Dir: t.TempDir(), NATS: "nats://" + theirs.Addr().String(), Now: time.Now})
	if err == nil {
		h.Close()
		t.Fatal("it is open")
	}
	if !strings.Contains(err.Error(), "max_payload") {
		t.Error(err)
	}
}
