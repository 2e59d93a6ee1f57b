// Package saved lists the runs that were saved. The list is made from names; what is in a file is read when somebody looks at
// it, in the background.
package saved

import (
	"cmp"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"time"

	"benchtop/lab/record"
	"benchtop/targets/routine"
)

// Run is one run file, by its name.
type Run struct {
	Path string
	ID   string    // of the scenario; the name where the file is not called as runs are
	At   time.Time // when it was started, or where the name does not say it, when the file was last written
}

// Shelf is all run files of some folders. It is safe for concurrent use.
type Shelf struct {
	own    func() (string, error) // the folder in which runs are saved
	others []string               // patterns of folders where runs may lie as well

	mu      sync.Mutex
	runs    []Run
	seen    map[string]seen // by path
	wanted  []string        // paths to be read, the next one first
	reading bool
}

// New is the files of the folder in which runs are saved, and those of the folders that fit a pattern as filepath.Glob has it.
func New(own func() (string, error), others ...string) *Shelf {
	s := &Shelf{own: own, others: others, seen: map[string]seen{}}
	s.Refresh()
	return s
}

// Refresh lists the folders again.
func (s *Shelf) Refresh() {
	dir, err := s.own()
	var runs []Run
	if err == nil {
		runs = list(dir, false)
	}
	for _, pattern := range s.others {
		dirs, _ := filepath.Glob(pattern) // the patterns are the program's own
		for _, other := range dirs {
			if other, err := filepath.Abs(other); err == nil && other != dir {
				runs = append(runs, list(other, true)...)
			}
		}
	}
	slices.SortStableFunc(runs, func(a, b Run) int { return cmp.Or(b.At.Compare(a.At), strings.Compare(b.Path, a.Path)) })
	s.mu.Lock()
	s.runs = runs
	s.mu.Unlock()
}

// Runs are all runs, the newest first. Nobody changes them.
func (s *Shelf) Runs() []Run {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.runs
}

// stamp is how the name of a run begins: when it was started.
const stamp = "20060102T150405.000Z"

// list is the run files of a folder. In one that may hold anything only what begins as a run is one.
func list(dir string, anything bool) []Run {
	entries, err := os.ReadDir(dir)
	if err != nil {
		return nil
	}
	out := make([]Run, 0, len(entries))
	for _, e := range entries {
		name, isRun := record.Stem(e.Name())
		path := filepath.Join(dir, e.Name())
		if !isRun || e.IsDir() || anything && !record.Begins(path) {
			continue
		}
		r := Run{Path: path, ID: name}
		if len(name) > len(stamp) && name[len(stamp)] == '-' {
			if at, err := time.Parse(stamp, name[:len(stamp)]); err == nil {
				r.At, r.ID = at, name[len(stamp)+1:]
			}
		}
		if r.At.IsZero() {
			if info, err := e.Info(); err == nil {
				r.At = info.ModTime()
			}
		}
		out = append(out, r)
	}
	return out
}

// seen is the content of a file as it was when it had this stamp.
type seen struct {
	Content
	stamp fileStamp
}

// fileStamp tells whether a file was written since.
type fileStamp struct {
	size int64
	at   time.Time
}

// stampOf is that of a file as it is now, zero where it is not there.
func stampOf(path string) fileStamp {
	info, err := os.Stat(path)
	if err != nil {
		return fileStamp{}
	}
	return fileStamp{info.Size(), info.ModTime()}
}

// Look reads files in the background, the first one first, instead of those that were wanted before and are not read yet. One
// that had no end, or could not be read, is read again once it has changed.
func (s *Shelf) Look(paths []string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.wanted = s.wanted[:0]
	for _, path := range paths {
		if known, ok := s.seen[path]; !ok || (known.Open || known.Wrong != "") && known.stamp != stampOf(path) {
			s.wanted = append(s.wanted, path)
		}
	}
	if len(s.wanted) > 0 && !s.reading {
		s.reading = true
		routine.Go(s.read)
	}
}

// read reads what is wanted until nothing is.
func (s *Shelf) read() {
	for {
		s.mu.Lock()
		if len(s.wanted) == 0 {
			s.reading = false
			s.mu.Unlock()
			return
		}
		path := s.wanted[0]
		s.wanted = s.wanted[1:]
		s.mu.Unlock()
		at := stampOf(path)
		c := seen{contentOf(path), at}
		s.mu.Lock()
		s.seen[path] = c
		s.mu.Unlock()
	}
}

// Content is what is in a file, as far as it was read.
func (s *Shelf) Content(path string) (c Content, known bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	at, known := s.seen[path]
	return at.Content, known
}

// Delete deletes a file that is listed.
func (s *Shelf) Delete(path string) error {
	if err := os.Remove(path); err != nil {
		return err
	}
	s.Refresh()
	return nil
}
