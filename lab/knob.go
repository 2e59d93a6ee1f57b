package lab

import (
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"

	"benchtop/lab/load"
)

// Knob is one turn: settings of variants, a variant that comes, or one that goes. What asks for it has Set, Add or
// Remove; its event has the rest too.
type Knob struct {
	Set    []string `json:"set,omitempty"`    // variant.key=value, as Step has it
	Add    *Variant `json:"add,omitempty"`    // a variant that comes, whole
	Remove string   `json:"remove,omitempty"` // id of a variant that goes

	After   time.Duration `json:"after,omitempty"`   // since the first counted slice was begun; of a step its own time
	Now     []Variant     `json:"now,omitempty"`     // the variants that Set changed, as they are from here on
	Restart []string      `json:"restart,omitempty"` // those of them whose targets were started again
	Turns   int           `json:"turns,omitempty"`   // how many turns became one, because they waited for the same edge; 0: one
	Refused string        `json:"refused,omitempty"` // why nothing was changed
	Undone  string        `json:"undone,omitempty"`  // Remove: why a variant that was to come did not stay

	// Of run files that were written before there was Set: connections, rate or keepalive (0 or 1). Variant empty: every
	// variant.
	Variant string  `json:"variant,omitempty"`
	Key     string  `json:"key,omitempty"`
	Value   float64 `json:"value,omitempty"`
}

// AllVariants stands for every variant in front of a setting's key, unless a variant has this id.
const AllVariants = "all"

// settings are what the knob sets, in the words of today.
func (k *Knob) settings() []string {
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

// Words say what the knob does.
func (k *Knob) Words() string {
	switch {
	case k.Add != nil:
		return k.Add.ID + " comes: " + k.Add.Label
	case k.Remove != "":
		return k.Remove + " goes"
	}
	if k.Key != "" {
		return k.Key + " = " + strconv.FormatFloat(k.Value, 'f', -1, 64)
	}
	words := make([]string, 0, len(k.Set))
	for _, s := range k.settings() {
		name, value, _ := strings.Cut(s, "=")
		words = append(words, name+" = "+value)
	}
	return strings.Join(words, ", ")
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

// merge makes one knob of two that wait for the same edge, so that a target is started anew once. ok is false where the
// order of the two matters: someone comes or goes, or a part such as proxy is switched as a whole.
func (k *Knob) merge(next *Knob) (merged Knob, ok bool) {
	if k.Add != nil || next.Add != nil || k.Remove != "" || next.Remove != "" {
		return Knob{}, false
	}
	set := slices.Clone(k.settings())
	for _, s := range next.settings() {
		name, value, _ := strings.Cut(s, "=")
		if value == "on" || value == "off" || strings.HasSuffix(name, ".load.model") {
			return Knob{}, false
		}
		set = slices.DeleteFunc(set, func(old string) bool { return strings.HasPrefix(old, name+"=") })
		set = append(set, s)
	}
	return Knob{Set: set, Turns: k.turns() + next.turns()}, true
}

func (k *Knob) turns() int { return max(1, k.Turns) }
