// Package requests builds the requests of a slice before it begins, and draws which of them comes next.
package requests

import (
	"math/rand/v2"
	"slices"
	"strconv"
	"strings"

	"benchtop/lab/load"
)

// maxBytes bounds what all requests of a slice take together.
const maxBytes = 64 << 20

// Set is every request that a slice can send, as bytes. It is never changed: threads share it.
type Set struct {
	bytes []byte
	ends  []uint32 // of each request in bytes
	first []int32  // of each entry: its first request; there is one for each row of keys, or one
	rows  []int32  // of each entry: how many
	mix   alias    // entries; nil: there is one
	keys  alias    // rows; nil: there are none
}

// New builds the requests of a task. The error is a *load.TaskError.
func New(t *load.Task) (*Set, error) {
	columns, err := ReadKeys(t.Keys)
	if err != nil {
		return nil, err
	}
	return columns.Requests(t)
}

// Requests builds the requests of the task whose keys these are. The error is a *load.TaskError.
func (columns *Columns) Requests(t *load.Task) (*Set, error) {
	s := &Set{}
	if len(columns.Rows) > 1 {
		s.keys = newAlias(zipf(len(columns.Rows), t.Keys.Zipf))
	}
	entries := t.Entries()
	var weights []float64
	used := map[int]bool{}
	for i := range entries {
		if err := s.add(&entries[i], t.KeepAlive, columns, used); err != nil {
			return nil, err
		}
		weights = append(weights, entries[i].Weight)
	}
	if t.Keys != nil && !slices.Contains(columns.Names, load.KeyColumn) && slices.ContainsFunc(entries, func(e load.Entry) bool { return e.Holds("{" + load.KeyColumn + "}") }) {
		return nil, refuseFile(t.Keys.From, "it has no column %s, which a request asks for; its columns are %s", load.KeyColumn, strings.Join(columns.Names, ", "))
	}
	if t.Keys != nil && len(used) == 0 {
		return nil, refuse("keys", "no request has {%s} in its path, its headers or its body", strings.Join(columns.Names, "} or {"))
	}
	if len(entries) > 1 {
		s.mix = newAlias(weights)
	}
	return s, nil
}

// add builds the requests of an entry, and notes which columns it uses.
func (s *Set) add(e *load.Entry, keepAlive bool, c *Columns, used map[int]bool) error {
	head, keyed := parse(e.Head(keepAlive, lengthMark), c.Names)
	body, inBody := parse(string(e.Body), c.Names)
	_, inPath := parse(e.Path, c.Names)
	rows := c.Rows[:1]
	if len(keyed)+len(inBody) > 0 {
		rows = c.Rows
	}
	for _, list := range [][]int{keyed, inBody} {
		for _, i := range list {
			used[i] = true
		}
	}
	s.first, s.rows = append(s.first, int32(len(s.ends))), append(s.rows, int32(len(rows))) //nolint:gosec // at most MaxEntries times MaxKeys
	for n, row := range rows {
		for _, i := range inPath {
			if v := row[i]; v == "" || strings.ContainsFunc(v, func(r rune) bool { return r <= ' ' || r >= 0x7f || r == '#' }) {
				return refuse("keys", "row %d: %.40q cannot stand in a path; percent-encode it", n+1, v)
			}
		}
		length := 0
		for _, p := range body {
			length += len(p.of(row, ""))
		}
		text := strconv.Itoa(length)
		for _, p := range head {
			s.bytes = append(s.bytes, p.of(row, text)...)
		}
		for _, p := range body {
			s.bytes = append(s.bytes, p.of(row, text)...)
		}
		if len(s.bytes) > maxBytes {
			return refuse("keys", "the requests take more than %d MB together; use fewer keys or shorter bodies", maxBytes>>20)
		}
		s.ends = append(s.ends, uint32(len(s.bytes))) //nolint:gosec // at most maxBytes
	}
	return nil
}

// Varies reports whether there is anything to draw.
func (s *Set) Varies() bool { return len(s.ends) > 1 }

// Draw chooses a request, and says which entry it is of. It allocates nothing.
func (s *Set) Draw(rng *rand.PCG) (request int32, entry uint8) {
	e := 0
	if s.mix != nil {
		e = s.mix.draw(rng)
	}
	request = s.first[e]
	if s.rows[e] > 1 {
		request += int32(s.keys.draw(rng)) //nolint:gosec // at most MaxKeys
	}
	return request, uint8(e) //nolint:gosec // at most MaxEntries
}

// Draws draws the requests of a set, as Draw does, and allocates nothing either.
type Draws struct {
	set   *Set
	rng   *rand.PCG
	next  int
	drawn [ahead]drawn
	seen  byte
}

type drawn struct {
	request int32
	entry   uint8
}

// ahead is how many requests are drawn at once. They lie anywhere in megabytes: the processor fetches those of several
// together in the time of one.
const ahead = 32

// Draws begins to draw with a source of its own.
func (s *Set) Draws(rng *rand.PCG) Draws { return Draws{set: s, rng: rng, next: ahead} }

// Next is the next request, and the entry that it is of.
func (d *Draws) Next() (request int32, entry uint8) {
	if d.next == ahead {
		d.fetch()
	}
	one := d.drawn[d.next]
	d.next++
	return one.request, one.entry
}

func (d *Draws) fetch() {
	for i := range d.drawn {
		d.drawn[i].request, d.drawn[i].entry = d.set.Draw(d.rng)
	}
	for i := range d.drawn {
		b := d.set.Bytes(d.drawn[i].request)
		d.seen ^= b[0] ^ b[len(b)-1]
	}
	d.next = 0
}

// Bytes are a request as it is sent. They must not be changed.
func (s *Set) Bytes(request int32) []byte {
	if request == 0 {
		return s.bytes[:s.ends[0]]
	}
	return s.bytes[s.ends[request-1]:s.ends[request]]
}

// lengthMark stands for the length of the body in a head. No header holds it: control characters are refused.
const lengthMark = "\x00"

// piece is a part of a text: as it stands, or the value of a column, or the length of the body.
type piece struct {
	text   string
	column int // literal, length, or the index of one
}

const (
	literal = -1
	length  = -2
)

func (p *piece) of(row []string, bodyLength string) string {
	switch p.column {
	case literal:
		return p.text
	case length:
		return bodyLength
	}
	return row[p.column]
}

// parse cuts a text at {NAME} of the columns and at the mark of the length, and gives the columns that are in it.
func parse(text string, names []string) (out []piece, columns []int) {
	marks := []string{lengthMark}
	for _, name := range names {
		marks = append(marks, "{"+name+"}")
	}
	for text != "" {
		at, which := len(text), 0
		for i, mark := range marks {
			if j := strings.Index(text, mark); j >= 0 && j < at {
				at, which = j, i
			}
		}
		if at > 0 {
			out = append(out, piece{text: text[:at], column: literal})
		}
		if at == len(text) {
			break
		}
		p := piece{column: length}
		if which > 0 {
			p.column = which - 1
			if !slices.Contains(columns, p.column) {
				columns = append(columns, p.column)
			}
		}
		out = append(out, p)
		text = text[at+len(marks[which]):]
	}
	return out, columns
}
