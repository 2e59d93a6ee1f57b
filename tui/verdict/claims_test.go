package verdict

import (
	"strings"
	"testing"

	"github.com/muesli/termenv"

	"benchtop/lab"
	"benchtop/tui/fixture"
	"benchtop/tui/panel"
	"benchtop/tui/theme"
)

// The page says whose claims they are, where it knows one of them.
func TestWhoseClaimsTheyAre(t *testing.T) {
	look, err := theme.New("mono", termenv.Ascii)
	if err != nil {
		t.Fatal(err)
	}
	for id, want := range map[string]bool{"C1": true, "unknown": false} {
		st := fixture.Ended(2)
		st.Plan.Claims = []lab.Claim{{ID: id}}
		p := pen{Pen: panel.Pen{Look: look, State: st}, known: Claims{Text: fixture.Claim, Of: "five pages"}}
		if text := strings.Join(p.claims(60), "\n"); strings.Contains(text, "of five pages") != want {
			t.Errorf("%s:\n%s", id, text)
		}
	}
}

// A run whose scenario tests a part of a claim confirms that part, and says that the rest is open.
func TestWhatIsSaidOfAClaim(t *testing.T) {
	look, err := theme.New("mono", termenv.Ascii)
	if err != nil {
		t.Fatal(err)
	}
	whole, part := []lab.Claim{{ID: "C1"}}, []lab.Claim{{ID: "C1", Part: "one host"}}
	for _, c := range []struct {
		claims   []lab.Claim
		verdicts []string
		want     []string
		never    string
	}{
		{whole, []string{"confirmed"}, []string{"it held on this machine"}, "in part"},
		{part, []string{"confirmed"}, []string{"in part: one host", "what was tested held", "is open"}, "✓ it held"},
		{part, []string{"confirmed", "refuted"}, []string{"in part: one host", "not as claimed here"}, "held on"},
		{whole, nil, []string{"does not decide it"}, "held on"},
	} {
		st := fixture.Ended(2)
		st.Plan.Claims, st.Result.Expectations = c.claims, nil
		for _, v := range c.verdicts {
			st.Result.Expectations = append(st.Result.Expectations, lab.Expectation{Expr: "rps(one) > 1", Verdict: v})
		}
		p := pen{Pen: panel.Pen{Look: look, State: st}, known: Claims{Text: fixture.Claim}}
		text := strings.Join(strings.Fields(strings.Join(p.claims(60), " ")), " ")
		for _, want := range c.want {
			if !strings.Contains(text, want) {
				t.Errorf("%v, %v: no %q in %q", c.claims, c.verdicts, want, text)
			}
		}
		if strings.Contains(text, c.never) {
			t.Errorf("%v, %v: %q in %q", c.claims, c.verdicts, c.never, text)
		}
	}
}
