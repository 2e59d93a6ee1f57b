package endpoint

import (
	"fmt"
	"math"
	"strconv"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"

	"benchtop/targets/spelling"
)

// Type says how the value of a parameter is written.
type Type string

// The types of parameters.
const (
	Int      Type = "int"      // a whole number
	Duration Type = "duration" // as time.ParseDuration reads it; Min, Max and Default are nanoseconds
	Size     Type = "size"     // bytes, plain or with a unit: 64KiB
	Word     Type = "word"     // one of Words; the first is the default
	Text     Type = "text"     // any characters but those of control; Min and Max count bytes; empty by default
)

// MaxParams is the most parameters that an endpoint may have.
const MaxParams = 4

// Param is a parameter of an endpoint, given in the query of a request.
type Param struct {
	Name    string   `json:"name"`
	Doc     string   `json:"-"` // what it says, in a few words
	Type    Type     `json:"type"`
	Min     int64    `json:"min"` // inclusive, as Max
	Max     int64    `json:"max"`
	Default int64    `json:"default"`
	Words   []string `json:"words,omitempty"`
	Unit    string   `json:"-"` // of a whole number, for the documents: rounds
}

// value is a parameter as a handler gets it.
type value struct {
	number int64  // of Int, Duration, Size
	text   string // of Word, Text
}

func (p *Param) standard() value {
	if p.Type == Word {
		return value{text: p.Words[0]}
	}
	return value{number: p.Default}
}

// allowed says which values the parameter takes.
func (p *Param) allowed() string {
	switch p.Type {
	case Duration:
		return fmt.Sprintf("a duration with its unit from %v to %v, such as 5ms", time.Duration(p.Min), time.Duration(p.Max))
	case Size:
		return fmt.Sprintf("a number of bytes from %d to %d, plain or with a unit such as 64KiB", p.Min, p.Max)
	case Word:
		return "one of " + strings.Join(p.Words, ", ")
	case Text:
		return fmt.Sprintf("a text of %d to %d bytes without control characters", p.Min, p.Max)
	}
	return fmt.Sprintf("a whole number from %d to %d", p.Min, p.Max)
}

// parse reads a value; the error says what was found, what is allowed, and which word was most likely meant.
func (p *Param) parse(s string) (value, error) {
	v, ok := p.read(s)
	if ok {
		return v, nil
	}
	hint := ""
	if p.Type == Word {
		hint = spelling.DidYouMean(s, p.Words)
	}
	return value{}, fmt.Errorf("%s is %.40q, %sallowed is %s", p.Name, s, hint, p.allowed())
}

func (p *Param) read(s string) (v value, ok bool) {
	var err error
	switch p.Type {
	case Word:
		for _, word := range p.Words {
			if s == word {
				return value{text: word}, true
			}
		}
		return value{}, false
	case Text:
		n := int64(len(s))
		return value{text: s}, n >= p.Min && n <= p.Max && utf8.ValidString(s) && !strings.ContainsFunc(s, unicode.IsControl)
	case Duration:
		var d time.Duration
		d, err = time.ParseDuration(s)
		v.number = int64(d)
	case Size:
		v.number, err = parseSize(s)
	default:
		v.number, err = strconv.ParseInt(s, 10, 64)
	}
	return v, err == nil && v.number >= p.Min && v.number <= p.Max
}

// sizes are the units of Size, in bytes.
var sizes = map[string]int64{"": 1, "B": 1, "kB": 1e3, "MB": 1e6, "GB": 1e9, "KiB": 1 << 10, "MiB": 1 << 20, "GiB": 1 << 30}

func parseSize(s string) (int64, error) {
	number := strings.TrimRightFunc(s, unicode.IsLetter)
	unit, known := sizes[s[len(number):]]
	n, err := strconv.ParseUint(number, 10, 63)
	if err == nil && (!known || int64(n) > math.MaxInt64/unit) {
		err = strconv.ErrSyntax
	}
	return int64(n) * unit, err
}
