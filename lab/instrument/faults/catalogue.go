package faults

import "strings"

// Fault is one way to misbehave, and the class of error that it has to be counted in.
type Fault struct {
	Class  string // of the generator; empty: the requests are good
	Name   string
	Script Script
	Expect []int // statuses that the generator is told to expect
	Open   bool  // worth trying in the open model as well
}

// tooLong is longer than any head that the generator takes, 64 KiB.
const tooLong = 64<<10 + 10

// All lists every fault.
func All() []Fault {
	const (
		sized   = "HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nhalf"
		chunked = "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n"
	)
	status := func(line, header string) string {
		return "HTTP/1.1 " + line + "\r\n" + header + "Content-Length: 0\r\n\r\n"
	}
	return []Fault{
		{"reset_header", "reset at once", Always("", Reset), nil, false},
		{"reset_header", "closed at once", Always("", Close), nil, true},
		{"reset_header", "reset in the head", Always("HTTP/1.1 200 OK\r\nCon", Reset), nil, false},
		{"reset_body", "reset in the body", Always(sized, Reset), nil, false},
		{"reset_body", "reset between chunks", Always(chunked+"1\r\nx\r\n", Reset), nil, false},
		{"short_body", "short body", Always(sized, Close), nil, true},
		{"short_body", "short chunks", Always(chunked+"1\r\nx\r\n", Close), nil, false},
		{"bad_status_line", "bad status line", Always("HTTP/1.1 twohundred\r\n\r\n", Keep), nil, false},
		{"bad_status_line", "not HTTP", Always("hello", Keep), nil, false},
		{"bad_chunk", "bad chunk", Always(chunked+"x\r\n", Keep), nil, false},
		{"bad_header", "bad header", Always("HTTP/1.1 200 OK\r\nnonsense\r\n\r\n", Keep), nil, false},
		{"bad_header", "endless head", Always("HTTP/1.1 200 OK\r\nA: "+strings.Repeat("x", tooLong), Keep), nil, false},
		{"status_3xx", "redirect", Always(status("302 Found", "Location: http://192.0.2.1/\r\n"), Keep), nil, false},
		{"status_4xx", "404", Always(status("404 Not Found", ""), Keep), nil, false},
		{"status_5xx", "503", Always(status("503 Unavailable", ""), Keep), nil, true},
		{"", "expected 404", Always(status("404 Not Found", ""), Keep), []int{404}, false},
		{"read_timeout", "no answer", Always("", Keep), nil, true},
		{"read_timeout", "half an answer", Always(sized, Keep), nil, false},
		{"", "close announced", Always("HTTP/1.1 200 OK\r\nConnection: close\r\nContent-Length: 2\r\n\r\nok", Close), nil, false},
		{"", "until close", Always("HTTP/1.1 200 OK\r\n\r\nas long as it takes", Close), nil, false},
		{"", "more than announced", Always(OK+"HTTP/1.1 200 OK\r\n", Keep), nil, false},
		{"idle_closed", "idle close", IdleClose, nil, true},
	}
}
