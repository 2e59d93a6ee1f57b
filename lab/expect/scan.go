package expect

import (
	"strings"
	"unicode/utf8"
)

type kind int

const (
	end kind = iota
	word
	number
	operator
	symbol // ( ) / and whatever else stands alone
)

type token struct {
	kind   kind
	text   string
	offset int // bytes
}

// scanner cuts the source into tokens. It never fails: what the grammar has no use for becomes a symbol, and the
// parser, which knows what was expected there, says so.
type scanner struct {
	src string
	at  int
}

func (s *scanner) next() token {
	for s.at < len(s.src) && isSpace(s.src[s.at]) {
		s.at++
	}
	start := s.at
	if start == len(s.src) {
		return token{kind: end, offset: start}
	}
	c := s.src[start]
	switch {
	case isLetter(c):
		s.while(func(c byte) bool { return isLetter(c) || isDigit(c) })
		return s.token(word, start)
	case isDigit(c) || c == '.' && start+1 < len(s.src) && isDigit(s.src[start+1]):
		s.number()
		return s.token(number, start)
	case strings.IndexByte("<>=!", c) >= 0:
		s.while(func(c byte) bool { return strings.IndexByte("<>=!", c) >= 0 })
		return s.token(operator, start)
	}
	_, size := utf8.DecodeRuneInString(s.src[start:])
	s.at += size
	return s.token(symbol, start)
}

// number takes digits, one point and an exponent. An e that no digit follows belongs to the unit behind.
func (s *scanner) number() {
	s.while(isDigit)
	if s.at < len(s.src) && s.src[s.at] == '.' {
		s.at++
		s.while(isDigit)
	}
	rest := s.src[s.at:]
	if len(rest) < 2 || rest[0] != 'e' && rest[0] != 'E' {
		return
	}
	digits := 1
	if rest[1] == '+' || rest[1] == '-' {
		digits = 2
	}
	if len(rest) > digits && isDigit(rest[digits]) {
		s.at += digits
		s.while(isDigit)
	}
}

// suffix takes the unit directly behind a number, after spaces: letters, a micro sign, or %.
func (s *scanner) suffix() token {
	for s.at < len(s.src) && isSpace(s.src[s.at]) {
		s.at++
	}
	start := s.at
	if s.at < len(s.src) && s.src[s.at] == '%' {
		s.at++
		return s.token(word, start)
	}
	for _, micro := range []string{"µ", "μ"} {
		if strings.HasPrefix(s.src[s.at:], micro) {
			s.at += len(micro)
		}
	}
	s.while(func(c byte) bool { return isLetter(c) || isDigit(c) })
	return s.token(word, start)
}

// id takes what stands between parentheses, without the spaces around it, and with first only what stands before a point.
// What ends it is left.
func (s *scanner) id(first bool) token {
	start := s.at
	s.while(func(c byte) bool { return c != ')' && c != '(' && (c != '.' || !first) })
	text := s.src[start:s.at]
	trimmed := strings.TrimLeft(text, " \t")
	return token{kind: word, text: strings.TrimRight(trimmed, " \t"), offset: start + len(text) - len(trimmed)}
}

func (s *scanner) while(is func(byte) bool) {
	for s.at < len(s.src) && is(s.src[s.at]) {
		s.at++
	}
}

func (s *scanner) token(k kind, start int) token {
	return token{kind: k, text: s.src[start:s.at], offset: start}
}

func isSpace(c byte) bool  { return c == ' ' || c == '\t' || c == '\n' || c == '\r' }
func isDigit(c byte) bool  { return c >= '0' && c <= '9' }
func isLetter(c byte) bool { return c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z' || c == '_' }
