package dialect

import (
	"strconv"
	"strings"
)

// Error is a fault of a statement with its SQLSTATE.
type Error struct{ Code, Message string }

func (e *Error) Error() string { return e.Message }

// SQLSTATEs of what is found before SQLite sees a statement.
const (
	SyntaxError  = "42601"
	NotSupported = "0A000"
	InvalidText  = "22P02"
	TooComplex   = "54001"
)

func fault(code, message string) *Error { return &Error{Code: code, Message: message} }

func unexpected(text string) *Error {
	return fault(SyntaxError, `syntax error at or near "`+text+`"`)
}

// kind is that of a token.
type kind uint8

const (
	end    kind = iota
	word        // a keyword or a name
	quoted      // a name in double quotes
	text        // a string, text is its value
	number      // as it is written
	param       // $n
	symbol      // an operator or punctuation
)

// token is a piece of SQL.
type token struct {
	kind kind
	text string // as written; of a string its value
	low  string // of a word: in small letters; of a quoted name: the name
	n    int    // of a parameter
}

// mostParams is the greatest number of a parameter, as the protocol has it.
const mostParams = 65535

// lex takes SQL apart. Comments are left out.
func lex(sql string) ([]token, error) {
	if strings.IndexByte(sql, 0) >= 0 {
		return nil, fault("22021", "a zero byte in a statement")
	}
	tokens := make([]token, 0, len(sql)/4+4)
	for i := 0; i < len(sql); {
		c := sql[i]
		var t token
		var next int
		var err error
		switch {
		case c == ' ' || c == '\n' || c == '\t' || c == '\r' || c == '\f' || c == '\v':
			i++
			continue
		case strings.HasPrefix(sql[i:], "--"), strings.HasPrefix(sql[i:], "/*"):
			i, err = skipComment(sql, i)
			if err != nil {
				return nil, err
			}
			continue
		case (c == 'e' || c == 'E') && i+1 < len(sql) && sql[i+1] == '\'':
			t.kind = text
			t.text, next, err = escaped(sql, i+1)
		case c == '\'' || c == '"':
			t, next, err = enclosed(sql, i)
		case letter(c):
			next = run(sql, i, func(c byte) bool { return letter(c) || digit(c) || c == '$' })
			t = token{kind: word, text: sql[i:next], low: strings.ToLower(sql[i:next])}
		case digit(c) || c == '.' && i+1 < len(sql) && digit(sql[i+1]):
			next = endOfNumber(sql, i)
			t = token{kind: number, text: sql[i:next]}
		case c == '$':
			t, next, err = dollar(sql, i)
		default:
			t, next, err = operator(sql, i)
		}
		if err != nil {
			return nil, err
		}
		tokens = append(tokens, t)
		i = next
	}
	return tokens, nil
}

func letter(c byte) bool { return c|0x20 >= 'a' && c|0x20 <= 'z' || c == '_' || c >= 0x80 }
func digit(c byte) bool  { return c >= '0' && c <= '9' }

// run is the end of the bytes from i that are so.
func run(sql string, i int, so func(byte) bool) int {
	for i < len(sql) && so(sql[i]) {
		i++
	}
	return i
}

func skipComment(sql string, i int) (int, error) {
	if sql[i] == '-' {
		return run(sql, i, func(c byte) bool { return c != '\n' }), nil
	}
	for depth := 0; i < len(sql); {
		switch {
		case strings.HasPrefix(sql[i:], "/*"):
			depth++
			i += 2
		case strings.HasPrefix(sql[i:], "*/"):
			depth--
			i += 2
			if depth == 0 {
				return i, nil
			}
		default:
			i++
		}
	}
	return 0, fault(SyntaxError, "unterminated /* comment")
}

// enclosed reads a string or a quoted name; its quote is written twice in it.
func enclosed(sql string, i int) (token, int, error) {
	quote := sql[i]
	var value strings.Builder
	for j := i + 1; j < len(sql); j++ {
		switch {
		case sql[j] != quote:
			value.WriteByte(sql[j])
		case j+1 < len(sql) && sql[j+1] == quote:
			value.WriteByte(quote)
			j++
		case quote == '"':
			return token{kind: quoted, text: sql[i : j+1], low: value.String()}, j + 1, nil
		default:
			return token{kind: text, text: value.String()}, j + 1, nil
		}
	}
	if quote == '"' {
		return token{}, 0, fault(SyntaxError, "unterminated quoted identifier")
	}
	return token{}, 0, fault(SyntaxError, "unterminated quoted string")
}

