// Package profile is where the CPU of a variant goes, function by function, as a profiler of somebody else saw it in a slice
// that does not count, and what of it differs between two variants. It is pure: package take takes the profiles.
package profile

import (
	"cmp"
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"

	"benchtop/lab/figure"
	"benchtop/targets/printable"
)

// Plan is what of a run is to be profiled: every variant, in one more slice after the last that counts.
type Plan struct {
	For time.Duration `json:"for"`           // how long
	URL string        `json:"url,omitempty"` // of a pprof profile that the server itself gives; empty: a profiler of this machine
}

// Bounds and the default of Plan.For.
const (
	Default  = 5 * time.Second
	Shortest = time.Second
	Longest  = 30 * time.Second
)

// The profilers.
const (
	Pprof = "pprof"
	PySpy = "py-spy"
	Perf  = "perf"
)

// Profile is what was seen of one variant.
type Profile struct {
	Tool       string   `json:"tool,omitempty"` // Pprof, PySpy, Perf; empty: nothing was seen
	Seconds    float64  `json:"seconds"`        // how long it was looked at
	Period     float64  `json:"period_us"`      // CPU time that one sample stands for, microseconds
	Samples    int64    `json:"samples"`        // all of them
	Unresolved int64    `json:"unresolved"`     // of these, whose innermost function has no name
	Explained  *float64 `json:"explained"`      // CPU that the samples stand for over what the serving processes used meanwhile; nil: not known
	Stacks     []string `json:"stacks"`         // folded, the outermost function first, the most samples first: "main;serve;work 12"
	CutStacks  int      `json:"cut_stacks,omitempty"`
	CutSamples int64    `json:"cut_samples,omitempty"` // of the stacks that were left out because they are small and too many
	Missed     []string `json:"missed,omitempty"`      // what was not seen, and why
}

// Seen reports whether there is anything to compare.
func (p *Profile) Seen() bool { return p != nil && p.Samples > 0 }

// Bounds of a profile.
const (
	mostStacks  = 1500
	mostText    = 192 << 10 // of all stacks
	mostFrames  = 96        // of a stack: the outermost are left out
	mostName    = 160       // of a function, in bytes
	mostSamples = 1 << 40
	mostMissed  = 20
)

const frameSeparator = ";"

// Check reports why no run could have such a profile, of one that was read from a file.
func (p *Profile) Check() error {
	if len(p.Stacks) > mostStacks || len(p.Missed) > mostMissed {
		return fmt.Errorf("a profile of %d stacks: expected at most %d", len(p.Stacks), mostStacks)
	}
	sum := p.CutSamples
	for _, line := range p.Stacks {
		frames, n, err := unfold(line)
		if err != nil {
			return err
		}
		if len(frames) > mostFrames {
			return fmt.Errorf("a stack of %d functions: expected at most %d", len(frames), mostFrames)
		}
		sum += n
	}
	if sum != p.Samples || p.CutSamples < 0 || p.CutStacks < 0 || p.Unresolved < 0 || p.Unresolved > p.Samples || p.Samples > mostSamples {
		return fmt.Errorf("a profile of %d samples with stacks of %d", p.Samples, sum)
	}
	return nil
}

// unfold reads a folded stack.
func unfold(line string) (frames []string, samples int64, err error) {
	at := strings.LastIndexByte(line, ' ')
	if at <= 0 {
		return nil, 0, fmt.Errorf("%.80q is no folded stack, which is functions with ; between them, a blank, and a number", line)
	}
	samples, err = strconv.ParseInt(line[at+1:], 10, 64)
	if err != nil || samples <= 0 || samples > mostSamples {
		return nil, 0, fmt.Errorf("%.80q is no folded stack: its number is not one of samples", line)
	}
	return strings.Split(line[:at], frameSeparator), samples, nil
}

// builder collects stacks.
type builder struct {
	stacks     map[string]int64
	total      int64
	unresolved int64
}

var errTooMany = errors.New("it has more samples than any profile of some seconds")

// add takes samples of a stack, the outermost function first.
func (b *builder) add(frames []string, samples int64, resolved bool) error {
	switch {
	case samples == 0:
		return nil
	case samples < 0 || samples > mostSamples-b.total:
		return errTooMany
	}
	if len(frames) == 0 {
		frames, resolved = []string{unknown}, false
	}
	if len(frames) > mostFrames {
		frames = frames[len(frames)-mostFrames:]
	}
	if b.stacks == nil {
		b.stacks = map[string]int64{}
	}
	b.stacks[strings.Join(frames, frameSeparator)] += samples
	b.total += samples
	if !resolved {
		b.unresolved += samples
	}
	return nil
}

// unknown stands for a function without a name.
const unknown = "[unknown]"

// nameless is a function of a file without a name for it.
func nameless(file string) string {
	file = file[strings.LastIndexByte(file, '/')+1:]
	if file == "" || strings.HasPrefix(file, "[") {
		return unknown
	}
	return name("[unknown in " + file + "]")
}

// name makes a function's name fit for a folded stack, and to be printed.
func name(s string) string {
	s = strings.TrimSpace(strings.ReplaceAll(printable.Line(s), frameSeparator, ":"))
	if len(s) > mostName {
		s = strings.ToValidUTF8(s[:mostName-3], "") + "..."
	}
	return cmp.Or(s, unknown)
}

// profile gives what was collected, the largest stacks of it where there are too many.
func (b *builder) profile(tool string, period time.Duration) (*Profile, error) {
	if b.total == 0 {
		return nil, errors.New("it has no samples: nothing used CPU time while it was taken")
	}
	p := &Profile{Tool: tool, Period: float64(period) / float64(time.Microsecond), Samples: b.total, Unresolved: b.unresolved, Stacks: []string{}}
	all := make([]string, 0, len(b.stacks))
	for stack := range b.stacks {
		all = append(all, stack)
	}
	slices.SortFunc(all, func(x, y string) int { return cmp.Or(cmp.Compare(b.stacks[y], b.stacks[x]), cmp.Compare(x, y)) })
	text := 0
	for _, stack := range all {
		line := stack + " " + strconv.FormatInt(b.stacks[stack], 10)
		if len(p.Stacks) == mostStacks || text+len(line) > mostText {
			p.CutStacks++
			p.CutSamples += b.stacks[stack]
			continue
		}
		text += len(line)
		p.Stacks = append(p.Stacks, line)
	}
	return p, nil
}

// Words say how much was seen, for a line of text.
func (p *Profile) Words() string {
	if !p.Seen() {
		return "nothing was seen"
	}
	text := fmt.Sprintf("%s by %s in %s s", figure.Lines.Counted(int(p.Samples), "sample"), p.Tool, strconv.FormatFloat(p.Seconds, 'f', -1, 64))
	if p.Explained != nil {
		text += fmt.Sprintf(", which stand for %.0f %% of the CPU that its serving processes used meanwhile", 100**p.Explained)
	}
	if p.Unresolved > 0 {
		text += fmt.Sprintf("; %d in functions without a name", p.Unresolved)
	}
	if p.CutStacks > 0 {
		text += fmt.Sprintf("; the %d smallest stacks are left out, %d samples", p.CutStacks, p.CutSamples)
	}
	return text
}
