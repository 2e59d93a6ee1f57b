package scenarios

import (
	"fmt"
	"strings"

	"benchtop/lab/expect"
)

// didYouMean is the hint for a word that is not in the list: the closest one, and all that are allowed.
func didYouMean(word string, allowed []string) string {
	list := "allowed: " + strings.Join(allowed, ", ")
	if s := expect.Suggest(word, allowed); s != "" {
		return fmt.Sprintf("did you mean %q? %s", s, list)
	}
	return list
}
