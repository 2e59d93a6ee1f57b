package lab

import (
	"math"
	"strconv"
	"strings"
)

// Microseconds per nanosecond.
const usPerNs = 1e-3

func formatChange(percent float64) string {
	return strconv.FormatFloat(math.Abs(percent), 'f', 1, 64) + " %"
}

// errorWords is an error for people, without the terms of the language it was written in.
func errorWords(err error) string {
	return strings.NewReplacer("context canceled", "the run ended", "context deadline exceeded", "no response in time").Replace(err.Error())
}
