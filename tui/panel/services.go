package panel

import (
	"fmt"
	"strings"

	"benchtop/lab"
	"benchtop/lab/figure"
	"benchtop/lab/metric"
)

// account is what the process of a service says of itself: brief in a word, whole on a line of its own; both are empty where it
// says nothing. Ratios are of its last slice.
func account(v *lab.VariantState, q *lab.ProcState) (brief, whole string) {
	part := partOf(q)
	if !metric.IsService(part) || q.State == "gone" {
		return "", ""
	}
	var words []string
	say := func(short, long string) {
		if brief == "" {
			brief = short
		}
		words = append(words, long)
	}
	if open, ok := q.Levels["connections_open"]; ok {
		short, long := figure.Screen.Count(float64(open)), figure.Screen.Count(float64(open))
		if slots, _ := v.Target.Services[part].Value("slots").(int); slots > 0 {
			short, long = fmt.Sprint(short, "/", slots), fmt.Sprint(long, " of ", slots)
		}
		say(short, long+" connections open")
	}
	if n := q.Counted["connections_refused"]; n > 0 {
		say("", figure.Screen.Count(float64(n))+" refused")
	}
	hits, misses := q.Counted["hits"], q.Counted["misses"]
	if hits+misses > 0 {
		ratio := figure.Whole(float64(hits) / float64(hits+misses))
		say(ratio, "hit ratio "+ratio)
	}
	if n, ok := q.Levels["entries"]; ok {
		say("", figure.Screen.Count(float64(n))+" entries")
	}
	return brief, strings.Join(words, " · ")
}

// accounts is how many processes of a variant have a line of their own for what they say of themselves.
func accounts(v *lab.VariantState) int {
	n := 0
	for k := range v.Procs {
		if _, whole := account(v, &v.Procs[k]); whole != "" {
			n++
		}
	}
	return n
}
