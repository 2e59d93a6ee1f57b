package expect

import (
	"errors"
	"testing"

	"benchtop/lab/stats"
)

func TestParseCase(t *testing.T) {
	for src, want := range map[string]Case{
		"verdict(kept) == higher":             {Variant: "kept", Offset: 8, Verdict: stats.Higher},
		" verdict ( kept )  ==no_difference ": {Variant: "kept", Offset: 11, Verdict: stats.NoDifference},
	} {
		got, err := ParseCase(src)
		if err != nil || *got != want {
			t.Errorf("%q: %+v, %v; want %+v", src, got, err, want)
		}
	}
	got, err := ParseCase("p99(a) / p99(b) < 0.5")
	if err != nil || got.Expr == nil || got.Expr.String() != "p99(a) / p99(b) < 0.5" {
		t.Errorf("an expectation is %+v, %v", got, err)
	}
}

func TestParseCaseRefuses(t *testing.T) {
	for _, c := range []struct {
		src     string
		offset  int
		suggest string
	}{
		{"", 0, ""},
		{"verdcit(kept) == higher", 0, "verdict"},
		{"verdict", 0, ""},
		{"verdict() == higher", 8, ""},
		{"verdict(kept", 12, ""},
		{"verdict(a, b) == higher", 9, ""},
		{"verdict(kept) = higher", 14, "=="},
		{"verdict(kept) >= 1", 14, ""},
		{"verdict(kept) == hihger", 17, "higher"},
		{"verdict(kept) == refused", 17, ""},
		{"verdict(kept) == higher and rps(a) > 1", 24, ""},
		{"rpss(kept) > 1", 0, "rps"},
	} {
		got, err := ParseCase(c.src)
		var syntax *SyntaxError
		if !errors.As(err, &syntax) || syntax.Offset != c.offset || syntax.Suggest != c.suggest {
			t.Errorf("%q: %+v, %v (%+v); want offset %d, suggestion %q", c.src, got, err, syntax, c.offset, c.suggest)
		}
	}
}
