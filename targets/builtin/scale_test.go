package builtin

import (
	"net/http"
	"testing"
	"time"

	"benchtop/targets"
	"benchtop/targets/fixture/suite"
	"benchtop/targets/routine"
)

// Workers come when requests pile up and go when there are none, and no request is lost by it.
func TestWorkersComeByTheRule(t *testing.T) {
	t.Parallel()
	at := time.Duration(0)
	tg, seen := startTarget(t, targets.Spec{Workers: 1, Own: &Settings{
		Accept: shared, Concurrency: blocking, Scale: &Scale{Most: 3, InFlight: 1, Every: shortestEvery, Hold: &at},
	}})
	client := &http.Client{Timeout: suite.Deadline, Transport: &http.Transport{DisableKeepAlives: true}}
	var asked routine.Group
	for range 8 {
		asked.Go(func() {
			resp, err := client.Get("http://" + tg.Addr() + "/wait?for=300ms")
			if err != nil {
				t.Error(err)
				return
			}
			if _ = resp.Body.Close(); resp.StatusCode != http.StatusOK {
				t.Error(resp.Status)
			}
		})
	}
	suite.Eventually(t, "there are three", func() bool { return serving(tg) == 3 })
	asked.Wait()
	suite.Eventually(t, "there is one", func() bool { return serving(tg) == 1 })
	if seen.Has(targets.WorkerGone, 0) {
		t.Error("a worker that goes by the rule counts as a death")
	}
}
