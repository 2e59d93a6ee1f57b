package ledger

// Card settles a claim that no run can answer: what the page says is refuted by a start that fails or by the component's own
// words, or cannot be tested on one machine.
type Card struct {
	Claim    string `json:"-"`
	Finding  string `json:"finding"`  // in one sentence
	Evidence string `json:"evidence"` // what was seen, of which version
	See      string `json:"see"`      // how to see it by oneself
}

// cards are in the order of their claims. A claim with a card has a row in rows.go.
var cards = []Card{
	{
		Claim:   "C52",
		Finding: "refuted: a session cannot load a library that all sessions share, so a pool with this setting opens no connection at all; it takes a restart of the server",
		Evidence: "PostgreSQL 15.18 ends a connection that asks for it at its start with FATAL: parameter \"shared_preload_libraries\" cannot be changed without restarting the server; " +
			"SET and ALTER ROLE fail alike, as ERROR 55P02, and pg_settings has its context as postmaster",
		See: "PGOPTIONS='-c shared_preload_libraries=pg_stat_statements' psql -c 'SELECT 1'",
	},
}

// cardOf is the card of a claim, nil where it has none.
func cardOf(claim string) *Card {
	for i := range cards {
		if cards[i].Claim == claim {
			return &cards[i]
		}
	}
	return nil
}
