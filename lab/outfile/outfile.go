// Package outfile writes files whole or not at all: the earlier content stays until the new one is on the disk.
package outfile

import (
	"crypto/rand"
	"encoding/hex"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"strings"

	"benchtop/targets/posix"
)

const (
	maxLinks = 40  // that are followed one after the other, as the kernel does
	maxBase  = 200 // bytes of a file's name in that of its temporary; a name has at most 255
	maxTries = 10  // for a temporary of our own
)

// temporary is how a file is named until it is whole. Nobody else's file is.
var temporary = regexp.MustCompile(`^\..+\.benchtop-[0-9a-f]{16}$`)

// Write replaces the file at path by the content, and keeps its mode and owner; a new file gets perm, less the umask. A
// symbolic link is followed, also to a file that is not there yet. What exists and is no regular file (a device, a
// pipe) is opened and written. Temporaries that a killed program left behind in the folder are removed.
func Write(path string, content []byte, perm fs.FileMode) error {
	if err := write(path, content, perm); err != nil {
		return fmt.Errorf("writing %s: %w", path, err)
	}
	return nil
}

// Create writes a file that is not there yet; one that is, also as a link that leads nowhere, is never touched, and the
// error wraps fs.ErrExist. Half a file is removed again.
func Create(path string, content []byte, perm fs.FileMode) error {
	f, err := os.OpenFile(path, os.O_WRONLY|os.O_CREATE|os.O_EXCL, perm) //nolint:gosec // the person named it
	if err != nil {
		return err
	}
	_, err = f.Write(content)
	if err = errors.Join(err, f.Close()); err != nil {
		return errors.Join(fmt.Errorf("writing %s: %w", path, err), os.Remove(path))
	}
	return nil
}

// mostNames is how many names CreateFree tries before somebody should tidy up.
const mostNames = 999

// CreateFree is Create under the first name that is free: the given one, or that with a number before its extension.
func CreateFree(path string, content []byte, perm fs.FileMode) (name string, err error) {
	ext := filepath.Ext(path)
	stem := strings.TrimSuffix(path, ext)
	for n := 1; n <= mostNames; n++ {
		if name = path; n > 1 {
			name = fmt.Sprintf("%s-%d%s", stem, n, ext)
		}
		if err := Create(name, content, perm); !errors.Is(err, fs.ErrExist) {
			return name, err
		}
	}
	return "", fmt.Errorf("%s and %s-2%s to %s-%d%s exist already; remove some", path, stem, ext, stem, mostNames, ext)
}

// Check reports, as an error, why Write could not write to path. Nothing is changed.
func Check(path string) error {
	if info, err := os.Stat(path); err == nil && !info.Mode().IsRegular() && !info.IsDir() {
		return nil
	}
	real, err := resolve(path)
	if err != nil {
		return err
	}
	_, err = old(real)
	return err
}

func write(path string, content []byte, perm fs.FileMode) error {
	// Not through the resolved path: that of a pipe behind /dev/stdout is none.
	if info, err := os.Stat(path); err == nil && !info.Mode().IsRegular() && !info.IsDir() { //nolint:gosec // the person named it
		return inPlace(path, content)
	}
	path, err := resolve(path)
	if err != nil {
		return err
	}
	was, err := old(path)
	if err != nil {
		return err
	}
	sweep(filepath.Dir(path))
	if was != nil {
		perm = 0o600 // until it has its owner
	}
	f, err := create(path, perm)
	if err != nil {
		return err
	}
	if was != nil {
		err = adopt(f, was)
	}
	if err == nil {
		_, err = f.Write(content)
	}
	if err == nil {
		err = f.Sync()
	}
	if err == nil {
		err = posix.Rename(f, path)
	}
	if closed := f.Close(); !errors.Is(closed, fs.ErrClosed) { // the lock goes after the name
		err = errors.Join(err, closed)
	}
	if err != nil {
		_ = os.Remove(f.Name()) // the first error is what the person must know; an open file could not be removed everywhere
	}
	return err
}

