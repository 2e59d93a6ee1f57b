package runfolder

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"time"

	"benchtop/targets/posix"
	"benchtop/targets/procfs"
)

// Files of a run folder.
const (
	ledgerName = "ledger"
	ownerName  = "owner" // locked as long as the owner lives
)

const ledgerVersion = 1

// ledgerHead is the first line of a ledger.
type ledgerHead struct {
	Version int             `json:"version"`
	Owner   procfs.Identity `json:"owner"`
	Marker  string          `json:"marker"` // value of proc.RunEnv
	Folder  string          `json:"folder"` // value of Env
}

// ledgerEntry is a further line: a process that was started under the run folder and may outlive its owner.
type ledgerEntry struct {
	procfs.Identity
	Name   string          `json:"name"`
	Pipes  map[string]bool `json:"pipes,omitempty"`  // what it was given for its output, which proves who it is
	Keeper bool            `json:"keeper,omitempty"` // it cleans up by itself when the owner is gone
	Left   bool            `json:"left,omitempty"`   // it has cleaned up
	Group  string          `json:"group,omitempty"`  // no process but the folder of a control group
}

// ledger is what was read of one.
type ledger struct {
	dir     string
	head    ledgerHead
	entries []ledgerEntry
	groups  []string
}

// readLedger reads the ledger of a run folder. A torn last line is left out.
func readLedger(dir string) (*ledger, error) {
	content, err := os.ReadFile(filepath.Join(dir, ledgerName))
	if err != nil {
		return nil, err
	}
	l := &ledger{dir: dir}
	lines := bytes.SplitAfter(content, []byte{'\n'})
	if err := json.Unmarshal(lines[0], &l.head); err != nil || l.head.Version != ledgerVersion || l.head.Folder == "" {
		return nil, fmt.Errorf("%s/%s does not begin as a ledger of this version", dir, ledgerName)
	}
	for _, line := range lines[1:] {
		var e ledgerEntry
		if !bytes.HasSuffix(line, []byte{'\n'}) || json.Unmarshal(line, &e) != nil {
			continue
		}
		if e.Group != "" {
			l.groups = append(l.groups, e.Group)
			continue
		}
		if i := slices.IndexFunc(l.entries, func(old ledgerEntry) bool { return old.Identity == e.Identity }); i >= 0 {
			l.entries[i] = e
			continue
		}
		l.entries = append(l.entries, e)
	}
	return l, nil
}

// living lists the processes of the ledger that live and have not cleaned up, but for one.
func (l *ledger) living(but int) []int {
	var pids []int
	for _, e := range l.entries {
		if e.PID != but && !e.Left && e.Alive() {
			pids = append(pids, e.PID)
		}
	}
	return pids
}

// grouped lists the control groups of the ledger that are there.
func (l *ledger) grouped() []string {
	return slices.DeleteFunc(slices.Clone(l.groups), missing)
}

// orphaned reports whether the owner is gone: nobody holds its lock, and no process is the one that it was. Where locks
// do not work the second counts alone, and where processes have no known start, or are those of another PID namespace
// of this boot, the first.
func (l *ledger) orphaned() bool {
	if l.head.Owner.Start != 0 && l.head.Owner.Alive() {
		return false
	}
	f, err := os.Open(filepath.Join(l.dir, ownerName))
	if err != nil {
		return errors.Is(err, os.ErrNotExist)
	}
	defer func() { _ = f.Close() }()
	err = posix.LockShared(f)
	boot, space := procfs.Here()
	elsewhere := l.head.Owner.Boot == boot && l.head.Owner.Space != space
	return err == nil || errors.Is(err, errors.ErrUnsupported) && !elsewhere
}

// lock takes the lock of the ledger itself, which serializes those who clean up. It waits for it at most so long.
func (l *ledger) lock(patience time.Duration) (unlock func(), err error) {
	f, err := os.Open(filepath.Join(l.dir, ledgerName))
	if err != nil {
		return nil, err
	}
	for end := time.Now().Add(patience); ; time.Sleep(sweepPoll) {
		err = posix.Lock(f)
		if err == nil || errors.Is(err, errors.ErrUnsupported) {
			return func() { _ = f.Close() }, nil
		}
		if !errors.Is(err, posix.ErrLocked) || time.Now().After(end) {
			_ = f.Close()
			return nil, fmt.Errorf("locking %s: %w", f.Name(), err)
		}
	}
}

