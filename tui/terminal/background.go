package terminal

import (
	"bytes"
	"math"
	"strconv"
	"strings"
)

// A terminal is asked for its background colour, to choose between the themes for dark and for light ones. Many do not
// respond, and some respond late, so nobody waits: the screen begins dark, and what the terminal says comes between the
// keys.
const (
	askBackground = "\x1b]11;?\x1b\\" // OSC 11 of xterm's control sequences
	saysOf        = "\x1b]11;"        // begins the response, which BEL or ST ends
	longestWord   = 64                // bytes of a response; longer ones are none
)

// Background is the message with what a terminal says of its background.
type Background struct{ Light bool }

// canBeAsked reports whether terminals of this kind are asked. Those of screen and tmux stand for several terminals, and the
// console of Linux prints what it does not know.
func canBeAsked(term string) bool {
	for _, not := range []string{"screen", "tmux", "dumb", "linux"} {
		if strings.HasPrefix(term, not) {
			return false
		}
	}
	return true
}

// sift takes the response to askBackground out of what was read, while it is waited for, and gives the length of the
// keys that are left. A response that has only begun is held for the next read.
func (t *terminal) sift(p []byte) int {
	if t.background == nil {
		return len(p)
	}
	at := bytes.Index(p, []byte(saysOf))
	if at < 0 {
		// Its first bytes may be the last that came. Those of a lone escape are a key.
		for n := len(saysOf) - 1; n > 1; n-- {
			if bytes.HasSuffix(p, []byte(saysOf[:n])) {
				return t.hold(p, len(p)-n)
			}
		}
		return len(p)
	}
	colour, rest, whole := response(p[at+len(saysOf):])
	switch {
	case !whole && len(p)-at < longestWord:
		return t.hold(p, at)
	case !whole:
		return len(p)
	}
	if light, ok := isLight(colour); ok {
		t.background(light)
	}
	t.background = nil
	return at + copy(p[at:], rest)
}

func (t *terminal) hold(p []byte, from int) int {
	t.held = bytes.Clone(p[from:])
	return from
}

// response cuts a response at its end.
func response(p []byte) (colour string, rest []byte, whole bool) {
	end := bytes.IndexAny(p, "\a\x1b")
	switch {
	case end < 0 || p[end] == '\x1b' && end+1 == len(p):
		return "", nil, false
	case p[end] == '\x1b' && p[end+1] == '\\':
		return string(p[:end]), p[end+2:], true
	case p[end] == '\x1b': // the end is missing
		return string(p[:end]), p[end:], true
	}
	return string(p[:end]), p[end+1:], true
}

// isLight reports whether a colour as X11 writes it, rgb:RR/GG/BB with one to four hexadecimal digits each, is a light
// one: its lightness (of HSL) is a half or more. ok is false for other texts.
func isLight(colour string) (light, ok bool) {
	_, digits, found := strings.Cut(colour, ":")
	parts := strings.Split(digits, "/")
	if !found || len(parts) < 3 {
		return false, false
	}
	low, high := 1.0, 0.0
	for _, part := range parts[:3] {
		v, err := strconv.ParseUint(part, 16, 16)
		if err != nil {
			return false, false
		}
		share := float64(v) / (math.Pow(16, float64(len(part))) - 1)
		low, high = min(low, share), max(high, share)
	}
	return (low+high)/2 >= 0.5, true
}
