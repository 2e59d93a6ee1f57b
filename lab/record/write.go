// Package record keeps runs as files: the events of one run as JSON lines, packed with gzip, the plan and the machine in the
// first. It writes them while the run is going on, reads them back also when their end is torn off, and plays them again.
package record

import (
	"bytes"
	"compress/gzip"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"sync"
	"time"

	"benchtop/lab"
)

// Extension of run files: JSON lines in one gzip stream, which is flushed so often that a torn file holds all but the last
// second. linesExtension is that of the files of before, which are read as well, as every file is by its content.
const (
	Extension      = linesExtension + ".gz"
	linesExtension = ".jsonl"
)

// Writer appends events to a run file. When its folder takes no more it goes on in the next one that it was given, with
// everything that was written. The first error that is left stops the writing, never the run: ask Err. It is safe for
// concurrent use.
type Writer struct {
	mu       sync.Mutex
	into     io.Writer    // takes lines: zip, or gathered itself
	zip      *gzip.Writer // into gathered; nil: the lines are not packed
	gathered bytes.Buffer // and not written yet
	flushed  int64        // At of the last event that was handed on
	out      io.Writer
	file     *os.File // nil when the destination is not ours to sync
	err      error
	path     string
	whole    int64 // bytes in the file, without what a write that failed left there
	name     string
	places   []Place // that are left
	moved    error   // why it is not in the first place
}

// Place gives a folder for run files, which need not exist. It is asked only when it is needed.
type Place func() (dir string, err error)

// Dir is the Place of one folder.
func Dir(dir string) Place { return func() (string, error) { return dir, nil } }

// Create starts a run file of a new name in dir, which is made when it is missing. It is written in place, so that a
// killed program leaves what it had.
func Create(dir, name string) (*Writer, error) { return CreateIn(name, Dir(dir)) }

// CreateIn is Create in the first of the places that takes the file. The others are for when that one takes no more.
func CreateIn(name string, places ...Place) (*Writer, error) {
	w := &Writer{name: name, places: places}
	if err := w.open(); err != nil {
		return nil, err
	}
	// The level is right: the events of a second take the lab a millisecond less than at the usual one, for a fifth more bytes.
	w.zip, _ = gzip.NewWriterLevel(&w.gathered, gzip.BestSpeed)
	w.into = w.zip
	return w, nil
}

// open starts the file in the next place that takes it. What the other places said is kept.
func (w *Writer) open() error {
	var errs []error
	for len(w.places) > 0 {
		place := w.places[0]
		w.places = w.places[1:]
		f, err := start(place, w.name)
		if err == nil {
			w.file, w.path, w.out = f, f.Name(), f
			w.moved = errors.Join(append([]error{w.moved}, errs...)...)
			return nil
		}
		errs = append(errs, err)
	}
	return errors.Join(errs...)
}

func start(place Place, name string) (*os.File, error) {
	dir, err := place()
	if err != nil {
		return nil, err
	}
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return nil, fmt.Errorf("making the folder for run files: %w", err)
	}
	f, err := os.OpenFile(filepath.Join(dir, name+Extension), os.O_CREATE|os.O_EXCL|os.O_WRONLY|os.O_APPEND, 0o600) //nolint:gosec // our own state folder
	if err != nil {
		return nil, fmt.Errorf("starting a run file: %w", err)
	}
	return f, nil
}

// NewWriter writes events as JSON lines, not packed, to an open stream that the caller closes after the Writer.
func NewWriter(out io.Writer) *Writer {
	w := &Writer{out: out}
	w.into = &w.gathered
	return w
}

// Path of the file, empty for a stream.
func (w *Writer) Path() string {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.path
}

// Moved says why the file is not in the first place that was named; nil: it is.
func (w *Writer) Moved() error {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.moved
}

// Write appends one event. What happened (a slice, a block, a process, a note) is handed to the operating system at once,
// rows and samples with it or when a second of them has gathered: so much is lost when the program is killed.
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
	_, _ = w.into.Write(append(line, '\n')) // into memory
	often := e.Kind == lab.KindInterval || e.Kind == lab.KindSample
	if often && e.At-w.flushed < int64(time.Second) {
		return
	}
	w.flushed = e.At
	if w.zip != nil {
		_ = w.zip.Flush() // into memory
	}
	w.flush()
}

// flush hands what has gathered to the operating system, in the next place when this one takes no more.
func (w *Writer) flush() {
	for err := w.put(); err != nil; err = w.put() {
		err = fmt.Errorf("writing the run file: %w", err)
		if moved := w.move(err); moved != nil {
			w.err = fmt.Errorf("%w; %w", err, moved)
			return
		}
	}
	w.whole += int64(w.gathered.Len())
	w.gathered.Reset()
}

func (w *Writer) put() error {
	_, err := w.out.Write(w.gathered.Bytes())
	return err
}

// errNoPlace is why a file cannot be moved when there is nowhere left to.
var errNoPlace = errors.New("there is no other place for it")

// move goes on in the next place: with what the file holds so far; it is removed when the copy is there.
func (w *Writer) move(why error) error {
	if w.file == nil || len(w.places) == 0 {
		return errNoPlace
	}
	old, from := w.file, w.path
	if err := w.open(); err != nil {
		return err
	}
	if err := copyFirst(w.file, from, w.whole); err != nil {
		err = errors.Join(err, w.file.Close(), os.Remove(w.path))
		w.file, w.path, w.out = old, from, old // what it holds stays where it is
		return err
	}
	w.moved = errors.Join(w.moved, why)
	_ = old.Close()     // its content is in the new file
	_ = os.Remove(from) // the same
	return nil
}

// copyFirst copies the first n bytes of a file.
func copyFirst(to io.Writer, from string, n int64) error {
	in, err := os.Open(from) //nolint:gosec // our own run file
	if err != nil {
		return fmt.Errorf("moving the run file: %w", err)
	}
	defer func() { _ = in.Close() }()
	if _, err := io.CopyN(to, in, n); err != nil {
		return fmt.Errorf("moving the run file: %w", err)
	}
	return nil
}

// Err is the first error of writing, nil if there was none.
func (w *Writer) Err() error {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.err
}

// Close writes what has gathered, and syncs and closes the file.
func (w *Writer) Close() error {
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.err == nil {
		if w.zip != nil {
			_ = w.zip.Close() // into memory
		}
		w.flush()
	}
	if w.file == nil {
		return w.err
	}
	err := errors.Join(w.err, w.file.Sync(), w.file.Close())
	w.file = nil
	return err
}
