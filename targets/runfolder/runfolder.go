// Package runfolder gives a process a private folder for what it starts, with a ledger of the processes that may outlive
// it, and ends what earlier runs left behind.
package runfolder

import (
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"sync"

	"benchtop/targets/posix"
	"benchtop/targets/proc"
	"benchtop/targets/procfs"
)

// Env is the environment variable that marks what can outlive this process: its value is drawn for each run
// folder, so that no two processes of labs share it.
const Env = "BENCHTOP_FOLDER"

// maxFolder is the longest path of a run folder in bytes: a socket in it with a name of up to 24 bytes stays under 100
// bytes, and the systems' limits are 104 to 108.
const maxFolder = 72

// Names below the folder that all run folders of a user are in.
const (
	folderPrefix = "r"
	nameDigits   = 8
	unreadyName  = "new-" // of a run folder that is being made
)

// own is the run folder of this process.
var own struct {
	sync.Mutex
	path  string
	id    string
	owner *os.File // holds the lock
}

// Path gives the private folder (0700) of this process for sockets, generated configurations and the like. It is
// made on first use, in $XDG_RUNTIME_DIR/benchtop or else in benchtop-UID in the folder for temporary files. A folder
// there that belongs to somebody else, or that others may look into, is refused.
func Path() (string, error) {
	own.Lock()
	defer own.Unlock()
	if own.path != "" {
		return own.path, nil
	}
	path, id, owner, err := create()
	if err != nil {
		return "", fmt.Errorf("making the run folder: %w", err)
	}
	own.path, own.id, own.owner = path, id, owner
	return path, nil
}

// ID is the value of Env for what is started under the run folder of this process; empty before Path.
func ID() string {
	own.Lock()
	defer own.Unlock()
	return own.id
}

// Remove removes the run folder of this process, if it made one. It stays when processes of its ledger still
// live, which the error names: a later start sweeps them.
func Remove() error {
	own.Lock()
	defer own.Unlock()
	if own.path == "" {
		return nil
	}
	path := own.path
	defer func() {
		_ = own.owner.Close()
		own.path, own.id, own.owner = "", "", nil
	}()
	l, err := readLedger(path)
	if err != nil {
		return fmt.Errorf("removing the run folder: %w", err)
	}
	if living := l.living(os.Getpid()); len(living) > 0 {
		return fmt.Errorf("the run folder %s stays: these processes of it live: %v", path, living)
	}
	if groups := l.grouped(); len(groups) > 0 {
		return fmt.Errorf("the run folder %s stays: these control groups of it are there: %v", path, groups)
	}
	if err := os.RemoveAll(path); err != nil {
		return fmt.Errorf("removing the run folder: %w", err)
	}
	return nil
}

// baseFolders are the places for run folders, the best one first.
func baseFolders() []string {
	var bases []string
	if dir := os.Getenv("XDG_RUNTIME_DIR"); filepath.IsAbs(dir) {
		if info, err := os.Stat(dir); err == nil && info.IsDir() && posix.Ours(info) { //nolint:gosec // what the session names as its own
			bases = append(bases, filepath.Join(dir, "benchtop"))
		}
	}
	name := "benchtop-" + strconv.Itoa(os.Getuid())
	bases = append(bases, filepath.Join(os.TempDir(), name))
	if !shortEnough(bases[len(bases)-1]) {
		bases = append(bases, filepath.Join("/tmp", name))
	}
	return bases
}

// shortEnough reports whether run folders in this place have short enough paths.
func shortEnough(base string) bool {
	return len(base)+len("/")+len(folderPrefix)+nameDigits <= maxFolder
}

func create() (path, id string, owner *os.File, err error) {
	id = proc.Nonce()
	bases := baseFolders()
	base := bases[slices.IndexFunc(bases, shortEnough)] // the one in /tmp is
	if err := os.Mkdir(base, 0o700); err != nil && !errors.Is(err, os.ErrExist) {
		return "", "", nil, err
	}
	if err := checkPrivate(base); err != nil {
		return "", "", nil, err
	}
	// A sweep sees it only when it is complete.
	unready := filepath.Join(base, unreadyName+id[:nameDigits])
	if err := os.Mkdir(unready, 0o700); err != nil {
		return "", "", nil, err
	}
	path = filepath.Join(base, folderPrefix+id[:nameDigits])
	owner, err = fill(unready, id)
	if err == nil {
		err = os.Rename(unready, path)
	}
	if err != nil {
		if owner != nil {
			_ = owner.Close()
		}
		return "", "", nil, errors.Join(err, os.RemoveAll(unready))
	}
	return path, id, owner, nil
}

// fill writes the head of the ledger and takes the owner's lock.
func fill(dir, id string) (*os.File, error) {
	self, _ := procfs.Identify(os.Getpid()) // without /proc the lock alone tells who lives
	head, err := json.Marshal(ledgerHead{Version: ledgerVersion, Owner: self, Marker: proc.RunMarker(), Folder: id})
	if err != nil {
		return nil, err
	}
	if err := os.WriteFile(filepath.Join(dir, ledgerName), append(head, '\n'), 0o600); err != nil {
		return nil, err
	}
	owner, err := os.OpenFile(filepath.Join(dir, ownerName), os.O_RDWR|os.O_CREATE|os.O_EXCL, 0o600)
	if err != nil {
		return nil, err
	}
	if err := posix.Lock(owner); err != nil && !errors.Is(err, errors.ErrUnsupported) {
		_ = owner.Close()
		return nil, fmt.Errorf("locking %s: %w", owner.Name(), err)
	}
	return owner, nil
}

// checkPrivate refuses a folder that others could have put something into, or could look into.
func checkPrivate(path string) error {
	info, err := os.Lstat(path) // a symbolic link is not a folder of ours
	if err != nil {
		return err
	}
	switch {
	case !info.IsDir():
		return fmt.Errorf("%s is not a folder; remove it, or set TMPDIR to a folder of your own", path)
	case !posix.Ours(info):
		return fmt.Errorf("%s belongs to another user; set TMPDIR to a folder of your own", path)
	case posix.OpenToOthers(info):
		return fmt.Errorf("%s has the permissions %#o, want 0700: others could change what is in it; run: chmod 700 %s", path, info.Mode().Perm(), path)
	}
	return nil
}
