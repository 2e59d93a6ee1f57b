package scenarios

import (
	"fmt"
	"strings"
	"unicode/utf8"

	"benchtop/lab"
	"benchtop/lab/metric"
)

func (d *decoder) planFields(p *lab.Plan) []field {
	return []field{
		{"warmup", func(n *node, at string) {
			if v, ok := d.duration(n, at, MinWarmup, MaxWarmup); ok {
				p.Warmup = v
			}
		}},
		{"slice", func(n *node, at string) {
			if v, ok := d.duration(n, at, MinSlice, MaxSlice); ok {
				p.Slice = v
			}
		}},
		{"settle", func(n *node, at string) {
			if v, ok := d.duration(n, at, 0, MaxSettle); ok {
				p.Settle = v
			}
		}},
		{"blocks", func(n *node, at string) {
			if v, ok := d.whole(n, at, 1, MaxBlocks); ok {
				p.Blocks = int(v)
			}
		}},
		{"order", func(n *node, at string) {
			if v, ok := d.choice(n, at, []string{string(lab.Interleaved), string(lab.Sequential), string(lab.Together)}, nil); ok {
				p.Order = lab.Order(v)
			}
		}},
		{"metric", func(n *node, at string) { p.Metric, _ = d.metric(n, at) }},
		{"smallest_effect", func(n *node, at string) {
			if v, ok := d.share(n, at, 0.001, 1); ok {
				p.SmallestEffect = v
			}
		}},
		{"max_errors", func(n *node, at string) {
			if v, ok := d.share(n, at, 0, 1); ok {
				p.ErrorLimit = v
			}
		}},
		{"seed", func(n *node, at string) {
			v, _ := d.whole(n, at, 1, maxSeed)
			p.Seed = uint64(v) //nolint:gosec // not negative
		}},
	}
}

// metricNames are the names of the expectation grammar.
func metricNames() []string {
	return metric.Names(metric.All())
}

func (d *decoder) metric(n *node, at string) (string, bool) {
	return d.choice(n, at, metricNames(), nil)
}

// sentences reads a list of expectations. What they say is checked with the whole plan (validate.go), because they
// name variants. An item that is no text stays in the list, empty, so that places and indexes agree.
func (d *decoder) sentences(n *node, at string) []string {
	var out []string
	for i, item := range d.list(n, at, 0, maxExpect) {
		in := fmt.Sprintf("%s[%d]", at, i)
		d.places[in] = item
		s, _ := d.text(item, in, 1000)
		out = append(out, s)
	}
	return out
}

// inside gives the place of byte offset of a one-line text. Where the text does not stand in the file as it is
// (escapes, several lines), it is the place at which the text begins.
func (d *decoder) inside(n *node, offset int) node {
	out := *n
	if n.block || n.line < 1 || n.line > len(d.lines) {
		return out
	}
	line := d.lines[n.line-1]
	at := 0 // byte at which the node begins
	for range n.col - 1 {
		_, size := utf8.DecodeRuneInString(line[at:])
		at += size
	}
	if n.quoted {
		at++
	}
	if at > len(line) || !strings.HasPrefix(line[at:], n.value) {
		return out
	}
	out.col = utf8.RuneCountInString(line[:at]) + utf8.RuneCountInString(n.value[:offset]) + 1
	return out
}

func (d *decoder) predict(n *node, at string, p *lab.Plan) {
	q := &lab.Predict{}
	given := d.object(n, at, "predict", d.predictFields(q), nil)
	d.required(n, "predict", given, "ask", "metric", "variant")
	p.Predict = q
}

func (d *decoder) predictFields(q *lab.Predict) []field {
	return []field{
		{"ask", func(n *node, at string) { q.Ask, _ = d.text(n, at, maxSentence) }},
		{"metric", func(n *node, at string) { q.Metric, _ = d.metric(n, at) }},
		{"variant", func(n *node, at string) { q.Variant, _ = d.word(n, at) }},
	}
}

func (d *decoder) quiz(n *node, at string, p *lab.Plan) {
	for i, item := range d.list(n, at, 1, maxQuestion) {
		in := fmt.Sprintf("%s[%d]", at, i)
		var q lab.Quiz
		given := d.object(item, in, "the question", d.quizFields(&q), nil)
		d.required(item, "the question", given, "ask", "options")
		if item.kind != mapping || !given["options"] {
			continue
		}
		right := 0
		for _, o := range q.Options {
			if o.Correct {
				right++
			}
		}
		if len(q.Options) > 0 && right != 1 {
			d.problem(item, in, fmt.Sprintf("the question has %d correct options; it needs exactly one", right), "write correct: true in one of them")
		}
		p.Quiz = append(p.Quiz, q)
	}
}

func (d *decoder) quizFields(q *lab.Quiz) []field {
	return []field{
		{"ask", func(n *node, at string) { q.Ask, _ = d.text(n, at, maxSentence) }},
		{"options", func(n *node, at string) {
			for i, item := range d.list(n, at, 2, maxOptions) {
				var o lab.Option
				given := d.object(item, fmt.Sprintf("%s[%d]", at, i), "the option", d.optionFields(&o), nil)
				d.required(item, "the option", given, "text")
				q.Options = append(q.Options, o)
			}
		}},
		{"why", func(n *node, at string) { q.Why, _ = d.text(n, at, 2*maxSentence) }},
	}
}

func (d *decoder) optionFields(o *lab.Option) []field {
	return []field{
		{"text", func(n *node, at string) { o.Text, _ = d.text(n, at, maxSentence) }},
		{"correct", func(n *node, at string) { o.Correct, _ = d.bool(n, at) }},
		{"proof", func(n *node, at string) {
			if id, ok := d.word(n, at); ok {
				o.Proof = id
			}
		}},
	}
}
