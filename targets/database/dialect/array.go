package dialect

import (
	"encoding/json"
	"strconv"
	"strings"
)

// ArrayToJSON makes a JSON array of an array as PostgreSQL writes it, {1,2,NULL,"a b"}, with elements of the array's type. Arrays
// have one dimension here.
func ArrayToJSON(s string, array OID) (string, error) {
	element, ok := Element(array)
	if !ok {
		return "", fault(NotSupported, "an array of this type is not supported here")
	}
	body, found := strings.CutPrefix(strings.TrimSpace(s), "{")
	body, closed := strings.CutSuffix(body, "}")
	if !found || !closed {
		return "", fault(InvalidText, `malformed array literal: "`+s+`"`)
	}
	out := []byte{'['}
	for body = strings.TrimSpace(body); body != ""; {
		value, isQuoted, rest, err := nextElement(body, s)
		if err != nil {
			return "", err
		}
		if len(out) > 1 {
			out = append(out, ',')
		}
		if !isQuoted && strings.EqualFold(value, "null") {
			out = append(out, "null"...)
		} else if out, err = AppendJSON(out, element.OID, value); err != nil {
			return "", err
		}
		body = rest
	}
	return string(append(out, ']')), nil
}

// nextElement takes the first element of the inside of an array, and gives the rest.
func nextElement(body, whole string) (value string, isQuoted bool, rest string, err error) {
	malformed := fault(InvalidText, `malformed array literal: "`+whole+`"`)
	var b strings.Builder
	i := 0
	if body[0] == '"' {
		isQuoted = true
		for i = 1; i < len(body) && body[i] != '"'; i++ {
			if body[i] == '\\' && i+1 < len(body) {
				i++
			}
			b.WriteByte(body[i])
		}
		if i++; i > len(body) {
			return "", false, "", malformed
		}
		value = b.String()
	} else {
		for ; i < len(body) && body[i] != ','; i++ {
			if strings.IndexByte(`{}"`, body[i]) >= 0 {
				return "", false, "", malformed
			}
			if body[i] == '\\' && i+1 < len(body) {
				i++
			}
			b.WriteByte(body[i])
		}
		if value = strings.TrimSpace(b.String()); value == "" {
			return "", false, "", malformed
		}
	}
	rest = strings.TrimSpace(body[i:])
	if rest == "" {
		return value, isQuoted, "", nil
	}
	rest, comma := strings.CutPrefix(rest, ",")
	if rest = strings.TrimSpace(rest); !comma || rest == "" {
		return "", false, "", malformed
	}
	return value, isQuoted, rest, nil
}

// AppendJSON adds a value of the type, given as PostgreSQL writes it, as SQLite keeps it.
func AppendJSON(out []byte, oid OID, value string) ([]byte, error) {
	switch {
	case integral(oid):
		n, err := strconv.ParseInt(value, 10, 64)
		if err != nil {
			return out, Invalid(oid, value)
		}
		return strconv.AppendInt(out, n, 10), nil
	case fractional(oid):
		f, err := strconv.ParseFloat(value, 64)
		if err != nil || f-f != 0 {
			return out, Invalid(oid, value)
		}
		return strconv.AppendFloat(out, f, 'g', -1, 64), nil
	case oid == Bool:
		b, err := ParseBool(value)
		if err != nil {
			return out, err
		}
		if b {
			return append(out, '1'), nil
		}
		return append(out, '0'), nil
	case oid == Bytea:
		return out, fault(NotSupported, "arrays of bytea are not supported here")
	}
	b, err := json.Marshal(value)
	return append(out, b...), err
}

func itoa(n int) string { return strconv.Itoa(n) }
