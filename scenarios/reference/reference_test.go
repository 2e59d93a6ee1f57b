package reference_test

import (
	"bytes"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"benchtop/lab"
	"benchtop/lab/answer"
	"benchtop/lab/record"
	"benchtop/scenarios"
	"benchtop/scenarios/reference"
	"benchtop/targets"
	"benchtop/targets/all"
	"benchtop/targets/setting"
)

// Each recorded run is small, whole, of a shipped scenario, and comes to a verdict; all of them are small together.
func TestEachScenarioHasARecordedRun(t *testing.T) {
	all.Register()
	total, known := int64(0), map[string]bool{}
	for _, e := range scenarios.List() {
		known[e.ID+record.Extension] = true
		if !reference.Has(e.ID) {
			t.Errorf("%s has no recorded run; README.md says how it is made", e.ID)
			continue
		}
		file, err := reference.File(e.ID)
		if err != nil {
			t.Fatal(err)
		}
		total += file.Size()
		run, err := reference.Open(e.ID)
		if err != nil {
			t.Error(err)
			continue
		}
		if file.Size() > int64(record.ThinLimit(len(run.State().Variants))) {
			t.Errorf("%s: %d bytes", e.ID, file.Size())
		}
		replays(t, e.ID, run)
	}
	if total == 0 || total > 5_000_000 {
		t.Errorf("%d bytes in all", total)
	}
	files, err := filepath.Glob("*" + record.Extension)
	if err != nil || len(files) == 0 {
		t.Fatal(err, files)
	}
	for _, name := range files {
		if !known[name] {
			t.Errorf("%s is of no shipped scenario", name)
		}
	}
}

func replays(t *testing.T, id string, run *record.Run) {
	t.Helper()
	r := run.State().Result
	switch {
	case run.Torn || !r.Complete || r.Quick:
		t.Errorf("%s: the recorded run is not whole: %s %s", id, r.Ended, run.Notice())
	case r.Scenario.ID != id || r.Thinned == "":
		t.Errorf("%s: a run of %s, thinned %q", id, r.Scenario.ID, r.Thinned)
	case run.Events[0].Run.Plan.Order == lab.Together: // a race decides nothing
	case answer.Of(r).Badge == "" || answer.Of(r).Badge == answer.Refused:
		t.Errorf("%s: no verdict: %s", id, answer.Of(r).Reason)
	}
	origin := reference.Origin(run)
	file, err := scenarios.Load(id)
	if err != nil {
		t.Fatal(err)
	}
	if of := file.Plan.Measures(&run.Events[0].Run.Plan); of == strings.Contains(origin, "earlier version") || !strings.Contains(origin, r.Machine.Model) {
		t.Errorf("%s: of the shipped version: %v, and its origin says %q", id, of, origin)
	}
	text, err := os.ReadFile(id + record.Extension)
	var lines bytes.Buffer
	if err == nil {
		err = record.Unpack(&lines, bytes.NewReader(text))
	}
	if home := os.Getenv("HOME"); err != nil || len(home) > 1 && strings.Contains(lines.String(), home+"/") {
		t.Errorf("%s: %v; or it names a folder of who recorded it", id, err)
	}
}

// Without a recorded run that is said, and a thinned run can be played to its end like every other.
func TestARecordedRunIsPlayed(t *testing.T) {
	all.Register()
	if _, err := reference.Open("no-such"); err == nil || !strings.Contains(err.Error(), "no recorded run") {
		t.Error(err)
	}
	for _, e := range scenarios.List() {
		if !reference.Has(e.ID) {
			continue
		}
		file, err := reference.File(e.ID)
		if err != nil {
			t.Fatal(err)
		}
		fold, tail, err := record.Fold(io.Reader(file))
		if err != nil || tail.Torn || fold.Result().Ended != lab.EndComplete {
			t.Errorf("%s: %v %v", e.ID, err, tail)
		}
	}
}

// A run of another system, which has other defaults, measures what the scenario does; one with another setting does not.
func TestWhatIsLeftToTheSystemMayDiffer(t *testing.T) {
	all.Register()
	file, err := scenarios.Load("accept-queue")
	if err != nil {
		t.Fatal(err)
	}
	turned := func(key string, value any) *lab.Plan {
		other := *file.Plan
		other.Variants = slices.Clone(other.Variants)
		for i := range other.Variants {
			of := &other.Variants[i].Target
			kind, _ := targets.Lookup(of.Server)
			setting.Find(kind.Settings, key).Set(of, value)
		}
		return &other
	}
	accept := "shared"
	if file.Plan.Variants[0].Target.Shown("accept") == accept {
		accept = "reuseport"
	}
	if !file.Plan.Measures(turned("accept", accept)) {
		t.Error("a run of a system with another default is called one of another version")
	}
	if file.Plan.Measures(turned("backlog", 3)) || file.Plan.Measures(turned("workers", 7)) {
		t.Error("a run with other settings than those of the scenario is called one of it")
	}
}
