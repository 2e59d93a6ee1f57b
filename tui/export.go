package tui

import (
	"bytes"
	"fmt"
	"strings"

	"github.com/charmbracelet/x/ansi"
	"github.com/muesli/termenv"

	tea "github.com/charmbracelet/bubbletea"

	"benchtop/lab/report"
	"benchtop/tui/theme"
)

// exportedMsg is the outcome of an export.
type exportedMsg struct {
	folder string
	names  []string
	err    error
}

// screenNames are the screens in the names of exported files.
var screenNames = map[screen]string{
	screenCatalogue: "catalogue", screenLesson: "lesson", screenPredict: "predict", screenLive: "run", screenVerdict: "verdict", screenQuiz: "quiz",
	screenCompare: "compare",
}

// export writes the screen as it stands, also a frozen one, as text and as a picture; once a run has its result, the
// report of it too.
func (m *model) export() tea.Cmd {
	name := screenNames[m.screen]
	switch m.overlay {
	case overlayHelp:
		name = "keys"
	case overlayLog:
		name = "events"
	}
	if id := m.doing(); id != "" && m.screen != screenCatalogue {
		name = id + "-" + name
	}
	switch m.screen {
	case screenVerdict:
		name += fmt.Sprintf("-%d", m.chapter+1)
	case screenCompare:
		name += fmt.Sprintf("-%d", m.comparePage+1)
	}
	stem := m.unused("benchtop-" + name + "-" + m.cfg.Now().Format("20060102-150405"))
	files := []ExportFile{{stem + ".txt", []byte(plainText(m.View()))}, {stem + ".svg", []byte(m.picture())}}
	if st := m.shown(); m.aboutRun() && st != nil && st.Result != nil {
		var b bytes.Buffer
		if err := report.Markdown(&b, st.Result); err == nil {
			files = append(files, ExportFile{stem + ".md", b.Bytes()})
		}
	}
	if m.screen == screenCompare {
		files = append(files, ExportFile{stem + "-comparison.txt", m.versusFile()})
	}
	write := m.cfg.Export
	return func() tea.Msg {
		folder, err := write(files)
		msg := exportedMsg{folder: folder, err: err}
		for _, f := range files {
			msg.names = append(msg.names, f.Name)
		}
		return msg
	}
}

// aboutRun tells whether the screen, or what lies below an overlay, is about the run.
func (m *model) aboutRun() bool {
	switch m.screen {
	case screenLive, screenVerdict:
		return true
	case screenQuiz:
		return m.state != nil && m.state.Plan != nil && m.quiz.plan.ID == m.state.Plan.ID
	}
	return false
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
		m.say("nothing was exported: " + msg.err.Error())
		return
	}
	first, rest := msg.names[0], make([]string, 0, len(msg.names))
	stem := first[:strings.LastIndex(first, ".")]
	for _, name := range msg.names {
		rest = append(rest, strings.TrimPrefix(name, stem))
	}
	text := "written to " + msg.folder + ": " + stem + " " + listed(rest)
	if st := m.shown(); m.screen == screenLive && st != nil && st.Result == nil && !m.freeRun() {
		text += "; the report comes with the end of the run"
	}
	m.tell(text)
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
		clear(m.cache)
		defer func() {
			m.look = before
			clear(m.cache)
		}()
	}
	front, back := Paper(m.look.Name)
	return SVG(m.View(), front, back)
}

// Paper is the ink and the ground of a picture in a theme, as #rrggbb.
func Paper(themeName string) (front, back string) {
	switch themeName {
	case "light":
		return "#1f2328", "#ffffff"
	case "high-contrast":
		return "#ffffff", "#000000"
	}
	return "#d8dee9", "#14171c"
}
