package tui

import (
	"io"
	"maps"
	"regexp"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/charmbracelet/x/ansi"

	"benchtop/lab"
	"benchtop/lab/compare"
	"benchtop/lab/figure"
	"benchtop/lab/metric"
	"benchtop/lab/progress"
	"benchtop/lab/record"
	"benchtop/lab/stats"
	"benchtop/tui/fixture"
	"benchtop/tui/panel"
)

// end is a ratio on a screen: a change in per cent or a factor; the unit of the first end of an interval may be missing.
const end = `(?:over |under )?[+-]?[\d.]+(?: ?%|x)?`

var (
	intervals = regexp.MustCompile(`(?:` + end + `) to (?:over |under )?[+-]?[\d.]+(?: %|x)`)
	ratios    = regexp.MustCompile(`[+-]\d[\d.]* %|\d[\d.]*x\b`)
	rates     = regexp.MustCompile(`[\d\x{202f}.]+ req/s`)
	memories  = regexp.MustCompile(`[\d.]+ [kMG]B`)
	heads     = regexp.MustCompile(`p\d+ (?:µs|ms)`)
	times     = regexp.MustCompile(`[\d.]+ (?:µs|ms)\b`)
)

// ratioOf reads a change or a factor as it stands on a screen.
func ratioOf(text string) float64 {
	text = strings.NewReplacer("over ", "", "under ", "").Replace(text)
	if s, ok := strings.CutSuffix(text, "x"); ok {
		ratio, _ := strconv.ParseFloat(s, 64)
		return ratio
	}
	percent, _ := strconv.ParseFloat(strings.TrimSpace(strings.TrimSuffix(text, "%")), 64)
	return 1 + percent/100
}

// oneStyle reports whether both ends of an interval are written alike.
func oneStyle(interval string) bool {
	low, high, _ := strings.Cut(interval, " to ")
	return strings.HasSuffix(low, "x") == strings.HasSuffix(high, "x")
}

// saidOf is everything that a screen may say of a state, by the one writer.
type saidOf struct{ ratios, values map[string]bool }

func writtenOf(st *lab.State, said *progress.Prediction) saidOf {
	w := saidOf{map[string]bool{}, map[string]bool{}}
	ratio := func(x float64, ci *[2]float64) {
		w.ratios[figure.Change(x)] = true
		w.ratios[figure.Changes(ci)] = true
		if ci != nil {
			w.ratios[figure.Span(ci[0], ci[1])] = true
		}
	}
	value := func(name string, x *float64) { w.values[metric.Named(name).Write(figure.Screen, x)] = true }
	for i := range st.Compare {
		c := &st.Compare[i]
		ratio(c.Ratio.Ratio, (*[2]float64)(&c.CI95))
		value(st.Plan.Metric, &c.Means[0])
		value(st.Plan.Metric, &c.Means[1])
	}
	if said != nil {
		w.ratios[figure.Span(said.Low, said.High)] = true
	}
	scales := panel.ScalesOf(st, panel.Settings{}, panel.BarColumns)
	for _, us := range append([]float64{scales.Low, scales.High}, scales.Tail...) {
		w.values[figure.Screen.MicrosTick(us)] = true
	}
	latencies := func(of func(name string) *float64) { // in the unit that they share
		for _, m := range metric.Latencies() {
			w.values[figure.Screen.In(scales.Clock, of(m.Name))+" "+scales.Clock.Unit] = true
		}
	}
	for i := range st.Variants {
		v := &st.Variants[i]
		for _, text := range times.FindAllString(v.Label, -1) {
			w.values[text] = true // a setting
		}
		latencies(v.Now.Of)
		latencies(v.Settled.Of)
		for _, us := range []*float64{v.Means.P50, v.Means.P99} {
			w.values[figure.Screen.In(scales.Clock, us)+" "+scales.Clock.Unit] = true
		}
		if r := st.Result; r != nil {
			latencies(func(name string) *float64 { return r.Figure(v.ID, name) })
		}
		var counted, past []float64
		for k := range v.Slices {
			s := &v.Slices[k]
			if s.Value != nil && s.Past && s.Void == "" {
				past = append(past, *s.Value)
			}
			if s.Value != nil && !s.Discarded {
				counted = append(counted, *s.Value)
			}
		}
		median, before := stats.Median(counted), stats.Median(past)
		value(st.Plan.Metric, &median)
		value(st.Plan.Metric, &before)
		value("rps", v.Now.RPS)
		value("rps", v.Settled.RPS)
		value("target_cpu_us_per_request", v.CPUPerRequest)
		value("loop_lag_p99", &st.Generator.LagP99)
		for name, x := range v.Mechanism {
			value(name, &x)
		}
		for k := range v.Procs {
			w.values[figure.Of(figure.Screen, v.Procs[k].RSS, figure.Bytes)] = true
		}
	}
	r := st.Result
	if r == nil {
		return w
	}
	for i := range r.Comparisons {
		if c := &r.Comparisons[i]; c.Ratio != nil {
			ratio(*c.Ratio, c.CI95)
			ratio(*c.Ratio, c.CI99)
		}
	}
	ratio(1, &[2]float64{1 / (1 + r.Smallest), 1 + r.Smallest}) // the changes that do not count
	for i := range r.Variants {
		v := &r.Variants[i]
		if v.AtEnd != nil {
			w.values[figure.Lines.Micros(v.AtEnd.Oldest)] = true
		}
		for _, m := range metric.All() {
			value(m.Name, r.Figure(v.ID, m.Name))
			value(m.Name, v.Mean(m.Name))
		}
	}
	for _, e := range append(append([]lab.Expectation{}, r.Expectations...), r.Mechanism...) {
		for _, m := range metric.All() {
			value(m.Name, e.Measured)
		}
	}
	return w
}

