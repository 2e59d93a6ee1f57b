package verdict

import (
	"fmt"
	"slices"
	"strings"

	"benchtop/lab/answer"
	"benchtop/lab/figure"
	"benchtop/tui/draw"
	"benchtop/tui/theme"
)

// readOn stands behind a warning that is cut, details behind the last one where there is more of them.
const (
	readOn  = " all of it: 7 basis"
	details = " (details: 7 basis)"
)

// warnings are what one must know before believing the answer and the answer does not say itself: each in a line or two, with
// the page that has the whole of them.
func (x *hero) warnings() []string {
	var all []concern
	for _, c := range x.concerns() {
		said := slices.ContainsFunc(all, func(o concern) bool { return o.brief == c.brief })
		if !said && !strings.Contains(x.Reason, c.whole) && (x.Comparison != nil || c.whole != x.Unfinished()) { // the answer says it
			all = append(all, c)
		}
	}
	brief := draw.Text{W: x.w}
	n := len(all)
	if scope := x.State.Result.Scope; n > 0 && all[0].brief == scope {
		brief.Hang(x.Look.Warn, "! ", 2, scope)
		n--
	}
	if n > 0 {
		brief.Hang(x.Look.Warn, "! ", 2, figure.Screen.Counted(n, "remark")+" before you believe it: 7 basis")
	}
	x.brief = brief.Lines
	out := draw.Text{W: x.w}
	most := max(x.h/6, 2) // lines: the answer itself stays in sight
	for k, c := range all {
		text := c.brief
		if k == len(all)-1 && slices.ContainsFunc(all, func(c concern) bool { return c.brief != c.whole }) {
			text += details
		}
		before := len(out.Lines)
		out.Hang(x.Look.Warn, "! ", 2, text)
		if len(out.Lines) <= most {
			continue
		}
		out.Lines = out.Lines[:before]
		more := fmt.Sprintf("%d more: 7 basis", len(all)-k)
		if k == 0 { // as much of it as has room
			parts := theme.Wrap(text, x.w-2)[:most]
			parts[most-1] = theme.Fit(parts[most-1]+" …", x.w-2-theme.Width(readOn)) + readOn
			more = strings.Join(parts, " ")
		}
		out.Hang(x.Look.Warn, "! ", 2, more)
		break
	}
	return out.Lines
}

// Widths from which what it means stands beside what to do, and from which the words before them have a column.
const (
	besideEachOther = 104
	labelled        = 76
	labelWidth      = 16
)

// conclusion is what the run means and what to do, as the scenario says for this outcome; none where it says nothing.
func (x *hero) conclusion() []string {
	c := answer.Conclusion(x.State.Result)
	if c == nil {
		return nil
	}
	ink := x.Look.Text
	if x.large {
		ink = x.Look.Strong
	}
	do := c.Do
	switch {
	case !x.again:
	case strings.Contains(do, "more blocks"):
		do += " Here `b` doubles them, and `r` runs it."
	case strings.Contains(do, "fewer blocks"):
		do, _, _ = strings.Cut(do, "fewer blocks")
		do += "fewer blocks: `B` halves them, and `r` runs it."
	}
	parts := [2][2]string{{"What it means", c.Means}, {"What to do", do}}
	if x.w < besideEachOther {
		indent := 2
		if x.w >= labelled {
			indent = labelWidth
		}
		var out []string
		for _, part := range parts {
			out = append(out, draw.Coded(x.Look, ink, theme.NewLine(x.w).Put(x.Look.Heading, part[0]).To(labelWidth), x.w, indent, part[1])...)
		}
		return out
	}
	half := (x.w - 4) / 2
	var sides [2][]string
	for i, part := range parts {
		sides[i] = []string{theme.NewLine(half).Put(x.Look.Heading, part[0]).Done()}
		sides[i] = append(sides[i], draw.Coded(x.Look, ink, theme.NewLine(half), half, 0, part[1])...)
	}
	out := make([]string, max(len(sides[0]), len(sides[1])))
	for k := range out {
		at := [2]string{theme.Blank(half), theme.Blank(half)}
		for i := range sides {
			if k < len(sides[i]) {
				at[i] = sides[i][k]
			}
		}
		out[k] = at[0] + theme.Blank(x.w-2*half) + at[1]
	}
	return out
}
