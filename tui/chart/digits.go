package chart

// digits is a font of half blocks, three rows high: five dots, the gap between groups one dot wide.
var digits = map[rune][3]string{
	'0': {"█▀█", "█ █", "▀▀▀"}, '1': {"▀█ ", " █ ", "▀▀▀"}, '2': {"▀▀█", "█▀▀", "▀▀▀"}, '3': {"▀▀█", " ▀█", "▀▀▀"},
	'4': {"█ █", "▀▀█", "  ▀"}, '5': {"█▀▀", "▀▀█", "▀▀▀"}, '6': {"█▀▀", "█▀█", "▀▀▀"}, '7': {"▀▀█", "  █", "  ▀"},
	'8': {"█▀█", "█▀█", "▀▀▀"}, '9': {"█▀█", "▀▀█", "▀▀▀"}, '\u202f': {" ", " ", " "}, '.': {" ", " ", "▀"}, '-': {"  ", "▀▀", "  "},
}

// Digits writes a number three rows high, for reading from the back of a room. Characters other than digits, gap,
// point and minus are left out; every row has the same width.
func Digits(s string) [3]string {
	var out [3]string
	for _, r := range s {
		glyph, ok := digits[r]
		if !ok {
			continue
		}
		for i := range out {
			if out[i] != "" {
				out[i] += " "
			}
			out[i] += glyph[i]
		}
	}
	return out
}
