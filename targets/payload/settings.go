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
)

// mostLength bounds the length under which a response is not compressed, in bytes.
const mostLength = 16 << 20

// Gzip is whether and where a worker compresses its responses.
type Gzip struct {
	Where     string `json:"where,omitempty"`      // off | loop | pool
	Level     int    `json:"level,omitempty"`      // 1 to 9
	MinLength *int   `json:"min_length,omitempty"` // bytes
}

// Settings are the rows of the group gzip of a kind of server whose own settings, S, hold it in this field. A group that is
// left out means off: Filled says so.
func Settings[S any](gzip func(*S) **Gzip) []setting.Setting {
	return []setting.Setting{{
		Key: "gzip", Flag: "-", Fixed: true, Default: "off", Said: "gzip", Noun: "compression of a worker", Example: "where: loop",
		Doc: "whether and where each worker compresses responses", At: targets.OfServer(gzip), Rows: gzipRows(),
	}}
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

// Filled gives the settings with their defaults; nil is off.
func (g *Gzip) Filled() Gzip {
	out := Gzip{Where: Off}
	if g != nil {
		out = *g
	}
	setting.Fill(gzipRows(), &out)
	return out
}
