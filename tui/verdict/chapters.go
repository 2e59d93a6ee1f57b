package verdict

import (
	"fmt"
	"strings"

	"benchtop/lab/figure"
	"benchtop/lab/report"
	"benchtop/tui/theme"
)

// The why screen: chapters that say what was decided and on what it rests. They are laid on pages, as many on one as
// the screen has room for; a number leads to a chapter wherever it lies.

// chapter is one box of the why screen: lines of text, or a picture that takes the rows that it gets.
type chapter struct {
	name  string // in the bar of chapters
	title string
	lines []string
	least int // rows of the picture
	most  int
	grow  func(w, rows int) []string
}

// rows is the height of a chapter's box.
func (c *chapter) rows() int {
	if c.grow != nil {
		return c.least + 2
	}
	return len(c.lines) + 2
}

// wideWhy is the width from which two chapters of text stand side by side.
const wideWhy = 110

// chapters are the why screen, w cells wide, in the order of the questions that a reader has.
func (p *pen) chapters(w int) []chapter {
	inner, _ := theme.Inner(w, 0)
	half := inner
	if w >= wideWhy {
		half, _ = theme.Inner(w/2, 0)
	}
	return []chapter{
		{name: "verdict"},
		p.metricsChapter(inner),
		{name: "mechanism", title: "what explains it", lines: p.mechanism(inner)},
		p.latencyChapter(),
		p.slicesChapter(),
		{name: "claims", title: "was it expected?", lines: p.claims(half)},
		{name: "basis", title: "what it rests on", lines: p.remarks(half)},
	}
}

// metricsChapter begins with what each fix is worth, where the run has an ablation.
func (p *pen) metricsChapter(w int) chapter {
	c := chapter{name: "metrics", title: "metrics, " + figure.OverPairs, lines: p.forest(w)}
	if len(p.State.Result.Comparisons) == 0 {
		c.title = "figures, " + figure.OverSlices
	}
	if a := p.ablated(); a != nil {
		c.title = strings.ToLower(report.AblationTitle) + " (" + report.CostWords(a) + "), and every metric"
		c.lines = append(append(p.waterfall(w), theme.Blank(w), theme.NewLine(w).Put(p.Look.Muted, figure.OverPairs).Done()), c.lines...)
	}
	return c
}

// chapterNames are those in the bar of chapters, and numbered is how many there are.
var chapterNames = [...]string{"verdict", "metrics", "mechanism", "latency", "slices", "claims", "basis"}

const numbered = len(chapterNames)

// leaf is the chapters that are on the screen together: the first one and how many.
type leaf struct{ first, n int }

// pages divides the chapters among pages of h rows: the answer has the first one, of the others as many stand on a page
// as fit. On a wide screen the last two stand side by side and count as one.
func pages(all []chapter, w, h int) []leaf {
	out := []leaf{{0, 1}}
	used := h
	for i := 1; i < len(all); i++ {
		rows := all[i].rows()
		if w >= wideWhy && i == len(all)-2 {
			rows = max(rows, all[i+1].rows())
		}
		beside := w >= wideWhy && i == len(all)-1
		if n := len(out); n > 0 && (beside || used+rows <= h) {
			out[n-1].n++
			if !beside {
				used += rows
			}
			continue
		}
		out = append(out, leaf{i, 1})
		used = rows
	}
	return out
}

// pageOf is the page that shows a chapter.
func pageOf(all []leaf, chapter int) int {
	for i, p := range all {
		if chapter < p.first+p.n {
			return i
		}
	}
	return len(all) - 1
}

// whyPage is one page, drawn: the lines of its chapters.
func (p *pen) whyPage(all []chapter, on leaf, w, h int) []string {
	if on.first == 0 {
		return p.firstPage(w, h, false)
	}
	rest := h
	shown := all[on.first : on.first+on.n]
	side := w >= wideWhy && on.first+on.n == len(all) && on.n >= 2
	if side {
		last := len(shown) - 2
		rest -= max(shown[last].rows(), shown[last+1].rows())
		shown = shown[:last]
	}
	for i := range shown {
		rest -= shown[i].rows()
	}
	var out []string
	for i := range shown {
		c := &shown[i]
		lines := c.lines
		if c.grow != nil {
			rows := c.least
			if extra := min(max(rest, 0), c.most-c.least); extra > 0 {
				rows, rest = rows+extra, rest-extra
			}
			inner, _ := theme.Inner(w, 0)
			lines = c.grow(inner, rows)
		}
		out = append(out, p.Titled(fmt.Sprintf("%d  %s", on.first+i+1, c.title), lines, w, len(lines)+2)...)
	}
	if !side {
		return out
	}
	left, right := &all[len(all)-2], &all[len(all)-1]
	rows := max(left.rows(), right.rows())
	a := p.Titled(fmt.Sprintf("%d  %s", len(all)-1, left.title), left.lines, w/2, rows)
	b := p.Titled(fmt.Sprintf("%d  %s", len(all), right.title), right.lines, w-w/2, rows)
	for k := range a {
		out = append(out, a[k]+b[k])
	}
	return out
}

// chapterBar names the chapters; those that are on the screen stand out.
func (p *pen) chapterBar(w int, laid []leaf, chapter int, mark string) string {
	l := theme.NewLine(w).Space(1)
	on := laid[pageOf(laid, chapter)]
	names := chapterNames[:]
	long := theme.Width(strings.Join(names, "")) + 4*len(names) + 1
	if used := theme.Width(mark) + 2; mark != "" && w >= long && w < long+used { // the names are worth more than where one is
		mark = mark[strings.LastIndexByte(mark, ' ')+1:]
	}
	right := theme.NewLine(w).Put(p.Look.Muted, mark)
	if right.Used() < w-long {
		right.Space(1)
	}
	for i, name := range names {
		text, ink := fmt.Sprintf(" %d ", i+1), p.Look.Muted
		here := i >= on.first && i < on.first+on.n
		if here || w-right.Used() >= long {
			text += name + " "
		}
		if here {
			ink = p.Look.Select
		}
		l.Put(ink, text)
	}
	return l.Right(right).Done()
}
