package load

import (
	"net/http"
	"strings"
)

// Request is what is sent; the same bytes every time, but for what stands in it for a value of Task.Keys.
type Request struct {
	Method string      `json:"method"`           // GET if empty
	Path   string      `json:"path"`             // path and query as sent, begins with /
	Host   string      `json:"host"`             // Host header
	Header [][2]string `json:"header,omitempty"` // further headers in order
	// HeaderEnv are headers whose values are those of environment variables, each with the name of its variable. Task.Filled
	// makes them headers.
	HeaderEnv [][2]string `json:"header_env,omitempty"`
	Body      []byte      `json:"body,omitempty"`
}

// OwnHeaders are the headers, in lower case, that cannot be given because the generator writes them itself or its
// requests would not be what they say; each with what to do instead. Host can be given: it takes the place of ours.
var OwnHeaders = map[string]string{
	"content-length":    "the generator writes it from the body",
	"transfer-encoding": "the generator writes bodies with their length",
	"connection":        "its only value here is close, for a new connection per request",
	"expect":            "the generator sends the body at once",
	"upgrade":           "the generator asks for no other protocol on a connection",
	"te":                "the generator writes bodies with their length",
	"trailer":           "the generator writes bodies with their length",
}

func isHost(name string) bool { return strings.EqualFold(name, "host") }

// TakeClose takes Connection: close out of headers, which is the same as no keep-alive, and reports whether it was there.
func TakeClose(header [][2]string) (rest [][2]string, closes bool) {
	for _, kv := range header {
		if strings.EqualFold(kv[0], "connection") && strings.EqualFold(kv[1], "close") {
			closes = true
		} else {
			rest = append(rest, kv)
		}
	}
	return rest, closes
}

func (q Request) check() error {
	if !IsToken(q.Method) {
		return refuse("request.method", "%q is not a method name", q.Method)
	}
	if q.Method == http.MethodConnect {
		return refuse("request.method", "CONNECT opens a tunnel and cannot be measured; use another")
	}
	if !strings.HasPrefix(q.Path, "/") || !visible(q.Path) {
		return refuse("request.path", "%q; must begin with / and hold neither spaces nor control characters", q.Path)
	}
	if q.Host == "" || !visible(q.Host) {
		return refuse("request.host", "%q; must be a host, with its port if that is not 80", q.Host)
	}
	hosts := 0
	for _, kv := range q.Header {
		if !IsToken(kv[0]) {
			return refuse("request.header", "%q is not a header name", kv[0])
		}
		if why, own := OwnHeaders[strings.ToLower(kv[0])]; own {
			return refuse("request.header", "%s cannot be given: %s", kv[0], why)
		}
		if isHost(kv[0]) {
			if hosts++; hosts > 1 {
				return refuse("request.header", "Host is there twice; a request has one")
			}
			if kv[1] == "" || !visible(kv[1]) {
				return refuse("request.header", "Host: %q; must be a host, with its port if that is not 80", kv[1])
			}
		}
		for _, c := range []byte(kv[1]) {
			if c < ' ' && c != '\t' || c == 0x7f {
				return refuse("request.header", "%s: the value holds a control character", kv[0])
			}
		}
	}
	return q.checkHeaderEnv()
}

// IsTokenByte reports whether a character can stand in a token (RFC 9110 section 5.6.2).
func IsTokenByte(c byte) bool { return tokenByte[c] }

var tokenByte = func() (t [256]bool) {
	for c := '0'; c <= '9'; c++ {
		t[c] = true
	}
	for c := 'a'; c <= 'z'; c++ {
		t[c], t[c-'a'+'A'] = true, true
	}
	for _, c := range "!#$%&'*+-.^_`|~" {
		t[c] = true
	}
	return t
}()

// IsToken reports whether s is a token of RFC 9110, section 5.6.2.
func IsToken(s string) bool {
	for i := range len(s) {
		if !IsTokenByte(s[i]) {
			return false
		}
	}
	return s != ""
}

func visible(s string) bool {
	for i := range len(s) {
		if s[i] <= ' ' || s[i] >= 0x7f {
			return false
		}
	}
	return true
}

// Head builds the head of the request, with the empty line that ends it; length is that of the body.
func (q Request) Head(keepAlive bool, length string) string {
	var b strings.Builder
	host := q.Host
	for _, kv := range q.Header {
		if isHost(kv[0]) {
			host = kv[1]
		}
	}
	b.WriteString(q.Method + " " + q.Path + " HTTP/1.1\r\nHost: " + host + "\r\n")
	for _, kv := range q.Header {
		if !isHost(kv[0]) {
			b.WriteString(kv[0] + ": " + kv[1] + "\r\n")
		}
	}
	if len(q.Body) > 0 || q.Method == http.MethodPost || q.Method == http.MethodPut || q.Method == http.MethodPatch {
		b.WriteString("Content-Length: " + length + "\r\n")
	}
	if !keepAlive {
		b.WriteString("Connection: close\r\n")
	}
	b.WriteString("\r\n")
	return b.String()
}
