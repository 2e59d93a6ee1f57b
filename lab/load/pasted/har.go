package pasted

import (
	"bytes"
	"encoding/base64"
	"encoding/json"
	"errors"
	"io"
	"net/url"
	"strings"
)

// Types are the resource types that requests are filtered by, as browsers call them.
var Types = []string{"document", "xhr", "fetch", "script", "stylesheet", "image", "font", "media", "manifest", "preflight", "other"}

// unwanted are the types that are left out unless they are asked for: a browser keeps them.
var unwanted = []string{"image", "font", "stylesheet", "script"}

// harEntry is what is read of an entry of HAR 1.2 (http://www.softwareishard.com/blog/har-12-spec/). What begins with an
// underscore is a browser's own: Chrome and newer Firefoxes have the type, Chrome and Safari say what came from a cache.
type harEntry struct {
	Type      string          `json:"_resourceType"`
	FromCache json.RawMessage `json:"_fromCache"`
	Fetch     string          `json:"_fetchType"`
	Request   *struct {
		Method   string    `json:"method"`
		URL      string    `json:"url"`
		Headers  []harPair `json:"headers"`
		Cookies  []harPair `json:"cookies"`
		PostData *struct {
			MimeType string     `json:"mimeType"`
			Text     string     `json:"text"`
			Params   []harParam `json:"params"`
			Encoding string     `json:"encoding"`
			Own      string     `json:"_encoding"`
		} `json:"postData"`
	} `json:"request"`
	Response struct {
		Status  int `json:"status"`
		Content struct {
			MimeType string `json:"mimeType"`
		} `json:"content"`
	} `json:"response"`
}

type harPair struct {
	Name  string `json:"name"`
	Value string `json:"value"`
}

type harParam struct {
	harPair
	FileName *string `json:"fileName"`
}

// HAR reads a HAR file. The error is an *Error.
func HAR(text []byte, o Options) (*Mix, error) {
	s, err := newSource(text, &o)
	if err != nil {
		return nil, err
	}
	g := newGatherer(s, &o, true)
	h := har{source: s, g: g, dec: json.NewDecoder(strings.NewReader(s.text))}
	if err := h.read(); err != nil {
		return nil, err
	}
	if len(g.variables) == 0 && g.total > 0 {
		g.warnings.add("no request has a cookie or a token: Chrome leaves them out of a HAR file unless its settings allow sensitive data in it")
	}
	return g.mix()
}

// har is a HAR file while it is read.
type har struct {
	*source
	g   *gatherer
	dec *json.Decoder
	n   int
}

const saveAgain = "save the requests as HAR again, or take the curl command of a request with --curl"

// read goes to log.entries and takes each entry in.
func (h *har) read() error {
	if c := strings.TrimSpace(h.text)[0]; c != '{' {
		return h.fail(strings.IndexByte(h.text, c), saveAgain, "found %q; allowed: a HAR file, a JSON object with log.entries", c)
	}
	for _, key := range []string{"log", "entries"} {
		if found, err := h.enter(key); err != nil || !found {
			if err == nil {
				err = h.fail(0, saveAgain, "found no %s; allowed: a HAR file, a JSON object with log.entries", map[string]string{"log": "log", "entries": "log.entries"}[key])
			}
			return err
		}
	}
	at := h.here()
	if open, err := h.dec.Token(); err != nil || open != json.Delim('[') {
		return h.wrong(at, err, "log.entries is not a list")
	}
	for h.dec.More() {
		at := h.here()
		var e harEntry
		if err := h.dec.Decode(&e); err != nil {
			return h.wrong(at, err, "an entry that is not one of HAR 1.2")
		}
		if h.n++; h.n > maxRequests {
			return h.fail(at, "record a shorter time", "found more than %d entries", maxRequests)
		}
		if err := h.entry(&e, at); err != nil {
			return err
		}
	}
	if _, err := h.dec.Token(); err != nil {
		return h.wrong(len(h.text), err, "")
	}
	return nil
}

// here is where the next value begins.
func (h *har) here() int {
	at := int(h.dec.InputOffset())
	for at < len(h.text) && strings.IndexByte(" \t\r\n,:", h.text[at]) >= 0 {
		at++
	}
	return at
}

// enter reads an object up to the value of a key.
func (h *har) enter(key string) (found bool, err error) {
	at := h.here()
	if open, err := h.dec.Token(); err != nil || open != json.Delim('{') {
		return false, h.wrong(at, err, "what is not an object")
	}
	for h.dec.More() {
		at := h.here()
		name, err := h.dec.Token()
		if err != nil {
			return false, h.wrong(at, err, "")
		}
		if name == key {
			return true, nil
		}
		var skipped json.RawMessage
		if err := h.dec.Decode(&skipped); err != nil {
			return false, h.wrong(at, err, "")
		}
	}
	return false, nil
}

