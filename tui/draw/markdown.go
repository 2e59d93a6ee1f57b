package draw

import (
	"strconv"
	"strings"

	"github.com/yuin/goldmark"
	"github.com/yuin/goldmark/ast"
	"github.com/yuin/goldmark/text"

	"benchtop/targets/printable"
	"benchtop/tui/theme"
)

// Markdown draws a text in lines of exactly w cells: paragraphs wrapped, headings and code in the theme's inks, code
// blocks as they are. What a lesson does not need (tables, pictures, HTML) is drawn as its text.
//
// The parser alone is used, with this renderer of a page: the ready-made terminal renderer brings syntax highlighting
// whose tables are built at the start of every process, and every worker is this program: 12 MB of its memory on screen
// would be somebody's lexers.
func Markdown(look *theme.Theme, source string, w int) []string {
	kept := strings.Split(source, "\n")
	for i := range kept {
		kept[i] = printable.Line(kept[i])
	}
	src := []byte(strings.Join(kept, "\n"))
	p := &page{look: look, source: src, width: w}
	p.blocks(goldmark.DefaultParser().Parse(text.NewReader(src)), "", "")
	return p.lines
}

// page is a text being drawn.
type page struct {
	look   *theme.Theme
	source []byte
	width  int
	lines  []string
}

// word is one unbreakable piece of a paragraph.
type word struct {
	text  string
	ink   theme.Ink
	glued bool // no blank before it
	last  bool // the line ends after it
}

// blocks draws the blocks of a container. first goes before the first line, rest before the others: "• " and "  ".
func (p *page) blocks(parent ast.Node, first, rest string) {
	for n := parent.FirstChild(); n != nil; n = n.NextSibling() {
		p.block(n, first, rest)
		first = rest
		if n.NextSibling() != nil && !p.tight(parent) {
			p.put(rest, nil)
		}
	}
}

// tight reports whether the blocks of a container follow each other without a blank line.
func (p *page) tight(parent ast.Node) bool {
	if list, ok := parent.(*ast.List); ok {
		return list.IsTight
	}
	if item, ok := parent.(*ast.ListItem); ok {
		list, ok := item.Parent().(*ast.List)
		return ok && list.IsTight
	}
	return false
}

func (p *page) block(n ast.Node, first, rest string) {
	switch n := n.(type) {
	case *ast.Heading:
		p.wrap(p.words(n, p.look.Heading), first, rest)
	case *ast.FencedCodeBlock, *ast.CodeBlock:
		for i := range n.Lines().Len() {
			at := n.Lines().At(i)
			p.put(first+"  ", []word{{text: strings.TrimRight(string(at.Value(p.source)), "\n"), ink: p.look.Code, glued: true}})
			first = rest
		}
	case *ast.Blockquote:
		p.blocks(n, first+"  ", rest+"  ")
	case *ast.List:
		number := n.Start
		for item := n.FirstChild(); item != nil; item = item.NextSibling() {
			mark := "• "
			if n.IsOrdered() {
				mark = strconv.Itoa(number) + ". "
				number++
			}
			p.blocks(item, first+mark, rest+theme.Blank(theme.Width(mark)))
			first = rest
			if item.NextSibling() != nil && !n.IsTight {
				p.put(rest, nil)
			}
		}
	case *ast.ThematicBreak:
		p.put(first, nil)
	default:
		p.wrap(p.words(n, p.look.Text), first, rest)
	}
}

// words gives the inline content of a block as words.
func (p *page) words(n ast.Node, ink theme.Ink) []word {
	var out []word
	glued := true
	add := func(s string, ink theme.Ink) {
		for i, piece := range strings.Split(s, " ") {
			if i > 0 {
				glued = false
			}
			if piece != "" {
				out = append(out, word{text: piece, ink: ink, glued: glued && len(out) > 0})
				glued = true
			}
		}
	}
	var walk func(ast.Node, theme.Ink)
	walk = func(n ast.Node, ink theme.Ink) {
		for c := n.FirstChild(); c != nil; c = c.NextSibling() {
			switch c := c.(type) {
			case *ast.Text:
				add(string(c.Segment.Value(p.source)), ink)
				if c.SoftLineBreak() {
					glued = false
				}
				if c.HardLineBreak() && len(out) > 0 {
					out[len(out)-1].last = true
					glued = false
				}
			case *ast.String:
				add(string(c.Value), ink)
			case *ast.CodeSpan:
				walk(c, p.look.Code)
			case *ast.Emphasis:
				under := p.look.Emph
				if c.Level > 1 {
					under = p.look.Strong
				}
				walk(c, under)
			case *ast.AutoLink:
				add(string(c.URL(p.source)), p.look.Code)
			default:
				walk(c, ink)
			}
		}
	}
	walk(n, ink)
	return out
}

// wrap breaks words into lines. Glued words stay together; one that is wider than the page is cut by put.
func (p *page) wrap(words []word, first, rest string) {
	indent := first
	var line []word
	used := theme.Width(indent)
	flush := func() {
		p.put(indent, line)
		indent, line, used = rest, nil, theme.Width(rest)
	}
	for i := 0; i < len(words); {
		end, width := i+1, theme.Width(words[i].text)
		for end < len(words) && words[end].glued && !words[end-1].last {
			width += theme.Width(words[end].text)
			end++
		}
		gap := 0
		if len(line) > 0 {
			gap = 1
		}
		if len(line) > 0 && used+gap+width > p.width {
			flush()
			gap = 0
		}
		line = append(line, words[i:end]...)
		used += gap + width
		i = end
		if words[i-1].last {
			flush()
		}
	}
	if len(line) > 0 {
		flush()
	}
}

// put writes one line: an indent and words.
func (p *page) put(indent string, words []word) {
	line := theme.NewLine(p.width).Put(p.look.Text, theme.Fit(indent, p.width))
	for i, w := range words {
		if i > 0 && !w.glued {
			line.Space(1)
		}
		line.Put(w.ink, theme.Fit(w.text, line.Free()))
	}
	p.lines = append(p.lines, line.Done())
}
