package main

import (
	"encoding/json"
	"fmt"
	"io"
	"slices"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"benchtop/lab"
	"benchtop/lab/metric"
	"benchtop/lab/record"
	"benchtop/lab/report"
	"benchtop/scenarios"
)

// answer is one claim and one shipped scenario that answers it, with what the newest run here said.
type answer struct {
	Claim       string           `json:"claim"`
	Says        string           `json:"says"`
	Source      []string         `json:"source"`
	Scenario    string           `json:"scenario"`
	Part        string           `json:"part,omitempty"` // what of the claim the scenario answers; empty: all of it
	Run         string           `json:"run,omitempty"`  // path of the run file; empty: not run here
	Date        *time.Time       `json:"date,omitempty"` // of the run
	Note        string           `json:"note,omitempty"` // why the run is less than the scenario
	Comparisons []claimedVerdict `json:"comparisons"`
}

// claimedVerdict is a primary comparison of the run.
type claimedVerdict struct {
	Metric   string      `json:"metric"`
	Variant  string      `json:"variant"`
	Baseline string      `json:"baseline"`
	Ratio    *float64    `json:"ratio"`
	CI95     *[2]float64 `json:"ci95"`
	Verdict  string      `json:"verdict"`
	Reason   string      `json:"reason,omitempty"`
	Page     *float64    `json:"page_ratio,omitempty"`  // what the page measured
	Inside   *bool       `json:"page_inside,omitempty"` // whether that lies inside the 95 % interval
}

const notRunHere = "not run here"

func claimsCommand(env *Env) *cobra.Command {
	var md, asJSON bool
	cmd := &cobra.Command{
		Use:   "claims",
		Short: "What the pages claim, and what the runs on this machine said",
		Long: "Claims lists every claim that a shipped scenario answers, and which part of it where the scenario does not answer all\n" +
			"of it, with the verdict of the scenario's newest saved run on this machine. A run that is complete, with the settings\n" +
			"of the scenario, comes before a quick or changed one, which is marked. Where the page gives a figure, the list says\n" +
			"whether it lies inside the 95 % interval found here.\n\n" +
			"S1:40 is line 40 of page 1. The pages: 0 accepting connections, 1 and 4 keep-alive, 2 one worker by default, 3 the\n" +
			"long guide.",
		Args: noArgs("claims"),
		RunE: func(*cobra.Command, []string) error {
			if md && asJSON {
				return usage("claims: --md and --json are two formats; name one")
			}
			answers, err := ledger(env)
			if err != nil {
				return err
			}
			write := plainClaims
			switch {
			case md:
				write = markdownClaims
			case asJSON:
				write = func(w io.Writer, a []answer) error { return writeJSON(w, a) }
			}
			if err := write(env.text(), answers); err != nil {
				return environment("%w", err)
			}
			return nil
		},
	}
	cmd.Flags().BoolVar(&md, "md", false, "as a Markdown table")
	cmd.Flags().BoolVar(&asJSON, "json", false, "as JSON")
	return cmd
}

// ledger looks every claim of the shipped scenarios up, in the order of the claims' numbers.
func ledger(env *Env) ([]answer, error) {
	dir, err := env.runsDir()
	if err != nil {
		return nil, usage("%w", err)
	}
	runs := map[string]*savedRun{}
	out := []answer{}
	for _, c := range scenarios.Claims() {
		for _, e := range scenarios.List() {
			i := slices.IndexFunc(e.Claims, func(answered lab.Claim) bool { return answered.ID == c.Number })
			if i < 0 {
				continue
			}
			run, known := runs[e.ID]
			if !known {
				file, err := scenarios.Load(e.ID)
				if err != nil {
					return nil, &exitError{exitInternal, err}
				}
				run = newestRun(env, dir, file.Plan)
				runs[e.ID] = run
			}
			out = append(out, answered(&c, e.ID, e.Claims[i].Part, run))
		}
	}
	return out, nil
}

