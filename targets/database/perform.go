package database

import (
	"strconv"
	"strings"

	"benchtop/targets/database/dialect"
)

// query serves a Query message: statements one after the other, whose results are text. They are one transaction, unless they say
// something else.
func (s *session) query(sql string) error {
	s.closePortal("")
	s.forget("")
	if err := s.runAll(sql); err != nil {
		s.fail(err)
		_ = s.settle(false) // the first error is the one to tell
	} else if err := s.settle(true); err != nil {
		s.fail(err)
	}
	return s.respond()
}

func (s *session) runAll(sql string) error {
	sources, err := dialect.Split(sql)
	if err != nil {
		return err
	}
	empty := true
	for _, source := range sources {
		if source.Empty() {
			continue
		}
		empty = false
		if err := s.runOne(source); err != nil {
			return err
		}
	}
	if empty {
		s.out.bare(emptyQuery)
	}
	return nil
}

func (s *session) runOne(source dialect.Source) error {
	if err := s.permitted(source.Verb()); err != nil {
		return err
	}
	p, err := s.compile(source, nil)
	if err != nil {
		return err
	}
	defer p.finalize()
	if len(p.Params) > 0 {
		return fault("42P02", "there is no parameter $1")
	}
	o, err := s.portal(p)
	if err != nil {
		return err
	}
	defer o.close()
	if len(p.columns) > 0 {
		s.out.columns(p.columns, nil)
	}
	return s.perform(o, 0)
}

// perform runs a portal to its end, or until so many rows were sent; 0 is all.
func (s *session) perform(o *portal, most int) error {
	if err := s.permitted(o.of.Verb); err != nil {
		return err
	}
	if o.done {
		s.complete(o)
		return nil
	}
	s.service.counts.statements.Add(1)
	s.service.active.Add(1)
	stop := s.interrupt.start(s.timeout)
	err := s.advance(o, most)
	stop()
	why := s.interrupt.finished()
	s.service.active.Add(-1)
	if why == "" {
		return err
	}
	s.conn.SetInterrupt(s.interrupt.done())
	if err == nil {
		return nil // it was done before
	}
	s.service.counts.cancelled.Add(1)
	if why == byEnd {
		return fault(shutdown, "%s", why)
	}
	return fault(canceled, "%s", why)
}

// advance runs a portal on.
func (s *session) advance(o *portal, most int) error {
	if o.stmt == nil {
		return s.utility(o)
	}
	if o.of.Writes {
		if err := s.write(); err != nil {
			return err
		}
	}
	if !o.begun {
		o.begun = true
		s.tx.changed = s.tx.changed || o.of.Changes
		if o.of.Changes {
			s.own = nil
		}
	}
	for sent := 0; ; {
		row, err := o.stmt.Step()
		if err != nil {
			return err
		}
		if !row {
			break
		}
		if len(o.of.columns) == 0 {
			continue
		}
		if err := s.row(o); err != nil {
			return err
		}
		o.rows++
		if sent++; sent == most {
			s.out.bare(portalSuspended)
			return nil
		}
	}
	o.done = true
	if o.of.Verb != "select" && o.of.Verb != "values" {
		o.rows = s.conn.Changes()
	}
	if o.of.stmt == o.stmt {
		_ = o.stmt.Reset()
	}
	s.complete(o)
	return nil
}

// row sends the row that the statement is at.
func (s *session) row(o *portal) error {
	start := len(s.out.buf)
	at := s.out.begin('D')
	s.out.int16(len(o.of.columns))
	for i, c := range o.of.columns {
		var err error
		if s.out.buf, err = appendColumn(s.out.buf, o.stmt, i, c.Type, format(o.formats, i)); err != nil {
			s.out.buf = s.out.buf[:start]
			return err
		}
	}
	s.out.end(at)
	return s.overflow()
}

// complete says that a portal is done.
func (s *session) complete(o *portal) {
	n := strconv.Itoa(o.rows)
	switch verb := o.of.Verb; verb {
	case "select", "values":
		s.out.complete("SELECT " + n)
	case "insert":
		s.out.complete("INSERT 0 " + n)
	case "update", "delete":
		s.out.complete(strings.ToUpper(verb) + " " + n)
	case "truncate":
		s.out.complete("TRUNCATE TABLE")
	default:
		s.out.complete(o.of.Tag)
	}
}

// keptOne runs one of the statements that begin and end transactions; they stay prepared.
func (s *session) keptOne(sql string) error {
	stmt := s.control[sql]
	if stmt == nil {
		var err error
		if stmt, err = s.prepare(sql); err != nil {
			return err
		}
		s.control[sql] = stmt
	}
	_, err := stmt.Step()
	if again := stmt.Reset(); err == nil {
		err = again
	}
	return err
}

// once runs a statement that is not kept.
func (s *session) once(sql string) error {
	stmt, err := s.prepare(sql)
	if err != nil {
		return err
	}
	return finish(stmt)
}
