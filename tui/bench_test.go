package tui

import (
	"context"
	"testing"

	"github.com/muesli/termenv"

	"benchtop/tui/theme"
)

// BenchmarkFrame draws a frame of two variants at 120x34 from a snapshot that changes every time, so that nothing is
// cached. The goal is 1 ms.
func BenchmarkFrame(b *testing.B) {
	look, err := theme.New("dark", termenv.TrueColor)
	if err != nil {
		b.Fatal(err)
	}
	st := live(2, 1)
	s := newStill(st)
	m := newModel(context.Background(), Config{Session: s}, look, theme.Block)
	m.w, m.h = 120, 34
	b.ReportAllocs()
	for b.Loop() {
		next := *st
		next.Seq++
		st = &next
		s.state = st
		m.pull()
		if len(m.View()) == 0 {
			b.Fatal("empty frame")
		}
	}
}

// BenchmarkFrameCached draws the same frame again: what View costs after a message that changed nothing.
func BenchmarkFrameCached(b *testing.B) {
	look, err := theme.New("dark", termenv.TrueColor)
	if err != nil {
		b.Fatal(err)
	}
	m := newModel(context.Background(), Config{Session: newStill(live(2, 1))}, look, theme.Block)
	m.w, m.h = 120, 34
	b.ReportAllocs()
	for b.Loop() {
		m.View()
	}
}
