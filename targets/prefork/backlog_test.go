package prefork

import (
	"strings"
	"testing"
)

func TestABacklogThatTheKernelWouldCutIsRefused(t *testing.T) {
	for _, accept := range []string{Shared, Reuseport} {
		_, err := openSockets(t.Context(), "", accept, LongestBacklog()+1)
		if err == nil || !strings.Contains(err.Error(), "raise "+backlogLimit) {
			t.Errorf("%s: %v", accept, err)
		}
	}
}
