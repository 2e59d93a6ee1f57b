package lab_test

import (
	"encoding/json"
	"slices"
	"testing"

	"benchtop/lab"
)

// A row that is answered in part is kept with its part; run files that know whole rows alone are read as before.
func TestClaimsInRunFiles(t *testing.T) {
	const text = `["C10",{"id":"C15","part":"one host"}]`
	var claims []lab.Claim
	if err := json.Unmarshal([]byte(text), &claims); err != nil {
		t.Fatal(err)
	}
	if want := []lab.Claim{{ID: "C10"}, {ID: "C15", Part: "one host"}}; !slices.Equal(claims, want) {
		t.Errorf("read %+v, want %+v", claims, want)
	}
	if out, err := json.Marshal(claims); err != nil || string(out) != text {
		t.Errorf("written as %s, %v", out, err)
	}
	for _, bad := range []string{`[10]`, `[["C10"]]`, `[{"id": 5}]`} {
		if json.Unmarshal([]byte(bad), &claims) == nil {
			t.Errorf("%s was read as %+v", bad, claims)
		}
	}
}
