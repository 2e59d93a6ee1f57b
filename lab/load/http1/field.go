package http1

import (
	"bytes"

	"benchtop/lab/load"
)

// parseField splits "name: value" and checks both by RFC 9110 section 5; the value comes without the white space
// around it. White space before the colon is removed (RFC 9112 section 5.1), unless the header decides where the
// response ends: there some clients read the header and others overlook it.
func parseField(line []byte) (name, value []byte, why string) {
	if blank(line[0]) {
		return nil, nil, "folded line without a header before it"
	}
	i := bytes.IndexByte(line, ':')
	if i < 0 {
		return nil, nil, "header line without a colon"
	}
	name, value = trimBlankEnd(line[:i]), trimBlank(line[i+1:])
	if len(name) == 0 {
		return nil, nil, "header line without a name"
	}
	for _, c := range name {
		if !load.IsTokenByte(c) {
			return nil, nil, "header name is not a token"
		}
	}
	if len(name) < i && (asciiEqualFold(name, "content-length") || asciiEqualFold(name, "transfer-encoding")) {
		return nil, nil, "blank before the colon of a header that decides where the response ends"
	}
	if !valueBytes(value) {
		return nil, nil, "control character in a header value"
	}
	return name, value, ""
}

// valueBytes reports whether p can stand in the value of a header.
func valueBytes(p []byte) bool {
	for _, c := range p {
		if c < ' ' && c != '\t' || c == 0x7f {
			return false
		}
	}
	return true
}

// folded reports whether the line at the start of p goes on with the one before it (RFC 9112 section 5.2).
func folded(p []byte) bool { return len(p) > 0 && blank(p[0]) }

// unfold joins a header line with the folded lines at the start of rest, with a space for each fold. The name must
// end on the first line.
func (r *Reader) unfold(line, rest []byte) (joined, after []byte) {
	if bytes.IndexByte(line, ':') < 0 {
		return line, rest
	}
	from := len(r.joined) // what other headers of this head have there is still in use
	r.joined = append(r.joined, line...)
	for folded(rest) {
		line, rest = cutLine(rest)
		r.joined = append(append(r.joined, ' '), trimBlank(line)...)
	}
	return r.joined[from:], rest
}

func blank(c byte) bool { return c == ' ' || c == '\t' }

func trimBlank(p []byte) []byte {
	for len(p) > 0 && blank(p[0]) {
		p = p[1:]
	}
	return trimBlankEnd(p)
}

func trimBlankEnd(p []byte) []byte {
	for len(p) > 0 && blank(p[len(p)-1]) {
		p = p[:len(p)-1]
	}
	return p
}

// oneLength gives the number of a Content-Length, which may be there several times in a list (RFC 9112 section 6.3).
func oneLength(value []byte) (number []byte, why string) {
	for list := value; ; {
		item, more, found := bytes.Cut(list, comma)
		item = trimBlank(item)
		if _, ok := parseLength(item); !ok {
			return nil, "Content-Length is not a number"
		}
		if number != nil && !bytes.Equal(number, item) {
			return nil, differentLengths
		}
		if number, list = item, more; !found {
			return number, ""
		}
	}
}

const differentLengths = "two different numbers in Content-Length"

var comma = []byte{','}

// parseLength reads decimal digits below 2^63.
func parseLength(p []byte) (n int64, ok bool) {
	if len(p) == 0 {
		return 0, false
	}
	for _, c := range p {
		if c < '0' || c > '9' {
			return 0, false
		}
		d := int64(c - '0')
		if n > (1<<63-1-d)/10 {
			return 0, false
		}
		n = n*10 + d
	}
	return n, true
}

// asciiEqualFold compares with a lower-case word.
func asciiEqualFold(p []byte, lower string) bool {
	if len(p) != len(lower) {
		return false
	}
	for i, c := range p {
		if 'A' <= c && c <= 'Z' {
			c += 'a' - 'A'
		}
		if c != lower[i] {
			return false
		}
	}
	return true
}

// hasToken looks for a lower-case token in a comma-separated list.
func hasToken(list []byte, lower string) bool {
	for len(list) > 0 {
		item := list
		if i := bytes.IndexByte(list, ','); i >= 0 {
			item, list = list[:i], list[i+1:]
		} else {
			list = nil
		}
		if asciiEqualFold(trimBlank(item), lower) {
			return true
		}
	}
	return false
}
