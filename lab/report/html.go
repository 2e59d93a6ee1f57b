package report

import (
	"bytes"
	"crypto/sha256"
	_ "embed" // the page and its style
	"encoding/base64"
	"fmt"
	"html/template"
	"io"

	"benchtop/lab"
	"benchtop/lab/answer"
	"benchtop/lab/figure"
	"benchtop/lab/progress"
)

var (
	//go:embed page.html
	pageText string
	//go:embed style.css
	styleText string
)

var page = NewPage("page", pageText)

// NewPage reads the template of a page. {{template "style"}} in it is what the style of every page begins with: colours, the
// body, headings.
func NewPage(name, text string) *template.Template {
	return template.Must(template.Must(template.New("style").Parse(styleText)).New(name).Parse(text))
}

// pageView is what the page shows, as text and drawings.
type pageView struct {
	Title, ID, Started, Machine, Thinned, Instrument, Means string
	Seed                                                    uint64
	Repeated                                                int
	Blocks                                                  string // with their number
	Hero                                                    pageHero
	Forest, Slices, Latency                                 template.HTML
	Variants, Ablation, Turned, Parts, Entries, Processes   [][]string
	Ablated                                                 string
	Conclusion                                              []pageNote
	Checks                                                  []pageChecks
	Profiles                                                []pageProfile
	Profiled                                                []string
}

type pageNote struct{ Title, Text string }

type pageChecks struct {
	Title string
	Lines []pageCheck
}

type pageCheck struct{ Verdict, Expr, Measured string }

// HTML writes the Result as one page that needs no other file and no network: the answer, tables, and drawings as SVG. It
// prints on two sheets of A4.
func HTML(w io.Writer, r *lab.Result) error { return HTMLWith(w, r, nil) }

// HTMLWith is HTML with what a person had predicted, nil: nothing.
func HTMLWith(w io.Writer, r *lab.Result, said *progress.Prediction) error {
	v := pageView{
		Title: r.Scenario.Title, ID: r.Scenario.ID, Started: r.Started.UTC().Format("2006-01-02 15:04 UTC"), Seed: r.Seed,
		Blocks: figure.Screen.Counted(r.Blocks, "block"), Repeated: r.Repeated, Thinned: r.Thinned, Hero: heroOf(r, said),
		Machine:  fmt.Sprintf("%s, %s, %s %s, benchtop %s, %s.", r.Machine.Model, figure.Lines.Counted(r.Machine.CPUs, "core"), r.Machine.OS, r.Machine.Kernel, r.Machine.Benchtop, r.Machine.Go),
		Variants: variantRows(r), Turned: turnedRows(r), Parts: partRows(r), Entries: entryRows(r), Processes: processRows(r), Instrument: instrument(r), Means: figuresAre(r),
		Forest: forest(r), Slices: sliceDots(r), Latency: latencyCurves(r), Profiles: pageProfiles(r), Profiled: profiledLines(r),
	}
	if v.Title == "" {
		v.Title = v.ID
	}
	if v.Ablation = ablationRows(r.Ablation); len(v.Ablation) > 0 {
		v.Ablated = AblationSays(figure.Lines, r.Ablation) + ". " + r.Ablation.Reason
	}
	if c := answer.Conclusion(r); c != nil {
		v.Conclusion = []pageNote{{MeansTitle, c.Means}, {DoTitle, c.Do}}
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
	if err := Page(w, page, v); err != nil {
		return fmt.Errorf("writing the report: %w", err)
	}
	return nil
}

// Page writes a page that needs no other file and no network. Its template has POLICY where its policy comes.
func Page(w io.Writer, t *template.Template, view any) error {
	var b bytes.Buffer
	if err := t.Execute(&b, view); err != nil {
		return err
	}
	_, err := w.Write(sealed(b.Bytes()))
	return err
}

// sealed is a page with its policy: nothing is loaded, and no script and no style works but the page's own, by their hashes.
func sealed(page []byte) []byte {
	policy := "default-src 'none'; base-uri 'none'; form-action 'none'"
	for _, tag := range []string{"style", "script"} {
		_, rest, has := bytes.Cut(page, []byte("<"+tag+">"))
		if !has {
			continue
		}
		text, _, _ := bytes.Cut(rest, []byte("</"+tag+">"))
		hash := sha256.Sum256(text)
		policy += "; " + tag + "-src 'sha256-" + base64.StdEncoding.EncodeToString(hash[:]) + "'"
	}
	return bytes.Replace(page, []byte(policyPlace), []byte(policy), 1)
}

// policyPlace stands in the page where its policy comes.
const policyPlace = "POLICY"
