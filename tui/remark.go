package tui

// Remark is something that the person must know and that is no event of the run: what became of the file, say.
type Remark struct {
	Text  string
	Wrong bool // it stays marked on the picture of the run until a remark that is not wrong comes
}

type remarkMsg Remark

// remark shows it in the help line, and keeps the mark.
func (m *model) remark(r Remark) {
	m.wrong = r.Wrong
	if r.Wrong {
		m.say(r.Text)
		return
	}
	m.tell(r.Text)
}

// fileWrong stands on the picture of a run whose scenario file was edited into an error.
const fileWrong = "FILE: ERROR"
