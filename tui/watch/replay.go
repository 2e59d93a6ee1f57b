package watch

import (
	"fmt"
	"time"

	"benchtop/lab/figure"
	"benchtop/lab/marks"
	"benchtop/targets/printable"
	"benchtop/tui/chart"
	"benchtop/tui/screen"
	"benchtop/tui/theme"
)

// A replay: its clock, the jumps, and the line that says where it is.

const (
	step      = 2 * time.Second // of the arrows
	strides   = 10              // of the longer step, in a whole run
	slowest   = 1.0
	fastest   = 16.0
	afterglow = time.Second // for which a mark that was just passed is still the present one, at speed 1
)

// Player is the keys of a replay, and the line that says where it is.
type Player struct {
	desk screen.Desk
	run  *Run
}

// NewPlayer plays the run that is watched, where it is a replay.
func NewPlayer(desk screen.Desk, run *Run) *Player { return &Player{desk, run} }

// Keys are those of a replay.
func (p *Player) Keys() screen.Section {
	toEnd := func() {
		_, total := p.run.Replay.Position()
		p.seek(total)
	}
	return screen.Section{Name: "replay", First: true, On: p.Replays, Keys: []screen.Key{
		screen.Bind("space", "pause", "pause the replay, and go on; at the end from the beginning", screen.Plainly(p.pause), nil, " ").Saying(p.pauseWord),
		screen.Pair("←→", "scrub", "back or on by two seconds", p.scrub, 1, nil, "left", "right"),
		screen.Pair("- +", "speed", "slower or faster: 1x, 2x, 4x, 8x, 16x", p.speed, 1, nil, "-", "_", "+", "="),
		screen.Pair("[ ]", "event", "to the event before or after: a process died, a slice or a block does not count, a setting was turned, a phase began",
			func(n int) { p.jump(n, false) }, 1, nil, "[", "]"),
		screen.Pair("{ }", "slice", "to the start of the slice before or after", func(n int) { p.jump(n, true) }, 1, nil, "{", "}"),
		screen.Pair("< >", "", "back or on by a tenth of the run (shift with the arrows does too)", p.stride, 1, nil, "<", "shift+left", ">", "shift+right"),
		screen.Bind("home", "", "to the beginning", screen.Plainly(func() { p.seek(0) }), nil, "home"),
		screen.Bind("end", "", "to the end", screen.Plainly(toEnd), nil, "end"),
	}}
}

// Replays reports whether the run is a replay.
func (p *Player) Replays() bool { return p.run.Replay != nil }

// pause stops the clock, or lets it go on; at the end it begins again.
func (p *Player) pause() {
	if at, total := p.run.Replay.Position(); at >= total && total > 0 {
		p.run.Replay.Pause(false)
		p.seek(0)
		return
	}
	p.run.Replay.Pause(!p.run.Replay.Paused())
}

func (p *Player) pauseWord() string {
	at, total := p.run.Replay.Position()
	switch {
	case at >= total && total > 0:
		return "again"
	case p.run.Replay.Paused():
		return "play"
	}
	return "pause"
}

// seek goes to a moment of the run. The picture of a moment that was frozen gives way.
func (p *Player) seek(at time.Duration) {
	_, total := p.run.Replay.Position()
	p.run.Frozen = nil
	p.run.Replay.Seek(min(max(at, 0), total))
	p.desk.Pull()
}

func (p *Player) scrub(n int) {
	at, _ := p.run.Replay.Position()
	p.seek(at + time.Duration(n)*step)
}

// stride goes a longer way, by whole seconds.
func (p *Player) stride(n int) {
	at, total := p.run.Replay.Position()
	p.seek(at + time.Duration(n)*max(total/strides, step).Round(time.Second))
}

// jump goes to the mark before or after and says what it is.
func (p *Player) jump(n int, slices bool) {
	at, _ := p.run.Replay.Position()
	found := p.mark(int64(at), n, slices)
	if found == nil {
		what, where := "event", "after"
		if slices {
			what = "slice"
		}
		if n < 0 {
			where = "before"
		}
		p.desk.Say("there is no " + what + " " + where + " this")
		return
	}
	p.seek(time.Duration(found.At))
	p.desk.Point(figure.Countdown(time.Duration(found.At)) + "  " + printable.Line(found.Text))
}

// mark finds the next mark in a direction, nil if there is none. The slices are marks of their own; the first one is
// that with which measuring begins. While the replay goes on, going back does not stop at a mark that has just passed.
func (p *Player) mark(at int64, n int, slices bool) *marks.Mark {
	marks := p.run.Replay.Marks()
	if n > 0 {
		for i := range marks {
			if marks[i].At > at && marks[i].Slice == slices {
				return &marks[i]
			}
		}
		return nil
	}
	if !p.run.Replay.Paused() {
		at -= int64(float64(afterglow) * p.run.Replay.CurrentSpeed())
	}
	for i := len(marks) - 1; i >= 0; i-- {
		if marks[i].At < at && marks[i].Slice == slices {
			return &marks[i]
		}
	}
	return nil
}

func (p *Player) speed(n int) {
	x := p.run.Replay.CurrentSpeed()
	if n > 0 {
		x *= 2
	} else {
		x /= 2
	}
	p.run.Replay.Speed(min(max(x, slowest), fastest))
}

// speedFrom is the width from which a replay says how fast it is played and how long it is.
const speedFrom = 72

// Status is the badge, the speed and the position of a replay.
func (p *Player) Status(f screen.Frame) screen.Status {
	if p.run.Replay == nil {
		return screen.Status{}
	}
	l := theme.NewLine(f.W)
	at, total := p.run.Replay.Position()
	state := "▶"
	switch {
	case at >= total:
		state = "end"
	case p.run.Replay.Paused():
		state = "paused"
	}
	badge := " REPLAY "
	if p.run.Origin != "" {
		badge = " REFERENCE "
	}
	l.Space(1).Put(f.Look.Badge, badge).Space(1).Put(f.Look.Strong, theme.PadRight(state, 6))
	if f.W < speedFrom {
		return screen.Status{Line: l.Put(f.Look.Muted, " "+figure.Countdown(at)).Space(2)}
	}
	l.Put(f.Look.Muted, fmt.Sprintf(" %.0fx %s / %s ", p.run.Replay.CurrentSpeed(), figure.Countdown(at), figure.Countdown(total)))
	if total > 0 && f.W >= 100 {
		width := 12
		if f.W >= 160 {
			width = 40
		}
		l.Put(f.Look.Faint, "▕").Put(f.Look.Accent, chart.Bar(float64(at)/float64(total), width, f.Tier)).Put(f.Look.Faint, "▏")
	}
	return screen.Status{Line: l.Space(1)}
}
