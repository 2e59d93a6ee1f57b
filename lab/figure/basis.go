package figure

// What a figure of a variant is taken over. The same metric stands on several pages over different things, so that its
// digits differ a little; each table says which it is, in these words.
const (
	OverPairs    = "means over the pairs that count: verdicts rest on these"
	OverSlices   = "means over the slices that count"
	OverRequests = "all requests together: no verdict rests on these"
	OverEither   = "means over the pairs that count, else over the slices"
	OverBoth     = OverSlices + ", ratios over their pairs"
	MedianSlice  = "median slice"
)

// What the noise floor is (stats.NoiseFloor), and what it is not. Lessons, help and README have these words.
const (
	FloorIs  = "how far a variant differs from itself in this run"
	FloorNot = "No verdict rests on it: over the pairs a smaller difference can be decided too."
)
