package main

import (
	"fmt"
	"io"
	"time"

	"github.com/spf13/cobra"

	"benchtop/lab"
	"benchtop/lab/record"
	"benchtop/tui"
)

// picture is the screen of a replay at one moment, as a file.
type picture struct {
	file, size string
	at         time.Duration
}

func (p *picture) register(cmd *cobra.Command) {
	cmd.Flags().StringVar(&p.file, "picture", "", "write the screen as SVG to a file, or -, instead of showing it")
	cmd.Flags().StringVar(&p.size, "size", "120x34", "columns x rows of the picture")
	cmd.Flags().DurationVar(&p.at, "at", 0, "moment of the picture, since the run began (default: its end)")
}

func (p *picture) write(env *Env, ui *uiFlags, run *record.Run) error {
	var width, height int
	if n, err := fmt.Sscanf(p.size, "%dx%d", &width, &height); n != 2 || err != nil || width < 60 || width > 300 || height < 16 || height > 100 {
		return usage("--size %q: expected COLUMNSxROWS from 60x16 to 300x100, for example 120x34", p.size)
	}
	if err := checkOutput("--picture", p.file); err != nil {
		return err
	}
	events := run.Events
	screen := "verdict"
	if p.at > 0 {
		screen = "live"
		for i := range events {
			if events[i].At > int64(p.at) {
				events = events[:i]
				break
			}
		}
	}
	theme := ui.theme
	if theme == "auto" {
		theme = "dark"
	}
	front, back := tui.Paper(theme)
	text, err := tui.Picture(lab.FoldAll(events), width, height, theme, ui.config(env, nil).Glyphs, screen)
	if err != nil {
		return &exitError{exitInternal, err}
	}
	err = writeOutput(env, p.file, func(w io.Writer) error {
		_, err := io.WriteString(w, tui.SVG(text, front, back))
		return err
	})
	if err != nil {
		return environment("%w", err)
	}
	return nil
}
