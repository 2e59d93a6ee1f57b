package database

import (
	"errors"
	"fmt"
	"strings"

	"zombiezen.com/go/sqlite"

	"benchtop/targets/database/dialect"
)

// SQLSTATEs (PostgreSQL's manual, "Error Codes").
const (
	protocolViolation  = "08P01"
	invalidParameter   = "22023"
	invalidDatetime    = "22007"
	outOfRange         = "22003"
	uniqueViolation    = "23505"
	notNullViolation   = "23502"
	foreignKeyViolated = "23503"
	checkViolation     = "23514"
	failedTransaction  = "25P02"
	readOnly           = "25006"
	noStatement        = "26000"
	wrongPassword      = "28000"
	noCursor           = "34000"
	noDatabase         = "3D000"
	noSavepoint        = "3B001"
	noTransaction      = "25P01"
	undefinedTable     = "42P01"
	undefinedColumn    = "42703"
	undefinedFunction  = "42883"
	undefinedObject    = "42704"
	duplicateTable     = "42P07"
	duplicateStatement = "42P05"
	ambiguousColumn    = "42702"
	diskFull           = "53100"
	outOfMemory        = "53200"
	tooManyClients     = "53300"
	tooLarge           = "54000"
	objectInUse        = "55006"
	lockNotAvailable   = "55P03"
	canceled           = "57014"
	shutdown           = "57P01"
	internal           = "XX000"
)

func fault(code, format string, args ...any) error {
	return &dialect.Error{Code: code, Message: fmt.Sprintf(format, args...)}
}

func unsupported(format string, args ...any) error {
	return fault(dialect.NotSupported, format, args...)
}

// saying are what SQLite says of a statement, up to the name, with PostgreSQL's code and words for it.
var saying = []struct{ says, code, words string }{
	{"no such table: ", undefinedTable, `relation "%s" does not exist`},
	{"no such column: ", undefinedColumn, `column "%s" does not exist`},
	{"no such function: ", undefinedFunction, `function %s does not exist`},
	{"wrong number of arguments to function ", undefinedFunction, `function %s does not exist with so many arguments`},
	{"ambiguous column name: ", ambiguousColumn, `column reference "%s" is ambiguous`},
	{"no such index: ", undefinedObject, `index "%s" does not exist`},
	{"UNIQUE constraint failed: ", uniqueViolation, `duplicate key value violates unique constraint of %s`},
	{"NOT NULL constraint failed: ", notNullViolation, `null value in column %s violates not-null constraint`},
	{"CHECK constraint failed: ", checkViolation, `new row violates check constraint %s`},
	{"FOREIGN KEY constraint failed", foreignKeyViolated, `violates foreign key constraint%s`},
}

// ofSQLite makes an error with a SQLSTATE of what SQLite says.
func ofSQLite(err error) error {
	var known *dialect.Error
	if errors.As(err, &known) {
		return err
	}
	inner := err
	for next := errors.Unwrap(inner); next != nil; next = errors.Unwrap(inner) {
		inner = next
	}
	text := inner.Error()
	for _, s := range saying {
		_, name, found := strings.Cut(text, s.says)
		if !found {
			continue
		}
		if strings.HasPrefix(name, "pg_") && s.code == undefinedTable {
			return unsupported("there is no %s here: this is SQLite behind the PostgreSQL protocol, without a system catalog", name)
		}
		return fault(s.code, s.words, name)
	}
	switch {
	case strings.Contains(text, "has no column named "):
		_, name, _ := strings.Cut(text, "has no column named ")
		return fault(undefinedColumn, `column "%s" of the relation does not exist`, name)
	case strings.Contains(text, "already exists"):
		return fault(duplicateTable, "%s", said(text))
	case strings.Contains(text, "syntax error"), strings.Contains(text, "incomplete input"), strings.Contains(text, "unrecognized token"), strings.Contains(text, "values for"):
		return fault(dialect.SyntaxError, "%s", said(text))
	}
	switch sqlite.ErrCode(inner).ToPrimary() {
	case sqlite.ResultInterrupt:
		return fault(canceled, "canceling statement due to user request")
	case sqlite.ResultBusy:
		return fault(lockNotAvailable, "%s", said(text))
	case sqlite.ResultLocked:
		return fault(objectInUse, "%s", said(text))
	case sqlite.ResultTooBig:
		return fault(tooLarge, "a value or a statement is longer than %d bytes", longestValue)
	case sqlite.ResultNoMem:
		return fault(outOfMemory, "out of memory")
	case sqlite.ResultFull:
		return fault(diskFull, "%s", said(text))
	case sqlite.ResultError, sqlite.ResultMismatch, sqlite.ResultRange, sqlite.ResultAuth:
		return fault(dialect.SyntaxError, "%s", said(text))
	}
	return fault(internal, "%s", said(text))
}

// said is what SQLite says, without where it was said.
func said(text string) string {
	if i := strings.LastIndex(text, "logic error: "); i >= 0 {
		text = text[i+len("logic error: "):]
	}
	return "SQLite: " + strings.TrimPrefix(text, "sqlite: ")
}
