package main

import (
	"encoding/json"
	"fmt"
	"io"
	"math"
	"net"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"benchtop/lab"
	"benchtop/targets/pause"
)

// Three hosts drive a server of a fourth. Their percentiles together are those of one machine that drives it with as many connections; a
// host that is cut off is lost, and the others stop.
func TestAgentsOfHosts(t *testing.T) {
	const agents = 3
	space, spaces := network(t, agents, 0)
	url := "http://" + declaredWaits(t, space) + "/"
	file := filepath.Join(t.TempDir(), "result.json")
	drive := func(code int, args ...string) (*talk, func() *lab.Result) {
		load := inside(t, space, t.TempDir(), append([]string{"load", url, "-c", "12", "--allow-host", trainerIP, "--json", file}, args...)...)
		return load, func() *lab.Result {
			load.ends(code)
			t.Log(load.text())
			text, err := os.ReadFile(file)
			if err != nil {
				t.Fatal(err)
			}
			r := &lab.Result{}
			if err := json.Unmarshal(text, r); err != nil {
				t.Fatal(err)
			}
			return r
		}
	}
	together := func(code int, length string) (*talk, []*talk, func() *lab.Result) {
		load, end := drive(code, "-d", length, "--agents", fmt.Sprint(agents), "--listen", trainerIP+":0")
		joinWith := load.hears(`benchtop agent ([0-9A-Z-]+)`)[1]
		var all []*talk
		for i, s := range spaces {
			all = append(all, inside(t, s, t.TempDir(), "agent", joinWith, "--name", fmt.Sprintf("host%d", i), "--allow-host", trainerIP))
		}
		return load, all, end
	}
	var wrong []string
	for range 3 { // a machine that is busy adds to a wait what is not declared
		_, end := drive(exitOK, "-d", "4s")
		one := end().Variants[0].Latency
		_, _, end = together(exitOK, "4s")
		r := end()
		sum := r.Variants[0].Latency
		if len(r.Generator.Agents) != agents {
			t.Fatalf("%+v", r.Generator)
		}
		wrong = nil
		for name, pair := range map[string][2]*float64{"p50": {one.P50, sum.P50}, "p99": {one.P99, sum.P99}} {
			if ratio := *pair[1] / *pair[0]; math.Abs(ratio-1) > 0.01 {
				wrong = append(wrong, fmt.Sprintf("%s: %.0f us merged, %.0f us of one machine", name, *pair[1], *pair[0]))
			}
		}
		if wrong == nil {
			break
		}
	}
	if wrong != nil {
		t.Error(strings.Join(wrong, "; "))
	}

	load, all, end := together(exitEnvironment, "1h")
	load.hears(`req/s`)
	ip(t, "-n", spaces[1], "link", "set", "eth0", "down")
	all[1].hears("ended: the other end is gone")
	if r := end(); !strings.Contains(strings.Join(r.Flags, "; "), "agent host1 was lost after") {
		t.Errorf("%v", r.Flags)
	}
	all[0].hears("the other end stopped it")
}

// declaredWaits is a server in a namespace whose responses take declared times: nine of ten 200 ms, one 600 ms.
func declaredWaits(t *testing.T, space string) (address string) {
	t.Helper()
	var l net.Listener
	if err := within(space, func() (err error) {
		l, err = net.Listen("tcp", trainerIP+":0")
		return err
	}); err != nil {
		t.Fatal(err)
	}
	var n atomic.Int64
	s := httptest.NewUnstartedServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		d := 200 * time.Millisecond
		if n.Add(1)%10 == 0 {
			d = 600 * time.Millisecond
		}
		pause.Sleep(d)
		_, _ = io.WriteString(w, "ok")
	}))
	_ = s.Listener.Close()
	s.Listener = l
	s.Start()
	t.Cleanup(s.Close)
	return l.Addr().String()
}
