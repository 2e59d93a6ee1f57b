package main

import (
	"os"
	"time"
)

// lookEvery is how often a watched file is looked at.
const lookEvery = 500 * time.Millisecond

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

// watchedFile is a file that is looked at again and again. Editors write in several steps, and some move the old file
// away first, so a change counts when two looks agree on it.
type watchedFile struct {
	path        string
	known, seen mark
}

func watchFile(path string) *watchedFile {
	m := markOf(path)
	return &watchedFile{path: path, known: m, seen: m}
}

// look tells whether the file has changed since the last change that was told, and whether it is there.
func (w *watchedFile) look() (changed, there bool) {
	now := markOf(w.path)
	settled := now == w.seen
	w.seen = now
	if !settled || now == w.known {
		return false, now.there
	}
	w.known = now
	return true, now.there
}
