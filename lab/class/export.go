package class

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"

	"benchtop/lab/outfile"
)

// roomName is the file of what a class came to, in a folder that it was exported to; beside it are its events.
const roomName = "room.json"

// Export writes a class to a folder, which is made when it is missing: its events, from which it is replayed, and the room that they come
// to, with everybody's predictions, results and answers. A folder that holds another class keeps it: this one gets a folder of its own
// in there. It gives the folder that was written.
func Export(dir string, events []Event) (string, error) {
	var lines bytes.Buffer
	var room Room
	to := json.NewEncoder(&lines)
	for i := range events {
		if err := to.Encode(&events[i]); err != nil {
			return "", fmt.Errorf("exporting the class: %w", err)
		}
		room.Apply(&events[i])
	}
	text, err := json.MarshalIndent(&room, "", "  ")
	if err != nil {
		return "", fmt.Errorf("exporting the class: %w", err)
	}
	if dir, err = folderOf(dir, &room); err != nil {
		return "", err
	}
	if err := os.MkdirAll(dir, 0o755); err != nil { //nolint:gosec // as the person's mkdir makes it
		return "", fmt.Errorf("exporting the class: %w", err)
	}
	for name, content := range map[string][]byte{logName: lines.Bytes(), roomName: append(text, '\n')} {
		if err := outfile.Write(filepath.Join(dir, name), content, 0o644); err != nil {
			return "", fmt.Errorf("exporting the class: %w", err)
		}
	}
	return dir, nil
}

// folderOf is the folder itself, or, where another class lies there, one of this class in it.
func folderOf(dir string, room *Room) (string, error) {
	there, err := os.ReadFile(filepath.Join(dir, roomName)) //nolint:gosec // the person named it
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return dir, nil
	case err != nil:
		return "", fmt.Errorf("exporting the class: %w", err)
	}
	var other Room
	if json.Unmarshal(there, &other) == nil && other.Class == room.Class {
		return dir, nil // the same, as it was earlier
	}
	return filepath.Join(dir, room.Started.UTC().Format("20060102T150405Z")+"-"+room.Class), nil
}
