package bus

import (
	"crypto/tls"
	"errors"
	"strings"
	"testing"

	"github.com/nats-io/nats-server/v2/server"

	"benchtop/lab/class/joincode"
	"benchtop/targets/selfsigned"
)

// theirs is a server of somebody else.
func theirs(t *testing.T, change func(*server.Options)) string {
	t.Helper()
	o := &server.Options{Host: "127.0.0.1", Port: server.RANDOM_PORT, NoSigs: true, NoLog: true, NoSystemAccount: true}
	change(o)
	s, err := server.NewServer(o)
	if err != nil {
		t.Fatal(err)
	}
	s.Start()
	t.Cleanup(func() { s.Shutdown(); s.WaitForShutdown() })
	if !s.ReadyForConnections(deadline) {
		t.Fatal("not ready")
	}
	return s.Addr().String()
}

// ada is a user of theirs who may publish and subscribe to so much.
func ada(publish, subscribe string) func(*server.Options) {
	return func(o *server.Options) {
		o.Users = []*server.User{{Username: "ada", Password: "pass", Permissions: &server.Permissions{
			Publish: &server.SubjectPermission{Allow: []string{publish}}, Subscribe: &server.SubjectPermission{Allow: []string{subscribe}},
		}}}
	}
}

// A server that the trainer names is reached with its login, and seats get that with the code, and its certificate.
func TestAServerThatRunsAlready(t *testing.T) {
	made, err := selfsigned.New()
	if err != nil {
		t.Fatal(err)
	}
	certificate := made.TLS()
	for scheme, secure := range map[string]func(*server.Options){
		"nats://": func(*server.Options) {},
		"tls://": func(o *server.Options) {
			o.TLS, o.TLSConfig, o.TLSTimeout = true, &tls.Config{Certificates: []tls.Certificate{certificate}, MinVersion: tls.VersionTLS12}, authWithin.Seconds()
		},
	} {
		at := theirs(t, func(o *server.Options) {
			ada("benchtop.>", "benchtop.>")(o)
			secure(o)
		})
		host, code, err := Reach(scheme+"ada:pass@"+at, []byte("0123456789"))
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(host.Close)
		if !code.Named || code.Plain() != (scheme == "nats://") || code.Login != "ada:pass" {
			t.Errorf("%s %+v", scheme, code)
		}
		said, err := host.Hear()
		if err != nil {
			t.Fatal(err)
		}
		again, err := joincode.Parse(code.String())
		if err != nil {
			t.Fatal(err)
		}
		if err := errors.Join(host.Flush(deadline), seat(t, again, one).Say(one, []byte("hello"))); err != nil {
			t.Fatal(err)
		}
		if got := heard(t, said); got.Seat != one || string(got.Data) != "hello" {
			t.Errorf("%+v", got)
		}
		if again.Plain() {
			continue
		}
		again.Fingerprint[0]++
		states := make(chan State, 100)
		l, err := Dial(again, two, secret, func(s State) { states <- s })
		if err == nil {
			t.Cleanup(l.Close)
			err = (<-states).Err
		}
		if !errors.Is(err, ErrCertificate) {
			t.Errorf("another certificate: %v", err)
		}
	}
}

// What a server does not let through is said before anybody joins, with what must be allowed.
func TestAServerThatLetsNoClassThrough(t *testing.T) {
	small := func(o *server.Options) {
		o.MaxPayload = 1 << 10
		ada("benchtop.>", "benchtop.>")(o)
	}
	for _, test := range []struct {
		name, login, want string
		allow             bool // what must be allowed is said
		server            func(*server.Options)
	}{
		{"nothing is heard", "ada:pass@", `Permissions Violation for Subscription to "benchtop.`, true, ada("benchtop.>", "other.>")},
		{"nothing is said", "ada:pass@", `Permissions Violation for Publish to "benchtop.`, true, ada("other.>", "benchtop.>")},
		{"seats are not told", "ada:pass@", `.all.probe"`, true, ada("benchtop.*.seat.*", "benchtop.>")},
		{"small messages", "ada:pass@", "max_payload: 524288", false, small},
		{"another password", "ada:wrong@", "Authorization Violation", false, ada("benchtop.>", "benchtop.>")},
		{"no login", "", "Authorization Violation", false, ada("benchtop.>", "benchtop.>")},
	} {
		l, _, err := Reach("nats://"+test.login+theirs(t, test.server), []byte("0123456789"))
		if err == nil {
			l.Close()
			t.Errorf("%s: it is reached", test.name)
			continue
		}
		told := strings.Contains(err.Error(), `{publish: "benchtop.>", subscribe: "benchtop.>"}`)
		if !strings.Contains(err.Error(), test.want) || told != test.allow || strings.Contains(err.Error(), "pass@") {
			t.Errorf("%s: %v", test.name, err)
		}
	}
	for _, wrong := range []string{"", "http://127.0.0.1:1", "nats://127.0.0.1", "nats://127.0.0.1:1", "http://ada:pass@127.0.0.1:1"} {
		l, _, err := Reach(wrong, []byte("0123456789"))
		if err == nil {
			l.Close()
			t.Errorf("%q is reached", wrong)
		} else if strings.Contains(err.Error(), "ada:pass") {
			t.Errorf("a password: %v", err)
		}
	}
}