// NoteGroup enters a control group that this process is about to make into the ledger of its run folder.
func NoteGroup(group string) error {
	dir, err := Path()
	if err != nil {
		return err
	}
	k, err := open(dir, "")
	if err != nil {
		return err
	}
	defer func() { _ = k.file.Close() }()
	return k.write(ledgerEntry{Group: group})
}

// Keeper is the entry of this process in the ledger of its parent's run folder: it ends what it started by itself when
// the owner of the folder is gone.
type Keeper struct {
	dir   string
	name  string
	pipes map[string]bool
	file  *os.File
}

// Keep enters this process into a run folder's ledger. It fails when the folder is gone.
func Keep(dir, name string) (*Keeper, error) {
	k, err := open(dir, name)
	if err != nil {
		return nil, err
	}
	self, _ := procfs.Identify(os.Getpid())
	if err := k.write(ledgerEntry{Identity: self, Name: "keeper of " + name, Keeper: true}); err != nil {
		_ = k.file.Close()
		return nil, err
	}
	return k, nil
}

func open(dir, name string) (*Keeper, error) {
	f, err := os.OpenFile(filepath.Join(dir, ledgerName), os.O_WRONLY|os.O_APPEND, 0)
	if err != nil {
		return nil, fmt.Errorf("entering the ledger: %w", err)
	}
	return &Keeper{dir: dir, name: name, pipes: map[string]bool{}, file: f}, nil
}

// Gives names the output pipes of the processes that this one starts. A process that has one open belongs to this one,
// even if it changed its environment.
func (k *Keeper) Gives(pipes ...*os.File) error {
	for _, pipe := range pipes {
		name, err := procfs.PipeName(pipe)
		if err != nil {
			return fmt.Errorf("naming a pipe: %w", err)
		}
		k.pipes[name] = true
	}
	return nil
}

// Note enters a process that this one started, or that a process below it did.
func (k *Keeper) Note(i procfs.Identity) error {
	return k.write(ledgerEntry{Identity: i, Name: k.name, Pipes: k.pipes})
}

func (k *Keeper) write(e ledgerEntry) error {
	line, err := json.Marshal(e)
	if err == nil {
		_, err = k.file.Write(append(line, '\n'))
	}
	if err != nil {
		return fmt.Errorf("writing the ledger: %w", err)
	}
	return nil
}

// OwnerPatience is how long a keeper waits for the owner of the folder to be gone, whose lifeline has ended.
const OwnerPatience = 3 * time.Second

// Leave says that everything noted is gone. When the owner of the folder is gone too, for which it waits at most so
// long, and nobody else of the ledger is left, the folder is removed.
func (k *Keeper) Leave(patience time.Duration) error {
	defer func() { _ = k.file.Close() }()
	l, err := readLedger(k.dir)
	if err != nil {
		if errors.Is(err, os.ErrNotExist) {
			return nil
		}
		return err
	}
	for end := time.Now().Add(patience); !l.orphaned(); time.Sleep(sweepPoll) {
		if !time.Now().Before(end) {
			break
		}
	}
	unlock, err := l.lock(lockPatience)
	if err != nil {
		if errors.Is(err, os.ErrNotExist) {
			return nil
		}
		return err
	}
	defer unlock()
	self, _ := procfs.Identify(os.Getpid())
	if err := k.write(ledgerEntry{Identity: self, Name: "keeper of " + k.name, Keeper: true, Left: true}); err != nil {
		return err
	}
	if l, err = readLedger(k.dir); err != nil {
		return err
	}
	if l.orphaned() && len(l.living(os.Getpid())) == 0 && len(l.grouped()) == 0 {
		return os.RemoveAll(k.dir)
	}
	return nil
}
