package tui

import (
	"fmt"
	"strings"

	tea "github.com/charmbracelet/bubbletea"
	"github.com/charmbracelet/x/ansi"
	"github.com/muesli/termenv"

	"benchtop/lab/exports"
	"benchtop/tui/folder"
	"benchtop/tui/format"
	"benchtop/tui/svg"
	"benchtop/tui/theme"
)

// exportedMsg is the outcome of an export.
type exportedMsg struct {
	folder string
	names  []string
	note   string
	err    error
}

// export writes the screen as it stands, also a frozen one, as text and as a picture, and what else the screen below has.
func (m *model) export() tea.Cmd {
	below := m.below().Export()
	name := m.top().Name()
	if below.About != "" {
		name = below.About + "-" + name
	}
	if below.Page > 0 {
		name += fmt.Sprintf("-%d", below.Page)
	}
	stem := m.unused("benchtop-" + name + "-" + m.cfg.Now().Format("20060102-150405"))
	files := []ExportFile{{Name: stem + ".txt", Content: []byte(plainText(m.View()))}, {Name: stem + ".svg", Content: []byte(m.picture())}}
	if below.Files != nil {
		files = append(files, below.Files(stem)...)
	}
	write := func() tea.Msg {
		folder, err := m.cfg.Export(files)
		msg := exportedMsg{folder: folder, note: below.Note, err: err}
		for _, f := range files {
			msg.names = append(msg.names, f.Name)
		}
		if exports.Checkout(folder) != "" {
			msg.note += "; the folder lies in a git checkout"
		}
		return msg
	}
	return m.placing(write)
}

// placing is what writes into the folder for exports; where none was chosen yet it is asked for first.
func (m *model) placing(write func() tea.Msg) tea.Cmd {
	if m.cfg.Exports != nil && m.cfg.Exports.Folder() == "" {
		m.Open(folder.Ask{Then: write})
		return nil
	}
	return write
}

// unused is the name of an export; a second one within the same second gets a number, so that it does not replace the
// first.
func (m *model) unused(stem string) string {
	m.stems[stem]++
	if n := m.stems[stem]; n > 1 {
		return fmt.Sprintf("%s-%d", stem, n)
	}
	return stem
}

func (m *model) whyNoExport() string {
	if m.cfg.Export == nil {
		return "this screen cannot write files"
	}
	return ""
}

func (m *model) exported(msg exportedMsg) {
	if msg.err != nil {
		m.Say("nothing was exported: " + msg.err.Error())
		return
	}
	first, rest := msg.names[0], make([]string, 0, len(msg.names))
	stem := first[:strings.LastIndex(first, ".")]
	for _, name := range msg.names {
		rest = append(rest, strings.TrimPrefix(name, stem))
	}
	m.Tell("written to " + msg.folder + ": " + stem + " " + format.Listed(rest) + msg.note)
}

// plainText is a screen without inks and without blanks at the ends of its lines.
func plainText(view string) string {
	var b strings.Builder
	for line := range strings.SplitSeq(ansi.Strip(view), "\n") {
		b.WriteString(strings.TrimRight(line, " "))
		b.WriteByte('\n')
	}
	return b.String()
}

// picture is the screen as SVG: drawn once more in true colours, whatever the terminal has.
func (m *model) picture() string {
	if look, err := theme.New(m.look.Name, termenv.TrueColor); err == nil {
		before := m.look
		m.look = look
		defer func() { m.look = before }()
	}
	front, back := svg.Paper(m.look.Name)
	return svg.Draw(m.View(), front, back)
}
