package room

import (
	"fmt"
	"strings"

	"benchtop/lab/class"
	"benchtop/lab/figure"
	"benchtop/tui/draw"
	"benchtop/tui/screen"
	"benchtop/tui/theme"
	"benchtop/tui/wall"
)

// margin is what is left free at both sides of a drawing.
const margin = 1

// View is the head of the class, its pages by name, and the one that is shown.
func (r *room) View(f screen.Frame) []string {
	if r.choosing {
		return r.chooser(f)
	}
	out := []string{r.head(f), r.tabs(f), theme.Blank(f.W)}
	inside := f
	inside.W, inside.H = f.W-2*margin, f.H-len(out)
	var body []string
	if r.page == Join {
		body = r.joining(inside)
	} else {
		until := "sealed: o opens them, for everybody"
		if r.ago > 0 || r.whyOver() != "" {
			until = "they were never opened"
		}
		body = view{r.now, r.looked(), r.question, r.best, until, r.plan()}.page(r.page, inside, &r.scroll[r.page])
	}
	for _, line := range body {
		out = append(out, theme.Blank(margin)+line+theme.Blank(margin))
	}
	return out
}

// head is the class, its lesson, and how many have come how far.
func (r *room) head(f screen.Frame) string {
	rd, all := r.looked(), Seats(r.now)
	here := 0
	for i := range all {
		if all[i].Here {
			here++
		}
	}
	right := theme.NewLine(f.W)
	put := func(n int, word string) {
		if right.Used() > 0 {
			right.Put(f.Look.Faint, " · ")
		}
		right.Put(f.Look.Strong, fmt.Sprint(n)).Put(f.Look.Muted, " "+word)
	}
	put(here, "here")
	if rd != nil {
		put(predicted(rd), "predicted")
		put(finished(rd), "done")
	}
	l := theme.NewLine(f.W).Space(1).Put(f.Look.Accent, "benchtop").Put(f.Look.Faint, " · ")
	title := "class " + r.now.Name
	switch {
	case !r.now.Ended.IsZero():
		l.Put(f.Look.Badge, " ENDED ").Space(1)
	case r.now.Live:
		l.Put(f.Look.Badge, " "+wall.Live(r.now.Runs, r.round().Lesson.ID)+" ").Space(1)
	}
	if rd != nil {
		title = rd.Lesson.Title
		if n := len(r.now.Rounds); n > 1 {
			title = fmt.Sprintf("%d of %d: %s", n-r.ago, n, title)
		}
	}
	return l.Put(f.Look.Strong, theme.Fit(title, l.Free()-right.Used()-2)).Right(right.Space(1)).Done()
}

// tabs are the pages by their numbers.
func (r *room) tabs(f screen.Frame) string {
	l := theme.NewLine(f.W)
	for i, title := range titles {
		l.Space(1)
		if f.W < 80 && Page(i) != r.page {
			title = ""
		}
		text := strings.TrimSpace(fmt.Sprintf("%d %s", i+1, title))
		if Page(i) == r.page {
			l.Put(f.Look.Select, " "+text+" ")
		} else {
			l.Space(1).Put(f.Look.Key, text[:1]).Put(f.Look.Muted, text[1:]).Space(1)
		}
	}
	return l.Done()
}

// code is the code of a class for a camera, as it was drawn last.
type code struct {
	text  string
	light bool
	rows  []string
}

// qr is drawn again for another code or background only; none where it cannot be drawn.
func (r *room) qr(light bool) []string {
	text := r.class.Code()
	if r.code.text != text || r.code.light != light {
		r.code = code{text, light, nil}
		if qr, err := r.class.QR(!light); err == nil {
			r.code.rows = strings.Split(strings.TrimRight(qr, "\n"), "\n")
		}
	}
	return r.code.rows
}

// where says from which machines the class is reached.
func (r *room) where() string {
	if r.class.Local {
		return "On this machine alone, since the class listens on loopback; `benchtop class --listen HOST:PORT` goes on with it for others:"
	}
	return "On your own machine, on the same network:"
}

// command is the line to join with.
func (r *room) command(f screen.Frame, out *draw.Text) {
	out.Put(f.Look.Heading, strings.TrimSpace("Join "+r.now.Name))
	out.Blank()
	out.Put(f.Look.Text, r.where())
	out.Blank()
	for _, line := range grouped("benchtop join "+r.class.Code(), out.W) {
		out.Put(f.Look.Strong, line)
	}
	out.Blank()
}

