package class

import (
	"bufio"
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
)

// logName is the file of the events in a folder of a class. Bounds of it:
const (
	logName = "events.jsonl"
	maxLine = 4 << 20
	maxLog  = 512 << 20
)

// Log is the file of the events of a class, a JSON line each. It is for one goroutine.
type Log struct {
	file *os.File
	seq  uint64
	size int64 // bytes of whole lines
}

// OpenLog opens the events of a folder, to go on with them; a line that a killed program left half is cut off.
func OpenLog(dir string) (*Log, []Event, error) {
	f, err := os.OpenFile(filepath.Join(dir, logName), os.O_CREATE|os.O_RDWR, 0o600)
	if err != nil {
		return nil, nil, fmt.Errorf("opening the events of the class: %w", err)
	}
	events, whole, err := read(f)
	if err == nil {
		err = f.Truncate(whole)
	}
	if err == nil {
		_, err = f.Seek(whole, io.SeekStart)
	}
	if err != nil {
		return nil, nil, errors.Join(fmt.Errorf("opening the events of the class in %s: %w", dir, err), f.Close())
	}
	l := &Log{file: f, size: whole}
	if n := len(events); n > 0 {
		l.seq = events[n-1].Seq
	}
	return l, events, nil
}

// Append numbers the events and writes them; unless all of them may be lost, the disk has them when it returns. With an
// error none is written.
func (l *Log) Append(events ...*Event) error {
	var b bytes.Buffer
	sync := false
	for i, e := range events {
		e.Seq = l.seq + uint64(i) + 1 //nolint:gosec // an index
		line, err := json.Marshal(e)
		if err != nil {
			return fmt.Errorf("writing an event of the class: %w", err)
		}
		b.Write(append(line, '\n'))
		sync = sync || !e.Lost()
	}
	if l.size+int64(b.Len()) > maxLog {
		return fmt.Errorf("the file of the class is full: it has %d MiB; end the class and begin another", l.size>>20)
	}
	_, err := l.file.Write(b.Bytes())
	if err == nil && sync {
		err = l.file.Sync()
	}
	if err != nil {
		_ = l.file.Truncate(l.size) // half a line; the next one must not follow it
		_, _ = l.file.Seek(l.size, io.SeekStart)
		return fmt.Errorf("writing the events of the class: %w", err)
	}
	l.seq += uint64(len(events))
	l.size += int64(b.Len())
	return nil
}

// Close closes the file.
func (l *Log) Close() error { return errors.Join(l.file.Sync(), l.file.Close()) }

// Replay reads the events of a class from its folder, or from one that was exported. A torn last line is left out.
func Replay(dir string) ([]Event, error) {
	path := filepath.Join(dir, logName)
	info, err := os.Stat(path)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, fmt.Errorf("%s holds no class: there is no %s in it; name the folder that `benchtop class --export` wrote", dir, logName)
	}
	if err != nil {
		return nil, fmt.Errorf("reading a class: %w", err)
	}
	if !info.Mode().IsRegular() {
		return nil, fmt.Errorf("reading a class: %s is no regular file", path)
	}
	f, err := os.Open(path) //nolint:gosec // the person named it
	if err != nil {
		return nil, fmt.Errorf("reading a class: %w", err)
	}
	defer func() { _ = f.Close() }()
	events, _, err := read(f)
	if err == nil && len(events) == 0 {
		err = errors.New("it is empty")
	}
	if err != nil {
		return nil, fmt.Errorf("%s: %w", path, err)
	}
	return events, nil
}

// read gives the events of whole lines, and how many bytes those take.
func read(r io.Reader) (events []Event, whole int64, err error) {
	in := bufio.NewReaderSize(r, 64<<10)
	for n := 1; ; n++ {
		line, err := in.ReadBytes('\n')
		if errors.Is(err, io.EOF) {
			return events, whole, nil // what is left is half a line
		}
		switch {
		case err != nil:
			return nil, 0, err
		case len(line) > maxLine || whole > maxLog:
			return nil, 0, fmt.Errorf("line %d: more bytes than any class has", n)
		}
		var e Event
		if err := json.Unmarshal(line, &e); err != nil {
			return nil, 0, fmt.Errorf("line %d: a damaged event: %w", n, err)
		}
		if err := e.Check(); err != nil {
			return nil, 0, fmt.Errorf("line %d: %w", n, err)
		}
		if e.Seq != uint64(n) || n == 1 && e.Class == nil { //nolint:gosec // a count
			return nil, 0, fmt.Errorf("line %d: event %d (%s) stands where event %d belongs", n, e.Seq, e.Kind, n)
		}
		events = append(events, e)
		whole += int64(len(line))
	}
}
