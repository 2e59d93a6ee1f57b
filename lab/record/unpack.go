package record

import (
	"bufio"
	"bytes"
	"compress/gzip"
	"errors"
	"fmt"
	"io"
)

// Limits of a packed run file, so that a small file cannot keep a reader busy for ever: all of it unpacked, and how many
// times its size that may be where it is large. Runs are packed to a quarter or a tenth.
const (
	maxFile  = 4 << 30
	maxRatio = 200
	small    = 64 << 20
)

// lines are the lines of a run file, unpacked.
type lines struct {
	in     *bufio.Reader
	packed *counted // nil: it was not packed
	read   int64    // bytes, unpacked
	buffer []byte
}

// counted counts what is read.
type counted struct {
	from io.Reader
	n    int64
}

func (c *counted) Read(p []byte) (int, error) {
	n, err := c.from.Read(p)
	c.n += int64(n)
	return n, err
}

// unpack looks at the first bytes for how the lines are packed.
func unpack(r io.Reader) (*lines, error) {
	in := bufio.NewReaderSize(r, 1<<16)
	head, _ := in.Peek(4) // whatever is wrong is met again
	switch {
	case bytes.HasPrefix(head, []byte{0x28, 0xb5, 0x2f, 0xfd}):
		return nil, fmt.Errorf("%w: it is packed with zstd; `zstdcat FILE | benchtop report -` reads it", ErrNotRun)
	case !bytes.HasPrefix(head, []byte{0x1f, 0x8b}):
		return &lines{in: bufio.NewReaderSize(in, 1<<20)}, nil
	}
	packed := &counted{from: in}
	zip, err := gzip.NewReader(bufio.NewReaderSize(packed, 1<<16))
	if err != nil {
		return nil, fmt.Errorf("%w: it begins like a gzip file: %w", ErrNotRun, err)
	}
	return &lines{in: bufio.NewReaderSize(zip, 1<<20), packed: packed}, nil
}

// Unpack copies the JSON lines of a run file, all that are there of a torn one.
func Unpack(to io.Writer, from io.Reader) error {
	in, err := unpack(from)
	if err == nil {
		_, err = io.Copy(to, in.in)
	}
	if err != nil && !ended(err) {
		return fmt.Errorf("unpacking a run file: %w", err)
	}
	return nil
}

// line gives the next line, which is valid until the next call, and whether it is the last one. A packed file may be torn
// anywhere: what can be unpacked is there.
func (l *lines) line() (line []byte, last bool, err error) {
	l.buffer = l.buffer[:0]
	for {
		part, err := l.in.ReadSlice('\n')
		l.buffer = append(l.buffer, part...)
		l.read += int64(len(part))
		switch {
		case len(l.buffer) > maxLine:
			return nil, false, fmt.Errorf("a line of more than %d MiB", maxLine>>20)
		case l.read > maxFile:
			return nil, false, fmt.Errorf("its lines are more than %d GiB", int64(maxFile)>>30)
		case l.packed != nil && l.read > small && l.read > maxRatio*l.packed.n:
			return nil, false, fmt.Errorf("it unpacks to more than %d times its size, which no run does", maxRatio)
		case errors.Is(err, bufio.ErrBufferFull):
			continue
		case err != nil && !ended(err):
			return nil, false, fmt.Errorf("reading it: %w", err)
		}
		if err == nil {
			_, err = l.in.Peek(1)
		}
		return l.buffer, ended(err), nil
	}
}

// ended reports whether nothing more can be read because the file ends, there or in the middle of what was packed.
func ended(err error) bool { return errors.Is(err, io.EOF) || errors.Is(err, io.ErrUnexpectedEOF) }

// salvage says how to look at what stands before a damaged line.
func (l *lines) salvage(n int) string {
	if n <= 1 {
		return ""
	}
	cat := ""
	if l.packed != nil {
		cat = "zcat FILE | "
	}
	return fmt.Sprintf("; `%shead -n %d` of the file is a run that is cut there, and can be shown", cat, n-1)
}
