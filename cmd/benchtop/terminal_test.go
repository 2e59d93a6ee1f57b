package main

import (
	"bytes"
	"io"
	"strings"
	"testing"
)

// A line that is too wide for the terminal is broken between its words, never in one.
func TestWrapLines(t *testing.T) {
	for _, c := range []struct{ text, want string }{
		{"short\n\n  as it is  here\n", "short\n\n  as it is  here\n"},
		{"w2: refused (no interval), stopped before the last block\n", "w2: refused (no interval), stopped\n  before the last block\n"},
		{"  ! a: a slice does not count, since the run ended in it", "  ! a: a slice does not count, since\n    the run ended in it"},
		{"exactly as wide as it is, and no more\n", "exactly as wide as it is, and no\n  more\n"},
		{"saved /a/path/that/is/wider/than/the/terminal/is.jsonl\n", "saved\n  /a/path/that/is/wider/than/the/terminal/is.jsonl\n"},
		{"/a/path/that/is/wider/than/the/terminal/is.jsonl\n", "/a/path/that/is/wider/than/the/terminal/is.jsonl\n"},
		{"", ""},
	} {
		got := wrapLines(c.text, 36)
		if got != c.want {
			t.Errorf("%q\nwant %q", got, c.want)
		}
		if strings.Join(strings.Fields(got), " ") != strings.Join(strings.Fields(c.text), " ") {
			t.Errorf("%q has other words than %q", got, c.text)
		}
	}
	// What is no terminal gets the lines as they are.
	long := strings.Repeat("word ", 100)
	for _, tty := range []bool{false, true} {
		var b bytes.Buffer
		env := &Env{OutTTY: tty, Width: func() int { return 80 }}
		err := env.wrapped(&b, func(w io.Writer) error { _, err := io.WriteString(w, long); return err })
		if whole := b.String() == long; err != nil || whole == tty {
			t.Errorf("a terminal %v: %v: %q", tty, err, b.String())
		}
	}
}
