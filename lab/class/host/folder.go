package host

import (
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"time"

	"benchtop/lab/class/bus"
	"benchtop/lab/outfile"
)

// settingsName is the file of a class's folder that has its certificate, its token and where it listens: what must be the same when
// the trainer's program is started again. It is for its owner alone.
const settingsName = "class.json"

// settings is what that file holds.
type settings struct {
	bus.Identity

	Benchtop int       `json:"benchtop"`
	Name     string    `json:"name"`
	Created  time.Time `json:"created"`
	NATS     string    `json:"nats,omitempty"`   // the server that runs already
	Export   string    `json:"export,omitempty"` // the folder that it is exported to when it is left
	Ended    bool      `json:"ended,omitempty"`
}

func readSettings(dir string) (*settings, error) {
	text, err := os.ReadFile(filepath.Join(dir, settingsName)) //nolint:gosec // of the state folder
	if err != nil {
		return nil, err
	}
	var s settings
	if err := json.Unmarshal(text, &s); err != nil {
		return nil, fmt.Errorf("reading %s: %w", filepath.Join(dir, settingsName), err)
	}
	return &s, nil
}

func (s *settings) write(dir string) error {
	text, err := json.MarshalIndent(s, "", "  ")
	if err != nil {
		return fmt.Errorf("keeping the class: %w", err)
	}
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return fmt.Errorf("keeping the class: %w", err)
	}
	return outfile.Write(filepath.Join(dir, settingsName), append(text, '\n'), 0o600)
}

// Last is the folder of the newest class below a folder that was not ended, empty when there is none. What is older than the age is left alone.
func Last(below string, age time.Duration, now time.Time) (string, error) {
	entries, err := os.ReadDir(below)
	if errors.Is(err, fs.ErrNotExist) {
		return "", nil
	}
	if err != nil {
		return "", fmt.Errorf("looking for a class to go on with: %w", err)
	}
	slices.Reverse(entries) // their names begin with the time
	for _, e := range entries {
		dir := filepath.Join(below, e.Name())
		s, err := readSettings(dir)
		if err != nil {
			continue // not a class, or one that was never opened
		}
		if s.Ended || now.Sub(s.Created) > age {
			return "", nil // the newest one decides
		}
		return dir, nil
	}
	return "", nil
}
