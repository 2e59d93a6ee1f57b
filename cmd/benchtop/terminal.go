package main

import (
	"bytes"
	"io"
	"os"
	"strings"
	"unicode/utf8"

	"golang.org/x/sys/unix"
)

// narrowest is the least width for which lines are wrapped; under it a terminal breaks them anyway.
const narrowest = 40

// wrapped writes what write gives, with its lines broken between words where standard output is a terminal that is
// narrower than they are. The terminal would break them within words.
func (e *Env) wrapped(out io.Writer, write func(io.Writer) error) error {
	width := 0
	if e.OutTTY && e.Width != nil {
		width = e.Width()
	}
	if width < narrowest {
		return write(out)
	}
	var b bytes.Buffer
	if err := write(&b); err != nil {
		return err
	}
	_, err := io.WriteString(out, wrapLines(b.String(), width))
	return err
}

// terminalWidth is how many cells a line of the terminal has, 0 for what is none.
func terminalWidth(f *os.File) int {
	size, err := unix.IoctlGetWinsize(int(f.Fd()), unix.TIOCGWINSZ)
	if err != nil {
		return 0
	}
	return int(size.Col)
}

// wrapLines breaks the lines that are wider than width at blanks, and indents what follows by two more than they are. A
// word that is wider, as a path, stays whole.
func wrapLines(text string, width int) string {
	var b strings.Builder
	for line := range strings.Lines(text) {
		line, end := strings.CutSuffix(line, "\n")
		hang := min(len(line)-len(strings.TrimLeft(line, " "))+2, width/4)
		for utf8.RuneCountInString(line) > width {
			at := breakAt(line, width)
			if at < 0 {
				break
			}
			b.WriteString(strings.TrimRight(line[:at], " ") + "\n")
			line = strings.Repeat(" ", hang) + strings.TrimLeft(line[at:], " ")
		}
		b.WriteString(line)
		if end {
			b.WriteString("\n")
		}
	}
	return b.String()
}

// breakAt is the last blank between words up to width, or the first one after it; -1 without any.
func breakAt(line string, width int) int {
	first := len(line) - len(strings.TrimLeft(line, " "))
	fits := len(line)
	for utf8.RuneCountInString(line[:fits]) > width+1 { // a blank may stand behind the last cell
		fits--
	}
	if at := strings.LastIndexByte(line[:fits], ' '); at > first {
		return at
	}
	if at := strings.IndexByte(line[first:], ' '); at >= 0 {
		return first + at
	}
	return -1
}
