package report

import (
	"bytes"
	_ "embed" // the page
	"fmt"
	"html/template"
	"io"

	"benchtop/lab"
	"benchtop/lab/answer"
)

//go:embed page.html
var pageText string

var page = template.Must(template.New("page").Parse(pageText))

// pageView is what the page shows, as text and drawings.
type pageView struct {
	Title, ID, Started, Machine, Incomplete, Instrument, Means string
	Seed                                                       uint64
	Blocks, Repeated                                           int
	Verdicts                                                   []pageVerdict
	Forest, Slices, Latency                                    template.HTML
	Variants, Parts, Processes                                 [][]string
	Conclusion                                                 []pageNote
	Checks                                                     []pageChecks
	Flags                                                      []string
}

type pageVerdict struct{ Class, Sentence, Detail string }

type pageNote struct{ Title, Text string }

type pageChecks struct {
	Title string
	Lines []pageCheck
}

type pageCheck struct{ Verdict, Expr, Measured string }

// HTML writes the Result as one page that needs no other file and no network: tables, and drawings as SVG.
func HTML(w io.Writer, r *lab.Result) error {
	v := pageView{
		Title: r.Scenario.Title, ID: r.Scenario.ID, Started: r.Started.UTC().Format("2006-01-02 15:04 UTC"), Seed: r.Seed,
		Blocks: r.Blocks, Repeated: r.Repeated, Flags: r.Flags,
		Machine:  fmt.Sprintf("%s, %d cores, %s %s, benchtop %s, %s.", r.Machine.Model, r.Machine.CPUs, r.Machine.OS, r.Machine.Kernel, r.Machine.Benchtop, r.Machine.Go),
		Variants: variantRows(r), Parts: partRows(r), Processes: processRows(r), Instrument: instrument(r), Means: figuresAre(r),
		Forest: forest(r), Slices: sliceDots(r), Latency: latencyCurves(r),
	}
	if v.Title == "" {
		v.Title = v.ID
	}
	if !r.Complete {
		v.Incomplete = r.Ended
		if r.Reason != "" {
			v.Incomplete += ": " + r.Reason
		}
	}
	if c := r.Conclusion; c != nil {
		v.Conclusion = []pageNote{{MeansTitle, c.Means}, {DoTitle, c.Do}}
	}
	for i := range r.Comparisons {
		if c := &r.Comparisons[i]; c.Primary {
			a := answer.About(r, c)
			detail := evidence(r, c) + "; " + generatorState(r)
			if a.Reason != "" {
				detail = evidence(r, c) + ": " + a.Reason
			}
			v.Verdicts = append(v.Verdicts, pageVerdict{string(c.Verdict), string(a.Badge) + ": " + a.Sentence, detail})
		}
	}
	for _, part := range []struct {
		title string
		list  []lab.Expectation
	}{{"Was it expected?", r.Expectations}, {"Did the mechanism engage?", r.Mechanism}} {
		checks := pageChecks{Title: part.title}
		for i := range part.list {
			e := &part.list[i]
			checks.Lines = append(checks.Lines, pageCheck{e.Verdict, e.Expr, Measured(e)})
		}
		if len(checks.Lines) > 0 {
			v.Checks = append(v.Checks, checks)
		}
	}
	var b bytes.Buffer
	if err := page.Execute(&b, v); err != nil {
		return fmt.Errorf("writing the report: %w", err)
	}
	_, err := w.Write(b.Bytes())
	return err
}
