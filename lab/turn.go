package lab

import (
	"cmp"
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"

	"benchtop/lab/load"
)

// Turn is one turn: settings of variants, a variant that comes, one that goes, one that gets another label, or the order
// of the slices. What asks for it has one of these; its event has the rest too.
type Turn struct {
	Set    []string      `json:"set,omitempty"`    // variant.key=value, as Step has it
	Add    *Variant      `json:"add,omitempty"`    // a variant that comes, whole
	Remove string        `json:"remove,omitempty"` // id of a variant that goes
	Rename string        `json:"rename,omitempty"` // id of a variant that is called Label from here on
	Label  string        `json:"label,omitempty"`
	Order  Order         `json:"order,omitempty"`  // of the slices from here on: Together is a race, Interleaved one after the other
	Signal []string      `json:"signal,omitempty"` // variant.part=NAME that processes are told, as Step has it
	Slice  int           `json:"slice,omitempty"`  // index of the slice in which they are told, under load; 0: between two slices
	In     time.Duration `json:"in,omitempty"`     // since the window of that slice began, as the step says

	After   time.Duration `json:"after,omitempty"`   // since the first counted slice was begun; of a step its own time
	Now     []Variant     `json:"now,omitempty"`     // the variants that Set changed, as they are from here on
	Restart []string      `json:"restart,omitempty"` // those of them whose targets were started again
	Turns   int           `json:"turns,omitempty"`   // how many turns became one, because they waited for the same edge; 0: one
	Refused string        `json:"refused,omitempty"` // why nothing was changed
	Undone  string        `json:"undone,omitempty"`  // Remove: why a variant that was to come did not stay
	At      int64         `json:"-"`                 // of a State's turns: when it was carried out, nanoseconds since the run began

	// Of run files that were written before there was Set: connections, rate or keepalive (0 or 1). Variant empty: every
	// variant.
	Variant string  `json:"variant,omitempty"`
	Key     string  `json:"key,omitempty"`
	Value   float64 `json:"value,omitempty"`
}

// AllVariants stands for every variant in front of a setting's key, unless a variant has this id.
const AllVariants = "all"

// settings are what the turn sets, in the words of today.
func (k *Turn) settings() []string {
	if k.Key == "" {
		return k.Set
	}
	id := k.Variant
	if id == "" {
		id = AllVariants
	}
	value := strconv.FormatFloat(k.Value, 'f', -1, 64)
	if k.Key == "keepalive" {
		value = strconv.FormatBool(k.Value != 0)
	}
	return []string{id + ".load." + k.Key + "=" + value}
}

// Words say what the turn does.
func (k *Turn) Words() string {
	switch {
	case k.Add != nil:
		return k.Add.ID + " comes: " + k.Add.Label
	case k.Remove != "":
		return k.Remove + " goes"
	case k.Rename != "":
		return k.Rename + " is called " + k.Label
	case k.Order == Together:
		return "all at once"
	case k.Order != "":
		return "one after the other"
	}
	if k.Key != "" {
		return k.Key + " = " + strconv.FormatFloat(k.Value, 'f', -1, 64)
	}
	if len(k.Signal) > 0 {
		return SignalWords(k.Signal)
	}
	words := make([]string, 0, len(k.Set))
	for _, s := range k.settings() {
		name, value, _ := strings.Cut(s, "=")
		words = append(words, name+" = "+value)
	}
	return strings.Join(words, ", ")
}

// Plain reports whether the turn sets settings, and nothing else.
func (k *Turn) Plain() bool {
	return k.Add == nil && k.Remove == "" && k.Rename == "" && k.Order == "" && len(k.Signal) == 0
}

// Changes reports whether the turn made another one of a variant: with other settings, under load with others, or told a
// signal.
func (k *Turn) Changes(id string) bool {
	if k.Order != "" || slices.ContainsFunc(k.Signal, func(s string) bool { return Addresses(s, id) }) {
		return true
	}
	return slices.ContainsFunc(k.Now, func(v Variant) bool { return v.ID == id })
}

