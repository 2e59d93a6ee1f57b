package spelling

import (
	"strings"
	"testing"
)

func TestSuggest(t *testing.T) {
	from := []string{"workers", "engine", "keepalive", "endpoint", "rps", "a"}
	for word, want := range map[string]string{
		"worker": "workers", "wrokers": "workers", "WORKERS": "workers", "engin": "engine", "keep": "keepalive", "end": "endpoint",
		"rpss": "rps", "b": "", "": "", "zzzzzz": "", strings.Repeat("w", 100): "", "x-y-z": "",
	} {
		if got := Suggest(word, from); got != want {
			t.Errorf("Suggest(%q) = %q, want %q", word, got, want)
		}
	}
}
