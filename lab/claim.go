package lab

import (
	"encoding/json"
	"fmt"
)

// Claim is a row of the claim ledger that a run answers, all of it or in part.
type Claim struct {
	ID   string
	Part string // what of the row the run answers; empty: all of it
}

// MarshalJSON writes what a scenario file has: "C10", or {"id": "C15", "part": "..."}.
func (c Claim) MarshalJSON() ([]byte, error) {
	if c.Part == "" {
		return json.Marshal(c.ID)
	}
	return json.Marshal(claimInPart(c))
}

// UnmarshalJSON reads both forms; run files of before rows could be answered in part have the first alone.
func (c *Claim) UnmarshalJSON(text []byte) error {
	*c = Claim{}
	if json.Unmarshal(text, &c.ID) == nil {
		return nil
	}
	var part claimInPart
	if err := json.Unmarshal(text, &part); err != nil {
		return fmt.Errorf("a claim is a row's number or {id, part}: %w", err)
	}
	*c = Claim(part)
	return nil
}

type claimInPart struct {
	ID   string `json:"id"`
	Part string `json:"part"`
}
