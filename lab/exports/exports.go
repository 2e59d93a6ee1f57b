// Package exports is the folder into which a screen writes what a person exports. It is asked for once and remembered.
package exports

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"sync"

	"benchtop/lab/progress"
)

// Place is that folder. It is safe for concurrent use.
type Place struct {
	store     *progress.Store
	home      string // what ~ stands for, empty: nothing
	suggested string

	mu     sync.Mutex
	folder string
}

// New is the folder that a store remembers; suggested is the one to propose where it remembers none.
func New(store *progress.Store, suggested, home string) *Place {
	return &Place{store: store, suggested: suggested, home: home, folder: store.Progress().Exports}
}

// Folder is the folder that was chosen, empty before somebody was asked.
func (p *Place) Folder() string {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.folder
}

// Proposed is what is offered when it is asked for: the chosen one, else the suggested one.
func (p *Place) Proposed() string {
	if folder := p.Folder(); folder != "" {
		return folder
	}
	return p.suggested
}

// Path is a folder as it was typed, whole: ~ is the home folder, and what is relative begins in the current one.
func (p *Place) Path(typed string) (string, error) {
	typed = strings.TrimSpace(typed)
	if typed == "" {
		return "", errors.New("no folder is named")
	}
	if rest, ok := strings.CutPrefix(typed, "~"); ok && p.home != "" && (rest == "" || rest[0] == filepath.Separator) {
		typed = filepath.Join(p.home, rest)
	}
	return filepath.Abs(typed)
}

// Choose makes the folder and remembers it. kept is why it is not remembered beyond this session, nil when it is.
func (p *Place) Choose(path string) (kept, err error) {
	if err := os.MkdirAll(path, 0o755); err != nil { //nolint:gosec // a folder of the person's, as mkdir makes it
		return nil, fmt.Errorf("making the folder for exports: %w", err)
	}
	p.mu.Lock()
	p.folder = path
	p.mu.Unlock()
	p.store.Change(func(all *progress.Progress) { all.Exports = path })
	return p.store.Save(), nil
}

// Checkout is the git checkout in which a folder lies or would lie, empty when it is in none.
func Checkout(path string) string {
	for real := path; ; real = filepath.Dir(real) {
		if there, err := filepath.EvalSymlinks(real); err == nil {
			path = there
			break
		}
		if real == filepath.Dir(real) {
			break
		}
	}
	for ; ; path = filepath.Dir(path) {
		if _, err := os.Stat(filepath.Join(path, ".git")); err == nil {
			return path
		}
		if path == filepath.Dir(path) {
			return ""
		}
	}
}
