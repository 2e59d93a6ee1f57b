package class

import (
	"bytes"
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"

	"benchtop/lab/outfile"
)

// roomName is the file of what a class came to, in a folder that it was exported to; beside it are its events.
const roomName = "room.json"

// Export writes a class to a folder, which is made when it is missing: its events, from which it is replayed, and the room that they come
// to, with everybody's predictions, results and answers.
func Export(dir string, events []Event) error {
	var lines bytes.Buffer
	var room Room
	to := json.NewEncoder(&lines)
	for i := range events {
		if err := to.Encode(&events[i]); err != nil {
			return fmt.Errorf("exporting the class: %w", err)
		}
		room.Apply(&events[i])
	}
	text, err := json.MarshalIndent(&room, "", "  ")
	if err != nil {
		return fmt.Errorf("exporting the class: %w", err)
	}
	if err := os.MkdirAll(dir, 0o755); err != nil { //nolint:gosec // as the person's mkdir makes it
		return fmt.Errorf("exporting the class: %w", err)
	}
	for name, content := range map[string][]byte{logName: lines.Bytes(), roomName: append(text, '\n')} {
		if err := outfile.Write(filepath.Join(dir, name), content, 0o644); err != nil {
			return fmt.Errorf("exporting the class: %w", err)
		}
	}
	return nil
}