// Every number of a run that stands on a screen is in one style, inside its axis, and the one writer's text of a value of
// the run.
func TestEveryNumberIsTheRuns(t *testing.T) {
	type shown struct {
		name string
		m    *model
		st   *lab.State
	}
	var all []shown
	said := fixture.Predicted("four", 1.02, 3)
	states := map[string]*lab.State{
		"two": recorded(t, runOfTwo, 0), "four": recorded(t, runOfFour, 0), "ended of three": ended(3),
		"race": referred(t, "race"), "a factor": close2(ended(2), 2.31, stats.Higher), "half": close2(ended(2), 0.42, stats.Lower),
	}
	for name, st := range states {
		for chapter := range 7 {
			m := testModel(t, "mono", Config{Session: newStill(st), Claim: fixtureClaim})
			m.run.Said = said
			press(m, runes(strconv.Itoa(chapter+1)))
			all = append(all, shown{name + " " + strconv.Itoa(chapter+1), m, st})
		}
	}
	for name, at := range map[string]time.Duration{runOfTwo: 40 * time.Second, runOfFour: 40 * time.Second} {
		st := recorded(t, name, at)
		all = append(all, shown{name + " live", recordedModel(t, "mono", name, at), st})
	}
	found := map[string]int{}
	for _, s := range all {
		checkScreen(t, s.name, s.m, writtenOf(s.st, s.m.run.Said), found)
	}
	for _, kind := range []string{"interval", "ratio", "rate", "memory", "time", "axis"} {
		if found[kind] == 0 {
			t.Errorf("no %s was read from any screen", kind)
		}
	}
}

