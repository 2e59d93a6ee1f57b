// Package revisions puts revisions of somebody's git repository into folders of their own and builds them there. The
// repository itself stays as it is, but for git's own list of work trees, from which they are taken again.
package revisions

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"sync"
	"syscall"

	"benchtop/targets/posix"
)

// WorkTree stands for the files of the repository as they are now, changes that are not committed included.
const WorkTree = "."

// Revision is one of them.
type Revision struct {
	Ref    string // as it was given
	Commit string // 40 or 64 hex digits; of WorkTree that of HEAD
	Dir    string // where it is built and started: the folder of its copy that is the person's in the repository; empty: not made yet
}

// shortDigits of a commit are shown.
const shortDigits = 7

// Short is the beginning of the commit, with a word for what WorkTree has besides it.
func (r *Revision) Short() string {
	short := r.Commit[:min(len(r.Commit), shortDigits)]
	if r.Ref == WorkTree {
		return short + " with changes"
	}
	return short
}

// ID is the name of a variant for it: what its ref ends with, and its commit.
func (r *Revision) ID() string {
	const longest = 24
	short := r.Commit[:min(len(r.Commit), shortDigits)]
	if r.Ref == WorkTree {
		return "work-" + short
	}
	if strings.HasPrefix(r.Commit, strings.ToLower(r.Ref)) {
		return short
	}
	words := strings.FieldsFunc(strings.ToLower(r.Ref), func(c rune) bool { return (c < 'a' || c > 'z') && (c < '0' || c > '9') })
	name := strings.Join(words, "-")
	if len(name) > longest {
		name = strings.Trim(name[len(name)-longest:], "-")
	}
	return strings.TrimPrefix(name+"-"+short, "-")
}

// Set are revisions of one repository.
type Set struct {
	Revisions []Revision
	Root      string // of the repository
	Prefix    string // the person's folder in it, with a slash at its end; empty: the root

	mu  sync.Mutex
	dir string // of all copies; empty: there is none yet
}

// Find looks up refs in the repository of the current folder and makes nothing.
func Find(ctx context.Context, refs ...string) (*Set, error) {
	root, err := git(ctx, "", "rev-parse", "--show-toplevel")
	if err != nil {
		here, _ := os.Getwd() // it is only said
		return nil, fmt.Errorf("%s is not in a git repository (%w); go into the folder of your service", here, err)
	}
	s := &Set{Root: root}
	if s.Prefix, err = git(ctx, "", "rev-parse", "--show-prefix"); err != nil {
		return nil, err
	}
	for _, ref := range refs {
		name := ref
		if ref == WorkTree {
			name = "HEAD"
		}
		commit, err := git(ctx, "", "rev-parse", "--verify", "--end-of-options", name+"^{commit}")
		if err != nil {
			return nil, fmt.Errorf("%s is no revision of %s (%w); allowed: a branch, a tag, a commit, and . for the files as they are; `git branch -a` lists branches, "+
				"and a clone without its history gets it with `git fetch --unshallow`", strconv.Quote(ref), root, err)
		}
		s.Revisions = append(s.Revisions, Revision{Ref: ref, Commit: commit})
	}
	return s, nil
}

// Same reports whether all of them are the same files: a comparison of a revision with itself.
func (s *Set) Same() bool {
	first := &s.Revisions[0]
	return !slices.ContainsFunc(s.Revisions, func(r Revision) bool {
		return r.Commit != first.Commit || (r.Ref == WorkTree) != (first.Ref == WorkTree)
	})
}

// folderPrefix is how the names of the folders begin that copies are in; the process that made one follows.
const folderPrefix = "benchtop-ab-"

// Make makes the copies, in a folder for temporary files. Close removes them, also when Make fails.
func (s *Set) Make(ctx context.Context) error {
	s.sweep(ctx)
	dir, err := os.MkdirTemp("", folderPrefix+strconv.Itoa(os.Getpid())+"-")
	if err != nil {
		return fmt.Errorf("making a folder for the revisions: %w", err)
	}
	s.mu.Lock()
	s.dir = dir
	s.mu.Unlock()
	for i := range s.Revisions {
		r := &s.Revisions[i]
		copied := filepath.Join(dir, strconv.Itoa(i+1)+"-"+r.ID())
		if _, err := git(ctx, s.Root, "worktree", "add", "--detach", "--quiet", copied, r.Commit); err != nil {
			return fmt.Errorf("making the files of %s: %w", r.Ref, err)
		}
		if r.Ref == WorkTree {
			if err := s.overlay(ctx, copied); err != nil {
				return fmt.Errorf("copying the files as they are: %w", err)
			}
		}
		r.Dir = filepath.Join(copied, filepath.FromSlash(s.Prefix))
		if info, err := os.Stat(r.Dir); err != nil || !info.IsDir() {
			return fmt.Errorf("%s (%s) has no folder %s, which you are in; go to one that both have", r.Ref, r.Short(), s.Prefix)
		}
	}
	return nil
}

// Close removes the copies. It can be called twice, and while something else goes on.
func (s *Set) Close() error {
	s.mu.Lock()
	dir := s.dir
	s.mu.Unlock()
	if dir == "" {
		return nil
	}
	return remove(s.Root, dir)
}

// remove removes a folder of copies, and what git knows of them.
func remove(root, dir string) error {
	err := os.RemoveAll(dir)
	if err != nil { // modules that a build fetched are read-only, folders included
		_ = filepath.WalkDir(dir, func(path string, d fs.DirEntry, err error) error {
			if err == nil && d.IsDir() {
				return os.Chmod(path, 0o700) //nolint:gosec // a folder of our own that is about to be removed
			}
			return err
		})
		err = os.RemoveAll(dir)
	}
	if err != nil {
		return fmt.Errorf("removing the copies of the revisions: %w", err)
	}
	// The context of the run may have ended; this takes milliseconds.
	if _, err := git(context.Background(), root, "worktree", "prune"); err != nil {
		return fmt.Errorf("taking the copies out of git's list of work trees: %w", err)
	}
	return nil
}

// sweep removes the copies of a process that was killed before it could. What cannot be removed is no hindrance.
func (s *Set) sweep(ctx context.Context) {
	list, err := git(ctx, s.Root, "worktree", "list", "--porcelain")
	if err != nil {
		return
	}
	for line := range strings.Lines(list) {
		path, ok := strings.CutPrefix(strings.TrimSpace(line), "worktree ")
		dir := filepath.Dir(path)
		owner, ours := strings.CutPrefix(filepath.Base(dir), folderPrefix)
		if !ok || !ours {
			continue
		}
		owner, _, _ = strings.Cut(owner, "-")
		pid, err := strconv.Atoi(owner)
		if err != nil || pid <= 0 || !errors.Is(posix.Kill(pid, 0), syscall.ESRCH) {
			continue
		}
		_ = remove(s.Root, dir)
	}
}
