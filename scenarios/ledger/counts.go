package ledger

import "fmt"

// Counts is how many rows of the ledger are settled, and by what. A row that has a scenario on embedded parts and one on real
// components counts for both.
type Counts struct {
	Embedded, EmbeddedRun int // by a shipped scenario that needs no component; of these, with a whole run here
	Real, RealRun         int // by one that does
	Cards                 int
	Open                  int
}

// CountsOf counts the rows of the answers.
func CountsOf(answers []Answer) Counts {
	type row struct{ embedded, embeddedRun, real, realRun, card bool }
	found := map[string]*row{}
	for i := range answers {
		a := &answers[i]
		if a.open() {
			continue
		}
		r := found[a.Claim]
		if r == nil {
			r = &row{}
			found[a.Claim] = r
		}
		run := a.Run != "" && a.Note == ""
		switch {
		case a.Card != nil:
			r.card = true
		case a.Real:
			r.real, r.realRun = true, r.realRun || run
		default:
			r.embedded, r.embeddedRun = true, r.embeddedRun || run
		}
	}
	one := func(is bool) int {
		if is {
			return 1
		}
		return 0
	}
	c := Counts{Open: len(rows) - len(found)}
	for _, r := range found {
		c.Embedded, c.EmbeddedRun = c.Embedded+one(r.embedded), c.EmbeddedRun+one(r.embeddedRun)
		c.Real, c.RealRun = c.Real+one(r.real), c.RealRun+one(r.realRun)
		c.Cards += one(r.card)
	}
	return c
}

// String is the counts in a sentence.
func (c Counts) String() string {
	return fmt.Sprintf("%d claims: %d are answered by a scenario on embedded parts (%d with a whole run here), %d by one on real components (%d with a whole run here), %d settled by a card, %d open",
		len(rows), c.Embedded, c.EmbeddedRun, c.Real, c.RealRun, c.Cards, c.Open)
}
