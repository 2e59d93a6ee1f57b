package database

import (
	"encoding/binary"
	"encoding/hex"
	"math"
	"slices"
	"strconv"
	"strings"
	"time"

	"zombiezen.com/go/sqlite"

	"benchtop/targets/database/dialect"
)

// epoch is where PostgreSQL begins to count microseconds and days.
var epoch = time.Date(2000, 1, 1, 0, 0, 0, 0, time.UTC)

// appendColumn adds a column of the row that the statement is at, with its length: in text, or in binary where the format is 1.
func appendColumn(buf []byte, stmt *sqlite.Stmt, i int, oid dialect.OID, format int16) ([]byte, error) {
	kind := stmt.ColumnType(i)
	if kind == sqlite.TypeNull {
		return binary.BigEndian.AppendUint32(buf, math.MaxUint32), nil
	}
	at := len(buf)
	buf = append(buf, 0, 0, 0, 0)
	var err error
	switch {
	case oid == dialect.Void:
	case format == 1:
		buf, err = appendBinary(buf, stmt, i, oid, kind)
	default:
		buf, err = appendText(buf, stmt, i, oid, kind)
	}
	binary.BigEndian.PutUint32(buf[at:], uint32(len(buf)-at-4))
	return buf, err
}

// appendBytes adds a text or a blob as it is.
func appendBytes(buf []byte, stmt *sqlite.Stmt, i int) []byte {
	n, at := stmt.ColumnLen(i), len(buf)
	buf = slices.Grow(buf, n)[:at+n]
	return buf[:at+stmt.ColumnBytes(i, buf[at:])]
}

func appendText(buf []byte, stmt *sqlite.Stmt, i int, oid dialect.OID, kind sqlite.ColumnType) ([]byte, error) {
	switch kind {
	case sqlite.TypeInteger:
		n := stmt.ColumnInt64(i)
		switch {
		case oid == dialect.Bool && n != 0:
			return append(buf, 't'), nil
		case oid == dialect.Bool:
			return append(buf, 'f'), nil
		}
		return strconv.AppendInt(buf, n, 10), nil
	case sqlite.TypeFloat:
		f := stmt.ColumnFloat(i)
		if integer(oid) {
			n, err := whole(f, oid)
			return strconv.AppendInt(buf, n, 10), err
		}
		return strconv.AppendFloat(buf, f, 'g', -1, 64), nil
	case sqlite.TypeBlob:
		if oid == dialect.Bytea {
			at := len(buf) + 2
			buf = appendBytes(append(buf, `\x`...), stmt, i)
			return hex.AppendEncode(buf[:at], slices.Clone(buf[at:])), nil
		}
	case sqlite.TypeText:
		switch {
		case integer(oid):
			n, err := number(stmt, i, oid, kind)
			return strconv.AppendInt(buf, n, 10), err
		case oid == dialect.Timestamptz || oid == dialect.Timestamp || oid == dialect.Date:
			t, err := moment(stmt.ColumnText(i), oid)
			return append(buf, momentText(t, oid)...), err
		}
	}
	return appendBytes(buf, stmt, i), nil
}

