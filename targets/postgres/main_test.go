package postgres

import (
	"context"
	"testing"

	"benchtop/targets"
	"benchtop/targets/fixture"
	"benchtop/targets/fixture/suite"
	"benchtop/targets/guard"
	"benchtop/targets/proc"
	"benchtop/targets/runfolder"
	"benchtop/targets/setting"
	"benchtop/targets/shop/schema"
)

func TestMain(m *testing.M) {
	proc.Dispatch(map[string]proc.RoleFunc{guard.Role: guard.Guard})
	suite.Main(m, runfolder.Remove)
}

func part(s Settings) targets.Part {
	setting.Fill(Descriptor().Settings, &s)
	return targets.Part{Kind: Name, Settings: &s}
}

// started starts a PostgreSQL that the end of the test stops.
func started(t *testing.T, st starter, settings Settings, hooks targets.Hooks) *target {
	t.Helper()
	suite.Need(t, find().err)
	ctx, cancel := context.WithTimeout(t.Context(), suite.Deadline)
	defer cancel()
	running, err := st.start(ctx, part(settings), hooks)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { fixture.ComponentStopped(t, running.Target) })
	return running
}

// client opens a session as the applications do.
func client(t *testing.T, running *target) *session {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), suite.Deadline)
	defer cancel()
	socket, _ := targets.UnixPath(running.Addr())
	s, err := dial(ctx, socket, schema.User, schema.Database)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = s.conn.Close() })
	return s
}

// value runs SQL and gives the first value of its result.
func (s *session) value(t *testing.T, sql string) string {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), suite.Deadline)
	defer cancel()
	rows, err := s.run(ctx, sql)
	if err != nil || len(rows) == 0 {
		t.Fatalf("%s: %v, %v", sql, rows, err)
	}
	return rows[0][0]
}
