package guard

import (
	"slices"
	"strings"

	"benchtop/targets/printable"
)

// maxArgs is how much of a command line is kept, in bytes.
const maxArgs = 512

// title makes a command line, whose arguments end with NUL, printable.
func title(cmdline []byte) string {
	if len(cmdline) > maxArgs {
		cmdline = cmdline[:maxArgs]
	}
	s := strings.TrimRight(string(cmdline), "\x00 ")
	return printable.Line(strings.ReplaceAll(s, "\x00", " "))
}

// arrange puts the first process first and the others by their id.
func arrange(tree []member, first int) {
	slices.SortFunc(tree, func(a, b member) int {
		switch {
		case a.PID == b.PID:
			return 0
		case a.PID == first:
			return -1
		case b.PID == first:
			return 1
		}
		return a.PID - b.PID
	})
}
