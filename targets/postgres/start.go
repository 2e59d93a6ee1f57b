package postgres

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"syscall"
	"time"

	"benchtop/targets"
	"benchtop/targets/component"
	"benchtop/targets/guard"
	"benchtop/targets/proc"
	"benchtop/targets/shop/schema"
)

// starter starts PostgreSQL; tests have less patience and other commands.
type starter struct {
	patience time.Duration // until it serves
	silence  time.Duration // until one that does not respond is told to hang; 0: as usual
	change   func(*guard.Command)
}

var standard = starter{patience: startPatience}

// start makes a cluster and starts a PostgreSQL on it; the context bounds the start only.
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
	at, err := newPlace(p.as)
	if err != nil {
		return nil, err
	}
	settings, _ := part.Settings.(*Settings) // as it was checked
	t := newTarget(hooks, p, at)
	if err = finish(ctx, at.initdb(p)); err == nil {
		err = at.configure(p, settings)
	}
	if err == nil {
		cmd := at.server(p)
		cmd.OnLine, cmd.OnChange = t.heard, t.Poke
		cmd.Stop, cmd.Then, cmd.Grace = syscall.SIGINT, syscall.SIGQUIT, stopGrace
		if st.change != nil {
			st.change(&cmd)
		}
		t.Process, err = guard.Start(ctx, cmd)
	}
	if err == nil {
		if err = t.awaitReady(ctx); err == nil {
			err = t.fill(ctx, settings)
		}
	}
	if err == nil {
		return t, nil
	}
	t.reader.end()
	t.Abandon()
	return nil, err
}

// finish runs a program to its end.
func finish(ctx context.Context, cmd guard.Command) error {
	p, err := guard.Start(ctx, cmd)
	if err != nil {
		return err
	}
	select {
	case <-p.Exited():
	case <-ctx.Done():
	}
	late := ctx.Err()
	patient, cancel := context.WithTimeout(context.WithoutCancel(ctx), stopGrace) // initdb that is killed leaves shared memory behind
	defer cancel()
	stopped := p.Stop(patient) // what it left behind, or itself when its time is up
	if late != nil {
		return fmt.Errorf("%s: %w%s", cmd.Name, context.Cause(ctx), component.Quoted(p.Tail()))
	}
	if how := (*proc.ExitError)(nil); errors.As(p.Err(), &how) && how.Code == 0 {
		return stopped
	}
	return errors.Join(p.Err(), stopped)
}

// awaitReady returns when PostgreSQL accepts connections, which is later than its socket is there.
func (t *target) awaitReady(ctx context.Context) error {
	for {
		t.Family.Update(t.Process.Tree())
		err := t.reader.ping(ctx)
		if err == nil {
			return nil
		}
		select {
		case <-time.After(askEvery):
		case <-t.Process.Exited():
			patient, cancel := context.WithTimeout(context.Background(), stopGrace)
			defer cancel()
			return errors.Join(t.Process.Stop(patient), t.Process.Err())
		case <-ctx.Done():
			return fmt.Errorf("%w: %w%s", context.Cause(ctx), err, component.Quoted(t.Process.Tail()))
		}
	}
}

// fill makes the user, the database and its rows, and begins to count.
func (t *target) fill(ctx context.Context, s *Settings) error {
	before, after := []string{"CREATE ROLE " + schema.User + " LOGIN", "CREATE DATABASE " + schema.Database + " OWNER " + schema.User}, []string{}
	if t.program.statements {
		before, after = append(before, "CREATE EXTENSION pg_stat_statements"), append(after, "SELECT pg_stat_statements_reset()")
	}
	if err := t.reader.do(ctx, before...); err != nil {
		return fmt.Errorf("making the database: %w", err)
	}
	if err := t.seed(ctx, s.Rows); err != nil {
		return fmt.Errorf("filling the database: %w", err)
	}
	if err := t.reader.do(ctx, after...); err != nil {
		return fmt.Errorf("beginning to count: %w", err)
	}
	first, err := t.reader.status(ctx)
	t.reader.before = first.Counters
	return err
}

// seed fills the database as its user does.
func (t *target) seed(ctx context.Context, rows int) error {
	client, err := dial(ctx, t.place.socket(), schema.User, schema.Database)
	if err != nil {
		return err
	}
	defer client.close(ctx)
	for _, sql := range slices.Concat(schema.Create(), schema.Fill(rows), schema.Index(), []string{"VACUUM ANALYZE users, posts, items"}) {
		if _, err := client.run(ctx, sql); err != nil {
			return fmt.Errorf("%.60q: %w", sql, err)
		}
	}
	return nil
}
