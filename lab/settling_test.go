package lab_test

import (
	"context"
	"strings"
	"testing"
	"time"
)

// A run whose slices settle for longer than was planned says so, with the variant that makes them.
func TestLongSettlingIsTold(t *testing.T) {
	t.Parallel()
	for rate, told := range map[float64]bool{150: true, 10000: false} {
		p := plan("a", "b")
		p.Blocks, p.Slice = 2, 300*time.Millisecond
		events, _ := carryOut(t, context.Background(), p, newBench(map[string]float64{"a": 10000, "b": rate}))
		text := ""
		for _, e := range events {
			if e.Note != nil && strings.Contains(e.Note.Text, "settles for three times as long") {
				text = e.Note.Variant + ": " + e.Note.Text
			}
		}
		if (text != "") != told || told && (!strings.HasPrefix(text, "b: ") || !strings.Contains(text, "instead of 2 ms: the run takes about")) {
			t.Errorf("b at %v req/s: %q", rate, text)
		}
	}
}