func appendBinary(buf []byte, stmt *sqlite.Stmt, i int, oid dialect.OID, kind sqlite.ColumnType) ([]byte, error) {
	switch oid {
	case dialect.Int8, dialect.Int4, dialect.Oid, dialect.Int2:
		n, err := number(stmt, i, oid, kind)
		return appendInteger(buf, n, oid), err
	case dialect.Bool:
		n, err := number(stmt, i, oid, kind)
		return append(buf, byte(min(1, max(n, -n)))), err
	case dialect.Float8, dialect.Float4:
		f := stmt.ColumnFloat(i)
		if oid == dialect.Float4 {
			return binary.BigEndian.AppendUint32(buf, math.Float32bits(float32(f))), nil
		}
		return binary.BigEndian.AppendUint64(buf, math.Float64bits(f)), nil
	case dialect.Timestamptz, dialect.Timestamp, dialect.Date:
		t, err := moment(stmt.ColumnText(i), oid)
		if oid == dialect.Date {
			return binary.BigEndian.AppendUint32(buf, uint32(int32(t.Sub(epoch)/(24*time.Hour)))), err
		}
		return binary.BigEndian.AppendUint64(buf, uint64(t.UnixMicro()-epoch.UnixMicro())), err
	case dialect.UUID:
		b, err := hex.DecodeString(strings.ReplaceAll(stmt.ColumnText(i), "-", ""))
		if err != nil || len(b) != 16 {
			return buf, dialect.Invalid(oid, stmt.ColumnText(i))
		}
		return append(buf, b...), nil
	case dialect.JSONB:
		return appendBytes(append(buf, 1), stmt, i), nil
	case dialect.Bytea:
		if kind == sqlite.TypeText { // it was written as a string
			b, err := byteaText(stmt.ColumnText(i))
			return append(buf, b...), err
		}
	}
	if kind == sqlite.TypeInteger || kind == sqlite.TypeFloat {
		return appendText(buf, stmt, i, oid, kind)
	}
	return appendBytes(buf, stmt, i), nil
}

func integer(oid dialect.OID) bool {
	return oid == dialect.Int8 || oid == dialect.Int4 || oid == dialect.Int2 || oid == dialect.Oid
}

// number is a column as a whole number of its type.
func number(stmt *sqlite.Stmt, i int, oid dialect.OID, kind sqlite.ColumnType) (int64, error) {
	switch kind {
	case sqlite.TypeFloat:
		return whole(stmt.ColumnFloat(i), oid)
	case sqlite.TypeText, sqlite.TypeBlob:
		n, err := strconv.ParseInt(stmt.ColumnText(i), 10, 64)
		if err != nil {
			return 0, dialect.Invalid(oid, stmt.ColumnText(i))
		}
		return n, within(n, oid)
	}
	n := stmt.ColumnInt64(i)
	return n, within(n, oid)
}

func whole(f float64, oid dialect.OID) (int64, error) {
	if f != math.Trunc(f) || math.Abs(f) >= 1<<63 {
		return 0, fault(outOfRange, "%v is not a whole number: write a cast to double precision", f)
	}
	return int64(f), within(int64(f), oid)
}

// within finds a number that its type does not hold.
func within(n int64, oid dialect.OID) error {
	bits := 64
	switch oid {
	case dialect.Int4:
		bits = 32
	case dialect.Int2:
		bits = 16
	}
	if n<<(64-bits)>>(64-bits) != n {
		return fault(outOfRange, "%d is out of range for a number of %d bits: write a cast to bigint", n, bits)
	}
	return nil
}

func appendInteger(buf []byte, n int64, oid dialect.OID) []byte {
	switch oid {
	case dialect.Int2:
		return binary.BigEndian.AppendUint16(buf, uint16(n))
	case dialect.Int4, dialect.Oid:
		return binary.BigEndian.AppendUint32(buf, uint32(n))
	}
	return binary.BigEndian.AppendUint64(buf, uint64(n))
}

// moments are the forms in which clients and SQLite write a date or a moment.
var moments = []string{
	"2006-01-02 15:04:05.999999999Z07", "2006-01-02 15:04:05.999999999Z07:00", "2006-01-02 15:04:05.999999999",
	"2006-01-02T15:04:05.999999999Z07:00", "2006-01-02T15:04:05.999999999", "2006-01-02",
}

// moment reads a moment; one without a zone is in UTC.
func moment(s string, oid dialect.OID) (time.Time, error) {
	for _, layout := range moments {
		if t, err := time.Parse(layout, strings.TrimSpace(s)); err == nil {
			return t.UTC(), nil
		}
	}
	t, _ := dialect.Lookup(oid)
	return epoch, fault(invalidDatetime, `invalid input syntax for type %s: "%.60s"`, t.Name, s)
}
