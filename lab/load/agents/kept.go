package agents

import (
	"encoding/json"
	"errors"
	"fmt"
	"net"
	"os"
	"path/filepath"
	"time"

	"benchtop/lab/class/bus"
	"benchtop/lab/class/held"
	"benchtop/lab/outfile"
)

// keptName is the file that keeps a code; it is for its owner alone.
const keptName = "agents.json"

// mostAge is how long a code is used again.
const mostAge = 24 * time.Hour

// kept is what a code consists of. The agents of a load are still there for the next one, if that has the same code.
type kept struct {
	bus.Identity

	Created time.Time `json:"created"`

	dir     string // empty: it is not kept
	release func()
}

// takeKept takes the code of before, if it is for the address and no other process has it, or draws another one.
func takeKept(c *CrewConfig) (*kept, error) {
	k := &kept{dir: c.Dir, release: func() {}}
	if c.Dir != "" {
		release, err := held.Take(c.Dir)
		switch {
		case errors.Is(err, held.ErrHeld):
			k.dir = ""
		case err != nil:
			return nil, err
		default:
			k.release = release
		}
	}
	if k.dir != "" {
		text, err := os.ReadFile(filepath.Join(k.dir, keptName)) //nolint:gosec // of the state folder
		if err == nil && json.Unmarshal(text, k) == nil && c.Now().Sub(k.Created).Abs() < mostAge && k.serves(c.Listen) {
			return k, nil
		}
	}
	return k, k.draw(c)
}

// serves reports whether the code is for an address that was asked for.
func (k *kept) serves(listen string) bool {
	host, port, err := net.SplitHostPort(k.Listen)
	wantHost, wantPort, wantErr := net.SplitHostPort(listen)
	if listen == "" {
		return err == nil && host == "127.0.0.1"
	}
	return err == nil && wantErr == nil && host == wantHost && (wantPort == "0" || wantPort == port)
}

func (k *kept) draw(c *CrewConfig) (err error) {
	k.Identity, err = bus.NewIdentity(c.Listen)
	k.Created = c.Now()
	return err
}

func (k *kept) write() error {
	if k.dir == "" {
		return nil
	}
	text, err := json.Marshal(k) // #nosec G117 -- the folder is where the secret is kept, for its owner alone
	if err != nil {
		return fmt.Errorf("keeping the code of the agents: %w", err)
	}
	if err := outfile.Write(filepath.Join(k.dir, keptName), text, 0o600); err != nil {
		return fmt.Errorf("keeping the code of the agents: %w", err)
	}
	return nil
}
