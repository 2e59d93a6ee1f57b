package main

import (
	"fmt"
	"os"
	"path/filepath"

	"benchtop/tui"
)

// fault reports a panic of any goroutine of this process, which ends then: the terminal is given back, the stack is
// written to a file, and the children end by their lifelines.
func (e *Env) fault(value any, stack []byte) {
	tui.Restore()
	where, err := e.keepStack(value, stack)
	if err != nil {
		where = fmt.Sprintf("not kept: %v\n%s", err, stack)
	}
	fmt.Fprintf(e.Stderr, "benchtop: internal fault: %v\nthe stack is %s\n", value, where)
	e.Exit(exitInternal)
}

// keepStack writes a report to the state folder, or else to the one for temporary files.
func (e *Env) keepStack(value any, stack []byte) (where string, err error) {
	text := fmt.Sprintf("benchtop %s, internal fault: %v\n\n%s", version(), value, stack)
	name := "fault-" + e.Now().UTC().Format("20060102T150405.000Z") + ".txt"
	if runs, err := e.runsDir(); err == nil {
		path := filepath.Join(filepath.Dir(runs), name)
		if os.MkdirAll(filepath.Dir(path), 0o700) == nil && os.WriteFile(path, []byte(text), 0o600) == nil {
			return "in " + path, nil
		}
	}
	path := filepath.Join(os.TempDir(), "benchtop-"+name)
	f, err := os.OpenFile(path, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o600)
	if err != nil {
		return "", err
	}
	_, err = f.WriteString(text)
	if closeErr := f.Close(); err == nil {
		err = closeErr
	}
	return "in " + path, err
}
