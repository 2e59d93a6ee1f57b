package lab

import (
	"errors"
	"fmt"
	"math"
	"reflect"
	"time"
)

// Bounds of what an event that was read may say. They are far beyond every run, and so near that no sum or product of
// what lies within them breaks the arithmetic of a fold or of a screen.
const (
	mostTime     = int64(366 * 24 * time.Hour) // since the run began
	mostWhole    = 1 << 60                     // nanoseconds of a clock, bytes
	mostCount    = 1 << 53                     // requests
	mostReal     = 1e18
	mostIndex    = 1e7 // slices, blocks, attempts
	mostVariants = 64
	mostBars     = 128 // of a Spread
)

// Check reports what is wrong with an event that was read from a file or a socket, nil when a run could have it. Folds
// and printers take every sequence of events that passes. An event of an unknown kind passes when it has no body that is
// known: it is of a later version, and is skipped.
func (e *Event) Check() error {
	var own reflect.Value // the body, invalid for an unknown kind
	for _, b := range e.bodies() {
		switch v := reflect.ValueOf(b.of); {
		case b.kind == e.Kind && v.IsNil():
			return fmt.Errorf("an event of kind %q without its body", e.Kind)
		case b.kind == e.Kind:
			own = v
		case !v.IsNil():
			return fmt.Errorf("an event of kind %q with the body of a %q", e.Kind, b.kind)
		}
	}
	if e.At < 0 || e.At > mostTime {
		return fmt.Errorf("an event at %d ns: expected 0 to a year", e.At)
	}
	switch {
	case !own.IsValid():
		return nil
	case e.Run != nil:
		return e.Run.Plan.check()
	}
	if err := bounded(own); err != nil {
		return fmt.Errorf("an event of kind %q: %w", e.Kind, err)
	}
	return e.places()
}

// body is a field of an Event, and the kind that has it.
type body struct {
	kind Kind
	of   any // a pointer, nil in events of other kinds
}

func (e *Event) bodies() [11]body {
	return [...]body{
		{KindRun, e.Run},
		{KindProcess, e.Process},
		{KindPhase, e.Phase},
		{KindSample, e.Sample},
		{KindInterval, e.Interval},
		{KindSlice, e.Slice},
		{KindBlock, e.Block},
		{KindKnob, e.Knob},
		{KindRate, e.Rate},
		{KindNote, e.Note},
		{KindEnd, e.End},
	}
}

// places checks the times and the numbers by which slices and blocks are told apart.
func (e *Event) places() error {
	var times []int64
	var indexes []int
	switch {
	case e.Phase != nil:
		p := e.Phase
		times, indexes = []int64{p.Start, p.From, p.To}, []int{p.Block, p.Attempt, p.Index}
	case e.Interval != nil:
		i := e.Interval
		times, indexes = []int64{i.From, i.To}, []int{i.Index, i.Open, i.InFlight}
		if s := i.Spread; s != nil && (s.First < -mostBars || s.First > mostBars || len(s.Counts) > mostBars) {
			return fmt.Errorf("a row with %d bars from bar %d: expected at most %d", len(s.Counts), s.First, mostBars)
		}
	case e.Slice != nil:
		s := e.Slice
		times, indexes = []int64{s.From, s.To}, []int{s.Index, s.Block, s.Attempt, s.Position}
	case e.Block != nil:
		indexes = []int{e.Block.Block, e.Block.Attempt}
	case e.Process != nil:
		indexes = []int{e.Process.Index}
	case e.Knob != nil:
		times, indexes = []int64{int64(e.Knob.After)}, []int{e.Knob.Turns, len(e.Knob.Now) * mostIndex / mostVariants}
	}
	for _, t := range times {
		if t < 0 || t > mostTime {
			return fmt.Errorf("an event of kind %q with the time %d ns: expected 0 to a year", e.Kind, t)
		}
	}
	for _, i := range indexes {
		if i < 0 || i > mostIndex {
			return fmt.Errorf("an event of kind %q with the number %d: expected 0 to %d", e.Kind, i, int(mostIndex))
		}
	}
	return nil
}

// check is Check for the plan of the first event.
func (p *Plan) check() error {
	switch {
	case len(p.Variants) == 0:
		return errors.New("its plan has no variants")
	case len(p.Variants) > mostVariants:
		return fmt.Errorf("its plan has %d variants: expected at most %d", len(p.Variants), mostVariants)
	case p.Blocks < 0 || p.Blocks > mostIndex:
		return fmt.Errorf("its plan has %d blocks", p.Blocks)
	}
	for _, d := range []time.Duration{p.Warmup, p.Slice, p.Settle} {
		if d < 0 || d > time.Hour {
			return fmt.Errorf("its plan has a slice, a settle time or a warm-up of %s: expected 0 to an hour", d)
		}
	}
	for _, part := range []any{p.Variants, p.Steps, p.SmallestEffect, p.ErrorLimit} {
		if err := bounded(reflect.ValueOf(part)); err != nil {
			return fmt.Errorf("its plan: %w", err)
		}
	}
	return nil
}

// bounded looks at every number of a value.
func bounded(v reflect.Value) error {
	switch v.Kind() {
	case reflect.Pointer, reflect.Interface:
		if !v.IsNil() {
			return bounded(v.Elem())
		}
	case reflect.Struct:
		for i := range v.NumField() {
			if err := bounded(v.Field(i)); err != nil {
				return err
			}
		}
	case reflect.Slice, reflect.Array:
		if v.Type().Elem().Kind() == reflect.String {
			return nil
		}
		for i := range v.Len() {
			if err := bounded(v.Index(i)); err != nil {
				return err
			}
		}
	case reflect.Map:
		for _, k := range v.MapKeys() {
			if err := bounded(v.MapIndex(k)); err != nil {
				return err
			}
		}
	case reflect.Int, reflect.Int64, reflect.Int32:
		if n := v.Int(); n < -mostWhole || n > mostWhole {
			return fmt.Errorf("the number %d is beyond every run", n)
		}
	case reflect.Uint64, reflect.Uint32, reflect.Uint:
		if n := v.Uint(); n > mostCount {
			return fmt.Errorf("the count %d is beyond every run", n)
		}
	case reflect.Float64:
		if x := v.Float(); math.IsNaN(x) || math.Abs(x) > mostReal {
			return fmt.Errorf("the figure %g is beyond every run", x)
		}
	}
	return nil
}
