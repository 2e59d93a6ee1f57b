package database

import (
	"errors"
	"math"
	"time"

	"zombiezen.com/go/sqlite"

	"benchtop/targets/shop/schema"
)

const version = "PostgreSQL " + serverVersion + " protocol in front of SQLite (" + Title + ")"

// momentLayout is how a moment is kept: as PostgreSQL writes it, in UTC.
const momentLayout = "2006-01-02 15:04:05.999999-07"

// register gives the engine the functions that PostgreSQL has and SQLite has not.
func (s *session) register() error {
	constant := func(value func() sqlite.Value) *sqlite.FunctionImpl {
		return &sqlite.FunctionImpl{Scalar: func(sqlite.Context, []sqlite.Value) (sqlite.Value, error) { return value(), nil }}
	}
	text := func(value string) *sqlite.FunctionImpl {
		return constant(func() sqlite.Value { return sqlite.TextValue(value) })
	}
	var errs []error
	for name, f := range map[string]*sqlite.FunctionImpl{
		"version": text(version), "current_database": text(schema.Database), "current_schema": text("public"), "pg_user": text(schema.User),
		"pg_backend_pid":         constant(func() sqlite.Value { return sqlite.IntegerValue(int64(s.number)) }),
		"pg_is_in_recovery":      constant(func() sqlite.Value { return sqlite.IntegerValue(0) }),
		"pg_advisory_unlock_all": text(""),
		"now":                    constant(func() sqlite.Value { return sqlite.TextValue(time.Now().UTC().Format(momentLayout)) }),
		"pg_sleep":               {NArgs: 1, Scalar: s.sleep},
		"current_setting":        {NArgs: -1, Scalar: s.currentSetting},
		"set_config":             {NArgs: 3, Scalar: s.setConfig},
	} {
		f.AllowIndirect = true
		errs = append(errs, s.conn.CreateFunction(name, f))
	}
	return errors.Join(errs...)
}

// sleep is a declared wait that keeps the connection: pg_sleep(seconds).
func (s *session) sleep(_ sqlite.Context, args []sqlite.Value) (sqlite.Value, error) {
	const longest = 24 * time.Hour
	seconds := args[0].Float()
	if seconds <= 0 || math.IsNaN(seconds) {
		return sqlite.TextValue(""), nil
	}
	if !s.pause(time.Duration(min(seconds, longest.Seconds()) * float64(time.Second))) {
		return sqlite.Value{}, errors.New("interrupted")
	}
	return sqlite.TextValue(""), nil
}

func (s *session) currentSetting(_ sqlite.Context, args []sqlite.Value) (sqlite.Value, error) {
	if len(args) < 1 || len(args) > 2 {
		return sqlite.Value{}, errors.New("wrong number of arguments to function current_setting()")
	}
	value, err := s.variable(args[0].Text(), len(args) == 2 && args[1].Int64() != 0)
	return sqlite.TextValue(value), err
}

func (s *session) setConfig(_ sqlite.Context, args []sqlite.Value) (sqlite.Value, error) {
	return args[1], s.set(args[0].Text(), args[1].Text())
}
