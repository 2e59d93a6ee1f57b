package posix

import (
	"errors"
	"io/fs"
	"os"
	"syscall"

	"golang.org/x/sys/windows"
)

// Missing is why neither sample servers nor the generator start here.
func Missing() error { return ErrSystem }

// Numbers of signals as Linux has them, for what is only named here.
const (
	SIGSTOP = syscall.Signal(19)
	SIGCONT = syscall.Signal(18)
	SIGTTIN = syscall.Signal(21)
	SIGTTOU = syscall.Signal(22)
)

// Credential is a user by numbers, which Windows does not have.
type Credential struct{ Uid, Gid uint32 }

// ProcAttr is what a new process would get.
type ProcAttr struct {
	Dir   string
	Env   []string
	Files []uintptr
	Sys   *syscall.SysProcAttr
}

// What follows needs POSIX.

func Kill(int, syscall.Signal) error                    { return errors.ErrUnsupported }
func Group(*Credential) *syscall.SysProcAttr            { return &syscall.SysProcAttr{} }
func Session(bool) *syscall.SysProcAttr                 { return &syscall.SysProcAttr{} }
func ForkExec(string, []string, *ProcAttr) (int, error) { return 0, errors.ErrUnsupported }
func WaitAny() (pid int, _ syscall.WaitStatus, err error) {
	return 0, syscall.WaitStatus{}, errors.ErrUnsupported
}
func Kind(int) (fs.FileMode, error)          { return 0, errors.ErrUnsupported }
func CloseOnExec(int)                        {}
func SetNonblock(int) error                  { return errors.ErrUnsupported }
func Duplicate(uintptr) (int, error)         { return 0, errors.ErrUnsupported }
func SocketPair() (fds [2]int, err error)    { return fds, errors.ErrUnsupported }
func Listen(int, int) error                  { return errors.ErrUnsupported }
func Peek(uintptr) error                     { return errors.ErrUnsupported }
func LikeANetwork(uintptr, int, int)         {}
func DescriptorLimits() (Descriptors, error) { return Descriptors{}, errors.ErrUnsupported }
func SetDescriptorLimits(Descriptors) error  { return errors.ErrUnsupported }
func Used() (Usage, error)                   { return Usage{}, errors.ErrUnsupported }
func UsedByChildren() (Usage, error)         { return Usage{}, errors.ErrUnsupported }
func UsedBy(*os.ProcessState) (Usage, bool)  { return Usage{}, false }
func Sysctl(string) (uint32, error)          { return 0, errors.ErrUnsupported }

// Flags of os.OpenFile that say nothing here: opening never waits, and a link needs a right that few have.
const (
	NoFollow = 0
	NoWait   = 0
)

// ErrLocked is for what somebody else has locked.
const ErrLocked = windows.ERROR_LOCK_VIOLATION

// Lock and LockShared are not needed where nothing is started that could outlive this process.
func Lock(*os.File) error       { return errors.ErrUnsupported }
func LockShared(*os.File) error { return errors.ErrUnsupported }

// Owner is not a number here.
func Owner(fs.FileInfo) (uid, gid int, known bool) { return 0, 0, false }

// Ours is true: access lists keep others out of the folders that this program writes to, which are below the person's own.
func Ours(fs.FileInfo) bool { return true }

// OpenToOthers is false: the mode that Go gives says nothing of access lists.
func OpenToOthers(fs.FileInfo) bool { return false }

// Rename closes the file first: an open one cannot be renamed here. Closing it once more gives os.ErrClosed.
func Rename(f *os.File, to string) error {
	if err := f.Close(); err != nil {
		return err
	}
	return os.Rename(f.Name(), to)
}

// TerminalSize is the cells of a line of a console, and its lines; 0 for what is none.
func TerminalSize(f *os.File) (columns, rows int) {
	var console windows.ConsoleScreenBufferInfo
	if windows.GetConsoleScreenBufferInfo(windows.Handle(f.Fd()), &console) != nil {
		return 0, 0
	}
	return int(console.Window.Right-console.Window.Left) + 1, int(console.Window.Bottom-console.Window.Top) + 1
}
