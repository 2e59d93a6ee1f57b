package selfsigned

import (
	"crypto/tls"
	"sync/atomic"
)

// Handshakes counts what a server did for its TLS connections. The zero value is ready.
type Handshakes struct {
	all, resumed atomic.Uint64
}

// Count makes every handshake of the configuration count here, once the server has done its part of it: one that the
// client breaks off at its own last message is in the count.
func (h *Handshakes) Count(config *tls.Config) {
	config.VerifyConnection = func(state tls.ConnectionState) error {
		h.all.Add(1)
		if state.DidResume {
			h.resumed.Add(1)
		}
		return nil
	}
}

// All is how many there were, whole and resumed ones.
func (h *Handshakes) All() uint64 { return h.all.Load() }

// Resumed is how many took up an earlier session, without a certificate and its signature.
func (h *Handshakes) Resumed() uint64 { return h.resumed.Load() }
