package scenarios

import (
	"strings"

	"benchtop/targets/spelling"
)

// didYouMean is the hint for a word that is not in the list: the closest one, and all that are allowed.
func didYouMean(word string, allowed []string) string {
	return spelling.DidYouMean(word, allowed) + "allowed: " + strings.Join(allowed, ", ")
}
