package main

import (
	"fmt"
	"io"
	"maps"
	"path/filepath"
	"slices"
	"strings"
	"text/tabwriter"

	"github.com/spf13/cobra"

	"benchtop/lab/figure"
	"benchtop/lab/progress"
	"benchtop/lab/report"
	"benchtop/tui/format"
)

// stateDir is where everything lies that outlives a session.
func (e *Env) stateDir() (string, error) {
	runs, err := e.runsDir()
	if err != nil {
		return "", err
	}
	return filepath.Dir(runs), nil
}

func (e *Env) progressFile() (string, error) {
	dir, err := e.stateDir()
	if err != nil {
		return "", err
	}
	return filepath.Join(dir, "progress.json"), nil
}

// openProgress opens what was done in the lessons; without a state folder it is kept as long as the screen is open.
func (e *Env) openProgress() *progress.Store {
	path, err := e.progressFile()
	if err != nil {
		return progress.Memory()
	}
	return progress.Open(path, e.Now)
}

func progressCommand(env *Env) *cobra.Command {
	var reset bool
	var out string
	cmd := &cobra.Command{
		Use: "progress", Short: "Show what you have done in the lessons: runs, predictions, quizzes", Args: noArgs("progress"),
		Long: "Progress shows every scenario that was run in the lab, how it was decided, what was predicted before and how\n" +
			"that scores, and the quiz. The score of a prediction is the interval score on the logarithm of the ratio: the\n" +
			"width of the range, plus ten times the distance if the measured ratio lies outside: " + format.ScoreScale + ".",
		RunE: func(cmd *cobra.Command, _ []string) error {
			path, err := env.progressFile()
			if err != nil {
				return usage("%w", err)
			}
			if reset {
				return resetProgress(env, path)
			}
			p, err := progress.Read(path)
			if err != nil {
				return environment("%w", err)
			}
			if !cmd.Flags().Changed("json") {
				return writeProgress(env.text(), &p)
			}
			if err := checkOutput("--json", out); err != nil {
				return err
			}
			if p.Benchtop == 0 {
				p.Benchtop, p.Scenarios = progress.Version, map[string]progress.Scenario{}
			}
			if err := writeOutput(env, out, func(w io.Writer) error { return writeJSON(w, p) }); err != nil {
				return environment("%w", err)
			}
			return nil
		},
	}
	cmd.Flags().StringVar(&out, "json", "", "as JSON, to standard output or to a file (--json=FILE)")
	cmd.Flags().Lookup("json").NoOptDefVal = stdoutPath
	cmd.Flags().BoolVar(&reset, "reset", false, "forget everything")
	return cmd
}

func resetProgress(env *Env, path string) error {
	was, err := progress.Remove(path)
	switch {
	case err != nil:
		return environment("%w", err)
	case was:
		fmt.Fprintf(env.text(), "removed %s\n", path)
	default:
		fmt.Fprintf(env.text(), "nothing was kept in %s\n", path)
	}
	return nil
}

// writeProgress prints one line per shipped scenario, then those that are known from files.
func writeProgress(out io.Writer, p *progress.Progress) error {
	entries, err := catalogue()
	if err != nil {
		return &exitError{exitInternal, err}
	}
	ids := make([]string, 0, len(entries))
	questions := map[string]int{}
	for _, e := range entries {
		ids = append(ids, e.ID)
		questions[e.ID] = len(e.Plan.Quiz)
	}
	var others []string
	for id := range p.Scenarios {
		if !slices.Contains(ids, id) {
			others = append(others, id)
		}
	}
	slices.Sort(others)
	w := tabwriter.NewWriter(out, 0, 0, 2, ' ', 0)
	fmt.Fprintln(w, "SCENARIO\tDONE\tMEASURED\tPREDICTED\tSCORE\tQUIZ")
	done := 0
	for _, id := range append(ids, others...) {
		s := p.Scenarios[id]
		if s.Done != nil {
			done++
		}
		fmt.Fprintf(w, "%s\t%s\t%s\t%s\t%s\t%s\n", id, doneCell(&s), verdictCell(&s), predictedCell(s.Prediction), scoreCell(s.Prediction), quizCell(&s, questions[id]))
	}
	if err := w.Flush(); err != nil {
		return environment("%w", err)
	}
	fmt.Fprintf(out, "\n%d of %d done. Score of a prediction: %s.\n", done, len(ids)+len(others), format.ScoreScale)
	for _, seed := range slices.Sorted(maps.Keys(p.Mysteries)) {
		fmt.Fprintf(out, "mystery %s: %s\n", seed, mysteryWords(p.Mysteries[seed]))
	}
	return nil
}

// mysteryWords say how far somebody is with a mystery.
func mysteryWords(m progress.Mystery) string {
	words := make([]string, len(m.Tries))
	for i, t := range m.Tries {
		words[i] = "not " + t.Fault
		if t.Right {
			words[i] = "it is " + t.Fault
		}
	}
	if m.Solved() != nil {
		words = append(words, figure.Lines.Counted(m.Points(), "point"))
	}
	if len(words) == 0 {
		return "looked at"
	}
	return strings.Join(words, ", ")
}

const unknown = "-"

func doneCell(s *progress.Scenario) string {
	if s.Done == nil {
		return unknown
	}
	return s.Done.Local().Format("2006-01-02 15:04")
}

func verdictCell(s *progress.Scenario) string {
	cells := make([]string, 0, len(s.Verdicts))
	for _, v := range s.Verdicts {
		text := v.Variant + " " + report.Words(v.Verdict)
		if v.Ratio != nil && (v.Verdict == "higher" || v.Verdict == "lower") {
			text = v.Variant + " " + figure.Change(*v.Ratio)
		}
		cells = append(cells, text)
	}
	if len(cells) == 0 {
		return unknown
	}
	return strings.Join(cells, ", ")
}

func predictedCell(p *progress.Prediction) string {
	switch {
	case p == nil:
		return unknown
	case p.Skipped:
		return "skipped"
	}
	return format.Said(p)
}

func scoreCell(p *progress.Prediction) string {
	switch {
	case p == nil || p.Skipped:
		return unknown
	case p.Outcome == nil:
		return "not run yet"
	case p.Outcome.Score == nil:
		return "not scored"
	case p.Outcome.Covered:
		return fmt.Sprintf("%.2f inside", *p.Outcome.Score)
	}
	return fmt.Sprintf("%.2f outside", *p.Outcome.Score)
}

func quizCell(s *progress.Scenario, questions int) string {
	if len(s.Quiz) == 0 {
		return unknown
	}
	return fmt.Sprintf("%d of %d", s.Right(), max(questions, len(s.Quiz)))
}
