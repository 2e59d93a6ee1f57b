package payload

import (
	"benchtop/targets"
	"benchtop/targets/setting"
)

// Values of the settings.
const (
	Off  = "off"
	Loop = "loop"
	Pool = "pool"

	Std       = "std"
	Generated = "generated"
	Pre       = "pre"
)

// mostLength bounds the length under which a response is not compressed, in bytes.
const mostLength = 16 << 20

// Gzip is whether and where a worker compresses its responses.
type Gzip struct {
	Where     string `json:"where,omitempty"`      // off | loop | pool
	Level     int    `json:"level,omitempty"`      // 1 to 9
	MinLength *int   `json:"min_length,omitempty"` // bytes
}

// JSON is how a worker encodes the list of /json.
type JSON struct {
	Encoder string `json:"encoder,omitempty"` // std | generated | pre
}

// Settings are the rows of the groups gzip and json of a kind of server whose own settings, S, hold them in these fields. Without
// the group gzip nothing is compressed, without json its defaults hold: Filled says so.
func Settings[S any](gzip func(*S) **Gzip, json func(*S) **JSON) []setting.Setting {
	return []setting.Setting{
		{
			Key: "gzip", Flag: "-", Fixed: true, Default: "off", Said: "gzip", Noun: "compression of a worker", Example: "where: loop",
			Doc: "whether and where each worker compresses responses", At: targets.OfServer(gzip), Rows: gzipRows(),
		},
		{
			Key: "json", Flag: "-", Fixed: true, Default: "off", Said: "JSON", Noun: "encoder of a worker", Example: "encoder: pre",
			Doc: "how each worker encodes the list of /json", At: targets.OfServer(json), Rows: jsonRows(),
		},
	}
}

func gzipRows() []setting.Setting {
	off := setting.When(func(g *Gzip) string {
		if g.Where == Off {
			return "nothing is compressed"
		}
		return ""
	})
	return []setting.Setting{
		{
			Key: "where", Main: true, Said: "in the %s", Default: Loop, Values: []string{Off, Loop, Pool}, At: setting.At(func(g *Gzip) *string { return &g.Where }),
			Doc: "off: nowhere; loop: in the handler's turn, so that others wait for it; pool: besides it, 40 responses of a worker at once, on cores that `gomaxprocs` allows",
		},
		{
			Key: "level", Main: true, Said: "level %s", Doc: "1 is fastest, 9 is smallest and the default of starlette", Default: "9", Min: 1, Max: 9,
			At: setting.At(func(g *Gzip) *int { return &g.Level }), Idle: off,
		},
		{
			Key: "min_length", Said: "from %s bytes", Doc: "bytes; a shorter response is sent as it is, unless it comes in chunks; the default of starlette", Default: "500", Max: mostLength,
			At: setting.At(func(g *Gzip) **int { return &g.MinLength }), Idle: off,
		},
	}
}

func jsonRows() []setting.Setting {
	return []setting.Setting{{
		Key: "encoder", Main: true, Said: "by %s", Default: Std, Values: []string{Std, Generated, Pre}, At: setting.At(func(j *JSON) *string { return &j.Encoder }),
		Doc: "std: Go's encoding/json; generated: code for this one type, as a generator writes it, without reflection; pre: encoded once and kept",
	}}
}

// Filled gives the settings with their defaults; nil is off.
func (g *Gzip) Filled() Gzip {
	out := Gzip{Where: Off}
	if g != nil {
		out = *g
	}
	setting.Fill(gzipRows(), &out)
	return out
}

// Filled gives the settings with their defaults; nil: all of them.
func (j *JSON) Filled() JSON { return setting.Filled(jsonRows(), j) }
