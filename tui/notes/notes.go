// Package notes is the screen of a trainer: the notes of a scenario for where the lab is that shows it. It is a program of
// its own.
package notes

import (
	"context"
	"fmt"
	"io"
	"path/filepath"
	"time"

	tea "github.com/charmbracelet/bubbletea"

	"benchtop/lab"
	"benchtop/lab/follow"
	"benchtop/targets/routine"
	"benchtop/tui/draw"
	"benchtop/tui/terminal"
	"benchtop/tui/theme"
)

// Config is what the trainer's screen needs.
type Config struct {
	In   io.Reader // a terminal
	Out  io.Writer // a terminal
	Plan *lab.Plan // whose notes are shown
	Name string    // as the person named the scenario
	Labs func() []follow.Lab
	Once bool // leave when the lab that was followed has ended

	Theme   string
	Glyphs  string
	NoColor bool
	Now     func() time.Time // nil: time.Now
	Gone    func()           // as of Config
}

// Run shows the trainer's notes of a scenario, and where the lab is that shows it, until the person leaves or ctx
// ends.
func Run(ctx context.Context, c Config) error {
	look, err := theme.Detect(c.Out, c.Theme, c.NoColor)
	if err != nil {
		return fmt.Errorf("opening the screen: %w", err)
	}
	tier, err := theme.ParseTier(c.Glyphs)
	if err != nil {
		return fmt.Errorf("opening the screen: %w", err)
	}
	stop := func() bool { return false }
	defer func() { stop() }()
	return terminal.Show(newScreen(c, look, tier), terminal.Surface{In: c.In, Out: c.Out, Look: look, Gone: c.Gone}, func(p *tea.Program) {
		stop = routine.OnDone(ctx, func() { p.Send(leaveMsg{}) })
	})
}

type (
	tickMsg  time.Time
	leaveMsg struct{}
)

// tick is slower than that of the screen that is followed: on the machine that measures, looking has its price.
const tick = 500 * time.Millisecond

// Followed is which lab is followed for a scenario, as one looks at what there is again and again.
type Followed struct {
	Scenario string       // id
	Named    string       // as the person named it: an id or a file
	Lab      *follow.Lab  // nil: none shows the scenario
	Others   []follow.Lab // that show it as well
	Else     []follow.Lab // labs at another scenario, or at none
	Last     *follow.Lab  // that was followed before and has gone, or has left the scenario
}

// Look takes a new look at the labs.
func (f *Followed) Look(labs []follow.Lab) {
	path := ""
	if f.Lab != nil {
		path = f.Lab.Path
	}
	chosen, others := follow.Choose(labs, f.Scenario, path)
	if f.Lab != nil && (chosen == nil || chosen.Path != path) {
		f.Last = f.Lab
	}
	if chosen != nil && f.Last != nil && chosen.Path == f.Last.Path {
		f.Last = nil // it has come back
	}
	f.Lab, f.Others, f.Else = chosen, others, nil
	for _, l := range labs {
		if l.Where == nil || l.Where.Scenario != f.Scenario {
			f.Else = append(f.Else, l)
		}
	}
}

// Who says which lab is followed, or that none is and what to do.
func (f *Followed) Who() string {
	switch {
	case f.Lab != nil && len(f.Others) > 0:
		text := fmt.Sprintf("%d labs show it: following %s, not", len(f.Others)+1, labText(f.Lab))
		for i := range f.Others {
			if i > 0 {
				text += ","
			}
			text += fmt.Sprintf(" process %d", f.Others[i].Hello.PID)
		}
		return text
	case f.Lab != nil:
		return "following " + labText(f.Lab)
	}
	text := "waiting for a lab at " + f.Scenario
	switch {
	case f.Last != nil && f.at(f.Last) != nil:
		text = fmt.Sprintf("process %d has left %s; %s", f.Last.Hello.PID, f.Scenario, text)
	case f.Last != nil:
		text = fmt.Sprintf("the lab that was followed (process %d) has ended; %s", f.Last.Hello.PID, text)
	}
	for i := range f.Else {
		if refused := f.Else[i].Hello.Refused; refused != "" {
			text += fmt.Sprintf(" (process %d cannot be followed: %s)", f.Else[i].Hello.PID, refused)
		} else if w := f.Else[i].Where; w != nil && w.Scenario != "" {
			text += fmt.Sprintf(" (process %d is at %s)", f.Else[i].Hello.PID, w.Scenario)
		} else {
			text += fmt.Sprintf(" (process %d is at its catalogue)", f.Else[i].Hello.PID)
		}
	}
	if len(f.Else) == 0 {
		text += ": start `benchtop run " + f.Named + "`"
		if f.Named == f.Scenario {
			text += ", or `benchtop`,"
		}
		text += " in another terminal"
	}
	return text
}

// at is the same lab as it is now, nil when it has gone.
func (f *Followed) at(l *follow.Lab) *follow.Lab {
	for i := range f.Else {
		if f.Else[i].Path == l.Path {
			return &f.Else[i]
		}
	}
	return nil
}

func labText(l *follow.Lab) string {
	command := "benchtop"
	if l.Hello.Command != "lab" {
		command += " " + l.Hello.Command
	}
	return fmt.Sprintf("process %d, `%s` since %s (%s)", l.Hello.PID, command, l.Hello.Started.Format(time.TimeOnly), filepath.Base(filepath.Dir(l.Path)))
}

// notes is the trainer's screen.
type notes struct {
	cfg      Config
	look     *theme.Theme
	tier     theme.Tier
	parts    notesParts
	followed Followed
	w, h     int
	scroll   draw.Scroll
	place    string // that the scroll position belongs to
}

func newScreen(c Config, look *theme.Theme, tier theme.Tier) *notes {
	if c.Now == nil {
		c.Now = time.Now
	}
	n := &notes{cfg: c, look: look, tier: tier, parts: partsOf(c.Plan.Notes), followed: Followed{Scenario: c.Plan.ID, Named: c.Name}}
	n.pull()
	return n
}

// Init starts the clock.
func (n *notes) Init() tea.Cmd { return nextTick() }

func nextTick() tea.Cmd {
	return tea.Tick(tick, func(t time.Time) tea.Msg { return tickMsg(t) })
}

func (n *notes) pull() { n.followed.Look(n.cfg.Labs()) }

// Update takes a key, a size or a tick.
func (n *notes) Update(msg tea.Msg) (tea.Model, tea.Cmd) {
	switch msg := msg.(type) {
	case tea.WindowSizeMsg:
		n.w, n.h = msg.Width, msg.Height
	case leaveMsg:
		return n, tea.Quit
	case terminal.Background:
		n.look = n.look.On(msg.Light)
	case tickMsg:
		n.pull()
		if n.cfg.Once && n.followed.Lab == nil && n.followed.Last != nil {
			return n, tea.Quit
		}
		return n, nextTick()
	case tea.KeyMsg:
		switch msg.String() {
		case "q", "ctrl+c":
			return n, tea.Quit
		case "ctrl+z":
			return n, tea.Suspend
		case "up":
			n.scroll.By(-1)
		case "down":
			n.scroll.By(1)
		case "pgup":
			n.scroll.Page(-1)
		case "pgdown", " ":
			n.scroll.Page(1)
		case "home":
			n.scroll.Top()
		case "end":
			n.scroll.End()
		case "g":
			n.tier = n.tier.Next()
		}
	}
	return n, nil
}
