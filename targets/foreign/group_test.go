package foreign

import (
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"testing"

	"benchtop/targets"
)

func TestPathsOfGroups(t *testing.T) {
	for path, fine := range map[string]bool{
		"":                        true,
		groupExample:              true,
		"/sys/fs/cgroup/a b":      true,
		"/sys/fs/cgroup":          false,
		"/sys/fs/cgroup/":         false,
		"/sys/fs/cgroup/../x":     false,
		"/sys/fs/cgroup/a/../../": false,
		"/sys/fs/cgroupx/a":       false,
		"system.slice/a.service":  false,
		"/etc":                    false,
	} {
		own := &URLSettings{URL: "http://127.0.0.1:8080", Cgroup: path}
		if faults := checkURL(targets.Spec{Server: URLName, Endpoint: "/", Own: own}); (len(faults) == 0) != fine || !fine && faults[0].Key != "cgroup" {
			t.Errorf("%q: %v", path, faults)
		}
	}
}

// A group stands as one process, the one with the lowest id of all below it, as long as it is there.
func TestAServerInAGroup(t *testing.T) {
	if runtime.GOOS != "linux" {
		if _, err := findGroup("/", "/"); err == nil || !strings.Contains(err.Error(), "of Linux alone") {
			t.Error(err)
		}
		t.Skip("control groups are of Linux")
	}
	top := t.TempDir()
	put := func(path, content string) {
		path = filepath.Join(top, path)
		if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, []byte(content), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	refused := func(path, says string) {
		t.Helper()
		if _, err := findGroup(top, path); err == nil || !strings.Contains(err.Error(), says) {
			t.Errorf("%s: %v, want %q", path, err, says)
		}
	}
	at := filepath.Join(top, "a")
	refused(at, "no such file")
	put("a/cpu.stat", "nr_periods 0\n")
	refused(at, "no control group of version 2")
	put("a/cpu.stat", "usage_usec 12\n")
	put("a/cgroup.procs", "")
	refused(at, "no process is in "+at)
	put("a/b/cgroup.procs", "901\n300\n4000\n")
	put("a/c/cgroup.procs", "0\n777\n")
	if err := os.Symlink("/etc", filepath.Join(top, "out")); err != nil {
		t.Fatal(err)
	}
	refused(filepath.Join(top, "out"), "not below")
	g, err := findGroup(top, at)
	if err != nil {
		t.Fatal(err)
	}
	want := targets.Process{PID: 300, Role: serverRole, State: serving, Group: at}
	if got := g.process(); got != want {
		t.Errorf("%+v, want %+v", got, want)
	}
	put("a/b/cgroup.procs", "901\n") // the first one ended, and the container goes on
	if got := g.process(); got != want {
		t.Errorf("afterwards %+v, want %+v", got, want)
	}
	if err := os.RemoveAll(at); err != nil {
		t.Fatal(err)
	}
	if want.State = gone; g.process() != want {
		t.Errorf("when it is gone: %+v", g.process())
	}
}

func TestAdviceOnContainers(t *testing.T) {
	for text, warned := range map[string]bool{
		"docker run -p 127.0.0.1:{port}:80 nginx":         true,
		"/usr/bin/podman --log-level debug run a":         true,
		"docker --context x run a":                        true,
		"docker -H unix:///run/x.sock --tls=false run a":  true,
		"docker --config c container --x run a":           true,
		"podman --rootless run a":                         true,
		"sudo docker container run a":                     true,
		"docker compose up":                               true,
		"docker compose -f c.yml --profile web up":        true,
		"docker-compose -f c.yml up":                      true,
		"podman --root d kube play p.yml":                 true,
		"docker build .":                                  false,
		"docker --context x build run":                    false,
		"docker --debug images":                           false,
		"./docker-run {port}":                             false,
		"./server run docker run":                         false,
		"nerdctl start a":                                 true,
		"nerdctl -n x start a":                            true,
		"./serve --behind docker --mode run":              false,
		"docker":                                          false,
		"docker --context":                                false,
		"sudo -E podman exec a ./server -p {port}":        true,
		"env TAG=1 docker run -p {port}:80 a":             true,
		"sh -c exec;docker;--context;x;run":               true, // each ; is a blank
		"bash -eu -c cd;web;&&;sudo;docker;compose;up":    true,
		"sh -c PORT={port};docker;run;a":                  true,
		"sh -c echo;docker;run":                           false,
		"sh -c docker;build;-t;a;.;&&;./server;-p;{port}": false,
		"./server -c docker;run":                          false,
	} {
		argv := strings.Fields(text)
		for i := range argv {
			argv[i] = strings.ReplaceAll(argv[i], ";", " ")
		}
		said := adviseCommand(targets.Spec{Own: &CommandSettings{Command: argv}})
		if (len(said) == 1) != warned {
			t.Errorf("%s: %v", text, said)
		}
		if warned && !strings.Contains(said[0], "server: url and cgroup:") {
			t.Errorf("%s: %s", text, said[0])
		}
	}
}