// wrong is what is wrong with the JSON at a place, or with what stands there.
func (h *har) wrong(at int, err error, found string) error {
	var syntax *json.SyntaxError
	var kind *json.UnmarshalTypeError
	switch {
	case errors.As(err, &syntax):
		return h.fail(max(at, min(int(syntax.Offset)-1, len(h.text))), saveAgain, "found no JSON: %s", strings.TrimPrefix(syntax.Error(), "json: "))
	case errors.Is(err, io.EOF), errors.Is(err, io.ErrUnexpectedEOF):
		return h.fail(len(h.text), saveAgain, "found the end in the middle of it; allowed: a whole HAR file")
	case errors.As(err, &kind):
		return h.fail(at, saveAgain, "found %s: %s holds a JSON %s", found, kind.Field, kind.Value)
	case err != nil:
		return h.fail(at, saveAgain, "found no JSON")
	}
	return h.fail(at, saveAgain, "found %s; allowed: a HAR file, a JSON object with log.entries", found)
}

// entry takes an entry in.
func (h *har) entry(e *harEntry, at int) error {
	q := e.Request
	if q == nil || q.URL == "" || q.Method == "" {
		return h.fail(at, saveAgain, "found an entry without request.method or request.url")
	}
	if cached(e) {
		h.g.left.add("from the browser's cache, so that no server saw it")
		return nil
	}
	r := request{at: at, method: strings.ToUpper(q.Method), url: q.URL, packed: true}
	for _, kv := range q.Headers {
		r.header = append(r.header, [2]string{kv.Name, kv.Value})
	}
	if len(q.Cookies) > 0 && r.valueOf("Cookie") == "" {
		r.header = append(r.header, [2]string{"Cookie", "of the recording"}) // Safari lists cookies without the header
	}
	r.kind = kindOf(e, &r)
	if p := q.PostData; p != nil {
		body, problem := p.Text, ""
		switch {
		case p.Encoding == "base64" || p.Own == "base64":
			b, err := base64.StdEncoding.DecodeString(p.Text)
			if body = string(b); err != nil {
				problem = "a body that is not the base64 it is said to be"
			}
		case p.Text == "" && len(p.Params) > 0:
			body, problem = form(p.Params, p.MimeType)
		}
		if problem != "" {
			h.g.left.add(problem)
			return nil
		}
		r.body, r.has = body, body != ""
		if r.has && r.valueOf("Content-Type") == "" && p.MimeType != "" {
			r.header = append(r.header, [2]string{"Content-Type", p.MimeType})
		}
	}
	return h.g.add(&r, at)
}

func (r *request) valueOf(header string) string {
	for _, kv := range r.header {
		if strings.EqualFold(kv[0], header) {
			return kv[1]
		}
	}
	return ""
}

// cached reports whether the browser answered itself, or nobody did.
func cached(e *harEntry) bool {
	from := bytes.Trim(e.FromCache, `"`)
	return len(from) > 0 && !bytes.Equal(from, []byte("null")) && !bytes.Equal(from, []byte("false")) || strings.HasSuffix(e.Fetch, "Cache")
}

// form puts the fields of a form together, as a browser sends them.
func form(params []harParam, kind string) (body, problem string) {
	if strings.HasPrefix(kind, "multipart/") {
		return "", "a body of several parts (multipart) that the recording does not have"
	}
	var out []string
	for _, p := range params {
		name, value := p.Name, p.Value
		if n, err := url.QueryUnescape(name); err == nil { // Chrome has them as they were sent, Firefox read
			name = n
		}
		if v, err := url.QueryUnescape(value); err == nil {
			value = v
		}
		out = append(out, url.QueryEscape(name)+"="+url.QueryEscape(value))
	}
	return strings.Join(out, "&"), ""
}

// destinations are resource types by the header Sec-Fetch-Dest (Fetch standard, 3.2.7).
var destinations = map[string]string{
	"document": "document", "iframe": "document", "frame": "document", "empty": "fetch", "script": "script", "style": "stylesheet", "image": "image", "font": "font",
	"audio": "media", "video": "media", "track": "media", "manifest": "manifest", "worker": "script", "serviceworker": "script", "sharedworker": "script",
}

// kindOf is the resource type: as the browser says, as its request does, or as the response's type does.
func kindOf(e *harEntry, r *request) string {
	kind := strings.ToLower(e.Type)
	if strings.HasPrefix(r.valueOf("Accept"), "text/event-stream") || strings.HasPrefix(e.Response.Content.MimeType, "text/event-stream") {
		return "eventsource"
	}
	if kind == "websocket" || strings.EqualFold(r.valueOf("Upgrade"), "websocket") {
		return "websocket"
	}
	for _, known := range Types {
		if kind == known && kind != "other" {
			return kind
		}
	}
	if d := destinations[strings.ToLower(r.valueOf("Sec-Fetch-Dest"))]; d != "" {
		return d
	}
	mime, _, _ := strings.Cut(strings.ToLower(e.Response.Content.MimeType), ";")
	switch top, _, _ := strings.Cut(mime, "/"); {
	case top == "image" || top == "font":
		return top
	case top == "audio" || top == "video":
		return "media"
	case mime == "text/css":
		return "stylesheet"
	case strings.Contains(mime, "javascript") || strings.HasSuffix(mime, "ecmascript"):
		return "script"
	case strings.Contains(mime, "font"):
		return "font"
	case mime == "text/html":
		return "document"
	case strings.Contains(mime, "json"):
		return "fetch"
	}
	return "other"
}
