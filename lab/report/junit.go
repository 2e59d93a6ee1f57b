package report

import (
	"encoding/xml"
	"fmt"
	"io"
	"strings"

	"benchtop/lab"
	"benchtop/lab/answer"
	"benchtop/lab/compare"
	"benchtop/lab/expect"
	"benchtop/lab/figure"
	"benchtop/lab/gate"
	"benchtop/lab/metric"
)

// The elements that Jenkins, GitLab and the actions of GitHub read, in the order of Jenkins' schema. A time that was not
// measured is left out: nothing is tested for how long it takes.
type (
	junitSuites struct {
		XMLName xml.Name     `xml:"testsuites"`
		Suites  []junitSuite `xml:"testsuite"`
	}
	junitSuite struct {
		Name       string          `xml:"name,attr"`
		Tests      int             `xml:"tests,attr"`
		Failures   int             `xml:"failures,attr"`
		Errors     int             `xml:"errors,attr"`
		Skipped    int             `xml:"skipped,attr"`
		Timestamp  string          `xml:"timestamp,attr,omitempty"` // UTC
		Properties []junitProperty `xml:"properties>property,omitempty"`
		Cases      []junitCase     `xml:"testcase"`
		Out        string          `xml:"system-out,omitempty"`
	}
	junitProperty struct {
		Name  string `xml:"name,attr"`
		Value string `xml:"value,attr"`
	}
	junitCase struct {
		Class   string     `xml:"classname,attr"`
		Name    string     `xml:"name,attr"`
		Skipped *junitWhy  `xml:"skipped"`
		Error   *junitFlaw `xml:"error"`
		Failure *junitFlaw `xml:"failure"`
	}
	junitWhy struct {
		Message string `xml:"message,attr"`
	}
	junitFlaw struct {
		Type    string `xml:"type,attr"`
		Message string `xml:"message,attr"`
	}
)

// JUnit writes results as test reports for machines that build and test software, a suite for each run. Its test cases are
// the run itself, its primary comparisons, its expectations and the lines of its mechanism. What is refuted is a failure,
// what is not decided is skipped with its reason, and a run whose environment failed is an error.
func JUnit(w io.Writer, results ...*lab.Result) error {
	doc := junitSuites{}
	for _, r := range results {
		s := junitSuite{
			Name: r.Scenario.ID, Timestamp: r.Started.UTC().Format("2006-01-02T15:04:05"), Cases: []junitCase{runCase(r)},
			Properties: []junitProperty{
				{"benchtop", r.Machine.Benchtop},
				{"scenario.sha256", r.Scenario.SHA256},
				{"seed", fmt.Sprint(r.Seed)},
				{"machine", fmt.Sprintf("%s, %s, %s %s", r.Machine.Model, figure.Lines.Counted(r.Machine.CPUs, "core"), r.Machine.OS, r.Machine.Kernel)},
			},
		}
		for i := range r.Comparisons {
			if c := &r.Comparisons[i]; c.Primary {
				s.Cases = append(s.Cases, comparisonCase(r, c))
			}
		}
		if r.Gate != nil {
			s.Cases = append(s.Cases, gateCase(r))
		}
		for _, part := range []struct {
			name string
			list []lab.Expectation
		}{{"expect", r.Expectations}, {"mechanism", r.Mechanism}} {
			for i := range part.list {
				s.Cases = append(s.Cases, expectationCase(r.Scenario.ID+"."+part.name, &part.list[i]))
			}
		}
		var text strings.Builder
		if err := Plain(&text, r); err != nil {
			return err
		}
		s.Out = text.String()
		doc.Suites = append(doc.Suites, s.counted())
	}
	return doc.write(w)
}

// VersusJUnit writes whether two runs agree: a test case for each primary ratio that both have.
func VersusJUnit(w io.Writer, v *compare.Versus) error {
	s := junitSuite{Name: "compare " + v.Runs[0].Scenario.ID, Timestamp: v.Runs[1].Started.UTC().Format("2006-01-02T15:04:05")}
	for i := range v.Ratios {
		r := &v.Ratios[i]
		if !r.Primary {
			continue
		}
		c := junitCase{Class: v.Runs[0].Scenario.ID, Name: fmt.Sprintf("%s against %s: the same ratio of %s in both runs", r.Variant, r.Baseline, metric.Words(r.Metric))}
		switch r.Verdict {
		case compare.Agree:
		case compare.Differ:
			c.Failure = &junitFlaw{"differ", VersusVerdict(r)}
		default:
			c.Skipped = &junitWhy{VersusVerdict(r)}
		}
		s.Cases = append(s.Cases, c)
	}
	var text strings.Builder
	if err := Versus(&text, v); err != nil {
		return err
	}
	s.Out = text.String()
	doc := junitSuites{Suites: []junitSuite{s.counted()}}
	return doc.write(w)
}

// runCase is whether there is a whole run at all.
func runCase(r *lab.Result) junitCase {
	c := junitCase{Class: r.Scenario.ID, Name: "the run comes to its end"}
	switch {
	case r.Complete:
	case r.Ended == lab.EndFailed:
		c.Error = &junitFlaw{r.Ended, r.Reason}
	default:
		c.Skipped = &junitWhy{strings.TrimSuffix(r.Ended+": "+r.Reason, ": ")}
	}
	return c
}

// comparisonCase is whether a comparison is decided: that there is no difference that counts is a decision.
func comparisonCase(r *lab.Result, c *lab.Comparison) junitCase {
	a := answer.About(r, c)
	out := junitCase{Class: r.Scenario.ID, Name: fmt.Sprintf("%s against %s: %s is decided", c.Variant, c.Baseline, metric.Words(c.Metric))}
	if a.Badge != answer.Decided && a.Badge != answer.NoDifference {
		out.Skipped = &junitWhy{fmt.Sprintf("%s: %s: %s", a.Badge, a.Sentence, a.Reason)}
	}
	return out
}

// gateCase is whether the change passes.
func gateCase(r *lab.Result) junitCase {
	c := junitCase{Class: r.Scenario.ID, Name: "not worse by more than " + figure.Declared(r.Gate.FailIfWorse)}
	switch r.Gate.Verdict {
	case gate.Passed:
	case gate.Failed:
		c.Failure = &junitFlaw{string(r.Gate.Verdict), r.Gate.Reason}
	default:
		c.Skipped = &junitWhy{r.Gate.Reason}
	}
	return c
}

func expectationCase(class string, e *lab.Expectation) junitCase {
	c := junitCase{Class: class, Name: e.Expr}
	why := strings.Join(strings.Fields(Measured(e)), " ")
	switch expect.Verdict(e.Verdict) {
	case expect.Confirmed:
	case expect.Refuted:
		c.Failure = &junitFlaw{e.Verdict, "refuted: " + why}
	default:
		c.Skipped = &junitWhy{strings.TrimSuffix(Words(e.Verdict)+": "+why, ": ")}
	}
	return c
}

// counted is the suite with its counts.
func (s junitSuite) counted() junitSuite {
	s.Tests = len(s.Cases)
	for i := range s.Cases {
		switch c := &s.Cases[i]; {
		case c.Failure != nil:
			s.Failures++
		case c.Error != nil:
			s.Errors++
		case c.Skipped != nil:
			s.Skipped++
		}
	}
	return s
}

func (d *junitSuites) write(w io.Writer) error {
	b, err := xml.MarshalIndent(d, "", "  ")
	if err != nil {
		return fmt.Errorf("writing the result as JUnit XML: %w", err)
	}
	_, err = fmt.Fprintf(w, "%s%s\n", xml.Header, b)
	return err
}
