package scenarios

import (
	"io/fs"
	"slices"
	"strings"
	"testing"
	"time"
	"unicode/utf8"

	"benchtop/lab"
	"benchtop/lab/figure"
)

func TestShipped(t *testing.T) {
	files, err := fs.Glob(shipped, "*.yaml")
	if err != nil {
		t.Fatal(err)
	}
	if len(files) != len(teachingOrder) {
		t.Errorf("%d files are embedded, %d are listed in teaching order", len(files), len(teachingOrder))
	}
	entries := List()
	if len(entries) != len(teachingOrder) {
		t.Fatalf("List gives %d entries, want %d", len(entries), len(teachingOrder))
	}
	for i, id := range teachingOrder {
		t.Run(id, func(t *testing.T) {
			f, err := Find(id)
			if err != nil {
				t.Fatal(err)
			}
			p, e := f.Plan, entries[i]
			if p.ID != id || e.ID != id || e.Title != p.Title || e.Track != p.Track || e.Minutes != p.Minutes || !slices.Equal(e.Claims, p.Claims) {
				t.Errorf("entry %+v does not agree with the plan", e)
			}
			least, most := 40*time.Second, 90*time.Second
			if i == 0 { // the tour
				least, most = 0, 40*time.Second
			}
			if d := p.Duration(); d < least || d > most {
				t.Errorf("the run takes %v, want %v to %v", d, least, most)
			}
			if minutes := time.Duration(p.Minutes) * time.Minute; minutes < 2*p.Duration() {
				t.Errorf("%d minutes leave no time to read beside a run of %v", p.Minutes, p.Duration())
			}
			if len(p.Expect) == 0 || len(p.Mechanism) == 0 || p.Predict == nil || len(p.Quiz) != 3 || p.Notes == "" || p.Track == "" {
				t.Error("a shipped scenario has expectations, a mechanism, a question, three quiz questions, notes and a track")
			}
			teaches(t, p)
			if twin, err := Twin(f); err != nil || twin != nil && twin.Plan.Twin != "" && twin.Plan.Twin != id {
				t.Errorf("its twin %s: %v; a twin names the same pair", p.Twin, err)
			}
			for _, heading := range []string{"## Why it matters", "## What this run cannot tell"} {
				if !strings.Contains(p.Lesson, heading) {
					t.Errorf("the lesson has no part %q", heading)
				}
			}
			if p.Look == "" || strings.Contains(p.Lesson, "look at\n") {
				t.Error("what to look at is for after the prediction: write it in look")
			}
			for _, line := range strings.Split(p.Lesson+p.Look+p.Notes, "\n") {
				if n := utf8.RuneCountInString(line); n > 130 {
					t.Errorf("a line of the text has %d characters: %s", n, line)
				}
			}
			if !strings.HasPrefix(string(f.Source), "# yaml-language-server: $schema=./schema.json\n") {
				t.Error("the file does not name its schema for editors")
			}
		})
	}
}

// teaches asks of a shipped scenario what makes it a lesson: a prediction that can be scored, three questions each with
// its why, of which at least one names the shipped scenario that proves it, and notes for the trainer for every step.
func teaches(t *testing.T, p *lab.Plan) {
	t.Helper()
	if q := p.Predict; q == nil || q.Ask == "" || q.Variant == p.Baseline || p.Variant(q.Variant) == nil || p.Variant(p.Baseline) == nil {
		t.Errorf("the prediction %+v cannot be scored: it names a variant other than the baseline", p.Predict)
	}
	proved := 0
	for i, q := range p.Quiz {
		if q.Why == "" {
			t.Errorf("question %d has no why: %s", i+1, q.Ask)
		}
		right := 0
		for _, o := range q.Options {
			if o.Correct {
				right++
			}
			switch {
			case o.Proof == "":
			case !slices.Contains(teachingOrder, o.Proof):
				t.Errorf("question %d is proved by %s, which is not shipped", i+1, o.Proof)
			case o.Correct:
				proved++
			}
		}
		if right != 1 {
			t.Errorf("question %d has %d right options", i+1, right)
		}
	}
	if len(p.Quiz) != 3 || proved == 0 {
		t.Errorf("%d questions, %d of them proved by a scenario; want 3, at least one proved", len(p.Quiz), proved)
	}
	at := 0
	for _, heading := range []string{"## Before\n", "## During\n", "## After\n"} {
		i := strings.Index(p.Notes[at:], heading)
		if i < 0 {
			t.Errorf("the notes have no part %q, in this order", strings.TrimSpace(heading))
			continue
		}
		at += i + len(heading)
	}
}

