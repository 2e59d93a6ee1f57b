package scenarios

import (
	"errors"
	"fmt"
	"io/fs"
	"path/filepath"
	"slices"
	"strings"

	"benchtop/lab"
)

// Twin reads the twin of a scenario: a shipped one by its id, or the file ID.yaml beside the scenario's own file. The
// error wraps ErrUnknown when there is neither, and nil is given when the scenario names none.
func Twin(f *File) (*File, error) {
	id := f.Plan.Twin
	if id == "" {
		return nil, nil //nolint:nilnil // most scenarios have no twin, which is no error
	}
	if slices.Contains(teachingOrder, id) {
		return Load(id)
	}
	path := filepath.Join(filepath.Dir(f.Name), id+".yaml")
	twin, err := Read(path)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, fmt.Errorf("%w: the twin of %s is %s, which is neither shipped nor the file %s; %s",
			ErrUnknown, f.Plan.ID, short(id), short(path), didYouMean(id, teachingOrder))
	}
	return twin, err
}

// Kinds of twins: one that needs components besides benchtop, and one that does not.
const (
	TwinReal    = "real"
	TwinBuiltin = "builtin"
)

// WithTwin gives the scenario and its twin of a kind, by the names under which they are found.
func WithTwin(kind, name string) ([]string, error) {
	file, err := Find(name)
	if err != nil {
		return nil, err
	}
	twin, err := Twin(file)
	switch {
	case err != nil:
		return nil, err
	case twin == nil:
		return nil, fmt.Errorf("--twin %s: %s names no twin; those that do: %s", kind, file.Plan.ID, withTwins())
	case len(twin.Plan.Requires) == 0 && kind == TwinReal:
		return nil, fmt.Errorf("--twin real: %s, the twin of %s, needs nothing besides benchtop; write --twin builtin", twin.Plan.ID, file.Plan.ID)
	case len(twin.Plan.Requires) > 0 && kind == TwinBuiltin:
		return nil, fmt.Errorf("--twin builtin: %s, the twin of %s, needs %s; write --twin real", twin.Plan.ID, file.Plan.ID, strings.Join(twin.Plan.Requires, ", "))
	}
	if slices.Contains(teachingOrder, twin.Plan.ID) {
		return []string{name, twin.Plan.ID}, nil
	}
	return []string{name, twin.Name}, nil
}

// withTwins are the shipped scenarios that name a twin.
func withTwins() string {
	var out []string
	for _, id := range teachingOrder {
		if file, err := Load(id); err == nil && file.Plan.Twin != "" {
			out = append(out, id)
		}
	}
	if len(out) == 0 {
		return "none"
	}
	return strings.Join(out, ", ")
}

// ComparableTwins refuses before the start what could not be compared afterwards.
func ComparableTwins(a, b *lab.Plan) error {
	switch {
	case a.Metric != b.Metric:
		return fmt.Errorf("--twin: %s is decided by %s and %s by %s; name one for both with --metric", a.ID, a.Metric, b.ID, b.Metric)
	case a.Baseline != b.Baseline:
		return fmt.Errorf("--twin: the baseline of %s is %s and that of %s is %s; twins have the same ids", a.ID, a.Baseline, b.ID, b.Baseline)
	}
	for i := range a.Variants {
		if id := a.Variants[i].ID; id != a.Baseline && b.Variant(id) != nil {
			return nil
		}
	}
	return fmt.Errorf("--twin: %s and %s share no variant besides the baseline; twins have the same ids", a.ID, b.ID)
}
