// Package record keeps runs as files: the events of one run as JSON lines, the plan and the machine in the first. It
// writes them while the run is going on, reads them back also when their end is torn off, and plays them again.
package record

import (
	"bufio"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"sync"

	"benchtop/lab"
)

// Extension of run files.
const Extension = ".jsonl"

// Writer appends events to a run file. The first error stops the writing, never the run: ask Err. It is safe for
// concurrent use.
type Writer struct {
	mu   sync.Mutex
	out  *bufio.Writer
	file *os.File // nil when the destination is not ours to sync
	err  error
	path string
}

// Create starts a run file of a new name in dir, which is made when it is missing. It is written in place, so that a
// killed program leaves what it had.
func Create(dir, name string) (*Writer, error) {
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return nil, fmt.Errorf("making the folder for run files: %w", err)
	}
	path := filepath.Join(dir, name+Extension)
	f, err := os.OpenFile(path, os.O_CREATE|os.O_EXCL|os.O_WRONLY|os.O_APPEND, 0o600) //nolint:gosec // our own state folder
	if err != nil {
		return nil, fmt.Errorf("starting a run file: %w", err)
	}
	return &Writer{out: bufio.NewWriter(f), file: f, path: path}, nil
}

// NewWriter writes events to an open stream that the caller closes.
func NewWriter(w io.Writer) *Writer { return &Writer{out: bufio.NewWriter(w)} }

// Path of the file, empty for a stream.
func (w *Writer) Path() string { return w.path }

// Write appends one event and hands it to the operating system, so that only the system's own crash can lose it.
func (w *Writer) Write(e lab.Event) {
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.err != nil {
		return
	}
	line, err := json.Marshal(e)
	if err != nil {
		w.err = fmt.Errorf("writing event %d: %w", e.Seq, err)
		return
	}
	if _, err = w.out.Write(append(line, '\n')); err == nil {
		err = w.out.Flush()
	}
	if err != nil {
		w.err = fmt.Errorf("writing the run file: %w", err)
	}
}

// Err is the first error of writing, nil if there was none.
func (w *Writer) Err() error {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.err
}

// Close syncs and closes the file.
func (w *Writer) Close() error {
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.file == nil {
		return w.err
	}
	err := errors.Join(w.err, w.file.Sync(), w.file.Close())
	w.file = nil
	return err
}
