package tui

// Kept is a Session that is written to a file.
type Kept interface {
	// Trouble says why the file is not where it should be, empty while it is; lost tells that not all of the run is kept.
	// It is asked with every snapshot.
	Trouble() (text string, lost bool)
}

// watchFile says once what is wrong with the file of the run. That a run is not kept stays in the badge.
func (m *model) watchFile() {
	kept, ok := m.session.(Kept)
	if !ok {
		return
	}
	text, lost := kept.Trouble()
	if text != m.trouble && text != "" {
		m.Say(text)
	}
	m.trouble, m.lost = text, lost
}

// fileBadge says that the run is not kept.
func (m *model) fileBadge() string {
	if m.lost {
		return "NOT SAVED"
	}
	return ""
}

// fileWrong stands on the picture of a run whose scenario file was edited into an error.
const fileWrong = "FILE: ERROR"
