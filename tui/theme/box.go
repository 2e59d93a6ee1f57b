package theme

// Box is a frame with a title left and right in its upper border. It is the only frame of the program.
type Box struct {
	Width, Height int // outer size in cells
	Left, Right   *Line
	Border        Ink
	Heavy         bool // the focused one: told apart by its lines too, not by colour alone
	Sheet         *Sheet
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
	top := b.Sheet.Line(b.Width)
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
	top.Fill(b.Border, h, b.Width-1-top.used-tail)
	if tail > 0 {
		top.Space(1).Join(right).Space(1).Put(b.Border, h)
	}
	top.Put(b.Border, tr)
	out = append(out, top.Done())

	// A framed line is put together byte by byte: its content has escapes, and its width is known.
	inner, rows := Inner(b.Width, b.Height)
	line := b.Sheet.Line(b.Width)
	for i := range rows {
		text := Blank(inner)
		if i < len(content) {
			text = content[i]
		}
		line.b, line.last = line.b[:0], ""
		line.write(b.Border, v)
		line.b = append(append(append(line.b, ' '), text...), ' ')
		line.last = ""
		line.write(b.Border, v)
		out = append(out, b.Sheet.keep(line.b))
	}
	bottom := b.Sheet.Line(b.Width).Put(b.Border, bl).Fill(b.Border, h, b.Width-2).Put(b.Border, br)
	return append(out, bottom.Done())
}
