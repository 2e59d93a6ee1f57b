package telemetry

import (
	"benchtop/targets"
	"benchtop/targets/setting"
)

// Values of the settings.
const (
	Off   = "off"
	Route = "route"
	Path  = "path"
	CPU   = "cpu"
)

// Telemetry is what a worker observes of its own requests.
type Telemetry struct {
	Timing  bool   `json:"timing,omitempty"`
	Metrics string `json:"metrics,omitempty"` // off | route | path
	Profile string `json:"profile,omitempty"` // off | cpu
	Form    string `json:"form,omitempty"`    // of the middleware; only an application in Python has several
}

// Setting is the row of the group telemetry of a kind of server whose own settings, S, hold it in this field. A group that is
// left out observes nothing.
func Setting[S any](group func(*S) **Telemetry) setting.Setting {
	return setting.Setting{
		Key: "telemetry", Flag: "-", Fixed: true, Default: "off", Said: "telemetry", Noun: "telemetry of a worker", Example: "timing: true",
		Doc: "what each worker observes of its own requests", At: targets.OfServer(group), Rows: rows(),
	}
}

func rows() []setting.Setting {
	return []setting.Setting{
		{
			Key: "timing", Main: true, Said: "timing %s", Doc: "true: each response says how many seconds its handler took, as the header X-Process-Time", Default: "false",
			At: setting.At(func(t *Telemetry) *bool { return &t.Timing }),
		},
		{
			Key: "metrics", Main: true, Said: "metrics by %s", Default: Off, Values: []string{Off, Route, Path}, At: setting.At(func(t *Telemetry) *string { return &t.Metrics }),
			Doc: "a counter and a histogram of durations in /metrics, with a label; route: the endpoint; path: what was asked for, its query included",
		},
		{
			Key: "profile", Said: "profile %s", Default: Off, Values: []string{Off, CPU}, At: setting.At(func(t *Telemetry) *string { return &t.Profile }),
			Doc: "cpu: the CPU profile of Go, 100 samples per second of CPU time, all the time",
		},
	}
}

// Filled gives the settings with their defaults; nil: all of them.
func (t *Telemetry) Filled() Telemetry { return setting.Filled(rows(), t) }
