package joincode

import (
	"fmt"
	"strings"

	qr "github.com/piglig/go-qr"
)

// quiet is the light margin of a QR code, in modules; the standard asks for four.
const quiet = 4

// QR draws a text as a QR code in half blocks, a row of text for two rows of it, with its margin. On a dark terminal, where blocks
// are light, it must be inverted: then the light modules are the ones that are drawn.
func QR(text string, inverted bool) (string, error) {
	code, err := qr.EncodeText(text, qr.Low)
	if err != nil {
		return "", fmt.Errorf("drawing the join code: %w", err)
	}
	size := code.Size()
	ink := func(x, y int) bool {
		inside := x >= 0 && y >= 0 && x < size && y < size
		return (inside && code.Module(x, y)) != inverted
	}
	var b strings.Builder
	for y := -quiet; y < size+quiet; y += 2 {
		for x := -quiet; x < size+quiet; x++ {
			below := y+1 < size+quiet && ink(x, y+1)
			switch above := ink(x, y); {
			case above && below:
				b.WriteRune('█')
			case above:
				b.WriteRune('▀')
			case below:
				b.WriteRune('▄')
			default:
				b.WriteByte(' ')
			}
		}
		b.WriteByte('\n')
	}
	return b.String(), nil
}
