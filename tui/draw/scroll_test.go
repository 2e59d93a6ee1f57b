package draw

import (
	"fmt"
	"testing"
)

// A page is what was seen: the next one begins behind it, whatever the height.
func TestAPageIsWhatIsSeen(t *testing.T) {
	text := make([]string, 100)
	for i := range text {
		text[i] = fmt.Sprint(i)
	}
	for _, h := range []int{1, 5, 21, 33, 100, 200} {
		s := Scroll{}
		s.Cut(text, h)
		s.Page(1)
		cut, _ := s.Cut(text, h)
		if want := min(h, len(text)-h); want > 0 && cut[0] != text[want] {
			t.Errorf("%d rows: the second page begins with %s", h, cut[0])
		}
		s.Page(-1)
		if cut, _ := s.Cut(text, h); cut[0] != "0" {
			t.Errorf("%d rows: the way back ends at %s", h, cut[0])
		}
	}
}
