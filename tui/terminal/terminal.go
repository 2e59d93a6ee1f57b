// Package terminal stands between a Bubble Tea program and the terminal that it is on.
package terminal

import (
	"errors"
	"fmt"
	"io"
	"os"
	"runtime/debug"
	"sync"
	"sync/atomic"
	"syscall"
	"time"

	tea "github.com/charmbracelet/bubbletea"
	"github.com/charmbracelet/x/term"

	"benchtop/targets/routine"
	"benchtop/tui/theme"
)

// terminal stands between a screen and the terminal that it is on: it can take the terminal back from the screen at any
// moment, and it hears that the terminal is gone, and what it says of its background.
type terminal struct {
	in, out    *os.File
	before     *term.State      // as the terminal was found
	gone       func()           // tells that it is gone; nil: nobody asks
	background func(light bool) // takes what it says of its background; nil: it is not asked

	drawn chan struct{} // closed with the first output, which comes after raw mode
	first sync.Once

	mu     sync.Mutex // held while something is written
	closed bool       // taken back: nothing is written any more
	held   []byte     // the beginning of a response, of the reader alone
}

// onScreen is the terminal that has a screen, nil while none has.
var onScreen atomic.Pointer[terminal]

const (
	// leaveScreen undoes what a screen may have turned on: pasting in brackets, the mouse, the colours, the hidden cursor,
	// the alternate screen.
	leaveScreen = "\x1b[?2004l\x1b[?1002l\x1b[?1003l\x1b[?1006l\x1b[0m\x1b[?25h\x1b[?1049l"
	frameRate   = 20 // frames per second at most
	// startPatience is how long a screen that begins may take to raw mode, so that it does not come after the end.
	startPatience = 200 * time.Millisecond
)

// Restore gives the terminal back as it was before the screen that is on it, and keeps that screen from drawing again;
// without a screen it does nothing. It is for a program that must end at once, and may wait for a terminal that takes
// no output.
func Restore() {
	if t := onScreen.Load(); t != nil {
		t.restore()
	}
}

func (t *terminal) restore() {
	select {
	case <-t.drawn:
	case <-time.After(startPatience):
	}
	_ = term.Restore(t.in.Fd(), t.before) // before anything that could wait; of a terminal that is gone it fails
	t.mu.Lock()
	defer t.mu.Unlock()
	if !t.closed {
		t.closed = true
		_, _ = t.out.WriteString(leaveScreen)
	}
}

// Surface is where a program is shown, and what is heard of it.
type Surface struct {
	In    io.Reader
	Out   io.Writer
	Mouse bool         // take the mouse: the terminal cannot select text with it then
	Look  *theme.Theme // one that follows the background of the terminal asks for it
	Gone  func()       // told that the terminal is gone, perhaps more than once; nil: nobody asks
}

// Show runs a program on its surface until it ends. begun is given the program before it runs. The terminal is as it was
// found afterwards.
func Show(m tea.Model, s Surface, begun func(*tea.Program)) error {
	in, out := s.In, s.Out
	t := s.terminal()
	if t != nil {
		in, out = keyboard{t}, display{t}
		onScreen.Store(t)
		defer onScreen.CompareAndSwap(t, nil)
	}
	options := []tea.ProgramOption{
		tea.WithAltScreen(), tea.WithFPS(frameRate), tea.WithInput(in), tea.WithOutput(out), tea.WithoutSignalHandler(),
	}
	if s.Mouse {
		options = append(options, tea.WithMouseCellMotion())
	}
	options = append(options, tea.WithoutCatchPanics()) // reported is what catches them
	p := tea.NewProgram(reported{m}, options...)
	if t != nil && s.Look.Auto && canBeAsked(os.Getenv("TERM")) {
		t.background = func(light bool) { p.Send(Background{light}) }
	}
	begun(p)
	defer debug.SetGCPercent(debug.SetGCPercent(garbage))
	_, err := p.Run()
	switch {
	case errors.Is(err, syscall.EIO) && t != nil:
		t.lost()
	case err != nil:
		return fmt.Errorf("running the screen: %w", err)
	}
	return nil
}

// garbage is how many per cent of what is in use may be added before it is collected. A screen keeps some megabytes and drops
// a few with its ten frames a second: collecting at the usual 100 % is a fifteenth of its CPU.
const garbage = 400

// reported is a model whose panics, and those of its commands, are reported like those of every goroutine. What Bubble Tea
// does about them prints the stack over the screen and goes on to an ordinary end.
type reported struct{ tea.Model }

// Init implements tea.Model.
func (r reported) Init() tea.Cmd {
	defer routine.Recover()
	return reportedCmd(r.Model.Init())
}

// Update implements tea.Model.
func (r reported) Update(msg tea.Msg) (tea.Model, tea.Cmd) {
	defer routine.Recover()
	m, cmd := r.Model.Update(msg)
	return reported{m}, reportedCmd(cmd)
}

// View implements tea.Model.
func (r reported) View() string {
	defer routine.Recover()
	return r.Model.View()
}

func reportedCmd(cmd tea.Cmd) tea.Cmd {
	if cmd == nil {
		return nil
	}
	return func() tea.Msg {
		defer routine.Recover()
		msg := cmd()
		if batch, ok := msg.(tea.BatchMsg); ok {
			for i, c := range batch {
				batch[i] = reportedCmd(c)
			}
		}
		return msg
	}
}

// terminal is the surface as a terminal, nil when it is none.
func (s *Surface) terminal() *terminal {
	in, isFile := s.In.(*os.File)
	out, areFiles := s.Out.(*os.File)
	if !isFile || !areFiles || !term.IsTerminal(out.Fd()) {
		return nil
	}
	before, err := term.GetState(in.Fd())
	if err != nil {
		return nil
	}
	return &terminal{in: in, out: out, before: before, gone: s.Gone, drawn: make(chan struct{})}
}

// lost tells that the terminal is gone.
func (t *terminal) lost() {
	if t.gone != nil {
		t.gone()
	}
}

// keyboard is the terminal as a program reads it.
type keyboard struct{ t *terminal }

// Read reads keys. A terminal that cannot be read any more is gone, and has no more of them.
func (k keyboard) Read(p []byte) (int, error) {
	held := copy(p, k.t.held)
	k.t.held = nil
	n, err := k.t.in.Read(p[held:])
	if err != nil {
		k.t.lost()
		return 0, io.EOF
	}
	return k.t.sift(p[:held+n]), nil
}

func (k keyboard) Write(p []byte) (int, error) { return k.t.in.Write(p) }
func (k keyboard) Close() error                { return nil } // who opened it closes it
func (k keyboard) Fd() uintptr                 { return k.t.in.Fd() }
func (k keyboard) Name() string                { return k.t.in.Name() }

// display is the terminal as a program draws on it.
type display struct{ t *terminal }

// Write draws. What comes after the terminal was taken back goes nowhere, and takes nothing of it.
func (d display) Write(p []byte) (int, error) {
	t := d.t
	t.mu.Lock()
	defer t.mu.Unlock()
	if t.closed {
		_ = term.Restore(t.in.Fd(), t.before) // in case raw mode came after it
		return len(p), nil
	}
	n, err := t.out.Write(p)
	t.first.Do(func() {
		close(t.drawn)
		if t.background != nil {
			_, _ = t.out.WriteString(askBackground)
		}
	})
	return n, err
}

func (d display) Read(p []byte) (int, error) { return d.t.out.Read(p) }
func (d display) Close() error               { return nil } // who opened it closes it
func (d display) Fd() uintptr                { return d.t.out.Fd() }
