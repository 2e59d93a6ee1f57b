package tui

import (
	"fmt"
	"strings"

	"github.com/charmbracelet/glamour"
	glamouransi "github.com/charmbracelet/glamour/ansi"
	"github.com/charmbracelet/x/ansi"

	"benchtop/lab"
	"benchtop/tui/theme"
)

// lessonWidth is the longest line of text that reads well.
const lessonWidth = 92

// lessonScreen draws the target's diagram and the lesson's text.
func (m *model) lessonScreen() []string {
	e := m.entry()
	if e == nil || e.Plan == nil {
		return []string{theme.NewLine(m.w).Space(1).Put(m.look.Muted, "this scenario has no text").Done()}
	}
	head := theme.NewLine(m.w)
	head.Space(1).Put(m.look.Accent, "benchtop").Put(m.look.Faint, " · ").Put(m.look.Strong, theme.Fit(e.Title, m.w-30))
	head.Right(theme.NewLine(m.w).Put(m.look.Muted, "takes about "+minutes(e.Plan.Duration())).Space(1))
	lines := []string{head.Done(), theme.Blank(m.w)}
	w := min(m.w-4, lessonWidth)
	pad := (m.w - w) / 2
	body := diagram(m.look, m.tier, e.Plan, w)
	body = append(body, theme.Blank(w))
	body = append(body, m.lesson(e.Plan, w)...)
	at := m.scrolled[screenLesson]
	cut, mark := window(body, m.h-4, &at)
	m.scrolled[screenLesson] = at
	for _, line := range cut {
		lines = append(lines, theme.Blank(pad)+line+theme.Blank(m.w-pad-w))
	}
	for len(lines) < m.h-2 {
		lines = append(lines, theme.Blank(m.w))
	}
	return append(lines, theme.NewLine(m.w).Right(theme.NewLine(m.w).Put(m.look.Muted, mark).Space(1)).Done())
}

// lesson is the rendered text of a plan, once per width and theme; every line is w cells wide.
func (m *model) lesson(p *lab.Plan, w int) []string {
	key := fmt.Sprintf("%s/%d/%s/%s", p.ID, w, m.look.Name, p.SHA256)
	if lines, ok := m.text[key]; ok {
		return lines
	}
	lines := markdown(m.look, p.Lesson, w)
	m.text[key] = lines
	return lines
}

// markdown renders a text; one that cannot be rendered is shown as it is.
func markdown(look *theme.Theme, text string, w int) []string {
	kept := strings.Split(text, "\n")
	for i := range kept {
		kept[i] = theme.Clean(kept[i])
	}
	text = strings.Join(kept, "\n")
	rendered := text
	r, err := glamour.NewTermRenderer(glamour.WithStyles(style(look)), glamour.WithWordWrap(w), glamour.WithColorProfile(look.Profile))
	if err == nil {
		if out, err := r.Render(text); err == nil {
			rendered = out
		}
	}
	var out []string
	for _, line := range strings.Split(strings.Trim(rendered, "\n"), "\n") {
		line = ansi.Truncate(line, w, "…")
		if n := w - ansi.StringWidth(line); n > 0 {
			line += theme.Blank(n)
		}
		if blank := strings.TrimSpace(ansi.Strip(line)) == ""; blank && (len(out) == 0 || strings.TrimSpace(ansi.Strip(out[len(out)-1])) == "") {
			continue
		}
		out = append(out, line)
	}
	return out
}

// style is the Markdown style of a theme: no backgrounds, no margins, headings and code in the theme's colours.
func style(look *theme.Theme) glamouransi.StyleConfig {
	yes, zero, two := true, uint(0), uint(2)
	var heading, code *string
	if look.Heading != "" {
		heading = &look.Heading
	}
	if look.Code != "" {
		code = &look.Code
	}
	bold := glamouransi.StyleBlock{StylePrimitive: glamouransi.StylePrimitive{Bold: &yes, Color: heading, BlockSuffix: "\n"}}
	bullet := "• "
	return glamouransi.StyleConfig{
		Document:   glamouransi.StyleBlock{Margin: &zero},
		Paragraph:  glamouransi.StyleBlock{},
		BlockQuote: glamouransi.StyleBlock{Indent: &two},
		List:       glamouransi.StyleList{LevelIndent: 2},
		Heading:    bold, H1: bold, H2: bold, H3: bold, H4: bold, H5: bold, H6: bold,
		Text: glamouransi.StylePrimitive{}, Emph: glamouransi.StylePrimitive{Italic: &yes}, Strong: glamouransi.StylePrimitive{Bold: &yes},
		HorizontalRule: glamouransi.StylePrimitive{Format: "\n"},
		Item:           glamouransi.StylePrimitive{BlockPrefix: bullet},
		Enumeration:    glamouransi.StylePrimitive{BlockPrefix: ". "},
		Link:           glamouransi.StylePrimitive{Underline: &yes},
		Code:           glamouransi.StyleBlock{StylePrimitive: glamouransi.StylePrimitive{Color: code, Bold: &yes}},
		CodeBlock:      glamouransi.StyleCodeBlock{StyleBlock: glamouransi.StyleBlock{StylePrimitive: glamouransi.StylePrimitive{Color: code}, Margin: &two}},
		Table:          glamouransi.StyleTable{},
	}
}
