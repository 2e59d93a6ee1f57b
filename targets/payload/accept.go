package payload

import (
	"strconv"
	"strings"
)

// Accepts reports whether a client takes gzip, by the values of its header Accept-Encoding (RFC 9110, section 12.5.3).
func Accepts(values []string) bool {
	others := false // what * says
	for _, value := range values {
		for coding := range strings.SplitSeq(value, ",") {
			name, parameters, _ := strings.Cut(coding, ";")
			weight := 1.0
			if q, ok := strings.CutPrefix(strings.ReplaceAll(strings.ToLower(parameters), " ", ""), "q="); ok {
				if w, err := strconv.ParseFloat(q, 64); err == nil {
					weight = w
				}
			}
			switch strings.ToLower(strings.TrimSpace(name)) {
			case "gzip", "x-gzip":
				return weight > 0
			case "*":
				others = weight > 0
			}
		}
	}
	return others
}