// referred is the end of a shipped reference run.
func referred(t *testing.T, id string) *lab.State {
	t.Helper()
	var fold *lab.Fold
	err := record.With("../scenarios/reference/"+id+record.Extension, func(in io.Reader) (err error) {
		fold, _, err = record.Fold(in)
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return fold.State()
}

// checkScreen reads a screen at three sizes.
func checkScreen(t *testing.T, name string, m *model, w saidOf, found map[string]int) {
	t.Helper()
	for _, size := range [][2]int{{80, 24}, {120, 36}, {200, 50}} {
		m.w, m.h = size[0], size[1]
		view := ansi.Strip(m.View())
		for kind, problems := range checkNumbers(view, w, found) {
			for _, p := range problems {
				t.Errorf("%s at %v: %s: %q\n%s", name, size, kind, p, view)
			}
		}
	}
}

// The same holds of two runs side by side: a number is of one of them, or of what the second is over the first.
func TestEveryNumberOfTwoRunsIsTheirs(t *testing.T) {
	found := map[string]int{}
	for page := range 4 {
		m, _ := pairOfRuns(t, "mono", fridays(), Config{})
		press(m, runes(strconv.Itoa(page+1)))
		if page == 3 {
			seek(m, time.Hour) // the end of both
		}
		w := saidOf{map[string]bool{}, map[string]bool{}}
		var states []*lab.State
		for _, events := range [][]lab.Event{monday(), fridays()} {
			st := (&record.Run{Events: events}).State()
			states = append(states, st)
			w.add(writtenOf(st, nil))
		}
		v := compare.Runs(states[0], states[1])
		for i := range v.Ratios {
			if r := &v.Ratios[i]; r.Over != nil {
				w.ratios[figure.Change(*r.Over)], w.ratios[figure.Changes(r.CI95)], w.ratios[figure.Changes(r.CI99)] = true, true, true
			}
		}
		checkScreen(t, "page "+strconv.Itoa(page+1), m, w, found)
	}
	if found["interval"] == 0 || found["ratio"] == 0 || found["rate"] == 0 {
		t.Errorf("too little was read: %v", found)
	}
}

func (w saidOf) add(other saidOf) {
	maps.Copy(w.ratios, other.ratios)
	maps.Copy(w.values, other.values)
}

// checkNumbers reads a screen; found counts what was read.
func checkNumbers(view string, w saidOf, found map[string]int) map[string][]string {
	out := map[string][]string{}
	var drawn []string // since the last axis
	for _, line := range strings.Split(view, "\n") {
		if isAxis(line) {
			found["axis"]++
			ticks := ratios.FindAllString(line, -1)
			low := ratioOf(ticks[0])
			high := ratioOf(ticks[len(ticks)-1])
			for _, text := range drawn { // an end that has no room for its tick is not known
				if x := ratioOf(text); low < 1 && x < low-0.001 || high > 1 && x > high+0.001 {
					out["outside its axis"] = append(out["outside its axis"], text)
				}
			}
			drawn = nil
			continue
		}
		rest := intervals.ReplaceAllStringFunc(line, func(text string) string {
			found["interval"]++
			if !oneStyle(text) {
				out["two styles"] = append(out["two styles"], text)
			}
			if !w.ratios[text] {
				out["no interval of the run"] = append(out["no interval of the run"], text)
			}
			ends := strings.Split(text, " to ")
			drawn = append(drawn, ends...)
			return ""
		})
		for _, text := range ratios.FindAllString(rest, -1) {
			if !strings.Contains(text, ".") { // an end of an axis of slices, a scale
				continue
			}
			found["ratio"]++
			if !w.ratios[text] {
				out["no ratio of the run"] = append(out["no ratio of the run"], text)
			}
			drawn = append(drawn, text)
		}
		rest = heads.ReplaceAllString(rest, "")
		for kind, of := range map[string]*regexp.Regexp{"rate": rates, "memory": memories, "time": times} {
			for _, text := range of.FindAllString(rest, -1) {
				found[kind]++
				if !w.values[text] {
					out["no "+kind+" of the run"] = append(out["no "+kind+" of the run"], text)
				}
			}
		}
	}
	return out
}

// isAxis reports whether a line labels the ticks of a ratio axis.
func isAxis(line string) bool {
	return strings.Contains(line, " same ") && len(ratios.FindAllString(line, -1)) > 1 && !strings.Contains(line, " to ")
}

// The numbers beside a caption are those of its metric, and the figures are over the pairs that the change rests on.
func TestTheRowsOfTheMetrics(t *testing.T) {
	for _, name := range []string{runOfTwo, runOfFour} {
		m := recordedEnd(t, "mono", name, 1, nil)
		view := plainView(m, 200, 50)
		st := recorded(t, name, 0)
		clock := panel.ScalesOf(st, panel.Settings{}, panel.BarColumns).Clock
		for _, c := range st.Result.Comparisons {
			q := metric.Named(c.Metric)
			write := func(v *float64) string { return q.Write(figure.Screen, v) }
			if q.Unit == metric.Duration && q.Quantile > 0 { // in the unit of the distributions
				write = func(v *float64) string { return figure.Screen.In(clock, v) + " " + clock.Unit }
			}
			row := []string{q.Words[:min(len(q.Words), 14)], write(&c.Means[1]), write(&c.Means[0]), figure.Change(*c.Ratio), figure.Changes(c.CI95)}
			quoted := make([]string, len(row))
			for i := range row {
				quoted[i] = regexp.QuoteMeta(row[i])
			}
			if !regexp.MustCompile(`(?m)` + strings.Join(quoted, `.* `)).MatchString(view) {
				t.Errorf("%s: no row %q in\n%s", name, row, view)
			}
		}
	}
}

// A check that cannot fail is none.
func TestNumbersThatAreNotTheRunsAreFound(t *testing.T) {
	w := writtenOf(close2(ended(2), 1.124, stats.Higher), nil)
	for view, want := range map[string]string{
		"95 % CI -20.0 % to 2.50x":  "two styles",
		"95 % CI +20.0 to 2.50x":    "two styles",
		"95 % CI +10.0 to +20.0 %":  "no interval of the run",
		"+77.7 %":                   "no ratio of the run",
		"+12.4 %\n-5 %  same  +5 %": "outside its axis",
		"8\u202f413 req/s":          "no rate of the run",
		"1 MB":                      "no memory of the run",
		"1.234 ms":                  "no time of the run",
	} {
		if got := checkNumbers(view, w, map[string]int{}); len(got[want]) == 0 {
			t.Errorf("%q: %v, want %s", view, got, want)
		}
	}
}

// An interval of two pairs says nothing, and is not shown while a run goes on; nor does a hundredth of a core count as load.
func TestNoAbsurdNumbersLive(t *testing.T) {
	st := close2(fixture.Live(2, 1), 1.148, "")
	st.Host.Foreign, st.Host.Unknown = 0.00067, false
	for pairs, shown := range map[int]bool{2: false, 3: true} {
		for i := range st.Compare {
			st.Compare[i].Pairs = pairs
		}
		m := testModel(t, "mono", Config{Session: newStill(st)})
		m.Update(tickMsg{})
		view := plainView(m, 120, 34)
		_, after, _ := strings.Cut(view, "95 % CI")
		after, _, _ = strings.Cut(after, "pairs")
		if strings.Contains(after, " to ") != shown {
			t.Errorf("%d pairs: %q\n%s", pairs, after, view)
		}
		if !strings.Contains(view, "other load 0.00 cores") {
			t.Error(view)
		}
	}
}
