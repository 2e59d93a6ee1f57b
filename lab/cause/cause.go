// Package cause gathers why slices and blocks do not count, so that a reader meets each cause once: with the range of its
// figure, with whom it met, and where.
package cause

import (
	"regexp"
	"slices"
	"strconv"
	"strings"
)

// Cause is why one slice or block does not count, or counts although.
type Cause struct {
	Variant string // empty: it is of none
	Block   int    // 0: known to who reads it
	Text    string
}

// Group is one cause with everybody whom it met.
type Group struct {
	Text     string
	N        int
	Variants []string
	Blocks   []int
}

// numbers stand alone in a cause; those within a word belong to the name of a variant.
var numbers = regexp.MustCompile(`(^|[ (])[0-9]+(\.[0-9]+)?`)

// Grouped gathers causes that differ in their figures alone, in the order in which they came. The text of a group has the
// range of the figure that differs: "other programs used 16 to 31 % of a core".
func Grouped(causes []Cause) []Group {
	var keys []string
	var texts [][]string
	var out []Group
	for _, c := range causes {
		key := strconv.Itoa(len(numbers.FindAllString(c.Text, -1))) + numbers.ReplaceAllString(c.Text, "${1}#") // as many figures as well: a text may have a # of its own
		k := slices.Index(keys, key)
		if k < 0 {
			k = len(keys)
			keys, texts, out = append(keys, key), append(texts, nil), append(out, Group{})
		}
		g := &out[k]
		texts[k] = append(texts[k], c.Text)
		g.N++
		if !slices.Contains(g.Variants, c.Variant) {
			g.Variants = append(g.Variants, c.Variant)
		}
		if c.Block > 0 && !slices.Contains(g.Blocks, c.Block) {
			g.Blocks = append(g.Blocks, c.Block)
		}
	}
	for k := range out {
		out[k].Text = ranged(texts[k])
		slices.Sort(out[k].Variants)
		slices.Sort(out[k].Blocks)
	}
	return out
}

// ranged is one text for several that differ in their figures alone. Where more than one figure differs it is the last text.
func ranged(texts []string) string {
	last := texts[len(texts)-1]
	at := numbers.FindAllStringIndex(last, -1)
	differs, low, high := -1, "", ""
	for i := range at {
		least, most := "", ""
		for _, text := range texts {
			number := strings.TrimLeft(numbers.FindAllString(text, -1)[i], " (")
			if least == "" || valueOf(number) < valueOf(least) {
				least = number
			}
			if most == "" || valueOf(number) > valueOf(most) {
				most = number
			}
		}
		if least == most {
			continue
		}
		if differs >= 0 {
			return last + ", the last time"
		}
		differs, low, high = i, least, most
	}
	if differs < 0 {
		return last
	}
	from, to := at[differs][0], at[differs][1]
	from += strings.IndexFunc(last[from:], func(r rune) bool { return r >= '0' && r <= '9' })
	return last[:from] + low + " to " + high + last[to:]
}

func valueOf(number string) float64 {
	x, _ := strconv.ParseFloat(number, 64) // it was found as one
	return x
}

// where names the variants and blocks of a group: "w2 and w4, blocks 1 to 3 and 7".
func (g *Group) where() string {
	out := List(g.Variants)
	if out != "" && len(g.Blocks) > 0 {
		out += ", "
	}
	return out + BlockWords(g.Blocks)
}

// BlockWords name blocks, rows of them by their ends; empty for none.
func BlockWords(blocks []int) string {
	switch len(blocks) {
	case 0:
		return ""
	case 1:
		return "block " + strconv.Itoa(blocks[0])
	}
	var parts []string
	for i := 0; i < len(blocks); {
		k := i
		for k+1 < len(blocks) && blocks[k+1] == blocks[k]+1 {
			k++
		}
		if k < i+2 { // two in a row are named
			k = i
		}
		parts = append(parts, strconv.Itoa(blocks[i]))
		if k > i {
			parts[len(parts)-1] += " to " + strconv.Itoa(blocks[k])
		}
		i = k + 1
	}
	return "blocks " + List(parts)
}

// List writes a list as words: a, b and c.
func List(parts []string) string {
	if len(parts) < 2 {
		return strings.Join(parts, "")
	}
	return strings.Join(parts[:len(parts)-1], ", ") + " and " + parts[len(parts)-1]
}

// Join writes causes on one line, the most frequent ones where there are many.
func Join(causes []Cause) string {
	const most = 4
	all := Grouped(causes)
	slices.SortStableFunc(all, func(a, b Group) int { return b.N - a.N })
	more := ""
	if len(all) > most {
		more = "; and " + strconv.Itoa(len(all)-most) + " more"
		all = all[:most]
	}
	parts := make([]string, len(all))
	for i := range all {
		if parts[i] = all[i].Text; all[i].where() != "" {
			parts[i] += " (" + all[i].where() + ")"
		}
	}
	return strings.Join(parts, "; ") + more
}
