package class

import (
	"strings"

	"benchtop/lab"
)

// Telling gives what tells the trainer how far a run of a seat is, from its events.
func Telling(g Guest) lab.Sink {
	p := Progress{Doing: Running}
	return func(e lab.Event) {
		was := p
		switch {
		case e.Run != nil:
			p.Blocks = min(e.Run.Plan.Blocks, maxBlocks)
		case e.Phase != nil && e.Phase.Block > 0:
			p.Block = min(e.Phase.Block, maxBlocks)
		case e.Block != nil && e.Block.Outcome != lab.BlockKept:
			p.Disturbed = Trimmed(strings.Join(e.Block.Reasons, "; "))
		default:
			return
		}
		if p != was || e.Run != nil {
			g.Progress(p)
		}
	}
}
