package report

import (
	"bytes"
	"fmt"
	"html/template"
	"strings"

	"benchtop/lab"
	"benchtop/lab/figure"
	"benchtop/lab/profile"
	"benchtop/targets/printable"
)

// ProfileTitle stands over what the profiles of a run say.
const ProfileTitle = "Where the difference comes from"

// ProfileSays is what a comparison of profiles comes to in a sentence.
func ProfileSays(d *profile.Difference) string {
	switch clear := d.Clear(); {
	case d.Reason != "":
		return "nothing is compared: " + d.Reason
	case len(d.Functions) == 0:
		return "no function was seen"
	case d.Functions[0].CI95 == nil:
		return "samples, no interval: too few pairs of slices"
	case len(clear) == 0:
		return "no function differs by more than so few samples can tell"
	case clear[0].Change > 0:
		return fmt.Sprintf("%s grew most, by %s of CPU per request", called(&clear[0]), figure.Lines.Micros(clear[0].Change))
	default:
		return fmt.Sprintf("no function grew clearly; %s shrank most, by %s of CPU per request", called(&clear[0]), figure.Lines.Micros(-clear[0].Change))
	}
}

// called is a function with what mostly calls it: that of a library says little alone.
func called(f *profile.Function) string {
	if f.Caller == "" {
		return printable.Line(f.Name)
	}
	return printable.Line(f.Name + " in " + f.Caller)
}

// FunctionRows are the first functions of a comparison by their change, at most so many, under their heads: those whose change
// is clear, and where none is those that changed most. Nil where there is none.
func FunctionRows(d *profile.Difference, most int) [][]string {
	list := changed(d)
	if len(list) == 0 {
		return nil
	}
	rows := [][]string{{functionHead, d.Baseline, d.Variant, "change", "95 % interval", "of it in itself", "samples"}}
	for _, f := range list[:min(most, len(list))] {
		interval := figure.Lines.Dash
		if f.CI95 != nil {
			interval = moreOrLess(f.CI95[0]) + " to " + moreOrLess(f.CI95[1])
		}
		rows = append(rows, []string{
			printable.Line(f.Name), figure.Lines.Micros(f.Total[1]), figure.Lines.Micros(f.Total[0]), moreOrLess(f.Change), interval,
			moreOrLess(f.Self[0] - f.Self[1]), samples(&f),
		})
	}
	return rows
}

// functionHead stands over the names of functions.
const functionHead = "function, with what it calls"

// changed are the functions of a comparison whose change is clear, and where none is all of them.
func changed(d *profile.Difference) []profile.Function {
	if clear := d.Clear(); len(clear) > 0 {
		return clear
	}
	return d.Functions
}

// samples are those of a function, of the baseline first.
func samples(f *profile.Function) string { return fmt.Sprintf("%d, %d", f.Samples[1], f.Samples[0]) }

// sharesEachWay is how many functions that grew, and how many that shrank, a table of shares has.
const sharesEachWay = 4

// shareRows are the functions that grew most and those that shrank most, with their shares of the samples, under their heads;
// nil where there is none. The change stands beside the shares: where one function grows, the shares of all others shrink.
func shareRows(d *profile.Difference) [][]string {
	rows := [][]string{{functionHead, "share in " + d.Baseline, "share in " + d.Variant, "change of CPU per request", "samples"}}
	grew, shrank := 0, 0
	for _, f := range changed(d) {
		way := &grew
		if f.Change < 0 {
			way = &shrank
		}
		if *way++; f.Change == 0 || *way > sharesEachWay {
			continue
		}
		rows = append(rows, []string{
			printable.Line(f.Name), figure.Percent(f.Total[1] / d.CPU[1]), figure.Percent(f.Total[0] / d.CPU[0]), moreOrLess(f.Change), samples(&f),
		})
	}
	if len(rows) == 1 {
		return nil
	}
	return rows
}

// profileMarkdown writes what the profiles say under a heading that begins with marks; nothing where nothing was profiled.
func profileMarkdown(b *bytes.Buffer, marks string, r *lab.Result) {
	seen := profiledLines(r)
	if len(seen) == 0 {
		return
	}
	fmt.Fprintf(b, "\n%s %s\n\n", marks, ProfileTitle)
	for _, d := range r.Profiles {
		b.WriteString(oneLine(d.Variant+" against "+d.Baseline+": "+ProfileSays(d)) + ".\n\n")
		if rows := shareRows(d); rows != nil {
			markdownTable(b, rows)
			b.WriteString("\n")
		}
	}
	for _, line := range seen {
		b.WriteString("- " + oneLine(line) + "\n")
	}
}

// moreOrLess writes a change of CPU time.
func moreOrLess(us float64) string {
	if us < 0 {
		return "-" + figure.Lines.Micros(-us)
	}
	return "+" + figure.Lines.Micros(us)
}

// profiledLines say of every variant that was profiled how much was seen, and what was not.
func profiledLines(r *lab.Result) []string {
	var out []string
	for i := range r.Variants {
		v := &r.Variants[i]
		if v.Profile == nil {
			continue
		}
		out = append(out, v.ID+": "+v.Profile.Words())
		for _, text := range v.Profile.Missed {
			out = append(out, "! "+v.ID+": not seen: "+printable.Line(text))
		}
	}
	return out
}

// plainFunctions is how many functions the lines of a result name.
const plainFunctions = 3

// profileText is what the profiles say, as lines after an empty one; nothing where nothing was profiled.
func profileText(r *lab.Result) string {
	seen := profiledLines(r)
	if len(seen) == 0 {
		return ""
	}
	out := []string{"", strings.ToLower(ProfileTitle) + " (CPU per request by function, from slices that do not count)"}
	for _, d := range r.Profiles {
		out = append(out, "  "+d.Variant+" against "+d.Baseline+": "+ProfileSays(d))
		for _, line := range leftTable(FunctionRows(d, plainFunctions)) {
			out = append(out, "    "+line)
		}
	}
	for _, line := range seen {
		out = append(out, "  "+line)
	}
	return strings.Join(out, "\n") + "\n"
}

// pageProfile is one comparison of profiles on the page.
type pageProfile struct {
	Of, Says string
	Rows     [][]string
	Flame    template.HTML
}

// pageFunctions is how many functions the page names.
const pageFunctions = 12

func pageProfiles(r *lab.Result) []pageProfile {
	var out []pageProfile
	for _, d := range r.Profiles {
		p := pageProfile{Of: d.Variant + " against " + d.Baseline, Says: ProfileSays(d), Rows: FunctionRows(d, pageFunctions)}
		if d.Reason == "" {
			p.Flame = flame(d, profile.Tree(d, r.Variant(d.Variant).Profile, r.Variant(d.Baseline).Profile))
		}
		out = append(out, p)
	}
	return out
}
