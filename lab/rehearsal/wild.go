package rehearsal

import (
	"encoding/json"
	"math"
	"reflect"
	"slices"

	"benchtop/lab"
)

// Wild makes a sequence of events that can be read and that no run ever had: those of a rehearsed run, of which some are
// left out, repeated or exchanged, and some have other values in some fields. The choices are taken from the bytes one
// after the other, zeros when they are used up; equal ones make equal events. It is for fuzzing what takes events.
func Wild(choices []byte) []lab.Event {
	w := wild{rest: choices}
	script := Script{Blocks: 1 + w.pick(3), Slice: 500e6, Trouble: w.pick(2) == 0, Change: func(p *lab.Plan) {
		p.Free = w.pick(4) == 0
		p.Order = []lab.Order{lab.Interleaved, lab.Sequential, lab.Together, "odd"}[w.pick(4)]
		if w.pick(3) == 0 {
			p.Steps = []lab.Step{{At: 1e9, Start: []string{"two"}}, {At: 2e9, Set: []string{"one.load.connections=3"}}}
		}
	}}
	events := script.Events()
	for range len(choices) / 8 {
		i := 1 + w.pick(len(events)-1)
		switch w.pick(6) {
		case 0:
			events = slices.Delete(events, i, i+1)
			if len(events) < 2 {
				return w.readable(events)
			}
		case 1:
			events = slices.Insert(events, i, w.another(events))
		case 2:
			k := 1 + w.pick(len(events)-1)
			events[i], events[k] = events[k], events[i]
		default:
			events[i] = copied(events[i])
			w.change(reflect.ValueOf(&events[i]).Elem(), 0)
		}
	}
	if w.pick(4) == 0 { // the plan is of a file as well
		events[0] = copied(events[0])
		w.change(reflect.ValueOf(events[0].Run).Elem(), 0)
	}
	return w.readable(events)
}

// wild takes choices from bytes.
type wild struct{ rest []byte }

// pick chooses from 0 to n-1.
func (w *wild) pick(n int) int {
	x := 0
	for k := 1; k < n; k *= 256 {
		if len(w.rest) > 0 {
			x = 256*x + int(w.rest[0])
			w.rest = w.rest[1:]
		}
	}
	return x % max(n, 1)
}

// another is an event of the run again, or one of a kind that the rehearsal has not.
func (w *wild) another(events []lab.Event) lab.Event {
	e := copied(events[1+w.pick(len(events)-1)])
	id := []string{"one", "two", "three", ""}[w.pick(4)]
	variant := lab.Variant{ID: id, Label: "another"}
	switch w.pick(10) {
	case 0:
		return lab.Event{At: e.At, Kind: lab.KindTurn, Turn: &lab.Turn{Add: &variant}}
	case 1:
		return lab.Event{At: e.At, Kind: lab.KindTurn, Turn: &lab.Turn{Remove: id}}
	case 2:
		return lab.Event{At: e.At, Kind: lab.KindTurn, Turn: &lab.Turn{Set: []string{id + ".load.connections=7"}, Now: []lab.Variant{variant}}}
	case 3:
		return lab.Event{At: e.At, Kind: lab.KindRate, Rate: &lab.RateEvent{Rate: 100, Share: 0.5}}
	case 4:
		return lab.Event{At: e.At, Kind: lab.KindNote, Note: &lab.NoteEvent{Level: "warning", Variant: id, Text: "wild"}}
	case 5:
		return lab.Event{At: e.At, Kind: lab.KindBlock, Block: &lab.BlockEvent{Block: 1, Attempt: 1, Outcome: lab.BlockRepeated}}
	case 6:
		return lab.Event{At: e.At, Kind: "later"}
	case 7:
		return lab.Event{At: e.At, Kind: lab.KindEnd, End: &lab.EndEvent{How: []string{lab.EndFailed, lab.EndRefused, lab.EndInterrupted}[w.pick(3)]}}
	}
	return e
}

