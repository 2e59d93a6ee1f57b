package panel

import (
	"fmt"

	"benchtop/lab"
	"benchtop/lab/figure"
	"benchtop/lab/metric"
	"benchtop/tui/theme"
)

// said is one thing that a service says of itself, in more and in fewer words.
type said struct{ long, short string }

// account is what the process of a service says of itself, or a link is declared as: brief in two words or one, whole on a line of
// its own; both are empty where it says nothing. Ratios are of its last slice, refusals all of them.
func account(v *lab.VariantState, q *lab.ProcState) (brief []string, whole []said) {
	part := partOf(q)
	if link := v.Target.Link; metric.IsLink(part) && link != nil && q.State != "gone" {
		return []string{link.Words()}, []said{{"declared: " + link.Words(), link.Words()}}
	}
	if !metric.IsService(part) || q.State == "gone" {
		return nil, nil
	}
	if open, ok := q.Levels["connections_open"]; ok {
		short := figure.Screen.Count(float64(open))
		long := figure.Screen.Counted(int(open), "connection")
		if slots, _ := v.Target.Services[part].Value("slots").(int); slots > 0 {
			short, long = fmt.Sprint(short, "/", slots), short+" of "+figure.Screen.Counted(slots, "connection")
		}
		brief = []string{short + " open", short}
		whole = append(whole, said{long + " open", brief[0]})
	}
	if n := q.Counted["connections_refused"]; n > 0 {
		text := figure.Screen.Count(float64(n)) + " refused"
		whole = append(whole, said{text + " in all", text})
	}
	hits, misses := q.Counted["hits"], q.Counted["misses"]
	if hits+misses > 0 {
		ratio := figure.Whole(float64(hits) / float64(hits+misses))
		if brief == nil {
			brief = []string{ratio + " hits", ratio}
		}
		whole = append(whole, said{"hit ratio " + ratio, ratio + " hits"})
	}
	if n, ok := q.Levels["entries"]; ok {
		text := figure.Screen.Count(float64(n)) + " entries"
		if n == 1 {
			text = "1 entry"
		}
		whole = append(whole, said{text, text})
	}
	return brief, whole
}

// accountText is an account on room cells: in more words, else in fewer, else as much of it as has room.
func accountText(whole []said, room int) string {
	long, short := "", ""
	for i, s := range whole {
		between := " · "
		if i == 0 {
			between = ""
		}
		long += between + s.long
		if theme.Width(short+between+s.short) <= room {
			short += between + s.short
		}
	}
	if theme.Width(long) <= room {
		return long
	}
	return short
}

// accounts is how many processes of a variant have a line of their own for what they say of themselves.
func accounts(v *lab.VariantState) int {
	n := 0
	for k := range v.Procs {
		if _, whole := account(v, &v.Procs[k]); len(whole) > 0 {
			n++
		}
	}
	return n
}
