// Package own finds a person's own scenario files.
package own

import (
	"bytes"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"regexp"

	"benchtop/scenarios"
)

// Found is one file: a scenario, or why it is none.
type Found struct {
	Path string
	File *scenarios.File // nil with an Err
	Err  error           // every problem of the file with its place
}

// ErrNone is wrapped for a folder without a scenario file.
var ErrNone = errors.New("no scenario file is in it")

// most is how many files of a folder are looked at.
const most = 1000

// Folder reads all files of a folder that are named as scenarios are, in the order of their names. What is wrong with one
// is its Err and does not keep the others from being read. A copy of a shipped scenario is left out: that one is there.
func Folder(dir string) ([]Found, error) {
	paths, err := named(dir)
	if err != nil {
		return nil, err
	}
	if len(paths) == 0 {
		return nil, fmt.Errorf("%s: %w: their names end in .yaml or .yml; `benchtop new NAME` writes one", dir, ErrNone)
	}
	return readAll(paths), nil
}

// Files reads the named ones as Folder does.
func Files(paths ...string) []Found { return readAll(paths) }

// Here is Folder for one that may hold anything: files without the version that every scenario has are left out.
func Here(dir string) []Found {
	paths, err := named(dir)
	if err != nil {
		return nil // that is no folder of scenarios then
	}
	var mine []string
	for _, path := range paths {
		if src, err := begins(path); err == nil && version.Match(src) {
			mine = append(mine, path)
		}
	}
	return readAll(mine)
}

// version is the line that makes a YAML file a scenario.
var version = regexp.MustCompile(`(?m)^benchtop\s*:`)

// begins is the content of a regular file that is no larger than a scenario may be.
func begins(path string) ([]byte, error) {
	info, err := os.Stat(path)
	if err != nil {
		return nil, err
	}
	if !info.Mode().IsRegular() || info.Size() > scenarios.MaxBytes {
		return nil, fmt.Errorf("%s holds no scenario", path)
	}
	return os.ReadFile(path) //nolint:gosec // a file of the folder that the person is in
}

// named are the files of a folder whose names are those of scenarios.
func named(dir string) ([]string, error) {
	entries, err := os.ReadDir(dir)
	if err != nil {
		return nil, fmt.Errorf("looking for scenarios: %w", err)
	}
	var out []string
	for _, e := range entries {
		switch filepath.Ext(e.Name()) {
		case ".yaml", ".yml":
			if !e.IsDir() && len(out) < most {
				out = append(out, filepath.Join(dir, e.Name()))
			}
		}
	}
	return out, nil
}

// readAll reads files. What was done in a lesson is kept by its id, so one id is one scenario: a file with that of a
// shipped scenario or of a file before it is refused.
func readAll(paths []string) []Found {
	first := map[string]string{}
	var out []Found
	for _, path := range paths {
		file, err := scenarios.Read(path)
		if err != nil {
			out = append(out, Found{Path: path, Err: err})
			continue
		}
		id := file.Plan.ID
		shipped, err := scenarios.Load(id)
		other, taken := first[id]
		switch {
		case err == nil && bytes.Equal(shipped.Source, file.Source):
			continue
		case err == nil:
			out = append(out, Found{Path: path, Err: fmt.Errorf(
				"%s: error: its id %s is that of a shipped scenario\ngive it another id: the lab would not tell them apart; `benchtop run %[1]s` runs it as it is", path, id)})
		case taken:
			out = append(out, Found{Path: path, Err: fmt.Errorf("%s: error: its id %s is that of %s as well\ngive one of them another id", path, id, other)})
		default:
			first[id] = path
			out = append(out, Found{Path: path, File: file})
		}
	}
	return out
}
