package printable

import (
	"bytes"
	"fmt"
	"strings"
	"sync"
	"testing"
)

func TestWhatOthersWroteIsSafeToPrint(t *testing.T) {
	for _, test := range []struct{ in, lines, line string }{
		{"plain text, ä ß 語 ▁▂▃ ⣿ ─ €", "", ""},
		{"a\nb\tc", "a\nb\tc", "a b c"},
		{"red\x1b[31m", "red\uFFFD[31m", "red\uFFFD[31m"},
		{"title\x1b]0;x\a", "title\uFFFD]0;x\uFFFD", "title\uFFFD]0;x\uFFFD"},
		{"one\r\ntwo\rthree", "one\uFFFD\ntwo\uFFFDthree", "one\uFFFD two\uFFFDthree"},
		{"C1 \u009b31m \u0085", "C1 \uFFFD31m \uFFFD", "C1 \uFFFD31m \uFFFD"},
		{"turned \u202egnp.\u202c \u2066x\u2069 \u061c", "turned \uFFFDgnp.\uFFFD \uFFFDx\uFFFD \uFFFD", "turned \uFFFDgnp.\uFFFD \uFFFDx\uFFFD \uFFFD"},
		{"ze\u200bro\u200c \u200d \u2060 \ufeff", "ze\uFFFDro\uFFFD \uFFFD \uFFFD \uFFFD", "ze\uFFFDro\uFFFD \uFFFD \uFFFD \uFFFD"},
		{"soft\u00adhyphen \u034f \u115f \u3164 \uffa0 \u180e", "soft\uFFFDhyphen \uFFFD \uFFFD \uFFFD \uFFFD \uFFFD", "soft\uFFFDhyphen \uFFFD \uFFFD \uFFFD \uFFFD \uFFFD"},
		{"tag \U000e0041 selector \ufe0f \U000e0101", "tag \uFFFD selector \uFFFD \uFFFD", "tag \uFFFD selector \uFFFD \uFFFD"},
		{"separators \u2028 \u2029", "separators \uFFFD \uFFFD", "separators \uFFFD \uFFFD"},
		{"bytes \xff\xfe ok", "bytes \uFFFD ok", "bytes \uFFFD ok"},
		{"nul\x00 del\x7f", "nul\uFFFD del\uFFFD", "nul\uFFFD del\uFFFD"},
		{"arabic \u0600 5", "", ""}, // a format that is seen
	} {
		if test.lines == "" {
			test.lines, test.line = test.in, test.in
		}
		if got := Lines(test.in); got != test.lines {
			t.Errorf("Lines(%q) = %q, want %q", test.in, got, test.lines)
		}
		if got := Line(test.in); got != test.line {
			t.Errorf("Line(%q) = %q, want %q", test.in, got, test.line)
		}
	}
}

// However a text is cut into writes, the same arrives.
func TestAWriterKeepsCharactersWhole(t *testing.T) {
	text := "ä 語 \x1b[31m \U0001f600 \u202e x\xffy\n"
	for size := 1; size <= len(text); size++ {
		var out bytes.Buffer
		w := NewWriter(&out)
		for rest := text; rest != ""; {
			n := min(size, len(rest))
			if _, err := w.Write([]byte(rest[:n])); err != nil {
				t.Fatal(err)
			}
			rest = rest[n:]
		}
		if out.String() != Lines(text) {
			t.Errorf("in pieces of %d: %q, want %q", size, out.String(), Lines(text))
		}
	}
}

func TestAWriterIsSafeForConcurrentUse(t *testing.T) {
	var out bytes.Buffer
	w := NewWriter(&out)
	var all sync.WaitGroup
	for i := range 8 {
		all.Go(func() { _, _ = fmt.Fprintf(w, "line %d\n", i) })
	}
	all.Wait()
	if n := strings.Count(out.String(), "\n"); n != 8 {
		t.Errorf("%d lines arrived", n)
	}
}

func TestCleanTextCostsNothing(t *testing.T) {
	text := strings.Repeat("plain ▁▂▃ ", 20)
	if n := testing.AllocsPerRun(100, func() { _ = Line(text) }); n > 0 {
		t.Errorf("%v allocations for a text that needs no change", n)
	}
}
