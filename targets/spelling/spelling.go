// Package spelling finds the word that a misspelt one most likely means. It imports nothing of benchtop, so every
// package can use it.
package spelling

import (
	"fmt"
	"strings"
)

// DidYouMean is the beginning of a hint, with a space behind it: `did you mean "word"? `. It is empty when no word of
// the list is close.
func DidYouMean(word string, from []string) string {
	if s := Suggest(word, from); s != "" {
		return fmt.Sprintf("did you mean %q? ", s)
	}
	return ""
}

// Suggest gives the word of the list that a misspelt one most likely means, or "" when none is close: at most a third
// of its letters may differ (one always may; swapped neighbours count once), or one must begin with the other.
func Suggest(word string, from []string) string {
	w := strings.ToLower(word)
	if len(w) < 2 || len(w) > 64 {
		return ""
	}
	best, distance := "", 1+max(1, len(w)/3)
	for _, f := range from {
		if len(f) > 64 {
			continue
		}
		if d := edits(w, strings.ToLower(f)); d < distance {
			best, distance = f, d
		}
	}
	if best != "" || len(w) < 3 {
		return best
	}
	for _, f := range from {
		if strings.HasPrefix(strings.ToLower(f), w) || len(f) > 2 && strings.HasPrefix(w, strings.ToLower(f)) {
			return f
		}
	}
	return ""
}

// edits is the optimal string alignment distance of two short words, over bytes.
func edits(a, b string) int {
	before, previous, current := make([]int, len(b)+1), make([]int, len(b)+1), make([]int, len(b)+1)
	for j := range previous {
		previous[j] = j
	}
	for i := 1; i <= len(a); i++ {
		current[0] = i
		for j := 1; j <= len(b); j++ {
			cost := 1
			if a[i-1] == b[j-1] {
				cost = 0
			}
			current[j] = min(previous[j]+1, current[j-1]+1, previous[j-1]+cost)
			if i > 1 && j > 1 && a[i-1] == b[j-2] && a[i-2] == b[j-1] {
				current[j] = min(current[j], before[j-2]+1)
			}
		}
		before, previous, current = previous, current, before
	}
	return previous[len(b)]
}