func answered(c *scenarios.Claim, id, part string, run *savedRun) answer {
	a := answer{Claim: c.Number, Says: c.Says, Source: c.Source, Scenario: id, Part: part, Comparisons: []claimedVerdict{}}
	if run == nil {
		return a
	}
	a.Run, a.Date, a.Note = run.path, &run.result.Started, run.note
	for _, found := range run.result.Comparisons {
		if !found.Primary {
			continue
		}
		v := claimedVerdict{
			Metric: found.Metric, Variant: found.Variant, Baseline: found.Baseline, Ratio: found.Ratio, CI95: found.CI95,
			Verdict: string(found.Verdict), Reason: found.Reason,
		}
		if f, ok := c.FigureOf(id, found.Variant, found.Metric); ok {
			v.Page = &f.Ratio
			if found.CI95 != nil {
				inside := found.CI95[0] <= f.Ratio && f.Ratio <= found.CI95[1]
				v.Inside = &inside
			}
		}
		a.Comparisons = append(a.Comparisons, v)
	}
	return a
}

// savedRun is a run file of a shipped scenario.
type savedRun struct {
	path   string
	result *lab.Result
	note   string // empty: complete, and as the scenario says
}

// mostRuns is how many run files of one scenario are read in search of a complete one.
const mostRuns = 50

// newestRun finds the newest run of a scenario that is complete and has its settings, else the newest at all; nil when
// none is saved. Files that cannot be read are told and passed over.
func newestRun(env *Env, dir string, p *lab.Plan) *savedRun {
	names, err := record.Saved(dir, "*Z-"+p.ID)
	if err != nil {
		return nil
	}
	slices.Reverse(names)
	var newest *savedRun
	for i, name := range names {
		if i == mostRuns {
			break
		}
		var fold *lab.Fold
		err := record.With(name, func(in io.Reader) (err error) {
			fold, _, err = record.Fold(in)
			return err
		})
		if err != nil {
			fmt.Fprintf(env.Stderr, "benchtop: passed over: %v\n", err)
			continue
		}
		plan, result := fold.State().Plan, fold.Result()
		if plan.ID != p.ID { // of another scenario whose id ends the same
			continue
		}
		saved := &savedRun{path: name, result: result, note: lessThan(plan, p, result)}
		if saved.note == "" {
			return saved
		}
		if newest == nil {
			newest = saved
		}
	}
	return newest
}

// lessThan says why a run does not stand for the scenario as it is shipped; empty when it does.
func lessThan(ran, shipped *lab.Plan, r *lab.Result) string {
	var notes []string
	switch {
	case ran.Free:
		notes = append(notes, "free run")
	case !r.Complete:
		notes = append(notes, r.Ended)
	}
	if ran.Quick {
		notes = append(notes, "quick run")
	}
	switch {
	case ran.SHA256 != shipped.SHA256:
		notes = append(notes, "the scenario has changed since")
	case !same(ran.Variants, shipped.Variants) || ran.Metric != shipped.Metric:
		notes = append(notes, "with changed settings")
	}
	return strings.Join(notes, ", ")
}

// same compares as a run file would keep it: what is nil and what is empty are the same there.
func same(a, b any) bool {
	x, errX := json.Marshal(a)
	y, errY := json.Marshal(b)
	return errX == nil && errY == nil && string(x) == string(y)
}

func plainClaims(w io.Writer, answers []answer) error {
	var b strings.Builder
	last := ""
	for i := range answers {
		a := &answers[i]
		if a.Claim != last {
			if last != "" {
				b.WriteString("\n")
			}
			fmt.Fprintf(&b, "%s  %s (%s)\n", a.Claim, a.Says, strings.Join(a.Source, ", "))
			last = a.Claim
		}
		if a.Run == "" {
			fmt.Fprintf(&b, "  %s: %s\n", a.Scenario, notRunHere)
			writePart(&b, a.Part)
			continue
		}
		fmt.Fprintf(&b, "  %s, %s%s\n", a.Scenario, dateOf(a.Date), noted(a.Note))
		writePart(&b, a.Part)
		for j := range a.Comparisons {
			v := &a.Comparisons[j]
			fmt.Fprintf(&b, "    %s: %s\n", comparedWords(v), verdictWords(v))
		}
		if len(a.Comparisons) == 0 {
			b.WriteString("    nothing was compared\n")
		}
	}
	_, err := io.WriteString(w, b.String())
	return err
}

