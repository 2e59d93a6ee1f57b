package tui

import (
	"context"
	"fmt"
	"time"

	"github.com/muesli/termenv"

	"benchtop/lab"
	"benchtop/tui/screen"
	"benchtop/tui/theme"
)

// Still is one snapshot as a Session: for pictures, and for looking at a state that does not move.
type Still struct{ Snapshot *lab.State }

// State is the snapshot.
func (s Still) State() *lab.State { return s.Snapshot }

// Turn does nothing.
func (Still) Turn(lab.Turn) {}

// Stop does nothing.
func (Still) Stop() {}

// Done never is.
func (Still) Done() <-chan struct{} { return nil }

// Paper is what a picture is drawn on: its size in columns and rows; theme, glyphs and large type as in Config.
type Paper struct {
	Width, Height int
	Theme, Glyphs string
	Present       bool
}

// Picture draws the screen of a run at one moment, as terminal text with colours: the same that Run would show on such
// paper. Name is the screen: live or verdict.
func Picture(s *lab.State, p Paper, name string) (string, error) {
	look, err := theme.New(p.Theme, termenv.TrueColor)
	if err != nil {
		return "", fmt.Errorf("drawing a picture: %w", err)
	}
	tier, err := theme.ParseTier(p.Glyphs)
	if err != nil {
		return "", fmt.Errorf("drawing a picture: %w", err)
	}
	m := newModel(context.Background(), Config{Session: Still{s}, Still: true, Present: p.Present, Now: func() time.Time { return time.Time{} }}, look, tier)
	m.w, m.h = p.Width, p.Height
	m.Pull()
	switch name {
	case "live":
		m.Home(screen.Watch{})
	case "verdict":
		m.Home(screen.Verdict{})
	default:
		return "", fmt.Errorf("drawing a picture: screen %q is not known; allowed: live, verdict", name)
	}
	return m.View(), nil
}
