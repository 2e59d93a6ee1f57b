package redis

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"time"

	"benchtop/targets"
	"benchtop/targets/component"
	"benchtop/targets/guard"
	"benchtop/targets/runfolder"
)

// Limits of a start.
const (
	startPatience = 30 * time.Second
	stopGrace     = 3 * time.Second
	askEvery      = 5 * time.Millisecond // until it responds
)

// Names in the folder of a Redis.
const (
	configFile = "redis.conf"
	socketName = "s"
)

// starter starts Redis; tests have less patience and other commands.
type starter struct {
	patience time.Duration // until it serves
	silence  time.Duration // until one that does not respond is told to hang; 0: as usual
	change   func(*guard.Command)
}

var standard = starter{patience: startPatience}

// start starts a Redis; the context bounds the start only.
func (st starter) start(ctx context.Context, part targets.Part, hooks targets.Hooks) (*target, error) {
	t, err := st.launch(ctx, part, hooks)
	if err != nil {
		return nil, fmt.Errorf("service %s: %w", Name, err)
	}
	t.begin(st.silence)
	return t, nil
}

func (st starter) launch(ctx context.Context, part targets.Part, hooks targets.Hooks) (*target, error) {
	p := find()
	if p.err != nil {
		return nil, p.err
	}
	ctx, cancel := context.WithTimeoutCause(ctx, st.patience, fmt.Errorf("it does not serve within %v", st.patience))
	defer cancel()
	run, err := runfolder.Path()
	if err != nil {
		return nil, err
	}
	folder, err := os.MkdirTemp(run, "rd")
	if err != nil {
		return nil, fmt.Errorf("making a folder for Redis: %w", err)
	}
	t := newTarget(hooks, p, folder)
	settings, _ := part.Settings.(*Settings) // as it was checked
	if err = os.WriteFile(filepath.Join(folder, configFile), []byte(configuration(settings)), 0o600); err == nil {
		cmd := guard.Command{
			Name: Name, Argv: []string{p.path, filepath.Join(folder, configFile)}, Dir: folder, OnChange: t.Poke, Grace: stopGrace,
		}
		if st.change != nil {
			st.change(&cmd)
		}
		t.Process, err = guard.Start(ctx, cmd)
	}
	if err == nil {
		err = t.awaitReady(ctx)
	}
	if err == nil {
		if err = t.reader.fill(ctx, settings.Entries); err == nil {
			return t, nil
		}
	}
	t.reader.end()
	t.Abandon()
	return nil, err
}

// configuration is what Redis reads. Its working folder is its own, so that no path needs quotes. Its title stays as
// it is: the place where it would stand is that of the environment, by which processes are found.
func configuration(s *Settings) string {
	return strings.Join([]string{
		"port 0",
		"unixsocket " + socketName,
		"unixsocketperm 700",
		"daemonize no",
		"set-proc-title no",
		"always-show-logo no",
		`logfile ""`,
		`save ""`,
		"appendonly no",
		fmt.Sprintf("maxmemory %d", s.Memory),
		"maxmemory-policy noeviction",
	}, "\n") + "\n"
}

// awaitReady returns when Redis responds.
func (t *target) awaitReady(ctx context.Context) error {
	for {
		t.Family.Update(t.Process.Tree())
		if len(t.Family.Serving()) > 0 && t.reader.ping(ctx) == nil {
			return nil
		}
		select {
		case <-t.News:
		case <-time.After(askEvery):
		case <-t.Process.Exited():
			patient, cancel := context.WithTimeout(context.Background(), stopGrace)
			defer cancel()
			return errors.Join(t.Process.Stop(patient), t.Process.Err())
		case <-ctx.Done():
			return fmt.Errorf("%w%s", context.Cause(ctx), component.Quoted(t.Process.Tail()))
		}
	}
}
