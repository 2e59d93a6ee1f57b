package tui

import "benchtop/tui/fixture"

// The fixtures, by the names that they have here.
var (
	sizes          = fixture.Sizes
	fits           = fixture.Fits
	fixturePlan    = fixture.Plan
	fixtureEntries = fixture.Entries
	fixtureClaim   = fixture.Claim
	predicted      = fixture.Predicted
	ended          = fixture.Ended
	close2         = fixture.Close
	troubled       = fixture.Troubled
	warming        = fixture.Warming
	refused        = fixture.Refused
	free           = fixture.Free
	newStill       = fixture.NewStill
	newTape        = fixture.NewTape
)

type still = fixture.Still

func ptr[T any](v T) *T { return &v }
