package telemetry

import (
	"fmt"
	"net/http"
	"strings"
	"testing"
	"time"

	"go.uber.org/goleak"

	"benchtop/targets"
	"benchtop/targets/endpoint"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// open gives the observer of a worker with these settings.
func open(t *testing.T, is *Telemetry) *Observer {
	t.Helper()
	o, err := Open(is)
	if err != nil {
		t.Fatal(err)
	}
	if o != nil && o.profile != nil {
		t.Cleanup(o.profile.end)
	}
	return o
}

func TestNothingIsObserved(t *testing.T) {
	for _, is := range []*Telemetry{nil, {}, {Metrics: Off, Profile: Off}} {
		o := open(t, is)
		var st targets.WorkerStatus
		o.Status(&st)
		if err := o.Marked(&st); o != nil || err != nil || st.Counters != nil || st.Levels != nil || len(o.AppendMetrics(nil, "1")) > 0 {
			t.Errorf("%+v: %v, %v, %+v", is, o, err, st)
		}
	}
}

// The header, the histogram that the lab gets, and the registry have the same requests.
func TestTimingAndLabels(t *testing.T) {
	hello := endpoint.Lookup("/hello")
	for _, test := range []struct {
		metrics string
		want    []string // label values
	}{
		{Route, []string{"", "/hello"}},
		{Path, []string{"/hello", "/hello?a=1", `/no"`, "/no?x"}},
	} {
		o := open(t, &Telemetry{Timing: true, Metrics: test.metrics})
		for _, ask := range []struct {
			e           *endpoint.Endpoint
			path, query string
		}{{hello, "", ""}, {hello, "/hello", "a=1"}, {hello, "", "a=1"}, {nil, `/no"`, ""}, {nil, "/no", "x"}} {
			x := &endpoint.Exchange{}
			o.Responded(x, ask.e, ask.path, ask.query, 30*time.Millisecond)
			if x.Response.ProcessTime != "0.030000" {
				t.Errorf("the header is %q", x.Response.ProcessTime)
			}
		}
		var st targets.WorkerStatus
		o.Status(&st)
		if err := o.Marked(&st); err != nil || st.Levels["telemetry_series"] != int64(len(test.want)) || st.Histograms["telemetry_time"] == "" || len(st.Counters) > 0 {
			t.Errorf("%s: %+v, %v", test.metrics, st, err)
		}
		text := string(o.AppendMetrics(nil, "1"))
		for _, label := range test.want {
			label = escape.Replace(label)
			for _, line := range []string{`_bucket{handler="` + label + `",le="0.025"} 0`, `_count{handler="` + label + `"} `} {
				if !strings.Contains(text, "\nhttp_request_duration_seconds"+line) {
					t.Errorf("%s: %s is not in\n%s", test.metrics, line, text)
				}
			}
		}
	}
}

// A histogram is cumulative, and a bound belongs to its bucket.
func TestBuckets(t *testing.T) {
	r := newRegistry()
	for _, took := range []time.Duration{5 * time.Millisecond, 6 * time.Millisecond, time.Minute} {
		r.observe("a", took)
	}
	text := string(r.append(nil))
	for _, want := range []string{
		`http_requests_total{handler="a"} 3`,
		`http_request_duration_seconds_bucket{handler="a",le="0.005"} 1`,
		`http_request_duration_seconds_bucket{handler="a",le="0.01"} 2`,
		`http_request_duration_seconds_bucket{handler="a",le="10"} 2`,
		`http_request_duration_seconds_bucket{handler="a",le="+Inf"} 3`,
		`http_request_duration_seconds_sum{handler="a"} 60.011`,
		`http_request_duration_seconds_count{handler="a"} 3`,
	} {
		if !strings.Contains(text, want+"\n") {
			t.Errorf("%s is not in\n%s", want, text)
		}
	}
}

// worker is one whose /work is as long as it is asked for.
type worker struct{ endpoint.Worker }

func (worker) WorkFactor() int64 { return 1 }

// A handler that computes has samples, and they are its own.
func TestProfile(t *testing.T) {
	o := open(t, &Telemetry{Profile: CPU})
	x := &endpoint.Exchange{Worker: worker{}}
	var st targets.WorkerStatus
	for until := time.Now().Add(20 * time.Second); st.Counters["telemetry_samples_handler"] < 5 && time.Now().Before(until); {
		for range 20 {
			x.Respond(endpoint.Lookup("/work"), "/work", "units=10000", false)
		}
		if err := o.Marked(&st); err != nil || x.Response.Status != http.StatusOK {
			t.Fatal(err, x.Response.Status)
		}
	}
	if all, some := st.Counters["telemetry_samples"], st.Counters["telemetry_samples_handler"]; some < 5 || some > all {
		t.Errorf("%d samples, %d of them in the handler", all, some)
	}
}

// What is no profile is an error, and nothing is read beyond its end.
func TestBrokenProfiles(t *testing.T) {
	for _, b := range []string{"\x12", "\x12\x05ab", "\x0d1234", "\x12\x02\x0a\x05", "\x12\x06\x0a\x01\xff\x12\x01\x01", "\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\x01"} {
		if all, some, err := samplesIn([]byte(b), handlers); err == nil || all < 0 || some < 0 {
			t.Errorf("%q: %d, %d, %v", b, all, some, err)
		}
	}
	if all, _, err := samplesIn(nil, handlers); all != 0 || err != nil {
		t.Error(all, err)
	}
}

func BenchmarkRegistry(b *testing.B) {
	for _, labels := range []int{1, 100_000} {
		b.Run(fmt.Sprint(labels), func(b *testing.B) {
			r, names := newRegistry(), make([]string, labels)
			for i := range names {
				names[i] = fmt.Sprintf("/cached?id=%d&work=0s", i)
			}
			b.ReportAllocs()
			for i := 0; b.Loop(); i++ {
				r.observe(names[i%labels], time.Millisecond)
			}
		})
	}
}
