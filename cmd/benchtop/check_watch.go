package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"time"

	"benchtop/lab"
	"benchtop/scenarios"
	"benchtop/targets/routine"
	"benchtop/tui"
)

// watch checks files, and again whenever one is saved, until the person ends it.
func (c *checker) watch(names []string) error {
	files := make([]*watchedFile, 0, len(names))
	for _, name := range names {
		if shipped(name) {
			return usage("check --watch: %s is shipped and does not change; name a file", name)
		}
		if info, err := os.Stat(name); err != nil || !info.Mode().IsRegular() {
			return usage("check --watch: %s is no file that could be watched; `benchtop new NAME` writes one", name)
		}
		files = append(files, watchFile(name))
	}
	if c.flags.run {
		sweep(c.env)
	}
	ticker := time.NewTicker(lookEvery)
	defer ticker.Stop()
	for _, f := range files {
		if err := c.again(f.path); err != nil {
			return err
		}
	}
	what := "this file"
	if len(files) > 1 {
		what = "these files"
	}
	fmt.Fprintf(c.env.text(), "\nwatching %s; ctrl+c ends\n", what)
	return c.follow(files, ticker.C)
}

// follow checks what has changed at each tick. A file that is saved during a run is checked after it.
func (c *checker) follow(files []*watchedFile, ticks <-chan time.Time) error {
	for {
		select {
		case <-c.ctx.Done():
			return c.ended()
		case <-ticks:
		}
		for _, f := range files {
			changed, there := f.look()
			switch {
			case !changed:
			case !there:
				stamp(c.env.Stderr, c.env.Now())
				fmt.Fprintf(c.env.Stderr, "%s: it is gone; waiting for it to come back\n", f.path)
			default:
				stamp(c.env.text(), c.env.Now())
				if err := c.again(f.path); err != nil {
					return err
				}
			}
		}
	}
}

// again checks one file, and runs it if it is right and that was asked for. Nothing that is wrong with it ends the
// watch.
func (c *checker) again(path string) error {
	file := c.read(path)
	if file == nil || !c.flags.run {
		return nil
	}
	_, err := c.try(c.ctx, file)
	if c.ctx.Err() != nil {
		return c.ended()
	}
	return err
}

func (c *checker) ended() error {
	code := signalled(c.ctx)
	if code == 0 {
		code = exitInterrupt
	}
	return &exitError{code: code}
}

// remember keeps the path of a plan that came from a file.
func (f *runFlags) remember(plan *lab.Plan, name string) {
	if f.files == nil {
		f.files = map[*lab.Plan]string{}
	}
	if !shipped(name) {
		f.files[plan] = name
	}
}

// remarks tell the screen of a plan's run what becomes of its file; nil when it came from none.
func (f *runFlags) remarks(ctx context.Context, plan *lab.Plan) <-chan tui.Remark {
	if path := f.files[plan]; path != "" {
		return watchSource(ctx, path)
	}
	return nil
}

// watchSource tells the screen of a run when the file that it came from is saved again. The run goes on with what it
// began with, whatever becomes of the file. The channel is closed when ctx ends.
func watchSource(ctx context.Context, path string) <-chan tui.Remark {
	ticker := time.NewTicker(lookEvery)
	out := make(chan tui.Remark)
	routine.Go(func() {
		defer close(out)
		defer ticker.Stop()
		tellChanges(ctx, watchFile(path), ticker.C, out)
	})
	return out
}

func tellChanges(ctx context.Context, file *watchedFile, ticks <-chan time.Time, out chan<- tui.Remark) {
	for {
		select {
		case <-ctx.Done():
			return
		case <-ticks:
		}
		changed, there := file.look()
		if !changed {
			continue
		}
		select {
		case out <- aboutFile(file.path, there):
		case <-ctx.Done():
			return
		}
	}
}

// aboutFile says what became of a scenario file under a run.
func aboutFile(path string, there bool) tui.Remark {
	name := filepath.Base(path)
	const stays = "; this run goes on as it began"
	if !there {
		return tui.Remark{Text: name + " is gone" + stays, Wrong: true}
	}
	_, err := scenarios.Read(path)
	var problems *scenarios.Errors
	switch {
	case err == nil:
		return tui.Remark{Text: name + " was saved and is valid; the next start uses it" + stays}
	case errors.As(err, &problems) && len(problems.Problems) > 0:
		first := problems.Problems[0]
		text := fmt.Sprintf("%s was saved with an error at %d:%d: %s", name, first.Line, first.Col, first.Msg)
		if n := len(problems.Problems) + problems.Omitted - 1; n > 0 {
			text += fmt.Sprintf(" (and %d more)", n)
		}
		return tui.Remark{Text: text + stays, Wrong: true}
	}
	return tui.Remark{Text: strings.SplitN(err.Error(), "\n", 2)[0] + stays, Wrong: true}
}
