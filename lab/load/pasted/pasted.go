// Package pasted reads requests as people copy them from elsewhere: curl command lines of browsers and API clients, and HAR
// files. What comes of them is a mix of requests without the headers that the generator writes itself, and without
// secrets: the value of a cookie or a token is dropped where it is read, and a header from the environment takes its place.
package pasted

import (
	"cmp"
	"fmt"
	"strings"

	"benchtop/lab/load"
)

// Options say where a text is from, and which of its requests are taken.
type Options struct {
	Name   string // of the text, for places: a file, or standard input
	Target string // host:port that is driven; without Hosts the one whose requests are taken

	Hosts   []string // instead: requests to these hosts, with their port if that is not the scheme's
	Methods []string // nil: all
	Types   []string // resource types (Types); nil: all but images, fonts, styles and scripts

	ReadFile func(path string) ([]byte, error) // of a body that curl reads from a file (@FILE)
}

// Mix is what came of a text.
type Mix struct {
	Requests  int          // that were taken
	Entries   []load.Entry // the different ones, the most frequent first; the weight is how often a request occurs
	Variables []Variable   // that must be set
	Left      []string     // requests that were left out, and why
	Dropped   []string     // of requests that were taken: headers and options that are not sent, and why
	Warnings  []string     // what the person should look at
}

// Variable is an environment variable in the place of a secret.
type Variable struct {
	Name   string
	Header string
	Scheme string // the first word of its value, such as Bearer; empty: there is none that is no secret itself
	Of     string // the first request that has it
}

// Error is a text, or a place in it, that cannot be driven.
type Error struct {
	File      string
	Line, Col int    // from 1, Col in characters; 0: the whole text
	Msg       string // what was found and what is allowed
	Hint      string // what to do
}

func (e *Error) Error() string {
	at := e.File
	if e.Line > 0 {
		at = fmt.Sprintf("%s:%d:%d", e.File, e.Line, e.Col)
	}
	text := at + ": " + e.Msg
	if e.Hint != "" {
		text += "; " + e.Hint
	}
	return text
}

// source is a text with its name.
type source struct {
	name string
	text string
}

// fail is an error at a place, given in bytes; what was found must not be the value of a secret.
func (s *source) fail(at int, hint, format string, args ...any) *Error {
	before := s.text[:min(max(at, 0), len(s.text))]
	line := strings.Count(before, "\n") + 1
	col := len([]rune(before[strings.LastIndexByte(before, '\n')+1:])) + 1
	return &Error{File: s.name, Line: line, Col: col, Msg: fmt.Sprintf(format, args...), Hint: hint}
}

// request is one request as it was pasted.
type request struct {
	at     int // bytes from the beginning of the text
	method string
	url    string
	header [][2]string
	body   string
	has    bool   // there is a body, maybe an empty one
	kind   string // resource type
	packed bool   // Accept-Encoding is meant: a browser's, or that of curl --compressed
}

// Limits of a text.
const (
	MaxBytes    = 64 << 20
	maxRequests = 100_000
	maxBody     = 1 << 20
	maxHeaders  = 64
	maxName     = 40 // of an entry, in bytes
	maxPath     = 8 << 10
)

// short is a part of a text for a message.
func short(s string) string {
	if r := []rune(s); len(r) > 60 {
		s = string(r[:57]) + "..."
	}
	return fmt.Sprintf("%q", s)
}

// plural is a number with its noun.
func plural(n int, one string) string {
	if n == 1 {
		return "1 " + one
	}
	return fmt.Sprintf("%d %ss", n, one)
}

// tally counts words in the order in which they first come.
type tally struct {
	order []string
	n     map[string]int
}

func (t *tally) add(word string) {
	if t.n == nil {
		t.n = map[string]int{}
	}
	if t.n[word] == 0 {
		t.order = append(t.order, word)
	}
	t.n[word]++
}

// words lists them with how often each came, at most so many.
func (t *tally) words(most int) string {
	var out []string
	for i, w := range t.order {
		if i == most {
			out = append(out, fmt.Sprintf("%d more", len(t.order)-most))
			break
		}
		out = append(out, fmt.Sprintf("%s (%d)", w, t.n[w]))
	}
	return cmp.Or(strings.Join(out, ", "), "none")
}
