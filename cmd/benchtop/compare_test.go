package main

import (
	"strconv"
	"strings"
	"time"

	"github.com/rogpeppe/go-internal/testscript"

	"benchtop/lab"
	"benchtop/lab/observe"
	"benchtop/lab/record"
	"benchtop/lab/rehearsal"
)

// rehearse FILE [ratio=N] [kernel=TEXT] [lines=N] [format=N]: writes a run file without running anything. With lines it
// is cut in the middle of the line after so many.
func rehearse(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) < 1 {
		ts.Fatalf("usage: rehearse FILE [ratio=N] [kernel=TEXT] [lines=N] [format=N]")
	}
	script := rehearsal.Script{Blocks: 6, Slice: 250 * time.Millisecond, Trouble: true}
	lines, format := 0, lab.FormatVersion
	for _, arg := range args[1:] {
		key, value, _ := strings.Cut(arg, "=")
		n, err := strconv.ParseFloat(value, 64)
		switch key {
		case "ratio":
			script.Ratio = n
		case "lines":
			lines = int(n)
		case "format":
			format = int(n)
		case "kernel":
			script.Machine, err = func(m *observe.Machine) { m.Kernel = value }, nil
		default:
			ts.Fatalf("rehearse: %q is not known", arg)
		}
		ts.Check(err)
	}
	events := script.Events()
	events[0].Run.Benchtop = format
	var b strings.Builder
	w := record.NewWriter(&b)
	for _, e := range events {
		w.Write(e)
	}
	ts.Check(w.Err())
	text := b.String()
	if lines > 0 {
		at := 0
		for range lines {
			at += strings.IndexByte(text[at:], '\n') + 1
		}
		text = text[:at+20]
	}
	ts.Check(writeFile(ts.MkAbs(args[0]), []byte(text)))
}
