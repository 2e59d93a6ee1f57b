package record

import (
	"bytes"
	"fmt"
	"path/filepath"
	"slices"
	"strings"

	"benchtop/lab/regular"
)

// Saved are the run files in a folder whose names fit, the oldest first: names begin with the time. fits is a pattern as
// filepath.Match has it, without the extension.
func Saved(dir, fits string) ([]string, error) {
	names, err := filepath.Glob(filepath.Join(dir, fits+Extension))
	if err != nil {
		return nil, fmt.Errorf("looking for run files: %w", err)
	}
	older, err := filepath.Glob(filepath.Join(dir, fits+linesExtension))
	if err != nil {
		return nil, fmt.Errorf("looking for run files: %w", err)
	}
	names = append(names, older...)
	slices.Sort(names)
	return names, nil
}

// Latest is the newest run file in a folder.
func Latest(dir string) (string, error) { return newest(dir, 0) }

// Previous is the run file before the newest one in a folder.
func Previous(dir string) (string, error) { return newest(dir, 1) }

func newest(dir string, back int) (string, error) {
	names, err := Saved(dir, "*")
	switch {
	case err != nil:
		return "", err
	case len(names) == 0:
		return "", fmt.Errorf("no run is saved in %s yet: run a scenario first, for example `benchtop run noise`", dir)
	case len(names) <= back:
		return "", fmt.Errorf("only one run is saved in %s: run a scenario again, or name a run file", dir)
	}
	return names[len(names)-1-back], nil
}

// Stem is the name of a run file without its extension, and whether it is called as one.
func Stem(name string) (string, bool) {
	if stem, ok := strings.CutSuffix(name, Extension); ok {
		return stem, true
	}
	return strings.CutSuffix(name, linesExtension)
}

// Begins reports whether a file begins as those that Writer writes.
func Begins(path string) bool {
	f, err := regular.Open(path)
	if err != nil {
		return false
	}
	defer func() { _ = f.Close() }()
	in, err := unpack(f)
	if err != nil {
		return false
	}
	first := []byte(`{"seq":1,`)
	begin, _ := in.in.Peek(len(first)) // shorter where the file is
	return bytes.Equal(begin, first)
}
