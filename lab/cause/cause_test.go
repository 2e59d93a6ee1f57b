package cause

import "testing"

// Causes that differ in their figures are one, with the range of these, with whom they met, and where.
func TestCausesAreGrouped(t *testing.T) {
	for name, c := range map[string]struct {
		causes []Cause
		want   string
	}{
		"one":     {[]Cause{{"w2", 3, "1 worker died in it"}}, "1 worker died in it (w2, block 3)"},
		"a range": {[]Cause{{"w4", 2, "steal was 9 %"}, {"w2", 1, "steal was 31 %"}, {"w4", 3, "steal was 12 %"}}, "steal was 9 to 31 % (w2 and w4, blocks 1 to 3)"},
		"several": {[]Cause{{"w2", 7, "a b"}, {"w2", 1, "c d"}, {"w1", 2, "a b"}, {"w4", 1, "a b"}}, "a b (w1, w2 and w4, blocks 1, 2 and 7); c d (w2, block 1)"},
		"decimals": {
			[]Cause{{"a", 1, "w2 should be idle and a process of it used 3.5 % of a core"}, {"a", 1, "w2 should be idle and a process of it used 10.2 % of a core"}},
			"w2 should be idle and a process of it used 3.5 to 10.2 % of a core (a, block 1)",
		},
		"other variants": {[]Cause{{"a", 1, "w1 should be idle"}, {"a", 1, "w2 should be idle"}}, "w1 should be idle (a, block 1); w2 should be idle (a, block 1)"},
		"two figures":    {[]Cause{{"a", 1, "12 responses, counted 11"}, {"a", 2, "9 responses, counted 7"}}, "9 responses, counted 7, the last time (a, blocks 1 and 2)"},
		"a single block": {[]Cause{{"w4", 0, "steal was 9 %"}, {"w2", 0, "steal was 9 %"}}, "steal was 9 % (w2 and w4)"},
		"a sign":         {[]Cause{{"a", 0, "no # 5"}, {"a", 0, "no 5 5"}, {"a", 0, "no # #"}}, "no # 5 (a); no 5 5 (a); no # # (a)"},
		"of nobody":      {[]Cause{{"", 0, "steal was 9 %"}}, "steal was 9 %"},
		"many": {
			[]Cause{{"a", 1, "one"}, {"a", 1, "two"}, {"a", 1, "three"}, {"a", 1, "four"}, {"a", 1, "five"}, {"a", 2, "five"}},
			"five (a, blocks 1 and 2); one (a, block 1); two (a, block 1); three (a, block 1); and 1 more",
		},
	} {
		if got := Join(c.causes); got != c.want {
			t.Errorf("%s: got  %q\nwant %q", name, got, c.want)
		}
	}
}
