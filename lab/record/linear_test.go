package record

import (
	"bytes"
	"io"
	"runtime"
	"testing"

	"benchtop/lab"
	"benchtop/lab/rehearsal"
	"benchtop/lab/report"
)

// long is the run file of so many blocks, in each of which a worker is replaced and the block runs again.
func long(t testing.TB, blocks int) (file []byte) {
	t.Helper()
	var b bytes.Buffer
	w := NewWriter(&b)
	for _, e := range (rehearsal.Script{Blocks: blocks, Slice: 100e6, Trouble: true, In: -1}).Events() {
		w.Write(e)
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

// readers read a run file for a report and for the lines of a replay.
var readers = map[string]func(io.Reader) error{
	"report": func(r io.Reader) error {
		fold, _, err := Fold(r)
		fold.Result()
		return err
	},
	"replay --plain": func(r io.Reader) error {
		fold := lab.NewFold()
		live := report.NewLive(io.Discard, fold)
		_, err := Scan(r, func(e *lab.Event, _ int) error {
			fold.Apply(*e)
			live.Event(*e)
			return nil
		})
		return err
	},
}

// Twice the events take twice the work, by what is allocated: nothing is computed again for every event or block.
func TestReadingIsLinear(t *testing.T) {
	const blocks = 20
	once, twice := long(t, blocks), long(t, 2*blocks)
	for name, read := range readers {
		cost := func(file []byte) (bytes, objects float64) {
			var before, after runtime.MemStats
			runtime.ReadMemStats(&before)
			if err := read(newReader(file)); err != nil {
				t.Fatal(err)
			}
			runtime.ReadMemStats(&after)
			return float64(after.TotalAlloc - before.TotalAlloc), float64(after.Mallocs - before.Mallocs)
		}
		cost(once) // what is made once
		bytes1, objects1 := cost(once)
		bytes2, objects2 := cost(twice)
		if bytes2 > 2.2*bytes1 || objects2 > 2.2*objects1 {
			t.Errorf("%s: twice the events take %.2f times the bytes and %.2f times the objects", name, bytes2/bytes1, objects2/objects1)
		}
	}
}

func newReader(file []byte) io.Reader { return bytes.NewReader(file) }

// BenchmarkRead reads a run file; the bytes a second count, and that the bytes per operation follow the size.
func BenchmarkRead(b *testing.B) {
	file := long(b, 100)
	for name, read := range readers {
		b.Run(name, func(b *testing.B) {
			b.ReportAllocs()
			b.SetBytes(int64(len(file)))
			for b.Loop() {
				if err := read(newReader(file)); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}
