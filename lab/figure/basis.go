package figure

// What a figure of a variant is taken over. The same metric stands on several pages over different things, so that its
// digits differ a little; each table says which it is, in these words.
const (
	OverPairs    = "means over the pairs that count"
	OverSlices   = "means over the slices that count"
	OverRequests = "all requests of the slices that count"
	OverEither   = "means over the pairs that count, else over the slices"
	OverBoth     = OverSlices + ", ratios over their pairs"
	MedianSlice  = "median slice"
)
