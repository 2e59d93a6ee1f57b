package selftest

import (
	"context"
	"fmt"
	"time"

	"benchtop/lab/load"
	"benchtop/targets/posix"
)

const manyConnections = 10_000

// many drives very many connections at once. The generator raises its soft limit of descriptors by itself; where the
// hard limit is too low the row is not run, and says what is needed.
func many(ctx context.Context, b *bench) error {
	row := Row{Name: fmt.Sprintf("%d connections", manyConnections), Bar: "all open, no error"}
	settle, window := 4*time.Second, 4*time.Second
	if b.Quick {
		settle, window = 1500*time.Millisecond, 500*time.Millisecond
	}
	if err := load.CheckBudget(load.Budget(load.Task{Connections: manyConnections})); err != nil {
		b.row(failed(row, err))
		return nil
	}
	r, err := assemble(ctx, fast)
	if err != nil {
		return err
	}
	defer r.dismantle()
	s := r.slice("/hello", manyConnections, 0, settle, window)
	open := 0
	sum, err := r.generator.Run(ctx, s, func(t load.Tick) { open = max(open, t.Open) })
	if err != nil {
		return err
	}
	bad := sum.Total.Requests - sum.Total.OK
	row.Figure = fmt.Sprintf("%d open, %d errors in %d requests", open, bad, sum.Total.Requests)
	row.Values = map[string]float64{"open": float64(open), "errors": float64(bad), "requests": float64(sum.Total.Requests)}
	if limit, err := posix.DescriptorLimits(); err == nil {
		row.Note = fmt.Sprintf("descriptors: %d needed, the hard limit is %d", load.Budget(s), limit.Hard)
	}
	switch {
	case bad > 0:
		row.State = Missed
		row.Note += fmt.Sprintf("; errors %v", sum.Total.Errors)
	case open < manyConnections:
		row.State = Inconclusive // slow is not wrong: some were still being opened
		row.Note += fmt.Sprintf("; %v were over before all were open", settle+window)
	default:
		row.State = Met
	}
	b.row(row)
	return nil
}
