package room

import (
	"strings"
	"testing"
)

// A join code is broken between its groups alone, at any width, and a shell takes the lines together.
func TestACodeIsBrokenBetweenItsGroups(t *testing.T) {
	code := "benchtop join " + strings.TrimSuffix(strings.Repeat("0410K-", 15), "-")
	for w := 24; w < 130; w++ {
		lines := grouped(code, w)
		if strings.ReplaceAll(strings.Join(lines, ""), ` \`, "") != code {
			t.Fatalf("%d: %q", w, lines)
		}
		for i, line := range lines {
			if len(line) > w || i < len(lines)-1 && !strings.HasSuffix(line, `- \`) {
				t.Errorf("%d: %q", w, line)
			}
		}
	}
}
