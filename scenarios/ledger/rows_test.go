package ledger

import (
	"errors"
	"math"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"benchtop/lab"
	"benchtop/scenarios"
)

func TestClaims(t *testing.T) {
	source := regexp.MustCompile(`^S[0-4]:[1-9][0-9]*(-[1-9][0-9]*)?$`)
	last := 0
	known := map[string]bool{}
	for _, c := range rows {
		n, err := strconv.Atoi(strings.TrimPrefix(c.Number, "C"))
		if err != nil || n <= last || n > 97 {
			t.Errorf("claim %s after C%d", c.Number, last)
		}
		last = n
		known[c.Number] = true
		if len(c.Says) < 20 || len(c.Says) > 120 || len(c.Source) == 0 {
			t.Errorf("%s says %q (%d characters), from %v", c.Number, c.Says, len(c.Says), c.Source)
		}
		for _, s := range c.Source {
			if !source.MatchString(s) {
				t.Errorf("%s has the source %q", c.Number, s)
			}
		}
	}
	for _, e := range scenarios.List() {
		for _, c := range e.Claims {
			if !known[c.ID] {
				t.Errorf("%s answers %s, which the table of claims does not have", e.ID, c.ID)
			}
		}
	}
}

// The source of a claim is read as words.
func TestTheSourceOfAClaimInWords(t *testing.T) {
	for _, c := range rows {
		if text := said(c.Says, c.Source); strings.Contains(text, " (S") || !strings.Contains(text, " (page ") {
			t.Errorf("%s: %q", c.Number, text)
		}
	}
	if got, want := said("it is so", []string{"S0:42", "S3:595-601"}), "it is so (page 0, line 42; page 3, lines 595 to 601)"; got != want {
		t.Errorf("%q, want %q", got, want)
	}
}

// The figures of the pages: +9.8 % and +15.12 %. A scenario that they are held against has the variant they are of.
func TestFiguresOfClaims(t *testing.T) {
	want := map[string]float64{"C10": 1.098, "C11": 1.1512}
	shipped := 0
	for _, c := range rows {
		for _, f := range c.Figures {
			if math.Abs(f.Ratio-want[c.Number]) > 5e-5 {
				t.Errorf("%s: the figure is %v, want %v", c.Number, f.Ratio, want[c.Number])
			}
			for _, id := range f.Scenarios {
				file, err := scenarios.Load(id)
				if errors.Is(err, scenarios.ErrUnknown) {
					continue
				}
				if err != nil {
					t.Fatal(err)
				}
				shipped++
				p := file.Plan
				if p.Variant(f.Variant) == nil || f.Variant == p.Baseline || p.Metric != f.Metric || !slices.Contains(p.Claims, lab.Claim{ID: c.Number}) {
					t.Errorf("%s has no %s of %s to hold %s against", id, f.Metric, f.Variant, c.Number)
				}
			}
			if _, ok := c.figureOf(f.Scenarios[0], f.Variant, f.Metric); !ok {
				t.Errorf("%s: its own figure is not found", c.Number)
			}
			if _, ok := c.figureOf("workers", f.Variant, f.Metric); ok {
				t.Errorf("%s: a figure for workers", c.Number)
			}
		}
	}
	if shipped == 0 {
		t.Error("no shipped scenario is held against a figure")
	}
}

// A card stands on a row and says everything that it has to; a claim has one at most.
func TestCards(t *testing.T) {
	seen := map[string]bool{}
	for _, c := range cards {
		known := slices.ContainsFunc(rows, func(r Row) bool { return r.Number == c.Claim })
		if !known || seen[c.Claim] || len(c.Finding) < 20 || len(c.Evidence) < 20 || c.See == "" {
			t.Errorf("%+v: on a row: %v, twice: %v", c, known, seen[c.Claim])
		}
		seen[c.Claim] = true
	}
}

func TestCounts(t *testing.T) {
	day := &time.Time{}
	answers := []Answer{
		{Claim: "C1", Scenario: "a", Run: "f", Date: day},
		{Claim: "C1", Scenario: "real-a", Real: true},
		{Claim: "C1", Scenario: "b"},
		{Claim: "C2", Scenario: "a", Run: "f", Note: "quick run", Date: day},
		{Claim: "C3", Scenario: "real-a", Real: true, Run: "f", Date: day},
		{Claim: "C4", Card: cardOf("C52")},
	}
	if got, want := CountsOf(answers), (Counts{Embedded: 2, EmbeddedRun: 1, Real: 2, RealRun: 1, Cards: 1, Open: len(rows) - 4}); got != want {
		t.Errorf("%+v, want %+v", got, want)
	}
	var out strings.Builder
	if err := Plain(&out, answers); err != nil || !strings.Contains(out.String(), "settled without a run; refuted") || !strings.Contains(out.String(), "1 settled by a card, 93 open") {
		t.Errorf("%v\n%s", err, out.String())
	}
}
