package http2

import (
	"bytes"

	"golang.org/x/net/http2/hpack"

	"benchtop/lab/load/http1"
)

const (
	tableSize    = 4096    // of the dynamic table of HPACK, in bytes, as every end begins (RFC 9113, section 6.5.2)
	leastEntry   = 32      // of it, in bytes (RFC 7541, section 4.1)
	staticFields = 61      // come before it (RFC 7541, appendix A)
	mostFields   = 1 << 20 // bytes of one head, decoded
	knownHeads   = 4       // of a connection
	longestKnown = 1024    // bytes
)

// heads decodes the heads of responses. It keeps the last ones with their bytes: the steady state of a server costs one
// comparison, and what such a head does to the dynamic table is done when another one has to be decoded.
type heads struct {
	decoder *hpack.Decoder
	fields  [][2]string
	size    int
	known   [knownHeads]knownHead
	next    int

	owed [tableSize / leastEntry]uint8 // known heads that are to be decoded, the last ones: what was before them has left the table
	owes int
}

// knownHead is a head with its bytes.
type knownHead struct {
	block []byte
	use
	http1.Head
}

// use is what a block has to do with the dynamic table (RFC 7541, section 6).
type use struct {
	adds   bool
	refers bool // what it means changes with the table
	sizes  bool
}

func newHeads() *heads {
	h := &heads{}
	h.decoder = hpack.NewDecoder(tableSize, func(f hpack.HeaderField) {
		if h.size += int(f.Size()); h.size > mostFields {
			h.decoder.SetEmitEnabled(false)
			return
		}
		h.fields = append(h.fields, [2]string{f.Name, f.Value})
	})
	return h
}

// parser is the part of a Receiver that reads heads.
type parser interface {
	Parse(fields [][2]string) (h http1.Head, wrong string)
}

// nobody reads heads of streams that have ended, and trailers.
type nobody struct{}

func (nobody) Parse([][2]string) (http1.Head, string) { return http1.Head{}, "nobody asked" }

// of gives what a block says; the parser is asked for one that is not known. The error is a *Violation, for the table of the
// connection is lost with it, or a *Malformed.
func (h *heads) of(block []byte, p parser) (http1.Head, error) {
	for i := range h.known {
		if k := &h.known[i]; len(k.block) > 0 && bytes.Equal(k.block, block) {
			if k.adds {
				h.owed[h.owes%len(h.owed)] = uint8(i) //nolint:gosec // a small table
				h.owes++
				h.tableChanged()
			}
			return k.Head, nil
		}
	}
	for n := max(0, h.owes-len(h.owed)); n < h.owes; n++ {
		_ = h.decode(h.known[h.owed[n%len(h.owed)]].block) // as it was before
	}
	h.owes = 0
	if err := h.decode(block); err != nil {
		return http1.Head{}, violation(CodeCompression, "%v", err)
	}
	use := useOf(block)
	if use.adds || use.sizes {
		h.tableChanged()
	}
	if h.size > mostFields {
		return http1.Head{}, &Malformed{"a head of more than 1 MiB"}
	}
	parsed, wrong := p.Parse(h.fields)
	if wrong != "" {
		return parsed, &Malformed{wrong}
	}
	if len(block) <= longestKnown && !use.sizes && (!use.adds || !use.refers) {
		k := &h.known[h.next]
		h.next = (h.next + 1) % knownHeads
		k.block, k.use, k.Head = append(k.block[:0], block...), use, parsed
	}
	return parsed, nil
}

func (h *heads) decode(block []byte) error {
	h.fields, h.size = h.fields[:0], 0
	h.decoder.SetEmitEnabled(true)
	if _, err := h.decoder.Write(block); err != nil {
		return err
	}
	return h.decoder.Close()
}

// tableChanged forgets the heads whose meaning changes with the table.
func (h *heads) tableChanged() {
	for i := range h.known {
		if k := &h.known[i]; k.refers {
			k.block = k.block[:0]
		}
	}
}

// useOf looks at a block that was decoded.
func useOf(block []byte) (u use) {
	for len(block) > 0 {
		b := block[0]
		if b&0xe0 == 0x20 {
			u.sizes = true
			_, block = number(block, 5)
			continue
		}
		bits := 4 // of the name's index
		switch {
		case b&0x80 != 0:
			bits = 7
		case b&0x40 != 0:
			bits, u.adds = 6, true
		}
		var name uint64
		name, block = number(block, bits)
		u.refers = u.refers || name > staticFields
		if bits == 7 {
			continue // the value is indexed with it
		}
		if name == 0 {
			block = skipString(block)
		}
		block = skipString(block)
	}
	return u
}

// number reads an integer with a prefix of so many bits (RFC 7541, section 5.1).
func number(p []byte, bits int) (n uint64, rest []byte) {
	most := byte(1<<bits - 1)
	if n = uint64(p[0] & most); n < uint64(most) {
		return n, p[1:]
	}
	p = p[1:]
	for shift := 0; len(p) > 0 && shift < 63; shift += 7 {
		b := p[0]
		p = p[1:]
		n += uint64(b&0x7f) << shift
		if b&0x80 == 0 {
			break
		}
	}
	return n, p
}

func skipString(p []byte) []byte {
	if len(p) == 0 {
		return nil
	}
	n, rest := number(p, 7)
	return rest[min(n, uint64(len(rest))):]
}
