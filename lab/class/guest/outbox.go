package guest

import (
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"benchtop/lab/class"
	"benchtop/lab/outfile"
)

// mostKept is how many messages wait at most; who makes so many without a trainer is told.
const mostKept = 5000

// outbox has the messages that the trainer has not confirmed, a file each, in the order in which they were made.
type outbox struct {
	dir   string
	next  int
	items []*item
}

// item is one message on its way.
type item struct {
	id   string
	path string
	text []byte
	at   time.Time     // when it is sent again
	wait time.Duration // until the time after that
}

func openOutbox(dir string) (*outbox, error) {
	o := &outbox{dir: dir}
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return nil, fmt.Errorf("keeping what the trainer has to get: %w", err)
	}
	entries, err := os.ReadDir(dir) // sorted by name, which begins with the number
	if err != nil {
		return nil, fmt.Errorf("keeping what the trainer has to get: %w", err)
	}
	for _, e := range entries {
		var n int
		id, isMessage := strings.CutSuffix(e.Name(), ".json")
		if _, err := fmt.Sscanf(id, "%08d-", &n); err != nil || !isMessage || len(id) < 10 {
			continue
		}
		path := filepath.Join(dir, e.Name())
		text, err := os.ReadFile(path) //nolint:gosec // of the state folder
		if err != nil {
			return nil, fmt.Errorf("keeping what the trainer has to get: %w", err)
		}
		o.items = append(o.items, &item{id: id[9:], path: path, text: text})
		o.next = max(o.next, n+1)
	}
	return o, nil
}

// add keeps a message; the disk has it when it returns.
func (o *outbox) add(m *class.Message) error {
	if len(o.items) >= mostKept {
		return fmt.Errorf("%d messages wait for the trainer already; connect to the class first", len(o.items))
	}
	text, err := json.Marshal(m)
	if err != nil {
		return fmt.Errorf("keeping what the trainer has to get: %w", err)
	}
	if _, err := class.Decode(text); err != nil { // the trainer would refuse it
		return err
	}
	path := filepath.Join(o.dir, fmt.Sprintf("%08d-%s.json", o.next, m.ID))
	if err := outfile.Write(path, text, 0o600); err != nil {
		return fmt.Errorf("keeping what the trainer has to get: %w", err)
	}
	o.next++
	o.items = append(o.items, &item{id: m.ID, path: path, text: text})
	return nil
}

// remove forgets a message, and reports whether it was there.
func (o *outbox) remove(id string) (known bool, err error) {
	i := slices.IndexFunc(o.items, func(it *item) bool { return it.id == id })
	if i < 0 {
		return false, nil
	}
	err = os.Remove(o.items[i].path)
	o.items = slices.Delete(o.items, i, i+1)
	if errors.Is(err, fs.ErrNotExist) {
		err = nil
	}
	return true, err // of a file that stays, the message is sent again by the next start, and confirmed again
}

// due are the messages to be sent now: the first ones, and each again and again with growing breaks.
func (o *outbox) due(now time.Time) [][]byte {
	var out [][]byte
	for _, it := range o.items[:min(len(o.items), mostUnheard)] {
		if now.Before(it.at) {
			continue
		}
		it.wait = min(max(2*it.wait, firstAgain), lastAgain)
		it.at = now.Add(it.wait)
		out = append(out, it.text)
	}
	return out
}

// hurry has everything sent again now.
func (o *outbox) hurry() {
	for _, it := range o.items {
		it.at, it.wait = time.Time{}, 0
	}
}

func (o *outbox) len() int { return len(o.items) }
