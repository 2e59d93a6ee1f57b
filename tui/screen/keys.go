package screen

import (
	"slices"
	"strings"

	tea "github.com/charmbracelet/bubbletea"
)

// Key is one row of the table of keys. The help line, the help, the list of commands and `benchtop keys` are made of it.
type Key struct {
	Keys  []string // as a terminal sends them, in Bubble Tea's names
	Show  string   // as they are written for people
	Short string   // in the help line; empty: not there
	What  string   // one sentence

	Do    func(key string) tea.Cmd
	Why   func() string // why it does nothing now; nil, or empty: it works
	Says  func() string // what it does now, in the help line instead of Short; nil: always the same
	Quick bool          // a number, or a direction: quicker pressed than chosen from the list of commands
	Both  bool          // its first keys do the contrary of its last ones
	Quiet func() bool   // reports whether it is left out of the help line now; nil: never
}

// Section is the keys of a screen, or of a state of it.
type Section struct {
	Name  string
	Keys  []Key
	On    func() bool // reports whether they work now; nil: always
	First bool        // they come before those of the sections that are listed before
}

// Everywhere is the name of the section whose keys work on every screen.
const Everywhere = "everywhere"

// Saying gives the key words that change.
func (k Key) Saying(says func() string) Key {
	k.Says = says
	return k
}

// Unless leaves the key out of the help line where others stand for it.
func (k Key) Unless(quiet func() bool) Key {
	k.Quiet = quiet
	return k
}

// Reason is why the key does nothing now, empty when it works.
func (k *Key) Reason() string {
	if k.Why == nil {
		return ""
	}
	return k.Why()
}

// Word is what the key does now in a word or two, as in the help line.
func (k *Key) Word() string {
	if k.Says != nil {
		return k.Says()
	}
	return k.Short
}

// Has reports whether the row is of a key as the terminal sends it.
func (k *Key) Has(key string) bool {
	for _, one := range k.Keys {
		if one == key {
			return true
		}
	}
	return false
}

// Now are the sections whose keys work now, the nearest first.
func Now(all []Section) []Section {
	out := make([]Section, 0, len(all))
	for _, first := range []bool{true, false} {
		for _, s := range all {
			if s.First == first && (s.On == nil || s.On()) {
				out = append(out, s)
			}
		}
	}
	return out
}

// Find gives the row of a key, the nearest one, nil when there is none.
func Find(sections []Section, key string) *Key {
	for i := range sections {
		for k := range sections[i].Keys {
			if row := &sections[i].Keys[k]; row.Has(key) {
				return row
			}
		}
	}
	return nil
}

// Bind binds keys that do one thing.
func Bind(show, short, what string, do func() tea.Cmd, why func() string, keys ...string) Key {
	return Key{Keys: keys, Show: show, Short: short, What: what, Do: func(string) tea.Cmd { return do() }, Why: why}
}

// Plainly wraps what needs no command.
func Plainly(do func()) func() tea.Cmd {
	return func() tea.Cmd { do(); return nil }
}

// Pair binds keys that do the same in two directions: the first half of the keys by -n, the second half by n.
func Pair(show, short, what string, do func(int), n int, why func() string, keys ...string) Key {
	return Key{Keys: keys, Show: show, Short: short, What: what, Both: true, Why: why, Do: func(key string) tea.Cmd {
		for i, k := range keys {
			if k != key {
				continue
			}
			if i < len(keys)/2 {
				do(-n)
			} else {
				do(n)
			}
			break
		}
		return nil
	}}
}

// Digits binds the numbers 1 to n.
func Digits(short, what string, n int, do func(int), why func() string) Key {
	keys := make([]string, n)
	for i := range keys {
		keys[i] = string(rune('1' + i))
	}
	return Key{Keys: keys, Show: "1-" + keys[n-1], Short: short, What: what, Why: why, Quick: true, Do: func(key string) tea.Cmd {
		do(int(key[0] - '0'))
		return nil
	}}
}

// synonyms are what people type for what the table of keys calls otherwise.
var synonyms = map[string][]string{
	"rename": {"label"}, "title": {"label"}, "delete": {"drop"}, "remove": {"drop"}, "exit": {"leave"}, "close": {"leave", "back"}, "pause": {"freeze"},
	"screenshot": {"export"}, "print": {"export"}, "colours": {"theme"}, "colors": {"theme"}, "parallel": {"race"}, "threads": {"workers"},
	"clients": {"connections"}, "users": {"connections"}, "speed": {"rate"}, "search": {"filter"}, "find": {"filter"}, "abort": {"end the run"}, "present": {"large type"},
}

// Holds reports whether a text has every word that was typed, or another word for it.
func Holds(text, typed string) bool {
	text = strings.ToLower(text)
	for _, word := range strings.Fields(strings.ToLower(typed)) {
		if !strings.Contains(text, word) && !slices.ContainsFunc(synonyms[word], func(other string) bool { return strings.Contains(text, other) }) {
			return false
		}
	}
	return true
}

// Command is one line of the list of commands.
type Command struct {
	Name, Key, What string
	Why             string // it does nothing now, and this is why
	Do              func() tea.Cmd
}

// Commands makes commands of a row: two of one whose keys go in two directions.
func (k *Key) Commands() []Command {
	name := k.Word()
	if name == "" {
		name, _, _ = strings.Cut(k.What, ",")
		name, _, _ = strings.Cut(name, ":")
		name, _, _ = strings.Cut(name, ";")
	}
	one := func(name, key string) Command {
		return Command{Name: name, Key: Written(key), What: k.What, Why: k.Reason(), Do: func() tea.Cmd { return k.Do(key) }}
	}
	switch first, last := k.Keys[0], k.Keys[len(k.Keys)-1]; {
	case k.Quick:
		return nil
	case k.Both:
		return []Command{one(name+": on", last), one(name+": back", first)}
	default:
		return []Command{one(name, first)}
	}
}

// Written is a key as it is written for people.
func Written(key string) string {
	if key == " " {
		return "space"
	}
	return key
}
