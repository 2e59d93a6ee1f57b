package http2

import (
	"bytes"
	"fmt"
	"math/rand/v2"
	"slices"
	"testing"

	"golang.org/x/net/http2/hpack"

	"benchtop/lab/load/http1"
)

// Heads that are known mean what a decoder says that decodes each, whatever was done to the dynamic table between them.
func TestHeadsAreWhatADecoderSays(t *testing.T) {
	t.Parallel()
	rng := rand.New(rand.NewPCG(1, 2))
	pick := func(n int) string { return fmt.Sprint(rng.IntN(n)) }
	for range 200 {
		var buf bytes.Buffer
		encoder := hpack.NewEncoder(&buf)
		var last []byte
		var want, got [][2]string
		plain := hpack.NewDecoder(tableSize, func(f hpack.HeaderField) { want = append(want, [2]string{f.Name, f.Value}) })
		meaning := map[http1.Head][][2]string{} // a head is told by its length
		h := newHeads()
		for n := range 300 {
			buf.Reset()
			switch rng.IntN(8) {
			case 0: // as nginx does: each field is to be indexed, none refers to one that was
				buf.Write([]byte{0x88, 0x76, 1, byte('a' + rng.IntN(2)), 0x61, 1, 'd'})
			case 1, 2, 3:
				buf.Write(last)
			case 4:
				encoder.SetMaxDynamicTableSize(uint32(rng.IntN(200)))
				fallthrough
			default:
				for _, f := range []hpack.HeaderField{{Name: ":status", Value: "200"}, {Name: "server", Value: pick(2)}, {Name: "x-" + pick(40), Value: pick(2)}, {Name: "secret", Value: pick(3), Sensitive: true}} {
					if err := encoder.WriteField(f); err != nil {
						t.Fatal(err)
					}
				}
			}
			block := bytes.Clone(buf.Bytes())
			want = nil
			_, wrong := plain.Write(block)
			if wrong == nil {
				wrong = plain.Close()
			}
			head, err := h.of(block, parse(func(fields [][2]string) (http1.Head, string) {
				head := http1.Head{Status: 200, Length: int64(n)}
				meaning[head] = slices.Clone(fields)
				return head, ""
			}))
			if got = meaning[head]; (err != nil) != (wrong != nil) || err == nil && !slices.Equal(got, want) {
				t.Fatalf("block %d, % x: %v, %v; want %v, %v", n, block, got, err, want, wrong)
			}
			if err != nil {
				break // a block of before that refers to what has left: the connection is lost
			}
			last = block
		}
	}
}

// What a server sends again and again is decoded once, also when each asks for its fields to be indexed.
func TestHeadsAreKnown(t *testing.T) {
	t.Parallel()
	for name, block := range map[string][]byte{"static": {0x88}, "as nginx does": {0x88, 0x76, 1, 'a', 0x61, 1, 'd'}} {
		h, parsed := newHeads(), 0
		for range 1000 {
			if _, err := h.of(block, parse(func([][2]string) (http1.Head, string) { parsed++; return http1.Head{Status: 200}, "" })); err != nil {
				t.Fatal(err)
			}
		}
		if parsed != 1 {
			t.Errorf("%s: parsed %d times", name, parsed)
		}
	}
}

// A head that grows in its decoder is bounded.
func TestLargeHead(t *testing.T) {
	t.Parallel()
	block := append([]byte{0x40, 1, 'n', 0x7f, 0xa1, 0x1e}, bytes.Repeat([]byte{'v'}, 127+0x21+0x1e<<7)...) // some 4,000 bytes, to be indexed
	block = append(block, bytes.Repeat([]byte{0x80 | staticFields + 1}, 10_000)...)
	if _, err := newHeads().of(block, parse(func([][2]string) (http1.Head, string) { return http1.Head{}, "" })); err == nil || err.Error() != "a head of more than 1 MiB" {
		t.Error(err)
	}
}

// A head that is refused for its length has changed the table like any other.
func TestLargeHeadChangesTheTable(t *testing.T) {
	t.Parallel()
	h := newHeads()
	var last [][2]string
	of := func(block ...byte) error {
		_, err := h.of(block, parse(func(fields [][2]string) (http1.Head, string) { last = slices.Clone(fields); return http1.Head{}, "" }))
		return err
	}
	newest := byte(0x80 | staticFields + 1)
	if err := of(0x40, 1, 'n', 1, 'a'); err != nil {
		t.Fatal(err)
	}
	if err := of(newest); err != nil || !slices.Equal(last, [][2]string{{"n", "a"}}) {
		t.Fatal(last, err)
	}
	large := slices.Concat([]byte{0x40, 1, 'n', 0x7f, 0xa1, 0x1e}, bytes.Repeat([]byte{'v'}, 127+0x21+0x1e<<7), bytes.Repeat([]byte{newest}, 10_000))
	if of(large...) == nil {
		t.Fatal("it is not refused")
	}
	if err := of(newest); err != nil || len(last[0][1]) < 1000 {
		t.Errorf("%.80q, %v: what the field was before", last, err)
	}
}

type parse func([][2]string) (http1.Head, string)

func (p parse) Parse(fields [][2]string) (http1.Head, string) { return p(fields) }
