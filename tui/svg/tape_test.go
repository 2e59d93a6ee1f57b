package svg

import (
	"encoding/xml"
	"errors"
	"io"
	"strings"
	"testing"
	"time"
)

// A tape draws what stays once, each change in its time, and ends on its last frame, which stands where motion is off.
func TestTape(t *testing.T) {
	svg := Tape([]Frame{{"title\none", time.Second}, {"title\ntwo", time.Second}, {"title\ntwo\nend", 2 * time.Second}}, "#ffffff", "#000000")
	for text, want := range map[string]int{
		">title<": 1, ">one<": 1, ">two<": 1, ">end<": 1,
		".f0-0{visibility:hidden;animation:f0-0 4.0s step-end infinite}@keyframes f0-0{0.00%{visibility:visible}25.00%{visibility:hidden}}": 1,
		".f1-2{visibility:visible;animation:f1-2 4.0s step-end infinite}@keyframes f1-2{0%{visibility:hidden}25.00%{visibility:visible}}":   1,
		".f2-2{visibility:visible;animation:f2-2 4.0s step-end infinite}@keyframes f2-2{0%{visibility:hidden}50.00%{visibility:visible}}":   1,
		".f0-2{": 0, "<script": 0, "href": 0, "prefers-reduced-motion": 1,
	} {
		if got := strings.Count(svg, text); got != want {
			t.Errorf("%q is there %d times, want %d\n%s", text, got, want, svg)
		}
	}
	for d := xml.NewDecoder(strings.NewReader(svg)); ; {
		if _, err := d.Token(); errors.Is(err, io.EOF) {
			break
		} else if err != nil {
			t.Fatal(err)
		}
	}
}
