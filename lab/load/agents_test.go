package load

import (
	"fmt"
	"testing"
)

func TestParseAgents(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]string{"all": "{true 0 []}", "3": "{false 3 []}", "ada, bob": "{false 0 [ada bob]}"} {
		if w, err := ParseAgents(text); err != nil || fmt.Sprint(w) != want {
			t.Errorf("%s: %v, %v", text, w, err)
		}
	}
	for _, text := range []string{"", "0", "-1", "1000", "a,,b", "a,a"} {
		if _, err := ParseAgents(text); err == nil {
			t.Errorf("%q is taken", text)
		}
	}
}
