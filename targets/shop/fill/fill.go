// Package fill says what a cache of the shop begins with: entries that nobody asks for and that do not expire. Every cache
// that is started for a run is filled with it, so that the same removals find the same.
package fill

import (
	"strconv"
	"strings"
)

// Most is how many entries a cache may begin with.
const Most = 1_000_000

// Size is the bytes of each value.
const Size = 100

// tag is of all of them.
const tag = "fill"

// Doc is of the setting that asks for them.
const Doc = "entries that it begins with, keys fill:1, fill:2 ... with values of 100 bytes, which do not expire; tag:fill is the set of the keys"

// Key is that of the entry with this number, from 1.
func Key(i int) string { return tag + ":" + strconv.Itoa(i) }

// Keys are those from the first to the last.
func Keys(first, last int) []string {
	out := make([]string, 0, last-first+1)
	for i := first; i <= last; i++ {
		out = append(out, Key(i))
	}
	return out
}

// Value is a new one of the entries' values.
func Value() string { return strings.Repeat("x", Size) }

// Tag is the key of the set that holds the keys of the entries.
func Tag() string { return TagOf(tag) }

// TagOf is the key of the set that holds the keys with a tag.
func TagOf(tag string) string { return "tag:" + tag }
