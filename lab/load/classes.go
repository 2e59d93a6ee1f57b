package load

// Error classes. A class that did not occur is left out of Counts.Errors.
const (
	ErrRefused         = "refused"
	ErrConnectTimeout  = "connect_timeout"
	ErrNameNotFound    = "name_not_found"
	ErrResetHeader     = "reset_header" // reset before the head of the response was complete
	ErrResetBody       = "reset_body"
	ErrShortBody       = "short_body" // closed before the announced length
	ErrBadStatusLine   = "bad_status_line"
	ErrBadChunk        = "bad_chunk"
	ErrBadHeader       = "bad_header"
	ErrReadTimeout     = "read_timeout"
	ErrIdleClosed      = "idle_closed"    // a kept connection was closed by the server before the first byte of a response
	ErrTLS             = "tls"            // a handshake that failed: no TLS there, a certificate that is not trusted, an alert, no HTTP/2 by ALPN
	ErrStreamReset     = "stream_reset"   // HTTP/2: the server ended the stream of the request alone (RST_STREAM)
	ErrStreamRefused   = "stream_refused" // of these, those that the server says it has not looked at (REFUSED_STREAM)
	ErrGoAway          = "goaway"         // HTTP/2: the server ended the connection (GOAWAY) without a response to the request
	ErrBadFrame        = "bad_frame"      // what came is not HTTP/2
	ErrStatus3xx       = "status_3xx"
	ErrStatus4xx       = "status_4xx"
	ErrStatus5xx       = "status_5xx"
	ErrDescriptorLimit = "descriptor_limit"
	ErrPortsExhausted  = "ports_exhausted"
)

// Class is an error class as an index, so that counting one costs an addition.
type Class uint8

// The classes.
const (
	OK Class = iota
	Refused
	ConnectTimeout
	NameNotFound
	ResetHeader
	ResetBody
	ShortBody
	BadStatusLine
	BadChunk
	BadHeader
	ReadTimeout
	IdleClosed
	TLSFailed
	StreamReset
	StreamRefused
	GoAway
	BadFrame
	Status3xx
	Status4xx
	Status5xx
	DescriptorLimit
	PortsExhausted
	Classes // how many there are
)

var classNames = [Classes]string{
	Refused:         ErrRefused,
	ConnectTimeout:  ErrConnectTimeout,
	NameNotFound:    ErrNameNotFound,
	ResetHeader:     ErrResetHeader,
	ResetBody:       ErrResetBody,
	ShortBody:       ErrShortBody,
	BadStatusLine:   ErrBadStatusLine,
	BadChunk:        ErrBadChunk,
	BadHeader:       ErrBadHeader,
	ReadTimeout:     ErrReadTimeout,
	IdleClosed:      ErrIdleClosed,
	TLSFailed:       ErrTLS,
	StreamReset:     ErrStreamReset,
	StreamRefused:   ErrStreamRefused,
	GoAway:          ErrGoAway,
	BadFrame:        ErrBadFrame,
	Status3xx:       ErrStatus3xx,
	Status4xx:       ErrStatus4xx,
	Status5xx:       ErrStatus5xx,
	DescriptorLimit: ErrDescriptorLimit,
	PortsExhausted:  ErrPortsExhausted,
}

// String is the name of the class, empty for OK.
func (c Class) String() string { return classNames[c] }

// TimedOut reports whether the class is a sample censored at the timeout.
func (c Class) TimedOut() bool { return c == ReadTimeout || c == ConnectTimeout }

// Answered reports whether the class is that of a complete response, whatever its status.
func (c Class) Answered() bool {
	return c == OK || c == Status3xx || c == Status4xx || c == Status5xx
}

// StatusClasses maps every three-digit status to its class: 2xx and the expected ones are ok, 3xx is never
// followed, and what lies outside the registered ranges counts as the server's fault.
func StatusClasses(expect []int) *[1000]Class {
	var t [1000]Class
	for s := range t {
		switch s / 100 {
		case 2:
			t[s] = OK
		case 3:
			t[s] = Status3xx
		case 4:
			t[s] = Status4xx
		default:
			t[s] = Status5xx
		}
	}
	for _, s := range expect {
		if s >= 0 && s < len(t) {
			t[s] = OK
		}
	}
	return &t
}