// TurnLoad sets load.connections, load.rate and load.keepalive of a plan's variants: what a run can turn without
// knowing scenario files. It has the form of Options.Apply.
func TurnLoad(p *Plan, set []string) error {
	variants := slices.Clone(p.Variants)
	for _, s := range set {
		name, value, _ := strings.Cut(s, "=")
		id, key, _ := strings.Cut(name, ".")
		found := false
		for i := range variants {
			if v := &variants[i]; v.ID == id || id == AllVariants && p.Variant(AllVariants) == nil {
				found = true
				if err := turnLoad(&v.Load, key, value); err != nil {
					return fmt.Errorf("setting %s: %w", s, err)
				}
			}
		}
		if !found {
			return fmt.Errorf("setting %s: there is no variant %s", s, id)
		}
	}
	p.Variants = variants
	return nil
}

func turnLoad(l *Load, key, value string) error {
	switch key {
	case "load.connections":
		n, err := strconv.Atoi(value)
		if err != nil || n < 1 {
			return errors.New("connections are a whole number from 1")
		}
		l.Connections = n
	case "load.rate":
		rate, err := strconv.ParseFloat(value, 64)
		if err != nil || !(rate > 0 && rate <= load.MaxRate) {
			return fmt.Errorf("a rate is requests per second, above 0 and at most %d", load.MaxRate)
		}
		l.Rate, l.RateShare, l.Stages = rate, 0, nil
	case "load.keepalive":
		on, err := strconv.ParseBool(value)
		if err != nil {
			return errors.New("keepalive is true or false")
		}
		l.KeepAlive = on
	default:
		return errors.New("this run can turn load.connections, load.rate and load.keepalive only")
	}
	return nil
}

// merge makes one turn of two that wait for the same edge, so that a target is started again once. ok is false where the
// order of the two matters: someone comes or goes, or a part such as proxy is switched as a whole.
func (k *Turn) merge(next *Turn) (merged Turn, ok bool) {
	if !k.Plain() || !next.Plain() {
		return Turn{}, false
	}
	set := slices.Clone(k.settings())
	for _, s := range next.settings() {
		name, value, _ := strings.Cut(s, "=")
		if value == "on" || value == "off" || strings.HasSuffix(name, ".load.model") {
			return Turn{}, false
		}
		set = slices.DeleteFunc(set, func(old string) bool { return strings.HasPrefix(old, name+"=") })
		set = append(set, s)
	}
	return Turn{Set: set, Turns: k.turns() + next.turns()}, true
}

func (k *Turn) turns() int { return max(1, k.Turns) }

// Step changes something at a time of the run. It takes effect between two slices, at the edge that is nearest to its
// time; what is measured before it is not compared with what is measured after it. A step that comes in every slice tells its
// signals under load, in each slice of the variants that it names, repeated ones included: it is a part of what each slice is.
type Step struct {
	At    time.Duration `json:"at"`              // since the first counted slice was begun; of one in every slice since its window began
	Every string        `json:"every,omitempty"` // EverySlice; empty: once in the run
	Start []string      `json:"start,omitempty"` // ids of variants that come; before that nothing of them runs
	Set   []string      `json:"set,omitempty"`   // variant.key=value, as `run --set` takes it; all.key=value is every variant that is there
	Stop  []string      `json:"stop,omitempty"`  // ids of variants that go

	// Signal has variant.part=NAME: the processes of a part of a running target are told the signal of that name
	// (targets.SignalsFor); all.part=NAME tells every variant that is there.
	Signal []string `json:"signal,omitempty"`
}

// EverySlice is the value of Step.Every of a step that comes in every slice.
const EverySlice = "slice"

