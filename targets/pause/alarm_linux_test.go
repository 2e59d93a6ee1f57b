package pause

import "testing"

// allFree holds that every alarm was given back.
func allFree(t *testing.T) {
	t.Helper()
	if got := len(alarms); got != mostAlarms {
		t.Errorf("%d alarms are free after the last wait, of %d", got, mostAlarms)
	}
}
