// Package selftest holds the instrument against what it promises: each row really runs on this machine, with processes
// of its own on loopback, and ends with a figure beside its bar. It is a command rather than a test, because its figures
// are times.
package selftest

import (
	"context"
	"errors"
	"fmt"
	"os"
	"slices"
	"strings"
	"time"

	"benchtop/lab/load"
	"benchtop/lab/load/generator"
	"benchtop/lab/observe"
	"benchtop/targets/proc"
)

// State says how a row ended.
type State string

// Met: its interval lies inside the bar. Missed: outside. Inconclusive: neither, which is no defect and no pass. Not
// run: the note says why.
const (
	Met          State = "met"
	Missed       State = "missed"
	Inconclusive State = "inconclusive"
	NotRun       State = "not run"
)

// Row is one line of the table.
type Row struct {
	Group   string             `json:"group"` // as --only takes it
	Name    string             `json:"name"`
	Figure  string             `json:"figure"`
	Bar     string             `json:"bar"`
	State   State              `json:"state"`
	Note    string             `json:"note,omitempty"`
	Seconds float64            `json:"seconds"` // since the row before
	Values  map[string]float64 `json:"values,omitempty"`
}

// Options choose what runs.
type Options struct {
	Quick bool
	Only  []string // groups; empty: all
	// Program is the file of this program, which is started in a network namespace and on a terminal; empty: those rows
	// are not run.
	Program string
	Version string // of this program
	// Show shows a run on a terminal until the context or the showing ends; nil: the rows of the screen are not run.
	Show func(ctx context.Context, term *os.File, run *Shown) error
	// Progress is told what is going on now; nil: nobody.
	Progress func(string)
}

// Report is the whole outcome.
type Report struct {
	Quick      bool     `json:"quick"`
	Seconds    float64  `json:"seconds"`
	Steal      *float64 `json:"steal"`       // share of the machine while it ran
	NoiseFloor *float64 `json:"noise_floor"` // of the A/A runs
	Rows       []Row    `json:"rows"`
}

// Count counts the rows of a state.
func (r *Report) Count(s State) int {
	n := 0
	for i := range r.Rows {
		if r.Rows[i].State == s {
			n++
		}
	}
	return n
}

// bench is a self-test that is going on.
type bench struct {
	Options
	report Report
	row    func(Row)
}

// check is one group of rows.
type check struct {
	group  string
	hidden bool // runs only when it is named
	run    func(context.Context, *bench) error
}

func checks() []check {
	return []check{
		{"percentiles", false, percentiles},
		{"pacing", false, pacing},
		{"freeze", false, freeze},
		{"errors", false, errorLedger},
		{"windows", false, windows},
		{"stalls", false, stalls},
		{"capacity", false, capacities},
		{"self-knowledge", false, selfKnowledge},
		{"verdicts", false, verdicts},
		{"memory", false, memory},
		{"syscalls", false, syscalls},
		{"screen", false, screen},
		{portsInside, true, portsInNamespace},
	}
}

// Groups lists what Options.Only takes.
func Groups() []string {
	var names []string
	for _, c := range checks() {
		if !c.hidden {
			names = append(names, c.group)
		}
	}
	return names
}

// CheckOnly refuses unknown groups.
func CheckOnly(only []string) error {
	for _, name := range only {
		if !slices.Contains(Groups(), name) && name != portsInside {
			return fmt.Errorf("%q is no row; allowed: %s", name, strings.Join(Groups(), ", "))
		}
	}
	return nil
}

// Run runs the rows one after the other and hands each to row as it ends. An error of a row is a row that was not run; only
// the end of the context ends the whole.
func Run(ctx context.Context, o Options, row func(Row)) (*Report, error) {
	if o.Progress == nil {
		o.Progress = func(string) {}
	}
	b := &bench{Options: o, report: Report{Quick: o.Quick, Rows: []Row{}}}
	group := ""
	began := time.Now()
	last := began
	b.row = func(r Row) {
		r.Group, r.Seconds = group, time.Since(last).Seconds()
		last = time.Now()
		b.report.Rows = append(b.report.Rows, r)
		row(r)
	}
	observer := observe.New(proc.Now)
	before := observer.Sample()
	for _, c := range checks() {
		if c.hidden && len(o.Only) == 0 || len(o.Only) > 0 && !slices.Contains(o.Only, c.group) {
			continue
		}
		group = c.group
		b.Progress(c.group)
		if err := c.run(ctx, b); err != nil {
			if ctx.Err() != nil {
				break
			}
			b.row(failed(Row{Name: c.group}, err))
		}
	}
	usage := observe.Between(before, observer.Sample())
	b.report.Steal = usage.Host.Steal
	b.report.Seconds = time.Since(began).Seconds()
	return &b.report, ctx.Err()
}

// unavailable is an error of what a row needs and this machine does not have, or does not allow.
type unavailable struct{ error }

func (u unavailable) Unwrap() error { return u.error }

func notHere(format string, args ...any) error { return unavailable{fmt.Errorf(format, args...)} }

// failed ends a row with an error: it cannot be run here; the generator died, which it must not; or it went wrong on the
// way, which says nothing.
func failed(row Row, err error) Row {
	row.State, row.Note = Inconclusive, strings.Join(strings.Fields(err.Error()), " ")
	var u unavailable
	var limit *load.DescriptorError
	switch {
	case errors.As(err, &u), errors.As(err, &limit):
		row.State = NotRun
	case errors.Is(err, generator.ErrDied):
		row.State = Missed
	}
	return row
}
