package all

import (
	"context"
	"io"
	"net"
	"net/http"
	"syscall"
	"testing"
	"time"

	"benchtop/targets"
	"benchtop/targets/fixture/suite"
	"benchtop/targets/posix"
)

// Every kind of service starts with a server, serves at its address, is a part of its own, and is gone with its target.
func TestEveryServiceIsAPart(t *testing.T) {
	for _, d := range targets.Services() {
		t.Run(d.Name, func(t *testing.T) {
			t.Parallel()
			tg := started(t, targets.Spec{Server: "builtin", Services: map[string]targets.Part{"it": {Kind: d.Name}}})
			network, where := targets.Network(tg.Spec().Addresses["it"])
			conn, err := net.Dial(network, where)
			if err != nil {
				t.Fatal(err)
			}
			_ = conn.Close()
			serving := 0
			for _, p := range tg.Processes() {
				if p.Part == "it" && p.State == "serving" {
					serving++
				}
			}
			statuses, err := tg.Mark(t.Context())
			if err != nil {
				t.Fatal(err)
			}
			counted := 0
			for _, st := range statuses {
				if _, server := st.Counters["tasks_queued"]; !server && len(st.Counters) > 0 && len(st.Levels) > 0 {
					counted++
				}
			}
			if serving == 0 || counted != 1 {
				t.Errorf("%d processes, %d accounts: %+v, %+v", serving, counted, tg.Processes(), statuses)
			}
			ctx, cancel := context.WithTimeout(context.Background(), suite.Deadline)
			defer cancel()
			if err := tg.Stop(ctx); err != nil {
				t.Error(err)
			}
			suite.Closed(t, network, where)
		})
	}
}

// The death of a real service ends its target, by the service's name.
func TestARealServiceThatDies(t *testing.T) {
	for _, kind := range []string{"redis", "postgres"} {
		t.Run(kind, func(t *testing.T) {
			t.Parallel()
			tg := started(t, targets.Spec{Server: "builtin", Services: map[string]targets.Part{"it": {Kind: kind}}})
			for _, p := range tg.Processes() {
				if p.Part == "it" && (p.Role == "redis" || p.Role == "postmaster") {
					if err := posix.Kill(p.PID, syscall.SIGKILL); err != nil {
						t.Fatal(err)
					}
				}
			}
			select {
			case <-tg.Done():
			case <-time.After(suite.Deadline):
				t.Fatal("the target lives on without its service")
			}
			if err := tg.Err(); err == nil || err.Error()[:len("the service it: ")] != "the service it: " {
				t.Errorf("%v", err)
			}
		})
	}
}

// The upstream keeps its settings over the way into its process.
func TestUpstreamOfATarget(t *testing.T) {
	d, _ := targets.LookupService("upstream")
	own := d.New()
	for i := range d.Settings {
		if row := &d.Settings[i]; row.Key == "errors" {
			row.Set(own, 1.0)
		}
	}
	tg := started(t, targets.Spec{Server: "builtin", Services: map[string]targets.Part{"upstream": {Kind: d.Name, Settings: own}}})
	response, err := http.Get("http://" + tg.Spec().Addresses["upstream"] + "/call")
	if err != nil {
		t.Fatal(err)
	}
	_, _ = io.Copy(io.Discard, response.Body)
	_ = response.Body.Close()
	if response.StatusCode != http.StatusInternalServerError {
		t.Errorf("%s", response.Status)
	}
	http.DefaultTransport.(*http.Transport).CloseIdleConnections()
}