// escapes of a string that begins with E, those of one letter.
var escapes = map[byte]byte{'n': '\n', 't': '\t', 'r': '\r', 'b': '\b', 'f': '\f'}

// escaped reads the string of E'...' from its quote on.
func escaped(sql string, i int) (string, int, error) {
	var value strings.Builder
	for j := i + 1; j < len(sql); j++ {
		c := sql[j]
		switch {
		case c == '\'' && j+1 < len(sql) && sql[j+1] == '\'':
			value.WriteByte(c)
			j++
		case c == '\'':
			return value.String(), j + 1, nil
		case c == '\\' && j+1 < len(sql):
			j++
			switch plain, known := escapes[sql[j]]; {
			case known:
				value.WriteByte(plain)
			case letter(sql[j]) || digit(sql[j]):
				return "", 0, fault(NotSupported, `the escape \`+sql[j:j+1]+` is not supported in E'...'`)
			default:
				value.WriteByte(sql[j])
			}
		default:
			value.WriteByte(c)
		}
	}
	return "", 0, fault(SyntaxError, "unterminated quoted string")
}

func endOfNumber(sql string, i int) int {
	i = run(sql, i, digit)
	if i < len(sql) && sql[i] == '.' {
		i = run(sql, i+1, digit)
	}
	if i < len(sql) && sql[i]|0x20 == 'e' {
		j := i + 1
		if j < len(sql) && (sql[j] == '+' || sql[j] == '-') {
			j++
		}
		if j < len(sql) && digit(sql[j]) {
			i = run(sql, j, digit)
		}
	}
	return i
}

// dollar reads a parameter, $1, or a string between dollars, $tag$...$tag$.
func dollar(sql string, i int) (token, int, error) {
	if j := run(sql, i+1, digit); j > i+1 {
		n, err := strconv.Atoi(sql[i+1 : j])
		if err != nil || n < 1 || n > mostParams {
			return token{}, 0, fault("42P02", "there is no parameter "+sql[i:j])
		}
		return token{kind: param, text: sql[i:j], n: n}, j, nil
	}
	j := run(sql, i+1, func(c byte) bool { return letter(c) || digit(c) })
	if j >= len(sql) || sql[j] != '$' {
		return token{}, 0, unexpected("$")
	}
	tag := sql[i : j+1]
	value, _, found := strings.Cut(sql[j+1:], tag)
	if !found {
		return token{}, 0, fault(SyntaxError, "unterminated dollar-quoted string")
	}
	return token{kind: text, text: value}, j + 1 + len(value) + len(tag), nil
}

const (
	operators = "+-*/<>=~!@#%^&|`?"
	special   = "~!@#%^&|`?" // with one of these an operator may end in + or -
	foreign   = "@#`?"       // SQLite would take these for something else
)

// operator reads an operator or punctuation.
func operator(sql string, i int) (token, int, error) {
	if strings.IndexByte("(),;.[]", sql[i]) >= 0 {
		return token{kind: symbol, text: sql[i : i+1]}, i + 1, nil
	}
	if strings.HasPrefix(sql[i:], "::") {
		return token{kind: symbol, text: "::"}, i + 2, nil
	}
	j := run(sql, i, func(c byte) bool { return strings.IndexByte(operators, c) >= 0 })
	for _, comment := range []string{"--", "/*"} {
		if at := strings.Index(sql[i:j], comment); at > 0 {
			j = i + at
		}
	}
	for j > i+1 && (sql[j-1] == '+' || sql[j-1] == '-') && !strings.ContainsAny(sql[i:j], special) {
		j--
	}
	if j == i || strings.ContainsAny(sql[i:j], foreign) {
		return token{}, 0, unexpected(sql[i:max(j, i+1)])
	}
	return token{kind: symbol, text: sql[i:j]}, j, nil
}
