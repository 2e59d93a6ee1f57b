package setting

import (
	"fmt"
	"math"
	"strconv"
	"strings"
)

// Rate is a number of bits per second; 0 is no rate, which files write as the word off.
type Rate int64

// rates are the units of a Rate: those of iproute2's tc, and bytes per second.
var rates = []struct {
	unit string
	bits float64
}{{"gbit", 1e9}, {"mbit", 1e6}, {"kbit", 1e3}, {"GB/s", 8e9}, {"MB/s", 8e6}, {"kB/s", 8e3}}

// noRate is the word for no rate.
const noRate = "off"

// ParseRate reads a rate with its unit: 10mbit, 50kB/s, off.
func ParseRate(text string) (r Rate, ok bool) {
	if text == noRate {
		return 0, true
	}
	for _, u := range rates {
		number, found := strings.CutSuffix(text, u.unit)
		number = strings.TrimSuffix(number, " ")
		if !found || !amount.MatchString(number) {
			continue
		}
		v, err := strconv.ParseFloat(number, 64)
		if v = math.Round(v * u.bits); err != nil || v > math.MaxInt64/2 {
			v = math.MaxInt64 / 2
		}
		return Rate(v), true
	}
	return 0, false
}

// parsedRate is ParseRate for Parse.
func parsedRate(text string) (any, error) {
	r, ok := ParseRate(text)
	if !ok {
		return nil, fmt.Errorf("%.40q is not a rate such as 10mbit, 1gbit or 50kB/s", text)
	}
	return r, nil
}

// String writes a rate in the largest unit of bits of which it has at least one.
func (r Rate) String() string {
	if r == 0 {
		return noRate
	}
	u := rates[2]
	for _, larger := range rates[:2] {
		if float64(r) >= larger.bits {
			u = larger
			break
		}
	}
	return strconv.FormatFloat(float64(r)/u.bits, 'f', -1, 64) + u.unit
}
