package main

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"

	"benchtop/tui"
)

// fault reports a panic of any goroutine of this process, which ends then: the terminal is given back, the stack is
// written to a file, and the children end by their lifelines.
func (e *Env) fault(value any, stack []byte) {
	tui.Restore()
	fmt.Fprintf(e.Stderr, "benchtop: internal fault: %v\nthe stack is %s\n", value, e.keepStack(value, stack))
	e.Exit(exitInternal)
}

// keepStack writes a report to the state folder, or else to the one for temporary files, and says where it is.
func (e *Env) keepStack(value any, stack []byte) (where string) {
	text := fmt.Sprintf("benchtop %s, internal fault: %v\n\n%s", version(), value, stack)
	name := "fault-" + e.Now().UTC().Format("20060102T150405.000Z") + ".txt"
	if runs, err := e.runsDir(); err == nil {
		path := filepath.Join(filepath.Dir(runs), name)
		if os.MkdirAll(filepath.Dir(path), 0o700) == nil && os.WriteFile(path, []byte(text), 0o600) == nil {
			return "in " + path
		}
	}
	path := filepath.Join(os.TempDir(), "benchtop-"+name)
	f, err := os.OpenFile(path, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o600)
	if err == nil {
		_, err = f.WriteString(text)
		err = errors.Join(err, f.Close())
	}
	if err != nil {
		return fmt.Sprintf("not kept: %v\n%s", err, stack)
	}
	return "in " + path
}
