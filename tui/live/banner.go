package live

import (
	"slices"
	"strings"
	"time"

	"benchtop/lab"
	"benchtop/tui/board"
	"benchtop/tui/format"
	"benchtop/tui/watch"
)

// bannerFor is how long a turn stands large over the picture, in the time of the person: a replay at 4x shows it as long.
const bannerFor = 3 * time.Second

// banner is the last turn while it is fresh: what a person turned, or a step of the scenario.
func banner(run *watch.Run) board.Banner {
	st := run.Shown()
	if st == nil || st.End != nil {
		return board.Banner{}
	}
	stands := float64(bannerFor)
	if run.Replay != nil {
		stands *= run.Replay.CurrentSpeed()
	}
	for i := len(st.Turns) - 1; i >= 0 && float64(st.At-st.Turns[i].At) < stands; i-- {
		if k := &st.Turns[i]; k.Rename == "" && k.Slice == 0 && k.At > 0 { // what comes in every slice would always stand there
			return bannerOf(st, k)
		}
	}
	return board.Banner{}
}

// bannerOf says a turn in capitals, and what it is about.
func bannerOf(st *lab.State, k *lab.Turn) board.Banner {
	switch {
	case k.Order == lab.Together:
		return board.Banner{Text: "ALL AT ONCE", More: "they share the machine: what one takes, the others lack"}
	case k.Order != "":
		return board.Banner{Text: "ONE AFTER THE OTHER", More: "each has the machine to itself"}
	case k.Add != nil:
		return board.Banner{Text: lettersOf(st, k.Add.ID) + " COMES", More: k.Add.Label}
	case len(k.Signal) > 0:
		return board.Banner{Text: strings.ToUpper(k.Words())}
	case k.Remove != "":
		return board.Banner{Text: strings.ToUpper(k.Remove) + " GOES", More: k.Undone}
	}
	var said []string // what was set, each once
	of := map[string][]string{}
	for _, s := range k.Set {
		name, value, _ := strings.Cut(s, "=")
		id, key, _ := strings.Cut(name, ".")
		what := settingWords(k, id, key, value)
		if old := settingBefore(st, k, id, key); old != "" && old != value {
			what = settingWords(k, id, key, old) + " → " + valueWords(key, value)
		}
		if of[what] == nil {
			said = append(said, what)
		}
		of[what] = append(of[what], lettersOf(st, id))
	}
	for i, what := range said {
		said[i] = what + " · " + strings.Join(of[what], " ")
	}
	more := ""
	if len(k.Restart) > 0 {
		more = "its target was started again"
	}
	return board.Banner{Text: strings.Join(said, "   "), More: more}
}

// settingWords is a setting as it was turned: KEEP-ALIVE ON.
func settingWords(k *lab.Turn, id, key, value string) string {
	name := key[strings.LastIndexByte(key, '.')+1:]
	i := slices.IndexFunc(k.Now, func(v lab.Variant) bool { return v.ID == id || id == lab.AllVariants })
	if i >= 0 {
		if t := turnableOf(&k.Now[i], key); t != nil {
			name = t.Name
		}
	}
	return strings.ToUpper(name) + " " + valueWords(key, value)
}

func valueWords(key, value string) string {
	switch value {
	case "true", "false":
		value = strings.ToUpper(onOff(value == "true"))
	case "on", "off":
		value = strings.ToUpper(value)
	default:
		value = numberText(value)
	}
	if key == keyRate {
		value += "/s"
	}
	return value
}

// settingBefore is what a setting of a variant stood at before a turn, empty where that is not known, as of all variants.
func settingBefore(st *lab.State, turn *lab.Turn, id, key string) string {
	var before *lab.Variant
	if st.Plan != nil {
		before = st.Plan.Variant(id)
	}
	for i := range st.Turns {
		k := &st.Turns[i]
		if k == turn {
			break
		}
		for n := range k.Now {
			if k.Now[n].ID == id {
				before = &k.Now[n]
			}
		}
		if k.Add != nil && k.Add.ID == id {
			before = k.Add
		}
	}
	if before == nil {
		return ""
	}
	if t := turnableOf(before, key); t != nil {
		return t.Value
	}
	return ""
}

// lettersOf are the letters of a variant, or of all.
func lettersOf(st *lab.State, id string) string {
	for i := range st.Variants {
		if st.Variants[i].ID == id {
			return format.Letter(i)
		}
	}
	return strings.ToUpper(id)
}
