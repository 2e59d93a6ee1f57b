package terminal

import (
	"os"
	"strings"
	"testing"
)

// What a terminal says of its background is taken out of the keys, wherever it is cut, and no key with it.
func TestTheResponseOfATerminalIsNoKey(t *testing.T) {
	const light, dark = "\x1b]11;rgb:ffff/ffff/e0e0\x1b\\", "\x1b]11;rgb:1c/1c/1c\a"
	for _, c := range []struct {
		reads []string
		keys  string
		says  string
	}{
		{[]string{light}, "", "light"},
		{[]string{dark}, "", "dark"},
		{[]string{"a" + dark + "b"}, "ab", "dark"},
		{[]string{"a\x1b]", "11;rgb:ffff/ffff/ffff", "\x1b", "\\b"}, "ab", "light"},
		{[]string{light[:9], light[9:] + "q"}, "q", "light"},
		{[]string{"\x1b"}, "\x1b", ""},
		{[]string{"\x1b]", "x"}, "\x1b]x", ""}, // alt and a bracket
		{[]string{"\x1b[A", "\x1b[1;5C"}, "\x1b[A\x1b[1;5C", ""},
		{[]string{"\x1b]11;nonsense\ak"}, "k", ""},
		{[]string{"\x1b]11;" + strings.Repeat("x", longestWord)}, "\x1b]11;" + strings.Repeat("x", longestWord), ""},
		{[]string{dark, light}, light, "dark"}, // it was asked once
	} {
		in, out, err := os.Pipe()
		if err != nil {
			t.Fatal(err)
		}
		says := ""
		keys := keyboard{&terminal{in: in, background: func(light bool) {
			says += map[bool]string{true: "light", false: "dark"}[light]
		}}}
		got := ""
		for _, read := range c.reads {
			if _, err := out.WriteString(read); err != nil {
				t.Fatal(err)
			}
			var buf [256]byte
			n, err := keys.Read(buf[:])
			if err != nil {
				t.Fatal(err)
			}
			got += string(buf[:n])
		}
		if got != c.keys || says != c.says {
			t.Errorf("%q: keys %q, it says %q; expected %q, %q", c.reads, got, says, c.keys, c.says)
		}
		_, _ = in.Close(), out.Close()
	}
}

// A terminal that cannot be read any more is gone, and tells so.
func TestATerminalThatEndsIsGone(t *testing.T) {
	in, out, err := os.Pipe()
	if err != nil {
		t.Fatal(err)
	}
	_ = out.Close()
	told := 0
	if n, err := (keyboard{&terminal{in: in, gone: func() { told++ }}}).Read(make([]byte, 8)); n != 0 || err == nil || told != 1 {
		t.Errorf("%d bytes, %v, told %d times", n, err, told)
	}
	_ = in.Close()
}
