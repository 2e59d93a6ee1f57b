package peers

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"
)

// decode reads exactly one JSON value.
func decode(text []byte, v any) error {
	d := json.NewDecoder(bytes.NewReader(text))
	if err := d.Decode(v); err != nil {
		return fmt.Errorf("its output is not the JSON that is known: %w; it ends with:\n%s", err, tail(text))
	}
	if _, err := d.Token(); !errors.Is(err, io.EOF) {
		return errors.New("its output goes on after the JSON value")
	}
	return nil
}

// present names the fields that are missing.
func present(fields map[string]bool) error {
	missing := []string{}
	for name, there := range fields {
		if !there {
			missing = append(missing, name)
		}
	}
	if len(missing) > 0 {
		slices.Sort(missing)
		return fmt.Errorf("its JSON has no %s", strings.Join(missing, ", "))
	}
	return nil
}

// ohaJSON is the flag for JSON: newer versions have --output-format, older ones -j.
func ohaJSON(help string) []string {
	if strings.Contains(help, "--output-format") {
		return []string{"--output-format", "json"}
	}
	return []string{"-j"}
}

// ohaDeadline is how oha names requests that were in flight at the end of its time: they are no failures.
const ohaDeadline = "aborted due to deadline"

// parseOha reads the JSON of oha, as its schema.json defines it: seconds everywhere.
func parseOha(o Output) (Figures, error) {
	var v struct {
		Summary *struct {
			Total *float64 `json:"total"`
			RPS   *float64 `json:"requestsPerSec"`
		} `json:"summary"`
		Percentiles *struct {
			P50 *float64 `json:"p50"`
			P99 *float64 `json:"p99"`
		} `json:"latencyPercentiles"`
		Statuses map[string]uint64 `json:"statusCodeDistribution"`
		Errors   map[string]uint64 `json:"errorDistribution"`
	}
	var f Figures
	if err := decode(o.Stdout, &v); err != nil {
		return f, err
	}
	if err := present(map[string]bool{
		"summary": v.Summary != nil, "latencyPercentiles": v.Percentiles != nil,
		"statusCodeDistribution": v.Statuses != nil, "errorDistribution": v.Errors != nil,
	}); err != nil {
		return f, err
	}
	if err := present(map[string]bool{
		"summary.total": v.Summary.Total != nil, "summary.requestsPerSec": v.Summary.RPS != nil,
		"latencyPercentiles.p50": v.Percentiles.P50 != nil, "latencyPercentiles.p99": v.Percentiles.P99 != nil,
	}); err != nil {
		return f, err
	}
	late := uint64(0)
	for status, n := range v.Statuses {
		f.Requests += n
		if !strings.HasPrefix(status, "2") {
			f.Errors += n
		}
	}
	for reason, n := range v.Errors {
		if reason == ohaDeadline {
			late += n
			continue
		}
		f.Requests += n
		f.Errors += n
	}
	p50, p99 := *v.Percentiles.P50*1e6, *v.Percentiles.P99*1e6
	f.RPS, f.P50, f.P99 = *v.Summary.RPS, &p50, &p99
	if f.Requests == 0 {
		return f, fmt.Errorf("it made no request, and %d were in flight at its end", late)
	}
	// Whether its rate counts those in flight at the end depends on the version; the count and the time do not.
	f.RPS = float64(f.Requests) / *v.Summary.Total
	return f.check(*v.Summary.Total)
}

// parseBombardier reads the JSON of bombardier, as its template defines it: microseconds, and seconds for the whole.
func parseBombardier(o Output) (Figures, error) {
	var v struct {
		Result *struct {
			Took    *float64 `json:"timeTakenSeconds"`
			Req1    *uint64  `json:"req1xx"`
			Req2    *uint64  `json:"req2xx"`
			Req3    *uint64  `json:"req3xx"`
			Req4    *uint64  `json:"req4xx"`
			Req5    *uint64  `json:"req5xx"`
			Others  *uint64  `json:"others"`
			Latency *struct {
				Percentiles map[string]float64 `json:"percentiles"`
			} `json:"latency"`
		} `json:"result"`
	}
	var f Figures
	if err := decode(o.Stdout, &v); err != nil {
		return f, err
	}
	r := v.Result
	if r == nil {
		return f, errors.New("its JSON has no result")
	}
	if err := present(map[string]bool{
		"result.timeTakenSeconds": r.Took != nil, "result.req1xx": r.Req1 != nil, "result.req2xx": r.Req2 != nil,
		"result.req3xx": r.Req3 != nil, "result.req4xx": r.Req4 != nil, "result.req5xx": r.Req5 != nil,
		"result.others": r.Others != nil, "result.latency": r.Latency != nil,
	}); err != nil {
		return f, err
	}
	p50, ok50 := r.Latency.Percentiles["50"]
	p99, ok99 := r.Latency.Percentiles["99"]
	if err := present(map[string]bool{"result.latency.percentiles.50": ok50, "result.latency.percentiles.99": ok99}); err != nil {
		return f, err
	}
	f.Errors = *r.Req1 + *r.Req3 + *r.Req4 + *r.Req5 + *r.Others
	f.Requests = *r.Req2 + f.Errors
	f.P50, f.P99 = &p50, &p99
	if *r.Took > 0 {
		f.RPS = float64(f.Requests) / *r.Took
	}
	return f.check(*r.Took)
}
