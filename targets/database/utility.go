package database

import (
	"maps"
	"slices"
	"strconv"
	"strings"
	"time"

	"benchtop/targets/database/dialect"
)

// utilities are the statements that the engine does not see; each gives the tag of its completion.
var utilities = map[string]func(s *session, words []string) (string, error){
	"begin":    func(s *session, words []string) (string, error) { return "BEGIN", s.begin(words) },
	"start":    func(s *session, words []string) (string, error) { return "START TRANSACTION", s.begin(words) },
	"commit":   func(s *session, _ []string) (string, error) { return s.end(true) },
	"end":      func(s *session, _ []string) (string, error) { return s.end(true) },
	"abort":    func(s *session, _ []string) (string, error) { return s.end(false) },
	"rollback": rollback,
	"savepoint": func(s *session, words []string) (string, error) {
		return "SAVEPOINT", s.savepoint("savepoint", last(words))
	},
	"release": func(s *session, words []string) (string, error) {
		return "RELEASE", s.savepoint("release", last(words))
	},
	"set":        (*session).setCommand,
	"show":       func(*session, []string) (string, error) { return "SHOW", nil },
	"reset":      (*session).reset,
	"discard":    discard,
	"deallocate": deallocate,
	"listen":     func(*session, []string) (string, error) { return "LISTEN", nil },
	"unlisten":   func(*session, []string) (string, error) { return "UNLISTEN", nil },
	"close":      func(*session, []string) (string, error) { return "CLOSE CURSOR", nil },
	"analyze":    func(*session, []string) (string, error) { return "ANALYZE", nil },
	"vacuum":     func(*session, []string) (string, error) { return "VACUUM", nil },
}

// utility runs a statement that the engine does not see.
func (s *session) utility(o *portal) error {
	run := utilities[o.of.Verb]
	if run == nil {
		return unknown(o.of.Verb)
	}
	tag, err := run(s, o.of.Words)
	if err != nil {
		return err
	}
	o.done, o.of.Tag = true, tag
	if o.of.Verb == "show" {
		at := s.out.begin('D')
		s.out.int16(1)
		value, _ := s.variable(o.of.columns[0].Name, false)
		s.out.int32(len(value))
		s.out.buf = append(s.out.buf, value...)
		s.out.end(at)
	}
	s.out.complete(tag)
	return nil
}

func unknown(verb string) error {
	known := slices.Collect(maps.Keys(utilities))
	known = append(known, "select", "insert", "update", "delete", "values", "with", "create", "drop", "alter", "truncate")
	slices.Sort(known)
	if verb == "" || !slices.ContainsFunc(postgres, func(w string) bool { return w == verb }) {
		return fault(dialect.SyntaxError, `syntax error at or near "%.60s"`, verb)
	}
	return unsupported("%s is not supported here: this is SQLite behind the PostgreSQL protocol; it knows %s", strings.ToUpper(verb), strings.Join(known, ", "))
}

// postgres are statements that PostgreSQL has besides.
var postgres = strings.Fields("copy do call prepare execute explain declare fetch move lock grant revoke comment cluster refresh reindex merge notify import load checkpoint security")

// utilityColumns are those of the result of a statement that the engine does not see.
func (s *session) utilityColumns(st *dialect.Statement) ([]dialect.Column, error) {
	if st.Verb != "" && utilities[st.Verb] == nil {
		return nil, unknown(st.Verb)
	}
	if st.Verb != "show" {
		return nil, nil
	}
	name := strings.Join(st.Words[1:], " ")
	switch name {
	case "transaction isolation level":
		name = "transaction_isolation"
	case "time zone":
		name = "timezone"
	}
	if _, err := s.variable(name, false); err != nil {
		return nil, err
	}
	return []dialect.Column{{Name: name, Type: dialect.Text}}, nil
}

func last(words []string) string { return words[len(words)-1] }

func rollback(s *session, words []string) (string, error) {
	if i := slices.Index(words, "to"); i > 0 && i+1 < len(words) {
		return "ROLLBACK", s.savepoint("rollback", last(words))
	}
	return s.end(false)
}

func discard(s *session, words []string) (string, error) {
	if s.tx.explicit {
		return "", fault("25001", "DISCARD cannot run inside a transaction block")
	}
	if last(words) == "all" {
		if _, err := s.reset([]string{"reset", "all"}); err != nil {
			return "", err
		}
		s.forgetAll()
	}
	return "DISCARD " + strings.ToUpper(last(words)), nil
}

func deallocate(s *session, words []string) (string, error) {
	if last(words) == "all" {
		s.forgetAll()
		return "DEALLOCATE ALL", nil
	}
	if _, err := s.find(last(words)); err != nil {
		return "", err
	}
	s.forget(last(words))
	return "DEALLOCATE", nil
}

