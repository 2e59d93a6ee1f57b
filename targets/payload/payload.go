// Package payload is what bodies cost a worker: how a list is encoded, whether an export is made whole or sent as it is made,
// whether a response is compressed on its way out, and where, and the memory of all that.
package payload

import "benchtop/targets/endpoint"

// Payload is what one worker does with its bodies, and what it counts of that.
type Payload struct {
	gzip *Compressor // nil: it compresses none
	json encoder

	memory memory
}

// Open gives the payload of a worker with these settings.
func Open(gzip *Gzip, json *JSON) *Payload {
	return &Payload{gzip: newCompressor(gzip.Filled()), json: encoder{encode: encoders[json.Filled().Encoder]}}
}

// Rows are the endpoints of a payload. Those of a nil one are for documents and checks.
func Rows(p *Payload) []*endpoint.Endpoint {
	return []*endpoint.Endpoint{
		{
			Path: "/json", Doc: "a list, encoded as `json.encoder` says", Handle: p.list,
			Params:  []endpoint.Param{{Name: "items", Doc: "its length", Type: endpoint.Int, Max: 10_000, Default: 10, Unit: "items"}},
			Samples: []string{"items=10", "items=1000"},
		},
		exportRow(),
	}
}

// Gzip compresses the worker's responses; nil: they go as they are.
func (p *Payload) Gzip() *Compressor { return p.gzip }
