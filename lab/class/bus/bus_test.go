package bus

import (
	"bufio"
	"crypto/sha256"
	"crypto/tls"
	"errors"
	"fmt"
	"io"
	"net"
	"strings"
	"testing"
	"time"

	"go.uber.org/goleak"

	"benchtop/lab/class/joincode"
	"benchtop/targets/fixture/suite"
	"benchtop/targets/selfsigned"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

const (
	deadline = time.Minute
	one      = "00000000000000aa"
	two      = "00000000000000bb"
	secret   = "0123456789abcdef0123456789abcdef"
)

func serve(t *testing.T) (*Server, *joincode.Code) {
	t.Helper()
	made, err := selfsigned.New()
	if err != nil {
		t.Fatal(err)
	}
	certificate := made.TLS()
	code := &joincode.Code{Token: []byte("0123456789")}
	sum := sha256.Sum256(certificate.Certificate[0])
	copy(code.Fingerprint[:], sum[:])
	s, err := Serve(Options{Listen: "127.0.0.1:0", Certificate: certificate, StoreDir: t.TempDir(), Class: code.Class(), Admit: func(Login) error { return nil }})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(s.Close)
	code.Addresses = []string{s.Address()}
	return s, code
}

func trainer(t *testing.T, s *Server) *Link {
	t.Helper()
	l, err := s.Link()
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(l.Close)
	return l
}

func seat(t *testing.T, code *joincode.Code, id string) *Link {
	t.Helper()
	connected := make(chan bool, 100)
	l, err := Dial(code, id, secret, func(s State) { connected <- s.Connected })
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(l.Close)
	for !<-connected {
	}
	return l
}

func heard(t *testing.T, said <-chan Said) Said {
	t.Helper()
	select {
	case s := <-said:
		return s
	case <-time.After(deadline):
		t.Fatal("nothing was heard")
		return Said{}
	}
}

func TestWhoHearsWhat(t *testing.T) {
	s, code := serve(t)
	host := trainer(t, s)
	said, err := host.Hear()
	if err != nil {
		t.Fatal(err)
	}
	a, b := seat(t, code, one), seat(t, code, two)
	toA, err := a.Listen(one)
	if err != nil {
		t.Fatal(err)
	}
	toB, err := b.Listen(two)
	if err != nil {
		t.Fatal(err)
	}
	if err := errors.Join(a.Flush(deadline), b.Flush(deadline), b.Say(two, []byte("hello"))); err != nil {
		t.Fatal(err)
	}
	if got := heard(t, said); got.Seat != two || string(got.Data) != "hello" {
		t.Errorf("%+v", got)
	}
	if err := errors.Join(host.Tell(one, Word, []byte("you")), host.Tell("", Live, []byte("all"))); err != nil {
		t.Fatal(err)
	}
	if got := heard(t, toA); got.What != Word || string(got.Data) != "you" {
		t.Errorf("%+v", got)
	}
	for _, to := range []<-chan Said{toA, toB} {
		if got := heard(t, to); got.What != Live || string(got.Data) != "all" {
			t.Errorf("%+v", got)
		}
	}
}

// F26: who does not read is let go, and nobody waits for it: neither the trainer nor the others.
func TestASlowSeatIsLetGo(t *testing.T) {
	s, code := serve(t)
	host := trainer(t, s)
	quick := seat(t, code, one)
	got, err := quick.Listen(one)
	if err != nil {
		t.Fatal(err)
	}
	if err := quick.Flush(deadline); err != nil {
		t.Fatal(err)
	}
	slow := silent(t, code)
	const parts, size = 120, 256 << 10 // more than the server and the kernel keep for one
	data := make([]byte, size)
	for range parts {
		if err := host.Tell("", Live, data); err != nil {
			t.Fatal(err)
		}
		heard(t, got)
	}
	suite.Eventually(t, "who does not read is let go", func() bool { // what was sent to it stays unread
		_, err := io.WriteString(slow, "PING\r\n")
		return err != nil
	})
}

// silent is a seat that listens to the trainer's run and never reads.
func silent(t *testing.T, code *joincode.Code) net.Conn {
	t.Helper()
	plain, err := net.Dial("tcp", code.Addresses[0])
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = plain.Close() })
	info := make([]byte, 1)
	for info[0] != '\n' { // to the end of the first line, and no further
		if _, err := io.ReadFull(plain, info); err != nil {
			t.Fatal(err)
		}
	}
	conn := tls.Client(plain, pinned(code.Fingerprint))
	fmt.Fprintf(conn, "CONNECT {\"user\":%q,\"pass\":\"%x.%s\",\"tls_required\":true}\r\nSUB %s%slive 1\r\nPING\r\n", two, code.Token, secret, root(code.Class()), toAll)
	for in := bufio.NewReaderSize(conn, 16); ; {
		line, err := in.ReadString('\n')
		if err != nil {
			t.Fatal(err)
		}
		if strings.HasPrefix(line, "PONG") {
			return conn
		}
	}
}