var (
	wholes = []int64{0, 1, -1, 2, 3, 250e6, 1e7, 1e9, 365 * 24 * 3600 * 1e9, 1 << 60, -1 << 60, math.MaxInt64, math.MinInt64}
	reals  = []float64{0, 1, -1, 0.5, 1e-300, 1e9, 1e18, -1e18, math.MaxFloat64}
	texts  = []string{
		"", "one", "two", "\x1b[2J\u202e", "window", "settle", "drain", "slice", "warmup", "rps", "p99", "errors", "serving", "gone", "stopped",
		"kept", "repeated", "flagged", "complete", "failed", "open", "closed", "rps(two) / rps(one) >= 1", "HISTEwAAAAA=", "999999", "-1",
	}
)

// change gives some field of a value another one.
func (w *wild) change(v reflect.Value, depth int) {
	if !v.CanSet() || depth > 12 {
		return
	}
	switch v.Kind() {
	case reflect.Pointer:
		switch {
		case w.pick(6) == 0:
			v.SetZero()
		case v.IsNil():
			v.Set(reflect.New(v.Type().Elem()))
		default:
			w.change(v.Elem(), depth+1)
		}
	case reflect.Struct:
		if v.NumField() > 0 {
			w.change(v.Field(w.pick(v.NumField())), depth+1)
		}
	case reflect.Slice:
		switch n := v.Len(); {
		case n == 0:
			v.Set(reflect.Append(v, reflect.Zero(v.Type().Elem())))
		case w.pick(4) == 0:
			v.SetZero()
		case w.pick(4) == 0:
			v.Set(reflect.Append(v, v.Index(w.pick(n))))
		default:
			w.change(v.Index(w.pick(n)), depth+1)
		}
	case reflect.Array:
		w.change(v.Index(w.pick(v.Len())), depth+1)
	case reflect.Map:
		w.changeMap(v)
	case reflect.String:
		v.SetString(texts[w.pick(len(texts))])
	case reflect.Bool:
		v.SetBool(!v.Bool())
	case reflect.Int, reflect.Int64, reflect.Int32:
		v.SetInt(wholes[w.pick(len(wholes))])
	case reflect.Uint64, reflect.Uint32, reflect.Uint:
		v.SetUint([]uint64{0, 1, 1000, 1 << 32, 1 << 53, math.MaxUint64}[w.pick(6)])
	case reflect.Float64:
		v.SetFloat(reals[w.pick(len(reals))])
	}
}

func (w *wild) changeMap(v reflect.Value) {
	if v.Type().Key().Kind() != reflect.String || w.pick(4) == 0 {
		v.SetZero()
		return
	}
	if v.IsNil() {
		v.Set(reflect.MakeMap(v.Type()))
	}
	value := reflect.New(v.Type().Elem()).Elem()
	w.change(value, 0)
	v.SetMapIndex(reflect.ValueOf(texts[w.pick(len(texts))]).Convert(v.Type().Key()), value)
}

// copied is an event that shares nothing.
func copied(e lab.Event) lab.Event {
	line, err := json.Marshal(e)
	if err != nil {
		panic(err) // the choices have nothing that JSON cannot hold
	}
	var out lab.Event
	if err := json.Unmarshal(line, &out); err != nil {
		panic(err)
	}
	return out
}

// readable leaves out what a reader refuses, and numbers the rest, to the end.
func (w *wild) readable(events []lab.Event) []lab.Event {
	out := make([]lab.Event, 0, len(events))
	at := int64(0)
	for i := range events {
		e := &events[i]
		if e.Check() != nil || (e.Run != nil) != (i == 0) {
			if i == 0 {
				return w.readable(Script{Blocks: 1, Slice: 500e6}.Events())
			}
			continue
		}
		e.Seq, e.At = uint64(len(out)+1), max(e.At, at)
		at = e.At
		if out = append(out, *e); e.End != nil {
			return out
		}
	}
	end := lab.Event{Seq: uint64(len(out) + 1), At: at, Kind: lab.KindEnd, End: &lab.EndEvent{How: lab.EndedCut, Reason: "cut"}}
	return append(out, end)
}
