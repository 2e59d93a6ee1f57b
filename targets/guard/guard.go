// Package guard starts programs that somebody else wrote, with everything that they start themselves, and makes sure
// that nothing of it is left when it is to end: also when this program is killed, and when the guard is.
//
// A guard is this program again in a role of its own. It stands between the lab and the component: it is the parent of
// the component and, on Linux, of every process that loses its own parent below it (PR_SET_CHILD_SUBREAPER), so
// nothing can leave its sight. The component has a process group of its own. It is asked to stop with a signal to its
// first process; what is left after the grace is killed, group first, then every descendant until there is none.
//
// Four things end a tree whose lab was killed: the guard sees the end of its lifeline; when the guard is stopped or gone
// as well, its watcher kills what is left; when that is gone too, the kernel ends the component's first process; and
// what lives on all the same is in the ledger of the run folder, which the next start sweeps.
package guard

import (
	"syscall"
	"time"

	"benchtop/targets/posix"
	"benchtop/targets/procfs"
)

// Role is the name of the guard's role for proc.Dispatch.
const Role = "guard"

// Env is the environment variable that marks what a guard started: its value is drawn for each guard.
const Env = "BENCHTOP_GUARD"

// DefaultGrace is how long a component may take to stop.
const DefaultGrace = 3 * time.Second

// Command describes a component.
type Command struct {
	Name   string                    // for messages and events: nginx, uvicorn
	Argv   []string                  // Argv[0] is looked up in PATH unless it holds a slash; no shell
	Env    []string                  // added to what it inherits; of equal names these count
	Whole  bool                      // it inherits the whole environment of this process instead of proc.Environ
	Dir    string                    // working folder; empty: the run folder
	Stop   syscall.Signal            // asks it to stop gracefully; 0: SIGTERM
	Then   syscall.Signal            // a second request after half of the grace; 0: none
	Grace  time.Duration             // until everything left is killed; 0: DefaultGrace
	As     *Account                  // the user that it runs as; nil: this one
	Reach  string                    // a folder that it has open as descriptor ReachFD, also when the way there is closed to its user
	Group  string                    // folder of the control group that it is started in; empty: this process's
	OnLine func(stream, line string) // stdout or stderr; printable, at most 4 KiB; may be nil
	// OnChange says that a process of the tree came or went. Both functions are called from one goroutine; what
	// comes while they do not return is dropped beyond a bound. They must not call Stop.
	OnChange func()
}

// ReachFD is the descriptor of Command.Reach in the component. What is in that folder has the path /proc/self/fd/3/...
// there, on Linux.
const ReachFD = 3

// Account is a user of this system by numbers.
type Account struct {
	UID uint32 `json:"uid"`
	GID uint32 `json:"gid"`
}

func (a *Account) credential() *posix.Credential {
	if a == nil {
		return nil
	}
	return &posix.Credential{Uid: a.UID, Gid: a.GID}
}

// Child is one process of a component's tree.
type Child struct {
	PID, Parent int
	Args        string // its command line or title, printable
	Zombie      bool   // it has ended and its parent did not wait for it yet
}

// spec is what a guard is told.
type spec struct {
	Name   string        `json:"name"`
	Path   string        `json:"path"` // of the program
	Argv   []string      `json:"argv"`
	Env    []string      `json:"env"` // all of it
	Dir    string        `json:"dir"`
	Stop   int           `json:"stop"`
	Then   int           `json:"then"`
	Grace  time.Duration `json:"grace"`
	As     *Account      `json:"as,omitempty"`
	Reach  string        `json:"reach,omitempty"`
	Group  string        `json:"group,omitempty"`
	Folder string        `json:"folder"` // run folder
}

// started is the guard's ready line.
type started struct {
	First member          `json:"first"`
	Guard procfs.Identity `json:"guard"`
	Error string          `json:"error,omitempty"` // why the component could not be started
}

// wish is a line from the lab.
type wish struct {
	Stop bool `json:"stop,omitempty"` // gracefully
	Kill bool `json:"kill,omitempty"` // at once
}

// news is a line from the guard.
type news struct {
	Lines []line   `json:"lines,omitempty"`
	Tree  []member `json:"tree,omitempty"`
	Empty bool     `json:"empty,omitempty"` // Tree is empty
	First *ending  `json:"first,omitempty"` // the component's first process ended
	Last  *result  `json:"last,omitempty"`  // the tree is gone
}

// line is one line of the component's output.
type line struct {
	Stderr  bool   `json:"e,omitempty"`
	Text    string `json:"t"`
	Dropped int    `json:"d,omitempty"` // instead of a text: so many lines are missing here
}

// member is a process of the tree as the guard sees it.
type member struct {
	procfs.Identity
	Parent int    `json:"parent"`
	Group  int    `json:"group"`
	Args   string `json:"args"`
	Zombie bool   `json:"zombie,omitempty"`
}

// ending is how the first process ended.
type ending struct {
	Code   int `json:"code"` // -1 when a signal ended it
	Signal int `json:"signal,omitempty"`
}

// result is the last line of a guard.
type result struct {
	Killed int      `json:"killed,omitempty"` // processes that had to be killed
	Left   []member `json:"left,omitempty"`   // processes that could not be killed
}
