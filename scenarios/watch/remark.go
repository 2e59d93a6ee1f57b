package watch

import (
	"errors"
	"fmt"
	"path/filepath"
	"strings"

	"benchtop/scenarios"
)

// Remark says what became of a scenario file under a run, which goes on with what it began with. wrong: the next start
// cannot use it.
func Remark(path string, there bool) (text string, wrong bool) {
	name := filepath.Base(path)
	const stays = "; this run goes on as it began"
	if !there {
		return name + " is gone" + stays, true
	}
	_, err := scenarios.Read(path)
	var problems *scenarios.Errors
	switch {
	case err == nil:
		return name + " was saved and is valid; the next start uses it" + stays, false
	case errors.As(err, &problems) && len(problems.Problems) > 0:
		first := problems.Problems[0]
		text := fmt.Sprintf("%s was saved with an error at %d:%d: %s", name, first.Line, first.Col, first.Msg)
		if n := len(problems.Problems) + problems.Omitted - 1; n > 0 {
			text += fmt.Sprintf(" (and %d more)", n)
		}
		return text + stays, true
	}
	return strings.SplitN(err.Error(), "\n", 2)[0] + stays, true
}
