package all

import (
	"encoding/json"
	"errors"
	"reflect"
	"testing"

	"benchtop/targets"
)

// What a run file says of a target is written again, whichever kind its settings belong to and in whichever order they stand.
func TestRunFilesKeepWhatTheySay(t *testing.T) {
	for _, want := range []string{
		`{"server":"builtin","workers":1,"engine":"nethttp","concurrency":"async","threads":40,"keepalive":false,"keepalive_timeout":75000000000,` +
			`"accept":"reuseport","gomaxprocs":1,"access_log":true,"heartbeat":30000000000,"endpoint":"/hello","nodelay":true,"backlog":4096,` +
			`"limit_concurrency":9,"tls":{"resumption":true},"nonce":"n","variant":"a","work_factor":2}`,
		`{"server":"builtin","engine":"fasthttp","nodelay":false,"proxy":{"kind":"nginx","keepalive":0,"gzip":{"level":1},"workers":2},"listen":"unix:/s"}`,
		`{"server":"gunicorn","workers":2,"endpoint":"/hello","limit_concurrency":9,"loop":"uvloop","http":"h11","max_requests":5,"max_requests_jitter":1,"tls":{}}`,
		`{"server":"command","endpoint":"/?a=1\u0026b=2","command":["./server","{port}"],"ready":"/","listen":"127.0.0.1:0"}`,
		`{"server":"url","endpoint":"/","url":"http://127.0.0.1:1","variant":"a"}`,
		`{"server":"builtin"}`,
		`{"server":"of another time","workers":3,"nonce":"n","colour":"red","deep":{"a":[1,2]}}`,
	} {
		var s, again targets.Spec
		var said, written map[string]any
		if err := errors.Join(json.Unmarshal([]byte(want), &s), json.Unmarshal([]byte(want), &said), json.Unmarshal([]byte(s.String()), &written)); err != nil {
			t.Error(err)
		}
		if !reflect.DeepEqual(written, said) {
			t.Errorf("written as %s\nwant       %s", s, want)
		}
		if err := json.Unmarshal([]byte(s.String()), &again); err != nil || again.String() != s.String() {
			t.Errorf("written once as %s\nthen as         %s (%v)", s, again, err)
		}
	}
}