// forgetAll closes all prepared statements that have a name.
func (s *session) forgetAll() {
	for name := range s.prepared {
		if name != "" {
			s.forget(name)
		}
	}
}

// settings that a session has from its start, by their names in small letters.
var defaults = map[string]string{
	"server_version": serverVersion, "server_version_num": "150000", "server_encoding": "UTF8", "client_encoding": "UTF8",
	"datestyle": "ISO, MDY", "timezone": "UTC", "integer_datetimes": "on", "standard_conforming_strings": "on",
	"transaction_isolation": "read committed", "default_transaction_isolation": "read committed", "transaction_read_only": "off",
	"search_path": "public", "statement_timeout": "0", "lock_timeout": "0", "idle_in_transaction_session_timeout": "0", "jit": "off",
	"application_name": "", "is_superuser": "off", "extra_float_digits": "1", "bytea_output": "hex", "client_min_messages": "notice",
}

// variable is the value of a setting; where missing is allowed an unknown one is empty.
func (s *session) variable(name string, missing bool) (string, error) {
	name = strings.ToLower(name)
	if value, ok := s.variables[name]; ok {
		return value, nil
	}
	value, ok := defaults[name]
	switch {
	case name == "max_connections":
		return strconv.Itoa(s.service.settings.Slots), nil
	case !ok && !missing:
		return "", fault(undefinedObject, `unrecognized configuration parameter "%.60s"`, name)
	}
	return value, nil
}

// setCommand serves SET [SESSION | LOCAL] name = value. What it means for PostgreSQL alone is kept for SHOW and changes nothing.
func (s *session) setCommand(words []string) (string, error) {
	words = words[1:]
	if len(words) > 1 && (words[0] == "session" || words[0] == "local") {
		words = words[1:]
	}
	if len(words) > 0 && (words[0] == "transaction" || words[0] == "characteristics") {
		text := strings.Join(words, " ")
		if strings.Contains(text, "serializable") || strings.Contains(text, "repeatable") {
			return "", unsupported("transactions are READ COMMITTED here; SERIALIZABLE and REPEATABLE READ are not supported")
		}
		s.tx.readOnly = s.tx.explicit && strings.Contains(text, "read only")
		return "SET", nil
	}
	if len(words) > 2 && words[0] == "time" && words[1] == "zone" {
		words = append([]string{"timezone", "to"}, words[2:]...)
	}
	if len(words) < 3 || words[1] != "=" && words[1] != "to" {
		return "", fault(dialect.SyntaxError, "syntax error: SET name = value")
	}
	value := strings.Join(words[2:], " ")
	if value == "default" {
		return s.reset([]string{"reset", words[0]})
	}
	return "SET", s.set(words[0], value)
}

// Bounds of what a session sets.
const (
	mostVariables   = 200
	longestVariable = 1000
)

func (s *session) set(name, value string) error {
	name = strings.ToLower(name)
	if len(s.variables) >= mostVariables || len(name)+len(value) > longestVariable {
		return fault(tooLarge, "more than %d settings, or one longer than %d bytes", mostVariables, longestVariable)
	}
	switch name {
	case "statement_timeout":
		d, err := milliseconds(value)
		if err != nil {
			return err
		}
		s.timeout = d
	case "client_encoding":
		if v := strings.ToLower(strings.Trim(value, "'")); v != "utf8" && v != "utf-8" && v != "unicode" && v != "sql_ascii" { // asyncpg sends the quotes
			return unsupported("client_encoding is UTF8 here, not %.60s", value)
		}
	case "timezone":
		if v := strings.ToUpper(value); v != "UTC" && v != "GMT" && v != "ETC/UTC" {
			return unsupported("the time zone is UTC here, not %.60s", value)
		}
	}
	s.variables[name] = value
	return nil
}

// milliseconds reads a duration as PostgreSQL does: milliseconds, or a number with its unit.
func milliseconds(value string) (time.Duration, error) {
	text := strings.ReplaceAll(strings.TrimSpace(value), " ", "")
	if n, err := strconv.Atoi(text); err == nil && n >= 0 && n <= 1<<31-1 {
		return time.Duration(n) * time.Millisecond, nil
	}
	if d, err := time.ParseDuration(strings.Replace(text, "min", "m", 1)); err == nil && d >= 0 {
		return d, nil
	}
	return 0, fault(invalidParameter, `invalid value for parameter "statement_timeout": "%.60s"; a number is milliseconds, the units are ms, s, min, h`, value)
}

func (s *session) reset(words []string) (string, error) {
	if last(words) == "all" {
		clear(s.variables)
		s.timeout = 0
		return "RESET", nil
	}
	delete(s.variables, last(words))
	if last(words) == "statement_timeout" {
		s.timeout = 0
	}
	return "RESET", nil
}
