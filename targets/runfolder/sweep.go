package runfolder

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"syscall"
	"time"

	"benchtop/targets/proc"
	"benchtop/targets/procfs"
)

// Times of a sweep.
const (
	sweepPoll      = 10 * time.Millisecond
	lockPatience   = 3 * time.Second
	keeperPatience = 3 * time.Second // for keepers whose owner has only just gone
	sweepPatience  = 3 * time.Second // for killed processes to be gone
	unreadyAge     = 10 * time.Minute
)

// Sweep ends what earlier runs of this user left behind and removes their run folders; it tells how many processes it
// ended. Only folders whose owner is gone are looked at. A process is ended when its environment carries both marks of
// that run, or when its id, its start, the boot and the PID namespace are those of the ledger and it holds one of the
// pipes that its guard made for the output: programs that change their title write over their environment. Never by its
// name or port, and never because something cannot be read.
func Sweep() (ended int, err error) {
	var problems []error
	for _, base := range baseFolders() {
		if checkPrivate(base) != nil {
			continue // it is not there, or not ours: Path says so when it is needed
		}
		entries, err := os.ReadDir(base)
		if err != nil {
			problems = append(problems, err)
			continue
		}
		for _, e := range entries {
			dir := filepath.Join(base, e.Name())
			switch {
			case !e.IsDir():
			case strings.HasPrefix(e.Name(), unreadyName):
				if info, err := e.Info(); err == nil && time.Since(info.ModTime()) > unreadyAge {
					problems = append(problems, os.RemoveAll(dir))
				}
			case strings.HasPrefix(e.Name(), folderPrefix):
				n, err := sweepFolder(dir)
				ended += n
				problems = append(problems, err)
			}
		}
	}
	if err := errors.Join(problems...); err != nil {
		return ended, fmt.Errorf("sweeping what earlier runs left: %w", err)
	}
	return ended, nil
}

func sweepFolder(dir string) (ended int, err error) {
	l, err := readLedger(dir)
	if errors.Is(err, os.ErrNotExist) && missing(dir) {
		return 0, nil // somebody else swept it
	}
	if err != nil {
		return 0, fmt.Errorf("%w; look at it and remove it by hand", err)
	}
	if !l.orphaned() {
		return 0, nil
	}
	l.awaitKeepers()
	if err := procfs.Own(); err != nil {
		return 0, fmt.Errorf("%s stays: it is not known what of it lives\n%w", dir, err)
	}
	unlock, err := l.lock(lockPatience)
	if errors.Is(err, os.ErrNotExist) {
		return 0, nil // a keeper was the last one and removed it
	}
	if err != nil {
		return 0, err
	}
	defer unlock()
	if l, err = readLedger(dir); err != nil {
		if missing(dir) {
			return 0, nil
		}
		return 0, err
	}
	ended, err = l.endAll()
	for _, group := range l.grouped() {
		err = errors.Join(err, procfs.RemoveGroup(group, 0, sweepPatience))
	}
	if err != nil {
		return ended, err
	}
	return ended, os.RemoveAll(dir)
}

func missing(dir string) bool {
	_, err := os.Lstat(dir)
	return errors.Is(err, os.ErrNotExist)
}

// awaitKeepers gives keepers the time to end what they keep: they know more of it than the ledger does.
func (l *ledger) awaitKeepers() {
	for end := time.Now().Add(keeperPatience); time.Now().Before(end); time.Sleep(sweepPoll) {
		busy := false
		for _, e := range l.entries {
			busy = busy || (e.Keeper && !e.Left && e.Provable() && e.Alive())
		}
		if !busy {
			return
		}
		if fresh, err := readLedger(l.dir); err == nil {
			l.entries = fresh.entries
		}
	}
}

// endAll kills what is left until nothing is.
func (l *ledger) endAll() (ended int, err error) {
	spared := ancestors()
	killed := map[procfs.Identity]bool{}
	for end := time.Now().Add(sweepPatience); ; time.Sleep(sweepPoll) {
		left := l.remains(spared)
		for i := range killed { // one that ends has no environment any more before it is gone
			if i.Alive() && !slices.Contains(left, i) {
				left = append(left, i)
			}
		}
		if len(left) == 0 {
			for _, e := range l.entries {
				procfs.RemoveSegments(e.Identity)
			}
			return len(killed), nil
		}
		if time.Now().After(end) {
			return len(killed), fmt.Errorf("%s stays: these processes of it could not be ended: %v", l.dir, left)
		}
		for _, i := range left {
			if i.Signal(syscall.SIGKILL) == nil {
				killed[i] = true
			}
		}
	}
}

// remains lists the living processes of the ledger and those with its marks.
func (l *ledger) remains(spared map[int]bool) []procfs.Identity {
	marks := []string{proc.RunEnv + "=" + l.head.Marker, Env + "=" + l.head.Folder}
	found, _ := procfs.Carrying(marks...) // where environments cannot be read nothing is found, and nothing is ended
	var left []procfs.Identity
	seen := map[int]bool{}
	add := func(i procfs.Identity) {
		if !seen[i.PID] && !spared[i.PID] {
			seen[i.PID] = true
			left = append(left, i)
		}
	}
	for _, i := range found {
		add(i)
	}
	for _, e := range l.entries {
		if e.Provable() && e.Alive() && procfs.Holds(e.PID, e.Pipes) && e.Alive() {
			add(e.Identity)
		}
	}
	return left
}

// ancestors are this process and those above it. They may carry the marks of a run from which this one was started.
func ancestors() map[int]bool {
	line := map[int]bool{}
	for pid := os.Getpid(); pid > 0 && !line[pid]; {
		line[pid] = true
		st, ok := procfs.ReadStat(pid)
		if !ok {
			break
		}
		pid = st.Parent
	}
	return line
}
