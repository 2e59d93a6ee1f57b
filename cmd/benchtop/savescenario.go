package main

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
)

// mostNames is how many names are tried for a file before somebody should tidy up.
const mostNames = 999

// saveScenario writes a scenario file into the current folder under a name that is free there: the given one, or that
// with a number. It tells the path as it would be typed here.
func (e *Env) saveScenario(name string, content []byte) (string, error) {
	stem := strings.TrimSuffix(name, ".yaml")
	for n := 1; n <= mostNames; n++ {
		if n > 1 {
			name = fmt.Sprintf("%s-%d.yaml", stem, n)
		}
		path := filepath.Join(".", name)
		f, err := os.OpenFile(path, os.O_WRONLY|os.O_CREATE|os.O_EXCL, shared) //nolint:gosec // a scenario is for everybody to read
		if errors.Is(err, fs.ErrExist) {
			continue
		}
		if err != nil {
			return "", fmt.Errorf("writing the scenario: %w", err)
		}
		_, err = f.Write(content)
		if err = errors.Join(err, f.Close()); err != nil {
			return "", errors.Join(fmt.Errorf("writing the scenario: %w", err), os.Remove(path))
		}
		return "./" + path, nil
	}
	return "", fmt.Errorf("writing the scenario: %s.yaml and %s-2.yaml to %s-%d.yaml exist already; remove some", stem, stem, stem, mostNames)
}
