package watch

import (
	"slices"
	"time"

	"benchtop/lab"
	"benchtop/lab/compare"
	"benchtop/lab/marks"
)

// Pair is two runs to be shown side by side.
type Pair struct {
	Versus        *compare.Versus
	First, Second Replayer
}

// Duo plays two runs at once, from their beginnings. Its State is that of the first. The shorter one stands at its end
// while the longer one goes on.
type Duo struct {
	Versus *compare.Versus
	Runs   [2]Replayer
	marks  []marks.Mark
}

// NewDuo plays a pair, both at their end.
func NewDuo(p *Pair) *Duo {
	d := &Duo{Versus: p.Versus, Runs: [2]Replayer{p.First, p.Second}}
	for i, r := range d.Runs {
		for _, mark := range r.Marks() {
			mark.Text = compare.Name(i) + ": " + mark.Text
			d.marks = append(d.marks, mark)
		}
	}
	slices.SortStableFunc(d.marks, func(a, b marks.Mark) int { return int(min(max(a.At-b.At, -1), 1)) })
	d.Pause(true)
	_, total := d.Position()
	d.Seek(total)
	return d
}

// State is that of the first.
func (d *Duo) State() *lab.State { return d.Runs[0].State() }

// Turn does nothing.
func (d *Duo) Turn(lab.Turn) {}

// Done is that of the first.
func (d *Duo) Done() <-chan struct{} { return d.Runs[0].Done() }

// Paused is that of the first.
func (d *Duo) Paused() bool { return d.Runs[0].Paused() }

// CurrentSpeed is that of the first.
func (d *Duo) CurrentSpeed() float64 { return d.Runs[0].CurrentSpeed() }

// Marks are those of both.
func (d *Duo) Marks() []marks.Mark { return d.marks }

// Stop stops both.
func (d *Duo) Stop() { d.each(Replayer.Stop) }

// Pause stops the clocks, or lets them go on.
func (d *Duo) Pause(on bool) { d.each(func(r Replayer) { r.Pause(on) }) }

// Seek goes to a moment in both.
func (d *Duo) Seek(at time.Duration) { d.each(func(r Replayer) { r.Seek(at) }) }

// Speed sets that of both.
func (d *Duo) Speed(x float64) { d.each(func(r Replayer) { r.Speed(x) }) }

func (d *Duo) each(do func(r Replayer)) {
	for _, r := range d.Runs {
		do(r)
	}
}

// Position is that of the longer run.
func (d *Duo) Position() (at, total time.Duration) {
	for _, r := range d.Runs {
		a, t := r.Position()
		at, total = max(at, a), max(total, t)
	}
	return at, total
}
