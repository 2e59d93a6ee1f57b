package theme

import "strings"

// Box is a frame with a title left and right in its upper border. It is the only frame of the program.
type Box struct {
	Width, Height int // outer size in cells
	Left, Right   *Line
	Border        Ink
	Heavy         bool // the focused one: told apart by its lines too, not by colour alone
}

// Inner is the size of a box's content: one blank on each side, borders taken off.
func Inner(width, height int) (int, int) { return max(width-4, 0), max(height-2, 0) }

// Draw puts the box around its content: at most Height-2 lines, each exactly Width-4 cells wide; missing lines are
// blank. A box too small for a border gives blank lines.
func (b Box) Draw(content []string) []string {
	if b.Height <= 0 || b.Width <= 0 {
		return nil
	}
	out := make([]string, 0, b.Height)
	if b.Width < 4 || b.Height < 2 {
		for range b.Height {
			out = append(out, Blank(b.Width))
		}
		return out
	}
	h, v, tl, tr, bl, br := "─", "│", "╭", "╮", "╰", "╯"
	if b.Heavy {
		h, v, tl, tr, bl, br = "━", "┃", "┏", "┓", "┗", "┛"
	}
	top := NewLine(b.Width)
	top.Put(b.Border, tl)
	right := b.Right
	room := b.Width - 4
	if b.Left != nil && b.Left.used > 0 && b.Left.used+2 <= room {
		top.Space(1).Join(b.Left).Space(1)
		room -= b.Left.used + 2
	} else {
		top.Put(b.Border, h)
		room--
	}
	tail := 0
	if right != nil && right.used > 0 && right.used+3 <= room+1 {
		tail = right.used + 3
	}
	top.Put(b.Border, strings.Repeat(h, max(b.Width-1-top.used-tail, 0)))
	if tail > 0 {
		top.Space(1).Join(right).Space(1).Put(b.Border, h)
	}
	top.Put(b.Border, tr)
	out = append(out, top.Done())

	inner, rows := Inner(b.Width, b.Height)
	left, end := b.Border.Paint(v)+" ", " "+b.Border.Paint(v)
	for i := range rows {
		if i < len(content) {
			out = append(out, left+content[i]+end)
		} else {
			out = append(out, left+Blank(inner)+end)
		}
	}
	return append(out, b.Border.Paint(bl+strings.Repeat(h, b.Width-2)+br))
}