// how is what is to be known before one joins, and who is here.
func (r *room) how(f screen.Frame, out *draw.Text) {
	out.Put(f.Look.Muted, "It opens the lab at the lesson that is offered here. Nothing starts on your machine before you press a key. --watch looks on, --name NAME says who you are.")
	out.Blank()
	if r.class.Loose != "" {
		out.Put(f.Look.Warn, "Not enforced: "+r.class.Loose)
		out.Blank()
	}
	names := make([]string, 0, len(r.now.Seats))
	for _, s := range Seats(r.now) {
		if s.Here {
			names = append(names, s.Name)
		}
	}
	out.Put(f.Look.Good, fmt.Sprintf("%d %s here", len(names), map[bool]string{true: "is", false: "are"}[len(names) == 1]))
	out.Put(f.Look.Text, strings.Join(names, " · "))
	if n := r.now.Refusals; n > 0 {
		last := class.Refusal{}
		if k := len(r.now.Refused); k > 0 {
			last = r.now.Refused[k-1]
		}
		out.Blank()
		out.Put(f.Look.Warn, fmt.Sprintf("! %s refused, the last one: %s", figure.Screen.Counted(n, "message"), last.Why))
	}
}

// joining is how a seat joins: the command, which has its lines for itself to be copied, and below it the code for a camera
// where there is room.
func (r *room) joining(f screen.Frame) []string {
	if r.class == nil {
		return make([]string, f.H)
	}
	if r.class.Code() == "" || !r.now.Ended.IsZero() {
		return ended(f, r.now.Ended.IsZero())
	}
	qr := r.qr(f.Look.Light())
	width := 0
	for _, row := range qr {
		width = max(width, theme.Width(row))
	}
	above := draw.Text{W: f.W}
	r.command(f, &above)
	if len(above.Lines)+len(qr) > f.H || width+30 > f.W || f.Tier == theme.ASCII {
		qr, width = nil, 0
	}
	out := draw.Text{W: f.W - width - 4*oneIf(width > 0)}
	r.how(f, &out)
	lines := above.Lines
	for i := range f.H - len(lines) {
		l := theme.Blank(out.W)
		if i < len(out.Lines) {
			l = out.Lines[i]
		}
		if width > 0 {
			row := ""
			if i < len(qr) {
				row = qr[i]
			}
			l = theme.NewLine(width).Put(theme.Ink{}, row).Done() + theme.Blank(4) + l
		}
		lines = append(lines, l)
	}
	return lines
}

// grouped are the lines of a command with a join code, which is broken between its groups alone, so that a shell takes them
// together.
func grouped(command string, w int) []string {
	const on = ` \`
	var out []string
	line := ""
	for group := range strings.SplitAfterSeq(command, "-") {
		if line != "" && theme.Width(line+group+on) > w {
			out, line = append(out, line+on), ""
		}
		line += group
	}
	return append(out, line)
}

// ended says that nobody can join any more; cut: the class was never ended.
func ended(f screen.Frame, cut bool) []string {
	out := draw.Text{W: f.W}
	text := "The class is over."
	if cut {
		text = "The class is looked at again, as far as it came."
	}
	out.Put(f.Look.Heading, text)
	out.Blank()
	out.Put(f.Look.Text, "What it came to stands on the other pages.")
	for len(out.Lines) < f.H {
		out.Blank()
	}
	return out.Lines
}

func oneIf(yes bool) int {
	if yes {
		return 1
	}
	return 0
}

// chooser is the list of lessons that can be offered.
func (r *room) chooser(f screen.Frame) []string {
	w, rows := theme.Inner(f.W, f.H)
	var lines []string
	for i, e := range r.lessons() {
		cursor, ink := "  ", f.Look.Text
		if i == r.chosen {
			cursor, ink = "▸ ", f.Look.Strong
		}
		l := theme.NewLine(w).Put(f.Look.Accent, cursor).Put(ink, theme.PadRight(theme.Fit(e.ID, 22), 24))
		right := theme.NewLine(w)
		if e.Minutes > 0 {
			right.Put(f.Look.Muted, fmt.Sprintf("%d min", e.Minutes))
		}
		lines = append(lines, l.Put(ink, theme.Fit(e.Title, l.Free()-right.Used()-2)).Right(right).Done())
	}
	list := draw.Scroll{}
	list.By(r.chosen - rows/2)
	return draw.Framed(f, "Which lesson is offered to the class?", lines, &list)
}
