package python

import (
	"testing"
	"time"

	"benchtop/targets"
)

func TestValidate(t *testing.T) {
	for _, d := range Descriptors() { // what one of them has and the other does not is known from the registry
		targets.Register(d)
	}
	for _, test := range []struct {
		key  string
		spec targets.Spec
	}{
		{"", targets.Spec{Server: Uvicorn}},
		{"", targets.Spec{Server: Gunicorn, Own: &Settings{MaxRequests: 10, MaxRequestsJitter: 5}, Endpoint: "/sync/work?units=10"}},
		{"", targets.Spec{Server: Uvicorn, Endpoint: "/wait?for=5ms", Listen: "unix:/tmp/x.sock"}},
		{"workers", targets.Spec{Server: Uvicorn, Workers: 65}},
		{"loop", targets.Spec{Server: Uvicorn, Own: &Settings{Loop: "trio"}}},
		{"http", targets.Spec{Server: Gunicorn, Own: &Settings{HTTP: "http"}}},
		{"keepalive_timeout", targets.Spec{Server: Uvicorn, KeepaliveTimeout: 1500 * time.Millisecond}},
		{"heartbeat", targets.Spec{Server: Gunicorn, Heartbeat: time.Millisecond}},
		{"heartbeat", targets.Spec{Server: Uvicorn, Heartbeat: time.Second}},
		{"max_requests_jitter", targets.Spec{Server: Gunicorn, Own: &Settings{MaxRequestsJitter: 5}}},
		{"max_requests_jitter", targets.Spec{Server: Uvicorn, Own: &Settings{MaxRequests: 5, MaxRequestsJitter: 5}}},
		{"tls", targets.Spec{Server: Uvicorn, TLS: &targets.TLS{}}},
		{"endpoint", targets.Spec{Server: Uvicorn, Endpoint: "/async/sync/hello"}},
		{"endpoint", targets.Spec{Server: Uvicorn, Endpoint: "/sync/work?units=0"}},
		{"endpoint", targets.Spec{Server: Uvicorn, Endpoint: "/hello?x=1"}},
		{"endpoint", targets.Spec{Server: Uvicorn, Endpoint: "hello"}},
		{"listen", targets.Spec{Server: Uvicorn, Listen: "0.0.0.0:80"}},
		{"nonce", targets.Spec{Server: Uvicorn, Nonce: "a b"}},
	} {
		for _, d := range Descriptors() {
			if d.Name != test.spec.Server {
				continue
			}
			problems := d.Validate(d.Normalize(test.spec))
			if test.key == "" && len(problems) > 0 || test.key != "" && (len(problems) != 1 || problems[0].Key != test.key) {
				t.Errorf("%s: want a problem with %q: %v", test.spec, test.key, problems)
			}
		}
	}
}

// The buckets of the loop's lag lie as app/benchtop_counts.py fills them.
func TestLagBuckets(t *testing.T) {
	last := int64(-1)
	for i := range buckets {
		if got := middleOf(i); got <= last {
			t.Fatalf("bucket %d holds %d, the one before %d", i, got, last)
		} else {
			last = got
		}
	}
	for _, us := range []int64{0, 5, 15, 16, 17, 100, 999, 12345, 60_000_000} {
		bucket := us // as the application computes it
		if us >= finest {
			power := int64(0)
			for v := us; v > 1; v >>= 1 {
				power++
			}
			bucket = 16*power - 48 + (us>>(power-4))&15
		}
		middle := float64(middleOf(int(bucket)))
		if real := float64(us) * 1000; middle < real-0.04*real-1000 || middle > real+0.04*real+1000 {
			t.Errorf("%d us are told as %v ns", us, middle)
		}
	}
}
