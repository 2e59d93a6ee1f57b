package database

import (
	"encoding/binary"
	"encoding/hex"
	"fmt"
	"math"
	"strconv"
	"strings"
	"time"
	"unicode/utf8"

	"zombiezen.com/go/sqlite"

	"benchtop/targets/database/dialect"
)

// bindValue binds a parameter as the client sent it: nil is NULL, the format 0 is text, 1 is binary.
func bindValue(stmt *sqlite.Stmt, i int, oid dialect.OID, format int16, raw []byte) error {
	if raw == nil {
		stmt.BindNull(i)
		return nil
	}
	if _, array := dialect.Element(oid); array {
		json, err := arrayToJSON(raw, oid, format)
		if err == nil {
			stmt.BindText(i, json)
		}
		return err
	}
	if oid == dialect.Bytea {
		b, err := raw, error(nil)
		if format == 0 {
			b, err = byteaText(string(raw))
		}
		if err == nil {
			stmt.BindBytes(i, b)
		}
		return err
	}
	text := string(raw)
	if format == 1 {
		switch oid {
		case dialect.Int8, dialect.Int4, dialect.Int2, dialect.Oid:
			n, err := binaryInteger(raw, oid)
			stmt.BindInt64(i, n)
			return err
		case dialect.Float8, dialect.Float4:
			f, err := binaryFloat(raw, oid)
			stmt.BindFloat(i, f)
			return err
		}
		var err error
		if text, err = binaryToText(raw, oid); err != nil {
			return err
		}
	}
	return bindText(stmt, i, oid, text)
}

// bindText binds a parameter that was written as text.
func bindText(stmt *sqlite.Stmt, i int, oid dialect.OID, text string) error {
	trimmed := strings.TrimSpace(text)
	switch oid {
	case dialect.Int8, dialect.Int4, dialect.Int2, dialect.Oid:
		n, err := strconv.ParseInt(trimmed, 10, 64)
		if err != nil {
			return dialect.Invalid(oid, text)
		}
		stmt.BindInt64(i, n)
		return within(n, oid)
	case dialect.Float8, dialect.Float4, dialect.Numeric:
		f, err := strconv.ParseFloat(trimmed, 64)
		if err != nil {
			return dialect.Invalid(oid, text)
		}
		stmt.BindFloat(i, f)
	case dialect.Bool:
		b, err := dialect.ParseBool(text)
		if err != nil {
			return err
		}
		stmt.BindBool(i, b)
	case dialect.Timestamptz, dialect.Timestamp, dialect.Date:
		t, err := moment(text, oid)
		if err != nil {
			return err
		}
		stmt.BindText(i, momentText(t, oid))
	default:
		switch {
		case !utf8.ValidString(text):
			return fault("22021", `invalid byte sequence for encoding "UTF8"`)
		case strings.IndexByte(text, 0) >= 0:
			return fault("22021", "a zero byte in a text")
		}
		stmt.BindText(i, text)
	}
	return nil
}

// momentText is how a moment is kept.
func momentText(t time.Time, oid dialect.OID) string {
	switch oid {
	case dialect.Date:
		return t.Format(time.DateOnly)
	case dialect.Timestamp:
		return t.Format("2006-01-02 15:04:05.999999")
	}
	return t.Format(momentLayout)
}

func wrongLength(raw []byte, oid dialect.OID) error {
	t, _ := dialect.Lookup(oid)
	return fault("22P03", "incorrect binary data format: %d bytes for type %s", len(raw), t.Name)
}

func binaryInteger(raw []byte, oid dialect.OID) (int64, error) {
	switch {
	case oid == dialect.Int8 && len(raw) == 8:
		return int64(binary.BigEndian.Uint64(raw)), nil
	case oid == dialect.Int4 && len(raw) == 4:
		return int64(int32(binary.BigEndian.Uint32(raw))), nil
	case oid == dialect.Oid && len(raw) == 4:
		return int64(binary.BigEndian.Uint32(raw)), nil
	case oid == dialect.Int2 && len(raw) == 2:
		return int64(int16(binary.BigEndian.Uint16(raw))), nil
	}
	return 0, wrongLength(raw, oid)
}

func binaryFloat(raw []byte, oid dialect.OID) (float64, error) {
	switch {
	case oid == dialect.Float8 && len(raw) == 8:
		return math.Float64frombits(binary.BigEndian.Uint64(raw)), nil
	case oid == dialect.Float4 && len(raw) == 4:
		return float64(math.Float32frombits(binary.BigEndian.Uint32(raw))), nil
	}
	return 0, wrongLength(raw, oid)
}