// writePart says what of the claim a scenario answers, where that is not all of it.
func writePart(b *strings.Builder, part string) {
	if part != "" {
		fmt.Fprintf(b, "    in part: %s\n", part)
	}
}

func markdownClaims(w io.Writer, answers []answer) error {
	var b strings.Builder
	b.WriteString("| claim | what the page says | scenario | compared | measured here | verdict | the page's figure | date |\n")
	b.WriteString("| --- | --- | --- | --- | --- | --- | --- | --- |\n")
	row := func(cells ...string) {
		for i, c := range cells {
			cells[i] = strings.ReplaceAll(c, "|", `\|`)
		}
		b.WriteString("| " + strings.Join(cells, " | ") + " |\n")
	}
	for i := range answers {
		a := &answers[i]
		claim, says := a.Claim, fmt.Sprintf("%s (%s)", a.Says, strings.Join(a.Source, ", "))
		if i > 0 && a.Claim == answers[i-1].Claim { // words that stand above already only hide the figures
			claim, says = "", ""
		}
		scenario := "`" + a.Scenario + "`"
		if a.Part != "" {
			scenario += ", in part: " + a.Part
		}
		if len(a.Comparisons) == 0 {
			verdict, date := notRunHere, ""
			if a.Run != "" {
				verdict, date = "nothing was compared", dateOf(a.Date)+noted(a.Note)
			}
			row(claim, says, scenario, "", "", verdict, "", date)
			continue
		}
		for j := range a.Comparisons {
			v := &a.Comparisons[j]
			row(claim, says, scenario, comparedWords(v), measuredWords(v), plainVerdict(v.Verdict), pageWords(v), dateOf(a.Date)+noted(a.Note))
			claim, says, scenario = "", "", "`"+a.Scenario+"`"
		}
	}
	_, err := io.WriteString(w, b.String())
	return err
}

func dateOf(t *time.Time) string { return t.UTC().Format("2006-01-02") }

func noted(note string) string {
	if note == "" {
		return ""
	}
	return " (" + note + ")"
}

func comparedWords(v *claimedVerdict) string {
	return fmt.Sprintf("%s of %s over %s", metric.Words(v.Metric), v.Variant, v.Baseline)
}

func measuredWords(v *claimedVerdict) string {
	if v.Ratio == nil {
		return "not measured"
	}
	if v.CI95 == nil {
		return report.Change(*v.Ratio) + ", no interval"
	}
	return fmt.Sprintf("%s (95 %% CI %s to %s)", report.Change(*v.Ratio), report.Change(v.CI95[0]), report.Change(v.CI95[1]))
}

func plainVerdict(v string) string { return strings.ReplaceAll(v, "_", " ") }

func verdictWords(v *claimedVerdict) string {
	words := measuredWords(v) + ", " + plainVerdict(v.Verdict)
	if (v.Verdict == "refused" || v.Verdict == "not_applicable") && v.Reason != "" {
		words += ": " + v.Reason
	}
	if page := pageWords(v); page != "" {
		words += "; the page's " + page
	}
	return words
}

// pageWords says where the figure of the page lies; empty where it gives none.
func pageWords(v *claimedVerdict) string {
	switch {
	case v.Page == nil:
		return ""
	case v.Inside == nil:
		return report.Change(*v.Page) + " cannot be placed, there is no interval"
	case *v.Inside:
		return report.Change(*v.Page) + " lies inside"
	}
	return report.Change(*v.Page) + " lies outside"
}