// ParseSignal takes variant.part=NAME apart; what is missing is empty.
func ParseSignal(s string) (variant, part, name string) {
	who, name, _ := strings.Cut(s, "=")
	variant, part, _ = strings.Cut(who, ".")
	return variant, part, name
}

// Addresses reports whether a signal of a step is for a variant.
func Addresses(signal, id string) bool {
	variant, _, _ := ParseSignal(signal)
	return variant == id || variant == AllVariants
}

// SignalWords say who is told what.
func SignalWords(signals []string) string {
	words := make([]string, 0, len(signals))
	for _, s := range signals {
		who, name, _ := strings.Cut(s, "=")
		words = append(words, name+" to "+who)
	}
	return strings.Join(words, ", ")
}

// Timed are the steps that come once, at a time of the run; a free run takes none.
func (p *Plan) Timed() []Step {
	if p.Free {
		return nil
	}
	return slices.DeleteFunc(slices.Clone(p.Steps), func(s Step) bool { return s.Every != "" })
}

// moments are the signals that a variant is told in each of its slices, in the order of time.
func (p *Plan) moments(id string) []moment {
	var out []moment
	for i := range p.Steps {
		s := &p.Steps[i]
		for _, signal := range s.Signal {
			if s.Every == EverySlice && !p.Free && Addresses(signal, id) {
				_, part, name := ParseSignal(signal)
				out = append(out, moment{in: s.At, variant: id, part: part, name: name})
			}
		}
	}
	slices.SortStableFunc(out, func(a, b moment) int { return cmp.Compare(a.in, b.in) })
	return out
}

// moment is a signal in a slice.
type moment struct {
	in                  time.Duration // since the window began
	variant, part, name string
	lane                *lane // in which it is told
}

// turns are the step as it is carried out: who comes, what is set, who goes.
func (s *Step) turns(p *Plan) []Turn {
	var out []Turn
	for _, id := range s.Start {
		if v := p.Variant(id); v != nil {
			copied := *v
			out = append(out, Turn{Add: &copied, After: s.At})
		}
	}
	if len(s.Set) > 0 {
		out = append(out, Turn{Set: s.Set, After: s.At})
	}
	if len(s.Signal) > 0 {
		out = append(out, Turn{Signal: s.Signal, After: s.At})
	}
	for _, id := range s.Stop {
		out = append(out, Turn{Remove: id, After: s.At})
	}
	return out
}

// Late reports whether a variant is not there from the beginning: the first step that names it starts it.
func (p *Plan) Late(id string) bool {
	if p.Free { // it takes no steps: a person turns its settings
		return false
	}
	for i := range p.Steps {
		switch s := &p.Steps[i]; {
		case slices.Contains(s.Start, id):
			return true
		case slices.Contains(s.Stop, id):
			return false
		}
	}
	return false
}

// Opening are the variants that are there from the beginning.
func (p *Plan) Opening() []Variant {
	return slices.DeleteFunc(slices.Clone(p.Variants), func(v Variant) bool { return p.Late(v.ID) })
}

// Resize sets the blocks and the slice of a run that is to be a look only, or a longer one, and moves the steps so that they
// come at the same part of it, or of its slices.
func (p *Plan) Resize(blocks int, slice time.Duration) {
	before, window := p.Counted(), p.Slice
	p.Blocks, p.Slice = blocks, slice
	if before <= 0 {
		return
	}
	share := float64(p.Counted()) / float64(before)
	p.Steps = slices.Clone(p.Steps)
	for i := range p.Steps {
		if s := &p.Steps[i]; s.Every == "" {
			s.At = time.Duration(float64(s.At) * share).Round(stepGrain)
		} else {
			s.At = time.Duration(float64(s.At) * float64(slice) / float64(window)).Round(time.Millisecond)
		}
	}
}

// stepGrain is how finely the time of a turned setting is told. It takes effect between two slices, so that a finer one would
// say nothing.
const stepGrain = 100 * time.Millisecond
