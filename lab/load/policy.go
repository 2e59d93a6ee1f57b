package load

import (
	"time"
)

// Timeouts bound parts of one attempt; Slice.Timeout bounds the whole request. 0: no limit of its own.
type Timeouts struct {
	Connect   time.Duration `json:"connect,omitempty"`    // opening a connection, with TLS its handshake included
	FirstByte time.Duration `json:"first_byte,omitempty"` // from the request written to the first byte of the answer
}
