package tui

import (
	"fmt"
	"strings"
	"testing"

	"benchtop/tui/fixture"
)

// Where the strip has no room for all comparisons it says which of how many it shows, and the key that it names leads to each of
// them, from the baseline too.
func TestEveryComparisonIsReached(t *testing.T) {
	m := testModel(t, "mono", Config{Session: newStill(fixture.Live(4, 1))})
	strip := func() string {
		lines := strings.Split(plainView(m, 80, 24), "\n")
		return strings.Join(lines[len(lines)-3:], "\n")
	}
	for n, id := range []string{"two", "two", "four", "eight"} { // the first is the baseline's
		if got, want := strip(), fmt.Sprintf("%d of 3: tab", max(n, 1)); !strings.Contains(got, want) || !strings.HasPrefix(got, " "+id+" ") {
			t.Errorf("%s selected: no %q of %s in\n%s", m.run.View.Focus, want, id, got)
		}
		press(m, keyTab)
	}
	if m = testModel(t, "mono", Config{Session: newStill(fixture.Live(2, 1))}); strings.Contains(strip(), "tab") {
		t.Errorf("one comparison alone is counted\n%s", strip())
	}
}
