package proc

import (
	"bufio"
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"strconv"
	"sync"
	"sync/atomic"
	"time"

	"benchtop/targets/posix"
	"benchtop/targets/routine"
)

// Descriptors of a child.
const (
	fdDown  = 3 // lines from the parent; its end is the lifeline
	fdUp    = 4 // lines to the parent
	fdFiles = 5 // the first file of Command.Files
)

// headerTimeout is how long a child waits for its spec.
const headerTimeout = 10 * time.Second

// messageBacklog is how many lines from the parent may wait for a role that does not read them.
const messageBacklog = 4096

// header is the first line of the down pipe.
type header struct {
	Cookie string          `json:"cookie"`
	Files  int             `json:"files"`
	Spec   json.RawMessage `json:"spec"`
}

// Child is a role's side of its connection to the parent.
type Child struct {
	role  string
	spec  json.RawMessage
	files []*os.File

	up        *lineWriter
	down      *bufio.Reader
	messages  chan json.RawMessage
	signalled atomic.Bool

	readyOnce sync.Mutex
	ready     bool
}

// adopt takes over the descriptors that Start gave to this process and reads the spec.
func adopt(role, cookie string) (*Child, error) {
	down, err := inherited(fdDown, "down")
	if err != nil {
		return nil, err
	}
	up, err := inherited(fdUp, "up")
	if err != nil {
		return nil, err
	}
	// A pipe that cannot have deadlines still works: the lifeline and the ready deadline of the parent remain.
	_ = down.SetReadDeadline(time.Now().Add(headerTimeout))
	r := bufio.NewReader(down)
	line, err := readLine(r)
	if err != nil {
		return nil, fmt.Errorf("reading the spec from descriptor %d: %w", fdDown, err)
	}
	_ = down.SetReadDeadline(time.Time{})
	var h header
	if err := decodeStrict(line, &h); err != nil {
		return nil, fmt.Errorf("reading the spec from descriptor %d: %w", fdDown, err)
	}
	if h.Cookie != cookie {
		return nil, fmt.Errorf("the cookie in %s is not the one of the spec", RoleEnv)
	}
	c := &Child{
		role:     role,
		spec:     h.Spec,
		up:       &lineWriter{w: up, timeout: sendTimeout},
		down:     r,
		messages: make(chan json.RawMessage),
	}
	for i := range h.Files {
		f, err := inheritedFile(fdFiles+i, i)
		if err != nil {
			return nil, err
		}
		c.files = append(c.files, f)
	}
	nameProcess("benchtop " + role)
	return c, nil
}

// inherited opens one of the two pipes. The kind is checked because a process that merely inherited the environment
// may have something else open under the same number.
func inherited(fd int, what string) (*os.File, error) {
	kind, err := posix.Kind(fd)
	if err != nil {
		return nil, fmt.Errorf("descriptor %d (the %s pipe) is missing: %w", fd, what, err)
	}
	if kind != fs.ModeNamedPipe && kind != fs.ModeSocket {
		return nil, fmt.Errorf("descriptor %d is not the %s pipe", fd, what)
	}
	posix.CloseOnExec(fd)
	if err := posix.SetNonblock(fd); err != nil {
		return nil, fmt.Errorf("descriptor %d (the %s pipe): %w", fd, what, err)
	}
	return os.NewFile(uintptr(fd), what), nil
}

// inheritedFile opens a file that was handed over. A socket is set to non-blocking: its open file description may be
// shared with other processes, and an accept that blocks could not be interrupted.
func inheritedFile(fd, index int) (*os.File, error) {
	kind, err := posix.Kind(fd)
	if err != nil {
		return nil, fmt.Errorf("descriptor %d (file %d) is missing: %w", fd, index, err)
	}
	posix.CloseOnExec(fd)
	if kind == fs.ModeSocket {
		if err := posix.SetNonblock(fd); err != nil {
			return nil, fmt.Errorf("descriptor %d (file %d): %w", fd, index, err)
		}
	}
	return os.NewFile(uintptr(fd), "file"+strconv.Itoa(index)), nil
}

// Spec decodes the spec of the Command into v; unknown fields are an error.
func (c *Child) Spec(v any) error {
	if err := decodeStrict(c.spec, v); err != nil {
		return fmt.Errorf("spec of role %s: %w", c.role, err)
	}
	return nil
}

// Files are the inherited files in the order of Command.Files. They belong to the role.
func (c *Child) Files() []*os.File { return c.files }

// Ready sends the one ready line, which Process.ReadyLine gives to the parent.
func (c *Child) Ready(v any) error {
	c.readyOnce.Lock()
	defer c.readyOnce.Unlock()
	if c.ready {
		return errors.New("ready was sent already")
	}
	c.ready = true
	return c.up.send(v)
}

// Send sends a line to the parent after Ready. It may be called from several goroutines. When the parent does not
// read for a second the line is dropped and the error wraps os.ErrDeadlineExceeded; later lines may get through.
func (c *Child) Send(v any) error { return c.up.send(v) }

// Messages are the lines that the parent sent after the spec. The channel is closed at the end of the lifeline.
func (c *Child) Messages() <-chan json.RawMessage { return c.messages }

// readDown reads the parent's lines until the lifeline ends and then calls ended. It never waits for the role, so that
// a role that does not read its messages still notices the end.
func (c *Child) readDown(ended func()) {
	backlog := make(chan json.RawMessage, messageBacklog)
	gone := make(chan struct{})
	routine.Go(func() {
		defer close(c.messages)
		for m := range backlog {
			select {
			case c.messages <- m:
			case <-gone:
				// Nobody may read any more; what is read is still delivered, in order, by the select above.
				select {
				case c.messages <- m:
				default:
					return
				}
			}
		}
	})
	for {
		line, err := readLine(c.down)
		if err != nil {
			close(gone)
			close(backlog)
			ended()
			return
		}
		select {
		case backlog <- line:
		default:
			fmt.Fprintf(os.Stderr, "benchtop: role %s does not read its messages, one was dropped\n", c.role)
		}
	}
}

// decodeStrict decodes exactly one JSON value with known fields only.
func decodeStrict(line []byte, v any) error {
	d := json.NewDecoder(bytes.NewReader(line))
	d.DisallowUnknownFields()
	if err := d.Decode(v); err != nil {
		return err
	}
	if _, err := d.Token(); !errors.Is(err, io.EOF) {
		return errors.New("more than one JSON value in a line")
	}
	return nil
}
