package class

import (
	"bufio"
	"bytes"
	"compress/gzip"
	"errors"
	"fmt"
	"io"
	"strconv"
	"strings"
)

// Batches of the trainer's run: a line with the run's nonce and the number of the first event, then the events as a run file has
// them, all packed with gzip.
const (
	MaxBatch   = 256 << 10 // bytes of events in one, unless a single event is larger
	maxUnpack  = 16 << 20  // bytes that a spectator unpacks
	batchWords = "run %s from %d"
)

// Batch are events of the trainer's run.
type Batch struct {
	Run    string
	First  uint64
	Events [][]byte // JSON
}

// Pack makes a message of lines.
func (b *Batch) Pack() ([]byte, error) {
	var out bytes.Buffer
	zip, err := gzip.NewWriterLevel(&out, gzip.BestSpeed)
	if err != nil {
		return nil, err
	}
	_, _ = fmt.Fprintf(zip, batchWords+"\n", b.Run, b.First) // into memory
	for _, e := range b.Events {
		_, _ = zip.Write(append(e, '\n'))
	}
	if err := zip.Close(); err != nil {
		return nil, err
	}
	return out.Bytes(), nil
}

// Unpack reads a message of the trainer's run in bounded memory.
func Unpack(data []byte) (*Batch, error) {
	zip, err := gzip.NewReader(bytes.NewReader(data))
	if err != nil {
		return nil, fmt.Errorf("a part of the trainer's run that is none: %w", err)
	}
	in := bufio.NewReader(io.LimitReader(zip, maxUnpack))
	head, err := in.ReadString('\n')
	if err != nil {
		return nil, fmt.Errorf("a part of the trainer's run that is none: %w", err)
	}
	words := strings.Fields(head)
	if len(words) != 4 || words[0] != "run" || words[2] != "from" {
		return nil, errors.New("a part of the trainer's run without its head")
	}
	b := &Batch{Run: words[1]}
	if b.First, err = strconv.ParseUint(words[3], 10, 64); err != nil {
		return nil, fmt.Errorf("a part of the trainer's run without its head: %w", err)
	}
	for {
		line, err := in.ReadBytes('\n')
		if errors.Is(err, io.EOF) && len(line) == 0 {
			return b, nil
		}
		if err != nil {
			return nil, fmt.Errorf("a part of the trainer's run that is torn or too large: %w", err)
		}
		b.Events = append(b.Events, line[:len(line)-1])
	}
}
