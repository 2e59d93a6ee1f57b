package report

import (
	"bytes"
	"encoding/csv"
	"errors"
	"strconv"
	"testing"

	"benchtop/lab"
	"benchtop/lab/rehearsal"
)

// Each row of load is a line, in order, with what its target used; a thinned run says that it has none.
func TestSeries(t *testing.T) {
	var b bytes.Buffer
	s := NewSeries(&b)
	intervals, ok := 0, uint64(0)
	for _, e := range (rehearsal.Script{Blocks: 2}).Events() {
		if e.Interval != nil {
			intervals++
			ok += e.Interval.Counts.OK
		}
		if err := s.Event(&e); err != nil {
			t.Fatal(err)
		}
	}
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	rows, err := csv.NewReader(&b).ReadAll()
	if err != nil || len(rows) != intervals+1 || intervals == 0 {
		t.Fatalf("%d rows of %d intervals: %v", len(rows), intervals, err)
	}
	at := map[string]int{}
	for i, name := range rows[0] {
		at[name] = i
	}
	number := func(row []string, name string) float64 {
		v, err := strconv.ParseFloat(row[at[name]], 64)
		if err != nil {
			t.Fatalf("%s of %v: %v", name, row, err)
		}
		return v
	}
	served, last, variants, measured := 0.0, 0.0, map[string]bool{}, 0
	for _, row := range rows[1:] {
		if row[at["rps"]] != "" {
			served += number(row, "rps") * number(row, "seconds")
		}
		if number(row, "time_s") < last {
			t.Errorf("%v comes after %v s", row, last)
		}
		last = number(row, "time_s")
		if row[at["target_cpu_cores"]] != "" && row[at["target_rss_bytes"]] != "" {
			measured++
		}
		variants[row[at["variant"]]] = true
	}
	if len(variants) != 2 || measured == 0 || served > float64(ok)+1 || served < 0.5*float64(ok) {
		t.Errorf("%v, %d rows with CPU, %v of %d responses", variants, measured, served, ok)
	}

	thinned := NewSeries(&b)
	if err := errors.Join(thinned.Event(&lab.Event{Run: &lab.RunEvent{Thinned: "rows"}}), thinned.Close()); !errors.Is(err, ErrNoSeries) {
		t.Error(err)
	}
}