// binaryToText writes what came in binary as its text.
func binaryToText(raw []byte, oid dialect.OID) (string, error) {
	switch oid {
	case dialect.Int8, dialect.Int4, dialect.Int2, dialect.Oid:
		n, err := binaryInteger(raw, oid)
		return strconv.FormatInt(n, 10), err
	case dialect.Float8, dialect.Float4:
		f, err := binaryFloat(raw, oid)
		return strconv.FormatFloat(f, 'g', -1, 64), err
	case dialect.Bool:
		if len(raw) != 1 {
			return "", wrongLength(raw, oid)
		}
		return strconv.FormatBool(raw[0] != 0), nil
	case dialect.Timestamptz, dialect.Timestamp:
		if len(raw) != 8 {
			return "", wrongLength(raw, oid)
		}
		at := time.UnixMicro(int64(binary.BigEndian.Uint64(raw)) + epoch.UnixMicro()).UTC()
		if y := at.Year(); y < 1 || y > 9999 {
			return "", fault(invalidDatetime, "a moment in the year %d", y)
		}
		return momentText(at, oid), nil
	case dialect.Date:
		if len(raw) != 4 {
			return "", wrongLength(raw, oid)
		}
		at := epoch.AddDate(0, 0, int(int32(binary.BigEndian.Uint32(raw))))
		if y := at.Year(); y < 1 || y > 9999 {
			return "", fault(invalidDatetime, "a day in the year %d", y)
		}
		return momentText(at, oid), nil
	case dialect.UUID:
		if len(raw) != 16 {
			return "", wrongLength(raw, oid)
		}
		return fmt.Sprintf("%x-%x-%x-%x-%x", raw[:4], raw[4:6], raw[6:8], raw[8:10], raw[10:]), nil
	case dialect.JSONB:
		if len(raw) == 0 || raw[0] != 1 {
			return "", wrongLength(raw, oid)
		}
		return string(raw[1:]), nil
	case dialect.Text, dialect.Varchar, dialect.Bpchar, dialect.Name, dialect.Char, dialect.JSON, dialect.Unknown:
		return string(raw), nil
	}
	return "", unsupported("parameters of the type with OID %d are taken as text alone, not in binary", oid)
}

func byteaText(text string) ([]byte, error) {
	digits, isHex := strings.CutPrefix(text, `\x`)
	if !isHex {
		if strings.Contains(text, `\`) {
			return nil, unsupported(`bytea is written as \x and hexadecimal digits here`)
		}
		return []byte(text), nil
	}
	b, err := hex.DecodeString(digits)
	if err != nil {
		return nil, dialect.Invalid(dialect.Bytea, text)
	}
	return b, nil
}

// arrayToJSON makes JSON of an array: of its text, or of its binary form: dimensions, whether there are NULLs, the type of the elements,
// for each dimension its length and lower bound, then the elements.
func arrayToJSON(raw []byte, oid dialect.OID, format int16) (string, error) {
	if format == 0 {
		return dialect.ArrayToJSON(string(raw), oid)
	}
	element, _ := dialect.Element(oid)
	if len(raw) < 12 {
		return "", wrongLength(raw, oid)
	}
	dimensions := binary.BigEndian.Uint32(raw)
	if got := binary.BigEndian.Uint32(raw[8:]); got != element.OID {
		return "", fault("42804", "an array with elements of the type with OID %d, want %s", got, element.Name)
	}
	if dimensions == 0 {
		return "[]", nil
	}
	if dimensions > 1 || len(raw) < 20 {
		return "", unsupported("an array has one dimension here")
	}
	n, rest := int(binary.BigEndian.Uint32(raw[12:])), raw[20:]
	out := []byte{'['}
	for i := range n {
		if len(rest) < 4 {
			return "", wrongLength(raw, oid)
		}
		size := int32(binary.BigEndian.Uint32(rest))
		if rest = rest[4:]; int(size) > len(rest) {
			return "", wrongLength(raw, oid)
		}
		if i > 0 {
			out = append(out, ',')
		}
		if size < 0 {
			out = append(out, "null"...)
			continue
		}
		text, err := binaryToText(rest[:size], element.OID)
		if err == nil {
			out, err = dialect.AppendJSON(out, element.OID, text)
		}
		if err != nil {
			return "", err
		}
		rest = rest[size:]
	}
	return string(append(out, ']')), nil
}
