// Package requests prepares the requests of a slice before it begins, and draws which of them comes next.
package requests

import (
	"math/rand/v2"
	"slices"
	"strconv"
	"strings"

	"benchtop/lab/load"
)

// Set is every request that a slice can send: for each entry its text, and the values of the rows that stand in it. Requests are
// put together when they are sent. What that reads stays in the processor's cache, which ready requests, of every entry
// with every row, would not. A set is never changed: threads share it.
type Set struct {
	entries []template
	columns []column
	longest int   // bytes of the longest request with values, or a few more
	mix     alias // entries; nil: there is one
	keys    alias // rows; nil: there is one, or none
}

// New prepares the requests of a task. The error is a *load.TaskError.
func New(t *load.Task) (*Set, error) {
	columns, err := ReadKeys(t.Keys)
	if err != nil {
		return nil, err
	}
	return columns.Requests(t)
}

// Requests prepares the requests of the task whose keys these are. The error is a *load.TaskError.
func (columns *Columns) Requests(t *load.Task) (*Set, error) {
	s := &Set{columns: columns.flat()}
	if len(columns.Rows) > 1 {
		s.keys = newAlias(zipf(len(columns.Rows), t.Keys.Zipf))
	}
	entries := t.Entries()
	var weights []float64
	keyed := false
	for i := range entries {
		if err := s.add(&entries[i], t.KeepAlive, columns); err != nil {
			return nil, err
		}
		keyed = keyed || s.entries[i].fixed == nil
		weights = append(weights, entries[i].Weight)
	}
	if t.Keys != nil && !slices.Contains(columns.Names, load.KeyColumn) && slices.ContainsFunc(entries, func(e load.Entry) bool { return e.Holds("{" + load.KeyColumn + "}") }) {
		return nil, refuseFile(t.Keys.From, "it has no column %s, which a request asks for; its columns are %s", load.KeyColumn, strings.Join(columns.Names, ", "))
	}
	if t.Keys != nil && !keyed {
		return nil, refuse("keys", "no request has {%s} in its path, its headers or its body", strings.Join(columns.Names, "} or {"))
	}
	if len(entries) > 1 {
		s.mix = newAlias(weights)
	}
	return s, nil
}

// add prepares the requests of an entry.
func (s *Set) add(e *load.Entry, keepAlive bool, c *Columns) error {
	names := make([]string, 0, len(c.Names)+1)
	for _, name := range c.Names {
		names = append(names, "{"+name+"}")
	}
	path, _ := parse(e.Path, names)
	for _, p := range path {
		if p.then < 0 {
			continue
		}
		for n, row := range c.Rows {
			if v := row[p.then]; v == "" || strings.ContainsFunc(v, func(r rune) bool { return r <= ' ' || r >= 0x7f || r == '#' }) {
				return refuse("keys", "row %d: %.40q cannot stand in a path; percent-encode it", n+1, v)
			}
		}
	}
	head, keyedHead := parse(e.Head(keepAlive, lengthMark), append(names, lengthMark))
	body, keyedBody := parse(string(e.Body), names)
	t := template{pieces: append(head, body...), body: len(head)}
	longest := 0
	for _, p := range t.pieces {
		longest += len(p.text) + len("-9223372036854775808")
		if p.then >= 0 {
			longest += s.columns[p.then].longest()
		}
	}
	if keyedHead || keyedBody {
		s.longest = max(s.longest, longest)
	} else {
		t.fixed = t.append(nil, s.columns, 0)
	}
	s.entries = append(s.entries, t)
	return nil
}

// Varies reports whether there is anything to draw.
func (s *Set) Varies() bool { return len(s.entries) > 1 || s.keys != nil }

// Draw chooses a request: of which entry it is, and which row's values it takes. It allocates nothing.
func (s *Set) Draw(rng *rand.PCG) (row int32, entry uint8) {
	e := 0
	if s.mix != nil {
		e = s.mix.draw(rng)
	}
	if s.keys != nil && s.entries[e].fixed == nil {
		row = int32(s.keys.draw(rng)) //nolint:gosec // at most MaxKeys
	}
	return row, uint8(e) //nolint:gosec // at most MaxEntries
}

// Room is a place to put a request together in. It is for one goroutine.
func (s *Set) Room() []byte { return make([]byte, 0, s.longest) }

// Bytes are a request as it is sent, until the room is used again. They must not be changed.
func (s *Set) Bytes(room []byte, row int32, entry uint8) []byte {
	t := &s.entries[entry]
	if t.fixed != nil {
		return t.fixed
	}
	return t.append(room, s.columns, row)
}

// Fixed reports whether the requests of an entry are all the same.
func (s *Set) Fixed(entry uint8) bool { return s.entries[entry].fixed != nil }

// template is the request of an entry.
type template struct {
	fixed  []byte // as it is sent; nil: values of a row stand in it
	pieces []piece
	body   int // which of the pieces is the first of the body
}

func (t *template) append(to []byte, columns []column, row int32) []byte {
	for i := range t.pieces {
		p := &t.pieces[i]
		to = append(to, p.text...)
		switch {
		case p.then >= 0:
			to = append(to, columns[p.then].of(row)...)
		case p.then == length:
			to = strconv.AppendInt(to, t.length(columns, row), 10)
		}
	}
	return to
}

// length is that of the body, in bytes.
func (t *template) length(columns []column, row int32) (n int64) {
	for _, p := range t.pieces[t.body:] {
		n += int64(len(p.text))
		if p.then >= 0 {
			n += int64(len(columns[p.then].of(row)))
		}
	}
	return n
}

// column is the values of all rows of one name, end to end.
type column struct {
	text []byte
	ends []uint32
}

func (c *column) of(row int32) []byte {
	from := uint32(0)
	if row > 0 {
		from = c.ends[row-1]
	}
	return c.text[from:c.ends[row]]
}

func (c *column) longest() (n int) {
	for i := range c.ends {
		n = max(n, len(c.of(int32(i)))) //nolint:gosec // at most MaxKeys
	}
	return n
}

func (columns *Columns) flat() []column {
	out := make([]column, len(columns.Names))
	for i := range out {
		c := &out[i]
		c.ends = make([]uint32, len(columns.Rows))
		for n, row := range columns.Rows {
			c.text = append(c.text, row[i]...)
			c.ends[n] = uint32(len(c.text)) //nolint:gosec // at most maxKeysFile
		}
	}
	return out
}

// lengthMark stands for the length of the body in a head. No header holds it, where control characters are refused; a body may.
const lengthMark = "\x00"

// piece is a part of a request: a text, and what stands behind it.
type piece struct {
	text string
	then int // nothing, length, or the index of a column
}

const (
	nothing = -1
	length  = -2
)

// parse cuts a text behind each of the marks, those of the columns and after them that of the length where it has one, and
// reports whether a column is in it.
func parse(text string, marks []string) (out []piece, keyed bool) {
	for text != "" {
		at, then := len(text), nothing
		for i, mark := range marks {
			if j := strings.Index(text, mark); j >= 0 && j < at {
				at, then = j, i
			}
		}
		p := piece{text: text[:at], then: then}
		text = text[at:]
		if then >= 0 {
			text = text[len(marks[then]):]
			if marks[then] == lengthMark {
				p.then = length
			} else {
				keyed = true
			}
		}
		out = append(out, p)
	}
	return out, keyed
}
