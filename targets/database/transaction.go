package database

import (
	"strings"

	"benchtop/targets/database/dialect"
)

// transaction is the state of a session's transaction. The engine's begins at the first write: what is read before sees what
// was committed by then, statement by statement, as PostgreSQL's READ COMMITTED does, and a write never meets a state that is too old.
type transaction struct {
	explicit   bool // the client began it
	failed     bool // it can only be ended
	writing    bool // the engine's has begun, and it is this session's turn to write
	readOnly   bool
	changed    bool     // tables themselves were changed
	savepoints []string // names
}

// state is what ReadyForQuery says.
func (t *transaction) state() byte {
	switch {
	case t.failed:
		return 'E'
	case t.explicit:
		return 'T'
	}
	return 'I'
}

// ending are the verbs that a failed transaction takes.
var ending = map[string]bool{"rollback": true, "commit": true, "end": true, "abort": true}

// permitted refuses what comes after an error in a transaction.
func (s *session) permitted(verb string) error {
	if s.tx.failed && !ending[verb] {
		return fault(failedTransaction, "current transaction is aborted, commands ignored until end of transaction block")
	}
	return nil
}

// write begins the engine's transaction, when it is this session's turn.
func (s *session) write() error {
	switch {
	case s.tx.writing:
		return nil
	case s.tx.readOnly:
		return fault(readOnly, "cannot write in a read-only transaction")
	}
	for _, o := range s.portals {
		if o.begun && !o.done && o.stmt != nil {
			return unsupported("a first write while a portal is half read is not supported: read it to its end or close it before")
		}
	}
	if !s.service.writers.acquire(s.interrupt.done()) {
		return fault(canceled, "canceling statement due to user request")
	}
	s.tx.writing = true
	if err := s.keptOne("BEGIN IMMEDIATE"); err != nil {
		s.tx.writing = false
		s.service.writers.release()
		return err
	}
	for _, name := range s.tx.savepoints {
		if err := s.once("SAVEPOINT " + name); err != nil {
			return err
		}
	}
	return nil
}

// finishWrite ends the engine's transaction, and the turn.
func (s *session) finishWrite(commit bool) error {
	if !s.tx.writing {
		return nil
	}
	s.closePortals()
	var err error
	if commit {
		err = s.keptOne("COMMIT")
	}
	if !s.conn.AutocommitEnabled() {
		if again := s.keptOne("ROLLBACK"); again != nil && err == nil {
			err = again
		}
	} else if commit && err == nil && s.tx.changed {
		s.service.store.change()
	}
	s.tx.writing, s.tx.changed, s.own = false, false, nil
	s.service.writers.release()
	return err
}

// failed fails the transaction. Where there is nothing to go back to, it is undone at once: nobody waits for its end.
func (s *session) failed() {
	if s.tx.writing && s.conn.AutocommitEnabled() {
		s.tx.savepoints = nil // the engine has undone everything
	}
	if s.tx.explicit {
		s.tx.failed = true
	}
	if len(s.tx.savepoints) == 0 {
		_ = s.finishWrite(false) // the error that led here is told
	}
}

// settle ends what is not the client's own transaction at the end of a round trip.
func (s *session) settle(commit bool) error {
	if s.tx.explicit {
		return nil
	}
	s.closePortals()
	return s.finishWrite(commit)
}

// abandon ends the transaction of a session that ends.
func (s *session) abandon() error {
	s.tx.explicit = false
	return s.settle(false)
}

// begin begins the client's transaction.
func (s *session) begin(words []string) error {
	text := strings.Join(words, " ")
	if strings.Contains(text, "serializable") || strings.Contains(text, "repeatable") {
		return unsupported("transactions are READ COMMITTED here, as PostgreSQL's are by default; SERIALIZABLE and REPEATABLE READ are not supported")
	}
	if !s.tx.explicit {
		s.tx.explicit = true
		s.tx.readOnly = strings.Contains(text, "read only")
	}
	return nil
}

// end ends the client's transaction, and says how it was ended.
func (s *session) end(commit bool) (string, error) {
	commit = commit && !s.tx.failed
	tag := "ROLLBACK"
	if commit {
		tag = "COMMIT"
	}
	if s.tx.explicit {
		s.service.counts.transactions.Add(1)
	}
	s.closePortals()
	err := s.finishWrite(commit)
	s.tx = transaction{}
	return tag, err
}

// savepoint serves SAVEPOINT name, RELEASE name and ROLLBACK TO name.
func (s *session) savepoint(verb, name string) error {
	if !s.tx.explicit {
		return fault(noTransaction, "%s can only be used in transaction blocks", strings.ToUpper(verb))
	}
	quoted := `"` + strings.ReplaceAll(name, `"`, `""`) + `"`
	sql, keep := "SAVEPOINT "+quoted, len(s.tx.savepoints)
	if verb == "savepoint" {
		if keep >= mostSavepoints {
			return fault(dialect.TooComplex, "more than %d savepoints", mostSavepoints)
		}
		s.tx.savepoints = append(s.tx.savepoints, quoted)
	} else {
		for keep--; keep >= 0 && s.tx.savepoints[keep] != quoted; keep-- {
		}
		if keep < 0 {
			return fault(noSavepoint, `savepoint "%s" does not exist`, name)
		}
		sql = "RELEASE " + quoted
		if verb == "rollback" {
			sql = "ROLLBACK TO " + quoted
			keep++
		}
		s.tx.savepoints = s.tx.savepoints[:keep]
	}
	if verb == "rollback" {
		s.tx.failed, s.own = false, nil
	}
	if !s.tx.writing {
		return nil
	}
	return s.once(sql)
}

const mostSavepoints = 1000
