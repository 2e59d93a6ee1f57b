package main

import (
	"bytes"
	"context"
	"fmt"
	"net"
	"net/http"
	"os/exec"
	"regexp"
	"strings"
	"testing"

	"benchtop/targets"
	"benchtop/targets/fixture/suite"
)

// The services that are asked for are started, and how to reach them is said in lines that people can run.
func TestServeWithServices(t *testing.T) {
	address, end := serveHere(t, "--cache", "builtin", "--cache-memory", "8MiB", "--upstream-service", "builtin", "--upstream-service-wait", "1ms")
	res, err := http.Get(address + "/hello")
	if err != nil {
		t.Fatal(err)
	}
	_ = res.Body.Close()
	said := end()
	for _, want := range []string{`(?m)^cache: redis-cli -h 127\.0\.0\.1 -p \d+$`, `(?m)^upstream: curl http://127\.0\.0\.1:\d+/call$`} {
		if !regexp.MustCompile(want).MatchString(said) {
			t.Errorf("%s is not in\n%s", want, said)
		}
	}
}

// What psql and redis-cli make of the lines is the real thing.
func TestServeWithRealServices(t *testing.T) {
	t.Parallel()
	err := targets.Missing(context.Background(), []string{"redis", "postgres"})
	for _, tool := range []string{"psql", "redis-cli"} {
		if _, missing := exec.LookPath(tool); missing != nil && err == nil {
			err = missing
		}
	}
	suite.Need(t, err)
	target, err := targets.Start(t.Context(), targets.Spec{Server: "builtin", Services: map[string]targets.Part{"database": {Kind: "postgres"}, "cache": {Kind: "redis"}}}, targets.Hooks{})
	if err != nil {
		t.Fatal(err)
	}
	defer func() {
		if err := target.Stop(context.Background()); err != nil {
			t.Error(err)
		}
	}()
	var lines bytes.Buffer
	tellServices(&lines, target.Spec().Addresses)
	for line := range strings.Lines(lines.String()) {
		name, command, _ := strings.Cut(strings.TrimSpace(line), ": ")
		question, want := " -Atc 'SELECT count(*) FROM items'", "1000\n"
		if name == "cache" {
			question, want = " PING", "PONG\n"
		}
		out, err := exec.Command("/bin/sh", "-c", command+question).CombinedOutput()
		if err != nil || string(out) != want {
			t.Errorf("%s%s: %v\n%s", command, question, err, out)
		}
	}
}

func TestServeServicesRefused(t *testing.T) {
	for _, test := range []struct {
		args []string
		want string
	}{
		{[]string{"--cache", "memcached"}, `--cache "memcached" is not known; allowed: builtin, redis`},
		{[]string{"--cache-memory", "8MiB"}, "--cache-memory is of the cache; add --cache, one of builtin, redis"},
		{[]string{"--cache", "redis", "--cache-memory", "1MiB"}, "--cache-memory is 1MiB; allowed: "},
		{[]string{"--upstream-service", "builtin", "--upstream-service-errors", "60%", "--upstream-service-hangs", "60%"}, "together with errors it is more than 100%"},
		{[]string{"--database", "oracle"}, `--database "oracle" is not known; allowed: postgres, sqlite`},
	} {
		env, _, said := testEnv()
		env.Args = append([]string{"serve"}, test.args...)
		if code := Main(env); code != exitUsage || !strings.Contains(said.String(), test.want) {
			t.Errorf("%v: exit %d, %s", test.args, code, said)
		}
	}
}

// Addresses of other services are said as they are.
func TestTellServices(t *testing.T) {
	var b strings.Builder
	tellServices(&b, map[string]string{
		"database": "127.0.0.1:5433", "cache": "unix:/r/s", "upstream": "unix:/r/u", "shelf": net.JoinHostPort("::1", "80"),
	})
	want := fmt.Sprintln("cache: redis-cli -s /r/s") + fmt.Sprintln("database: psql 'postgresql://bench@127.0.0.1:5433/shop'") +
		fmt.Sprintln("shelf: [::1]:80") + fmt.Sprintln("upstream: curl --unix-socket /r/u http://upstream/call")
	if b.String() != want {
		t.Errorf("%q, want %q", b.String(), want)
	}
}
