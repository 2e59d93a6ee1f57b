package lesson

import (
	"maps"
	"slices"
	"strings"

	"benchtop/lab"
	"benchtop/lab/figure"
	"benchtop/targets"
	"benchtop/tui/draw"
	"benchtop/tui/format"
	"benchtop/tui/theme"
)

// diagram draws what a run starts: the generator on the left, every variant's workers on the right, between them how
// they are connected. More than four variants are lines, not boxes.
func diagram(look *theme.Theme, p *lab.Plan, w int) []string {
	if len(p.Variants) == 0 || w < 50 {
		return nil
	}
	client := clientLines(p)
	clientW := 0
	for _, s := range client {
		clientW = max(clientW, theme.Width(s))
	}
	clientW = min(max(clientW+4, 18), w/3)
	arrowW := 16
	targetW := w - clientW - arrowW
	var right []string
	boxed := len(p.Variants) <= 4
	for i, v := range p.Variants {
		if !boxed {
			l := draw.Name(theme.NewLine(targetW).Put(look.Muted, partsText(v.Target)).Space(2), look, i, format.Called(&v), targetW)
			right = append(right, l.Done())
			continue
		}
		title := draw.Name(theme.NewLine(targetW), look, i, format.Called(&v), targetW-6)
		inner, _ := theme.Inner(targetW, 3)
		line := theme.NewLine(inner).Put(look.Variant(i), partsText(v.Target)).Put(look.Muted, "  "+serverText(v.Target, p))
		right = append(right, theme.Box{Width: targetW, Height: 3, Left: title, Border: look.Faint}.Draw([]string{line.Done()})...)
	}
	h := max(len(right), len(client)+2)
	inner, _ := theme.Inner(clientW, h)
	lines := make([]string, 0, len(client))
	for range (h - 2 - len(client)) / 2 {
		lines = append(lines, theme.Blank(inner))
	}
	for _, s := range client {
		lines = append(lines, theme.NewLine(inner).Put(look.Text, theme.Fit(s, inner)).Done())
	}
	left := theme.Box{Width: clientW, Height: h, Left: theme.NewLine(clientW).Put(look.Strong, "generator"), Border: look.Faint}.Draw(lines)
	out := make([]string, h)
	for k := range h {
		arrow := theme.Blank(arrowW)
		at := -1
		switch {
		case boxed && k%3 == 1 && k/3 < len(p.Variants):
			at = k / 3
		case !boxed && k < len(p.Variants):
			at = k
		}
		if at >= 0 {
			arrow = arrowText(look, p, at, arrowW)
		}
		r := theme.Blank(targetW)
		if k < len(right) {
			r = right[k]
		}
		out[k] = left[k] + arrow + r
	}
	return out
}

// clientLines is what the generator does for every variant.
func clientLines(p *lab.Plan) []string {
	all := format.Loads(p)
	text := strings.Split(format.Load(all), ", ")
	if endpoint := format.Endpoint(p); endpoint != "" {
		text = append(text, endpoint)
	}
	return text
}

// arrowText is the arrow to one variant, named by what differs between the variants' connections.
func arrowText(look *theme.Theme, p *lab.Plan, i, w int) string {
	all := format.Loads(p)
	label := ""
	for _, l := range all {
		if l.KeepAlive != all[i].KeepAlive {
			label = "new each"
			if all[i].KeepAlive {
				label = "kept"
			}
		}
	}
	if label == "" {
		for _, l := range all {
			if l.Connections != all[i].Connections {
				label = figure.Screen.Counted(all[i].Connections, "conn")
			}
		}
	}
	l := theme.NewLine(w)
	room := w - 4
	l.Space(1)
	if label == "" {
		l.Put(look.Muted, strings.Repeat("─", room+1)+"▶")
		return l.Done()
	}
	label = " " + theme.Fit(label, room-4) + " "
	side := (room + 1 - theme.Width(label)) / 2
	l.Put(look.Muted, strings.Repeat("─", side)).Put(look.Strong, label).Put(look.Muted, strings.Repeat("─", room+1-side-theme.Width(label))+"▶")
	return l.Done()
}

// partsText are the parts of a target, in the order in which a request meets them: a declared link, its proxy, the workers of its server, and
// the services that those ask.
func partsText(s targets.Spec) string {
	text := workersText(s)
	if s.Proxy != nil {
		text = "proxy ▶ " + text
	}
	if s.Link != nil {
		text = "declared " + s.Link.Words() + " ▶ " + text
	}
	if len(s.Services) > 0 {
		text += " ▶ " + strings.Join(slices.Sorted(maps.Keys(s.Services)), ", ")
	}
	return text
}

// workersText shows the workers as squares and in words.
func workersText(s targets.Spec) string {
	n := max(s.Workers, 1)
	return strings.TrimSpace(strings.Repeat("▣ ", min(n, 8))) + " " + figure.Screen.Counted(n, "worker")
}

// serverText is how the server is configured, what all variants are asked for left out.
func serverText(s targets.Spec, p *lab.Plan) string {
	var parts []string
	for _, key := range []string{"engine", "concurrency"} {
		if t := s.Shown(key); t != "" {
			parts = append(parts, t)
		}
	}
	if s.Shown("concurrency") == "threadpool" {
		parts[len(parts)-1] += " of " + s.Shown("threads")
	}
	if s.Shown("keepalive") == "false" {
		parts = append(parts, "closes each connection")
	}
	if format.Endpoint(p) == "" && s.Endpoint != "" {
		parts = append(parts, s.Endpoint)
	}
	return strings.Join(parts, " · ")
}
