package scenarios

import (
	"errors"
	"fmt"
	"io/fs"
	"path/filepath"
	"slices"

	"benchtop/lab"
)

// twin reads the id of the scenario that asks the same of the real components, or of the built-in ones.
func (d *decoder) twin(n *node, at string, p *lab.Plan) {
	id, ok := d.word(n, at)
	if ok && id == p.ID {
		d.problem(n, at, fmt.Sprintf("twin names %s, the scenario itself", short(id)), "it is the id of the one that asks the same of other components")
		return
	}
	p.Twin = id
}

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