// Length and place do not give the right option away. Ties count as longest and as shortest.
func TestTheRightOptionIsNotTheLongest(t *testing.T) {
	questions, longest, shortest, places := 0, 0, 0, map[int]int{}
	for _, e := range List() {
		file, err := Load(e.ID)
		if err != nil {
			t.Fatal(err)
		}
		for _, q := range file.Plan.Quiz {
			questions++
			right := slices.IndexFunc(q.Options, func(o lab.Option) bool { return o.Correct })
			places[right]++
			length := func(a, b lab.Option) int {
				return utf8.RuneCountInString(a.Text) - utf8.RuneCountInString(b.Text)
			}
			if length(q.Options[right], slices.MaxFunc(q.Options, length)) == 0 {
				longest++
			}
			if length(q.Options[right], slices.MinFunc(q.Options, length)) == 0 {
				shortest++
			}
		}
	}
	if 3*longest > questions || 3*shortest > questions {
		t.Errorf("of %d right options %d are the longest and %d the shortest; at most a third may be", questions, longest, shortest)
	}
	for place, n := range places {
		if 2*n > questions {
			t.Errorf("of %d right options %d stand in place %d; at most half may", questions, n, place+1)
		}
	}
}

// List may be called for every frame of a screen; what it gives belongs to the caller.
func TestListIsACopy(t *testing.T) {
	List()[0].ID = "changed"
	if got := List()[0].ID; got != teachingOrder[0] {
		t.Errorf("the list's first entry is %s after somebody wrote to a copy", got)
	}
}

func TestWorkRatio(t *testing.T) {
	f, err := Read("testdata/work-ratio.yaml")
	if err != nil {
		t.Fatal(err)
	}
	if a, b := f.Plan.Variants[0].Target, f.Plan.Variants[1].Target; a.Endpoint != "/work?units=400" || b.Endpoint != "/work?units=520" {
		t.Errorf("endpoints are %s and %s", a.Endpoint, b.Endpoint)
	}
}

// A code block is not wrapped: on the smallest full screen, 80 columns, it has 72.
func TestCodeOfLessonsFitsTheScreen(t *testing.T) {
	for _, e := range List() {
		file, err := Load(e.ID)
		if err != nil {
			t.Fatal(err)
		}
		for _, line := range strings.Split(file.Plan.Lesson+file.Plan.Look, "\n") {
			if code, ok := strings.CutPrefix(line, "    "); ok && len([]rune(code)) > 72 {
				t.Errorf("%s: %d columns: %s", e.ID, len([]rune(code)), code)
			}
		}
	}
}

// Where a lesson says when its step comes, that is what its plan comes to: the time, and the share of the slices.
func TestAStepComesWhenTheLessonSays(t *testing.T) {
	told := 0
	for _, e := range List() {
		file, err := Load(e.ID)
		if err != nil {
			t.Fatal(err)
		}
		p := file.Plan
		if !strings.Contains(p.Lesson, "about a third of the r") || len(p.Steps) != 1 {
			continue
		}
		told++
		if share := float64(p.Steps[0].At) / float64(p.Counted()); share < 0.28 || share > 0.38 {
			t.Errorf("%s: the step comes after %.2f of the slices", e.ID, share)
		}
		if at := figure.Duration(p.Steps[0].At); !strings.Contains(p.Lesson, " "+at+", about a third") {
			t.Errorf("%s: the lesson does not say that the step comes after %s", e.ID, at)
		}
	}
	if told != 2 {
		t.Errorf("%d lessons say when their step comes, expected race and before-after", told)
	}
}
