package guest

import (
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strconv"

	"benchtop/lab/class"
	"benchtop/lab/class/held"
	"benchtop/lab/outfile"
)

// mostSeats is how many seats of one class this machine can have.
const mostSeats = 200

// seatName is the file of a seat's folder; it is for its owner alone.
const seatName = "seat.json"

// kept is what a seat must know again when its program is started again.
type kept struct {
	ID     string           `json:"id"`
	Secret string           `json:"secret"`
	Name   string           `json:"name"`
	Lesson *class.Lesson    `json:"lesson,omitempty"`
	State  class.GuestState `json:"state"`
}

// folder is the place of a seat on the disk, which this process has.
type folder struct {
	dir     string
	seat    kept
	outbox  *outbox
	release func()
}

// openFolder takes the first seat of a class that no other process has, by its name if one is given, or makes one.
func openFolder(below, id, name string) (*folder, error) {
	for n := 1; n <= mostSeats; n++ {
		dir := filepath.Join(below, id, strconv.Itoa(n))
		release, err := held.Take(dir)
		if errors.Is(err, held.ErrHeld) {
			continue
		}
		if err != nil {
			return nil, err
		}
		f := &folder{dir: dir, release: release}
		mine, err := f.open(name)
		if err != nil {
			f.close()
			return nil, err
		}
		if mine {
			return f, nil
		}
		f.close()
	}
	return nil, fmt.Errorf("this machine has %d seats in the class already", mostSeats)
}

// open reads the seat of the folder, or makes it. It reports whether it is that of the name.
func (f *folder) open(name string) (bool, error) {
	path := filepath.Join(f.dir, seatName)
	text, err := os.ReadFile(path) //nolint:gosec // of the state folder
	switch {
	case errors.Is(err, fs.ErrNotExist):
		f.seat = kept{ID: drawID(), Secret: drawID() + drawID(), Name: class.Named(name)}
		if err := f.write(); err != nil {
			return false, err
		}
	case err != nil:
		return false, fmt.Errorf("opening the seat: %w", err)
	default:
		if err := json.Unmarshal(text, &f.seat); err != nil {
			return false, fmt.Errorf("opening the seat in %s: %w; remove that folder to take another seat", f.dir, err)
		}
	}
	if name != "" && f.seat.Name != class.Named(name) {
		return false, nil
	}
	f.outbox, err = openOutbox(filepath.Join(f.dir, "outbox"))
	return err == nil, err
}

func (f *folder) write() error {
	text, err := json.Marshal(&f.seat) // #nosec G117 -- the folder is where the secret is kept, for its owner alone
	if err != nil {
		return fmt.Errorf("keeping the seat: %w", err)
	}
	if err := outfile.Write(filepath.Join(f.dir, seatName), text, 0o600); err != nil {
		return fmt.Errorf("keeping the seat: %w", err)
	}
	return nil
}

func (f *folder) close() {
	if f.release != nil {
		f.release()
		f.release = nil
	}
}

// Sealed reports whether a scenario is the lesson of a seat that a living process of this user has, and whose own run is not done: what gives its
// outcome away is to be kept from the person until then. below is the folder below which seats are kept.
func Sealed(below, scenario string) bool {
	seats, err := filepath.Glob(filepath.Join(below, "*", "*", seatName))
	if err != nil {
		return false // the pattern is none
	}
	for _, path := range seats {
		var seat kept
		text, err := os.ReadFile(path) //nolint:gosec // of the state folder
		if err != nil || json.Unmarshal(text, &seat) != nil {
			continue // half a seat seals nothing
		}
		if seat.Lesson != nil && seat.Lesson.ID == scenario && seat.State.Sealed() && held.Held(filepath.Dir(path)) {
			return true
		}
	}
	return false
}
