// Package watch notices when scenario files are saved.
package watch

import (
	"context"
	"os"
	"time"
)

// Every is how often a watched file is looked at.
const Every = 500 * time.Millisecond

// mark tells one content of a file from another without reading it.
type mark struct {
	there bool
	size  int64
	mod   time.Time
}

func markOf(path string) mark {
	info, err := os.Stat(path)
	if err != nil {
		return mark{}
	}
	return mark{there: true, size: info.Size(), mod: info.ModTime()}
}

// File is a file that is looked at again and again. Editors write in several steps, and some move the old file away
// first, so a change counts when two looks agree on it.
type File struct {
	Path        string
	known, seen mark
}

// New watches a file from now on.
func New(path string) *File {
	m := markOf(path)
	return &File{Path: path, known: m, seen: m}
}

// look reports whether the file has changed since the last change that was reported, and whether it is there.
func (f *File) look() (changed, there bool) {
	now := markOf(f.Path)
	settled := now == f.seen
	f.seen = now
	if !settled || now == f.known {
		return false, now.there
	}
	f.known = now
	return true, now.there
}

// Follow looks at the files at each tick and reports every change, until ctx ends or told gives an error, which it
// returns. A file that is saved while told works is reported after that.
func Follow(ctx context.Context, files []*File, ticks <-chan time.Time, told func(path string, there bool) error) error {
	for {
		select {
		case <-ctx.Done():
			return ctx.Err()
		case <-ticks:
		}
		for _, f := range files {
			changed, there := f.look()
			if !changed {
				continue
			}
			if err := told(f.Path, there); err != nil {
				return err
			}
		}
	}
}
