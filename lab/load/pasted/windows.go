package pasted

import "strings"

// isWindows reports whether a text is written for cmd.exe: its escape is ^, also at the end of a line.
func isWindows(text string) bool {
	_, rest, ok := strings.Cut(text, "curl")
	if !ok {
		return false
	}
	rest = strings.TrimPrefix(rest, ".exe")
	line, _, _ := strings.Cut(rest, "\n")
	return strings.HasPrefix(strings.TrimLeft(rest, " \t"), `^"`) || strings.HasSuffix(strings.TrimRight(line, " \t\r"), " ^")
}

// passed is a character that cmd.exe hands on to a program, and where it stood.
type passed struct {
	c  byte
	at int
}

// windowsCommands cuts a text as Windows does: cmd.exe takes its escapes away and ends the command lines, then the program
// cuts its own line into words (Microsoft, "Parsing C command-line arguments").
func (s *source) windowsCommands() (out [][]word, err error) {
	var line []passed
	quoted := -1 // where a quote of cmd.exe was opened; within it ^ is a character
	end := func() error {
		words, err := s.windowsWords(line)
		if len(words) > 0 {
			out = append(out, words)
		}
		line = nil
		return err
	}
	for i := 0; i < len(s.text); i++ {
		c := s.text[i]
		switch {
		case c == '\r' && i+1 < len(s.text) && s.text[i+1] == '\n':
		case c == '^' && quoted < 0:
			if i++; i < len(s.text) && s.text[i] == '\r' {
				i++
			}
			if i < len(s.text) && s.text[i] == '\n' { // the line goes on, and what follows stands for itself
				if i++; i < len(s.text) && s.text[i] == '\r' {
					i++
				}
			}
			if i < len(s.text) {
				line = append(line, passed{s.text[i], i})
			}
		case c == '"':
			if quoted >= 0 {
				quoted = -1
			} else {
				quoted = i
			}
			line = append(line, passed{c, i})
		case c == '\n' || c == '&' && quoted < 0:
			quoted = -1
			if err := end(); err != nil {
				return nil, err
			}
		case quoted < 0 && (c == '|' || c == '<' || c == '>'):
			return nil, s.fail(i, "leave out what is behind the command", "found %q behind a curl command; allowed: curl commands alone, one after the other", c)
		default:
			line = append(line, passed{c, i})
		}
	}
	return out, end()
}

// windowsWords cuts a command line into words: 2n backslashes before a quote are n, and one more makes the quote a character.
func (s *source) windowsWords(line []passed) (out []word, err error) {
	var b strings.Builder
	var w *word
	open := -1
	begin := func(at int) {
		if w == nil {
			w = &word{at: at, foreign: -1}
			b.Reset()
		}
	}
	for i := 0; i < len(line); i++ {
		c, at := line[i].c, line[i].at
		switch {
		case open < 0 && (c == ' ' || c == '\t' || c == '\r' || c == '\n'):
			if w != nil {
				w.text = b.String()
				out, w = append(out, *w), nil
			}
		case c == '\\':
			begin(at)
			used := backslashes(&b, line[i:], open > 0 && s.text[open-1] == '^')
			i += used - 1
		case c == '"':
			begin(at)
			w.quoted = true
			if open >= 0 && i+1 < len(line) && line[i+1].c == '"' { // two within quotes are one
				b.WriteByte('"')
				i++
			} else if open >= 0 {
				open = -1
			} else {
				open = at
			}
		default:
			begin(at)
			b.WriteByte(c)
		}
	}
	if open >= 0 {
		return nil, s.fail(open, "copy the command again, whole", `found " without its end; allowed: quotes that are closed`)
	}
	if w != nil {
		w.text = b.String()
		out = append(out, *w)
	}
	return out, nil
}

// backslashes reads those that a line begins with and the character that they escape, and gives how many characters that
// were. Chrome doubles every backslash in its quotes; a program takes only those before a quote for escapes.
func backslashes(to *strings.Builder, line []passed, doubled bool) (used int) {
	for used < len(line) && line[used].c == '\\' {
		used++
	}
	escapes := used < len(line) && (doubled || line[used].c == '"')
	if !escapes && !doubled {
		to.WriteString(strings.Repeat(`\`, used))
		return used
	}
	to.WriteString(strings.Repeat(`\`, used/2))
	if used%2 == 1 && escapes {
		to.WriteByte(line[used].c)
		used++
	}
	return used
}