func inPlace(path string, content []byte) error {
	f, err := os.OpenFile(path, os.O_WRONLY, 0) //nolint:gosec // the person named it
	if err != nil {
		return err
	}
	_, err = f.Write(content)
	return errors.Join(err, f.Close())
}

// resolve follows the links of a path to the file that is, or would be, at their end.
func resolve(path string) (string, error) {
	for range maxLinks {
		dir, err := filepath.EvalSymlinks(filepath.Dir(path))
		if errors.Is(err, fs.ErrNotExist) {
			return "", fmt.Errorf("the folder %s does not exist; make it first", filepath.Dir(path))
		}
		if err != nil {
			return "", err
		}
		path = filepath.Join(dir, filepath.Base(path))
		to, err := os.Readlink(path)
		if err != nil {
			return path, nil // no link
		}
		if !filepath.IsAbs(to) {
			to = filepath.Join(dir, to)
		}
		path = to
	}
	return "", fmt.Errorf("more than %d symbolic links lead on from it; name the file itself", maxLinks)
}

// old is the file that is to be replaced, nil if there is none. The error says why it cannot be.
func old(path string) (fs.FileInfo, error) {
	info, err := os.Lstat(path) //nolint:gosec // the person named it
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return nil, nil
	case err != nil:
		return nil, err
	case info.IsDir():
		return nil, errors.New("it is a folder; name a file")
	}
	if uid, _, known := posix.Owner(info); known && os.Geteuid() != 0 && uid != os.Geteuid() {
		return nil, fmt.Errorf("it belongs to another user (%d), whose it could not stay; name another file", uid)
	}
	return info, nil
}

// adopt gives a file the owner and the mode of another one.
func adopt(f *os.File, was fs.FileInfo) error {
	is, err := f.Stat()
	if err != nil {
		return err
	}
	uid, gid, known := posix.Owner(was)
	nowUID, nowGID, _ := posix.Owner(is)
	if known && (uid != nowUID || gid != nowGID) {
		if err := f.Chown(uid, gid); err != nil {
			return fmt.Errorf("keeping its owner: %w; name another file", err)
		}
	}
	return f.Chmod(was.Mode().Perm())
}

// create makes the temporary of a file, beside it, and locks it for as long as it is open: what nobody has locked was
// left behind.
func create(path string, perm fs.FileMode) (*os.File, error) {
	base := filepath.Base(path)
	base = strings.ToValidUTF8(base[:min(len(base), maxBase)], "")
	for range maxTries {
		var id [8]byte
		_, _ = rand.Read(id[:]) // never fails, it ends the program instead
		name := filepath.Join(filepath.Dir(path), "."+base+".benchtop-"+hex.EncodeToString(id[:]))
		f, err := os.OpenFile(name, os.O_WRONLY|os.O_CREATE|os.O_EXCL, perm) //nolint:gosec // beside what the person named
		if err != nil {
			return nil, err
		}
		lockErr := posix.Lock(f)
		//nolint:gosec // as above
		if _, err := os.Lstat(name); err == nil && !errors.Is(lockErr, posix.ErrLocked) { // a file system without locks has no sweep
			return f, nil
		}
		_ = f.Close() // somebody took it for a left-over before it was locked
	}
	return nil, fmt.Errorf("%d temporary files vanished from %s", maxTries, filepath.Dir(path))
}

// sweep removes the temporaries in a folder that are ours and that no living process has locked. What it cannot remove
// stays; the next one tries again.
func sweep(dir string) {
	entries, err := os.ReadDir(dir)
	if err != nil {
		return
	}
	for _, entry := range entries {
		if !entry.Type().IsRegular() || !temporary.MatchString(entry.Name()) {
			continue
		}
		name := filepath.Join(dir, entry.Name())
		f, err := os.OpenFile(name, os.O_RDONLY|posix.NoFollow|posix.NoWait, 0) //nolint:gosec // of the folder that the person named
		if err != nil {
			continue
		}
		if info, err := f.Stat(); err == nil && posix.Ours(info) && posix.Lock(f) == nil {
			_ = os.Remove(name) //nolint:gosec // ours, as its lock and name say
		}
		_ = f.Close()
	}
}
