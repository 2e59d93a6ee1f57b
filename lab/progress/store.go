package progress

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"sync"
	"time"

	"benchtop/lab/outfile"
	"benchtop/lab/regular"
)

// maxBytes is the largest file that is read; one of every scenario with all its answers has some kilobytes.
const maxBytes = 4 << 20

// ErrNewer is wrapped by the error of a file that a newer benchtop wrote.
var ErrNewer = errors.New("written by a newer benchtop")

// Store is a Progress and its file. What cannot be written stays in memory and is tried again with the next Save, so a
// full or read-only folder costs the file, never the lesson. It is safe for concurrent use; two programs may use one
// file: every Save reads it again and applies its own changes to what is there.
type Store struct {
	path string // empty: memory only
	now  func() time.Time

	mu      sync.Mutex
	current Progress
	pending []func(*Progress) // changes that the file does not have
	warning string
}

// Memory is a Store without a file.
func Memory() *Store {
	s := &Store{}
	s.current = s.current.clone()
	return s
}

// Open opens the file, which need not exist. It always gives a Store; what was wrong with the file is its Warning. A
// file that is damaged is renamed, so that nothing overwrites it; one that cannot be read, or of a newer version, is
// left alone and nothing is written. now is the clock for the name of a damaged file.
func Open(path string, now func() time.Time) *Store {
	s := &Store{path: path, now: now}
	p, err := s.read()
	if err != nil {
		s.warning = err.Error()
	}
	s.current = p.clone()
	return s
}

// Path is the file, empty if there is none.
func (s *Store) Path() string { return s.path }

// Warning says what was wrong with the file, empty if nothing was.
func (s *Store) Warning() string {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.warning
}

// Progress is what is kept now, with the changes that are not saved yet.
func (s *Store) Progress() Progress {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.current.clone()
}

// Change changes what is kept, in memory; Save writes it. A change may be applied more than once, each time to what
// the file holds then.
func (s *Store) Change(change func(*Progress)) {
	s.mu.Lock()
	defer s.mu.Unlock()
	change(&s.current)
	if s.path != "" {
		s.pending = append(s.pending, change)
	}
}

// Save writes what was changed. On an error the changes stay pending.
func (s *Store) Save() error {
	s.mu.Lock()
	defer s.mu.Unlock()
	if len(s.pending) == 0 {
		return nil
	}
	p, err := s.read()
	var damaged *damagedError
	if errors.As(err, &damaged) && damaged.keptAs != "" {
		s.warning, err = err.Error(), nil // it is out of the way
	}
	if err != nil {
		return err
	}
	p = p.clone()
	for _, change := range s.pending {
		change(&p)
	}
	if err := write(s.path, p); err != nil {
		return err
	}
	s.current, s.pending = p, nil
	return nil
}

// damagedError is a file that holds no progress.
type damagedError struct {
	path, keptAs string
	err          error
}

func (e *damagedError) Error() string {
	text := fmt.Sprintf("the progress file %s is damaged (%v)", e.path, e.err)
	if e.keptAs != "" {
		return text + "; it is kept as " + filepath.Base(e.keptAs) + ", and a new one begins"
	}
	return text
}

func (e *damagedError) Unwrap() error { return e.err }

// read reads the file and puts a damaged one aside.
func (s *Store) read() (Progress, error) {
	p, err := Read(s.path)
	var damaged *damagedError
	if !errors.As(err, &damaged) {
		return p, err
	}
	aside, moved := putAside(s.path, s.now())
	if moved != nil {
		return p, fmt.Errorf("%w; it cannot be put aside (%w), so nothing is written", err, moved)
	}
	damaged.keptAs = aside
	return p, damaged
}

// putAside renames a damaged file to a name that is free.
func putAside(path string, at time.Time) (string, error) {
	stem := path + ".damaged-" + at.UTC().Format("20060102T150405Z")
	for n := range 100 {
		name := stem
		if n > 0 {
			name = fmt.Sprintf("%s-%d", stem, n)
		}
		if _, err := os.Lstat(name); errors.Is(err, fs.ErrNotExist) {
			return name, os.Rename(path, name)
		}
	}
	return "", fmt.Errorf("100 files of the name %s exist", filepath.Base(stem))
}

// Read reads a file without changing anything. A file that does not exist is an empty Progress.
func Read(path string) (Progress, error) {
	var p Progress
	f, err := regular.Open(path)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return p, nil
	case errors.Is(err, regular.ErrNotRegular):
		return p, fmt.Errorf("reading your progress: %w; move it away", err)
	case err != nil:
		return p, fmt.Errorf("reading your progress: %w; nothing is written to it", err)
	}
	defer func() { _ = f.Close() }()
	text, err := io.ReadAll(io.LimitReader(f, maxBytes+1))
	switch {
	case err != nil:
		return p, fmt.Errorf("reading your progress: %w; nothing is written to it", err)
	case len(text) > maxBytes:
		return p, &damagedError{path: path, err: fmt.Errorf("larger than %d bytes", maxBytes)}
	}
	var head struct {
		Benchtop int `json:"benchtop"`
	}
	if err := json.Unmarshal(text, &head); err != nil {
		return p, &damagedError{path: path, err: err}
	}
	switch {
	case head.Benchtop > Version:
		return p, fmt.Errorf("reading your progress: %s is %w (version %d, this one knows %d); it is left as it is, and nothing is written to it",
			path, ErrNewer, head.Benchtop, Version)
	case head.Benchtop < 1:
		return p, &damagedError{path: path, err: errors.New("it has no version")}
	}
	if err := json.Unmarshal(text, &p); err != nil {
		return Progress{}, &damagedError{path: path, err: err}
	}
	return p, nil
}

func write(path string, p Progress) error {
	text, err := json.MarshalIndent(p, "", "  ")
	if err != nil {
		return err
	}
	if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
		return err
	}
	return outfile.Write(path, append(text, '\n'), 0o600)
}

// Remove deletes the file; what is not there is no error. It reports whether there was one.
func Remove(path string) (bool, error) {
	err := os.Remove(path)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return false, nil
	case err != nil:
		return false, fmt.Errorf("removing your progress: %w", err)
	}
	return true, nil
}
