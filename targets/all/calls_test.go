package all

import (
	"net/http"
	"strings"
	"testing"
	"time"

	"benchtop/targets"
	"benchtop/targets/builtin"
	"benchtop/targets/calls"
	"benchtop/targets/python"
	"benchtop/targets/upstream"
)

// calling are servers that call the same upstream, one of each language.
func calling(client *calls.Client, called upstream.Settings) map[string]targets.Spec {
	services := map[string]targets.Part{targets.ServiceUpstream: {Kind: upstream.Name, Settings: &called}}
	return map[string]targets.Spec{
		"builtin": {Server: "builtin", Services: services, Nonce: "n", Variant: "v", Own: &builtin.Settings{Client: client}},
		"uvicorn": {Server: "uvicorn", Services: services, Nonce: "n", Variant: "v", Own: &python.Settings{Client: client}},
	}
}

// Calls of both languages end alike and are counted alike, as the upstream counts them.
func TestCalls(t *testing.T) {
	no, zero, some := false, time.Duration(0), 500*time.Millisecond
	hangs := upstream.Settings{Wait: &zero, Hangs: 1}
	deaf := upstream.Settings{Wait: &zero, Hangs: 1, Notices: &no}
	const open = "503 call 1 of 1: the circuit breaker is open\n"
	for name, test := range map[string]struct {
		client calls.Client
		called upstream.Settings
		ask    []string
		want   []string
		worker map[string]int64
		there  map[string]int64 // what the upstream counts
	}{
		"shared": {
			calls.Client{},
			upstream.Settings{Wait: &some},
			[]string{"/calls?n=3", "/calls?n=5&how=together", "/calls?n=2&how=stream", "/sync/calls?n=3"},
			[]string{"200 called 3 times\n", "200 called 5 times\n", "200 1 of 2: called\n2 of 2: called\n", "200 called 3 times\n"},
			map[string]int64{"calls_sent": 13, "calls_failed": 0, "calls_connects": 5, "calls_in_flight": 0, "calls_in_flight_peak": 5},
			map[string]int64{"calls": 13, "in_flight_peak": 5},
		},
		"a client per request": {
			calls.Client{Shared: &no},
			upstream.Settings{Wait: &zero},
			[]string{"/calls?n=3", "/calls?n=3"},
			[]string{"200 called 3 times\n", "200 called 3 times\n"},
			map[string]int64{"calls_sent": 6, "calls_connects": 2},
			map[string]int64{"calls": 6},
		},
		"a limit": {
			calls.Client{Limit: 2},
			upstream.Settings{Wait: &some, Slots: 2},
			[]string{"/calls?n=9&how=together"},
			[]string{"200 called 9 times\n"},
			map[string]int64{"calls_sent": 9, "calls_connects": 2, "calls_in_flight_peak": 2},
			map[string]int64{"calls": 9, "in_flight_peak": 2, "refused": 0},
		},
		"a timeout": {
			calls.Client{Timeout: 2 * time.Second},
			hangs,
			[]string{"/calls?n=2", "/calls?n=2&how=together"},
			[]string{"504 call 1 of 2: no response of the upstream within 2s\n", "504 call 1 of 2: no response of the upstream within 2s\n"},
			map[string]int64{"calls_sent": 3, "calls_failed": 3, "calls_timeouts": 3, "calls_in_flight": 0},
			map[string]int64{"calls": 3, "given_up": 0},
		},
		"a budget": {
			calls.Client{Budget: 2 * time.Second, Limit: 1},
			hangs,
			[]string{"/calls?n=1", "/calls?n=2&how=together"},
			[]string{"504 call 1 of 1: the budget of 2s is used up\n", "504 call 1 of 2: the budget of 2s is used up\n"},
			map[string]int64{"calls_timeouts": 3, "calls_in_flight": 0},
			nil,
		},
		"failures": {
			calls.Client{},
			upstream.Settings{Wait: &zero, Errors: 1},
			[]string{"/calls?n=2", "/calls?n=2&how=together", "/calls?n=1&how=stream"},
			[]string{"502 call 1 of 2: the upstream responded 500\n", "502 call 1 of 2: the upstream responded 500\n", "200 1 of 1: the upstream responded 500\n"},
			map[string]int64{"calls_sent": 4, "calls_failed": 4, "calls_timeouts": 0},
			map[string]int64{"calls": 4, "errors": 4},
		},
		"a breaker": {
			calls.Client{Breaker: 2, OpenFor: time.Hour},
			upstream.Settings{Wait: &zero, Errors: 1},
			[]string{"/calls?n=1", "/calls?n=1", "/calls?n=1", "/sync/calls?n=1"},
			[]string{"502 call 1 of 1: the upstream responded 500\n", "502 call 1 of 1: the upstream responded 500\n", open, open},
			map[string]int64{"calls_sent": 2, "calls_failed": 2, "calls_rejected": 2, "calls_breaker_changes": 1, "calls_breaker": 2},
			map[string]int64{"calls": 2},
		},
		"a breaker that tries": {
			calls.Client{Breaker: 1, OpenFor: time.Millisecond},
			upstream.Settings{Wait: &some, Errors: 1},
			[]string{"/calls?n=1", "/wait?for=100ms", "/calls?n=1"},
			[]string{"502 call 1 of 1: the upstream responded 500\n", "200 waited 100ms\n", "502 call 1 of 1: the upstream responded 500\n"},
			map[string]int64{"calls_sent": 2, "calls_rejected": 0, "calls_breaker_changes": 3, "calls_breaker": 2},
			map[string]int64{"calls": 2},
		},
		"a deadline handed on": {
			calls.Client{Timeout: 2 * time.Second, HandOn: true},
			deaf,
			[]string{"/calls?n=1", "/wait?for=3s"},
			[]string{"504 call 1 of 1: no response of the upstream within 2s\n", "200 waited 3s\n"},
			map[string]int64{"calls_sent": 1},
			map[string]int64{"given_up": 1, "in_flight": 0},
		},
		"a deadline kept back": {
			calls.Client{Timeout: 2 * time.Second},
			deaf,
			[]string{"/calls?n=1", "/wait?for=3s"},
			[]string{"504 call 1 of 1: no response of the upstream within 2s\n", "200 waited 3s\n"},
			map[string]int64{"calls_sent": 1},
			map[string]int64{"given_up": 0, "in_flight": 1},
		},
	} {
		for server, spec := range calling(&test.client, test.called) {
			t.Run(name+" "+server, func(t *testing.T) {
				t.Parallel()
				running := started(t, spec)
				for i, request := range test.ask {
					if server == "builtin" {
						request = strings.TrimPrefix(request, "/sync")
					}
					status, body, _ := strings.Cut(responses(t, running, "", []question{{"GET", request, "", http.StatusOK}})[0], " ")
					if _, body, _ = strings.Cut(body, "\n"); status+" "+body != test.want[i] {
						t.Errorf("%s: %s %q, want %q", request, status, body, test.want[i])
					}
				}
				for _, st := range marked(t, running) {
					want := test.worker
					if st.Role == upstream.Role {
						want = test.there
					}
					for name, n := range want {
						got, ok := st.Levels[name]
						if c, is := st.Counters[name]; is {
							got, ok = int64(c), true
						}
						if got != n || !ok {
							t.Errorf("%s of %q is %d, want %d", name, st.Role, got, n)
						}
					}
				}
			})
		}
	}
}
