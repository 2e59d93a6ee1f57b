package builtin

import (
	"net/http"
	"testing"

	"github.com/valyala/fasthttp"

	"benchtop/targets"
)

// BenchmarkRequest is what this package adds to a request, by engine.
func BenchmarkRequest(b *testing.B) {
	for _, path := range []string{"/hello", "/work?units=1"} {
		spec := Descriptor().Normalize(targets.Spec{})
		s := newService(newLoop(async, 0), "nonce.variant")
		b.Run(fastHTTP+path, func(b *testing.B) {
			b.ReportAllocs()
			handle := newFastEngine(s, spec).Handler
			var ctx fasthttp.RequestCtx
			ctx.Request.SetRequestURI(path)
			for b.Loop() {
				ctx.Response.Reset()
				handle(&ctx)
			}
		})
		b.Run(netHTTP+path, func(b *testing.B) {
			b.ReportAllocs()
			plain := newNetEngine(s, spec)
			request, err := http.NewRequestWithContext(b.Context(), http.MethodGet, path, nil)
			if err != nil {
				b.Fatal(err)
			}
			w := &nobody{header: http.Header{}}
			for b.Loop() {
				plain.ServeHTTP(w, request)
			}
		})
	}
}
