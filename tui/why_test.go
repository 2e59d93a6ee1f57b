package tui

import "testing"

func TestChaptersArePages(t *testing.T) {
	for _, size := range [][2]int{{60, 16}, {80, 24}, {120, 34}, {200, 50}, {100, 20}} {
		for n := 1; n <= 4; n++ {
			m := whyOf(t, "dark", ended(n), predicted("two", 1.1, 3), 0)
			m.w, m.h = size[0], size[1]
			seen := map[int]bool{}
			for i := range numbered {
				settle(m, runes(string(rune('1'+i))))
				view := plainView(m, size[0], size[1])
				on := m.laid[pageOf(m.laid, i)]
				if i < on.first || i >= on.first+on.n {
					t.Fatalf("%v: %d is not on its page", size, i)
				}
				for k := on.first; k < on.first+on.n; k++ {
					seen[k] = true
				}
				if on.n > 1 && size[1]-4 < len(m.cache["why"].lines) {
					t.Errorf("%v with %d: page %v is %d lines long\n%s", size, n, on, len(m.cache["why"].lines), view)
				}
			}
			if len(seen) != numbered {
				t.Errorf("%v: %v", size, seen)
			}
			// Turning pages comes round.
			m.showChapter(0)
			m.View()
			for range m.laid {
				settle(m, keyTab)
				m.View()
			}
			if m.chapter != 0 {
				t.Errorf("%v: after every page one is at %d", size, m.chapter)
			}
		}
	}
}
