package guard

import "syscall"

func endingOf(status syscall.WaitStatus) ending {
	if status.Signaled() {
		return ending{Code: -1, Signal: int(status.Signal())}
	}
	return ending{Code: status.ExitStatus()}
}
