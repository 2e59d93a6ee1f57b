// Package reference has a recorded run of each shipped scenario, for who cannot measure: on a laptop that is busy, or
// without the components. Each was recorded by one command and thinned; README.md says which.
package reference

import (
	"bytes"
	"embed"
	"fmt"
	"io/fs"
	"slices"

	"benchtop/lab"
	"benchtop/lab/figure"
	"benchtop/lab/record"
	"benchtop/scenarios"
)

//go:embed *.jsonl.gz
var files embed.FS

// Has reports whether there is a recorded run of a scenario.
func Has(id string) bool {
	_, err := fs.Stat(files, id+record.Extension)
	return err == nil
}

// File is the run file of a scenario.
func File(id string) (*bytes.Reader, error) {
	file, err := files.ReadFile(id + record.Extension)
	if err != nil {
		return nil, fmt.Errorf("there is no recorded run of %s; `benchtop list` shows the shipped scenarios", id)
	}
	return bytes.NewReader(file), nil
}

// Open reads the recorded run of a scenario. Where it measured what the shipped scenario measures, it speaks of it in the
// words of the shipped one, and is held against its expectations.
func Open(id string) (*record.Run, error) {
	file, err := File(id)
	if err != nil {
		return nil, err
	}
	run, err := record.Read(file)
	if err != nil {
		return nil, fmt.Errorf("the recorded run of %s: %w", id, err)
	}
	plan := &run.Events[0].Run.Plan
	if now := shipped(id); now != nil && now.Measures(plan) {
		was := *plan
		*plan = *now
		plan.Seed, plan.Variants = was.Seed, slices.Clone(now.Variants)
		for i := range plan.Variants {
			plan.Variants[i].Target = was.Variants[i].Target // what it leaves to the system was left to another one
		}
	}
	return run, nil
}

// Origin says where a recorded run comes from, and whether it is of the scenario as it is shipped.
func Origin(run *record.Run) string {
	head := run.Events[0].Run
	m := &head.Machine
	text := fmt.Sprintf("recorded %s on %s, %s, %s, with benchtop %s", head.Started.UTC().Format("2006-01-02"), m.Model, figure.Lines.Counted(m.CPUs, "core"), m.OS, m.Benchtop)
	if !current(&head.Plan) {
		text += "; of an earlier version of the scenario"
	}
	return text
}

// current reports whether a plan measures what the shipped scenario does.
func current(p *lab.Plan) bool {
	now := shipped(p.ID)
	return now != nil && now.Measures(p)
}

// shipped is the plan of a shipped scenario, nil where there is none.
func shipped(id string) *lab.Plan {
	file, err := scenarios.Load(id)
	if err != nil {
		return nil
	}
	return file.Plan
}
