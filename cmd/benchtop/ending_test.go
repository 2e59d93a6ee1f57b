package main

import (
	"context"
	"os"

	"benchtop/lab"
	"benchtop/lab/instrument/selftest"
	"benchtop/lab/rehearsal"
	"benchtop/targets/routine"
	"benchtop/tui"
)

// failingName is the name under which this program is a screen that panics.
const failingName = "benchtop-failing"

// failing is a session that panics once, in the middle of an update of the screen.
type failing struct {
	*selftest.Shown
	asked, at int
}

func (f *failing) State() *lab.State {
	if f.asked++; f.asked == f.at {
		panic("planted")
	}
	return f.Shown.State()
}

// failingScreen is a program whose screen panics: in an update, or in a command, which exporting is.
func failingScreen() {
	fold := lab.NewFold()
	for _, e := range (rehearsal.Script{Blocks: 1}).Events() {
		fold.Apply(e)
	}
	session := &failing{Shown: selftest.NewShown(fold)}
	if os.Args[1] == "update" {
		session.at = 20
	}
	env := system()
	routine.Report(env.fault)
	_, _ = tui.Run(context.Background(), tui.Config{
		In: os.Stdin, Out: os.Stdout, Session: session, Mouse: true, Theme: "dark", Glyphs: "block",
		Export: func([]tui.ExportFile) (string, error) { panic("planted") },
	})
}
