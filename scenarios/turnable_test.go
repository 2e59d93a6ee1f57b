package scenarios

import (
	"reflect"
	"slices"
	"testing"

	"benchtop/lab"
	"benchtop/targets/setting"
)

// Every setting can be turned both ways: some value of it is taken, and it stands there afterwards.
func TestEverySettingTurns(t *testing.T) {
	plain := Blank()
	open := Blank()
	if err := Apply(open, []string{"a.load.model=open", "a.load.rate=1000", "a.concurrency=threadpool", "a.proxy=on"}); err != nil {
		t.Fatal(err)
	}
	for name, p := range map[string]*lab.Plan{"closed": plain, "open": open} {
		for _, k := range Turnables(&p.Variants[0]) {
			if k.Why != "" {
				continue
			}
			if k.Doc == "" || k.Name == "" || len(k.Values) < 2 || k.Value == "" && k.Key != "load.rate" {
				t.Errorf("%s: %+v", name, k)
			}
			turned := false
			for _, up := range []bool{true, false} {
				for _, value := range k.Next(up) {
					changed := *p
					set := []string{"a." + k.Key + "=" + value}
					if k.Key == "load.model" && value == "open" {
						set = append(set, "a.load.rate=100")
					}
					if err := Turn(&changed, set); err != nil {
						continue
					}
					turned = true
					if got := standsAt(t, &changed, k.Key); got != value {
						t.Errorf("%s: %s was turned to %s and stands at %s", name, k.Key, value, got)
					}
					differs := changed.Variants[0].Target
					differs.Endpoint = p.Variants[0].Target.Endpoint
					if restarts := !reflect.DeepEqual(differs, p.Variants[0].Target); restarts != k.Restarts {
						t.Errorf("%s: %s changes the target: %v, and says %v", name, k.Key, restarts, k.Restarts)
					}
					break
				}
			}
			if !turned {
				t.Errorf("%s: no value of %s is taken: %v", name, k.Key, k.Values)
			}
		}
	}
}

func standsAt(t *testing.T, p *lab.Plan, key string) string {
	t.Helper()
	for _, k := range Turnables(&p.Variants[0]) {
		if k.Key == key {
			return k.Value
		}
	}
	t.Errorf("there is no setting %s", key)
	return ""
}

func TestNextValues(t *testing.T) {
	for _, c := range []struct {
		k    Turnable
		up   bool
		want []string
	}{
		{Turnable{Value: "3", Values: []string{"1", "2", "4", "8"}}, true, []string{"4", "8"}},
		{Turnable{Value: "3", Values: []string{"1", "2", "4", "8"}}, false, []string{"2", "1"}},
		{Turnable{Value: "8", Values: []string{"1", "2", "4", "8"}}, true, nil},
		{Turnable{Value: "b", Values: []string{"a", "b", "c"}}, true, []string{"c", "a"}},
		{Turnable{Value: "a", Values: []string{"a", "b", "c"}}, false, []string{"c", "b"}},
		{Turnable{Value: "x", Values: []string{"a", "b"}}, true, []string{"a", "a"}},
		{Turnable{Value: "3s", Values: []string{"500ms", "2s", "1m"}}, true, []string{"1m"}},
		{Turnable{Value: "3s", Values: []string{"500ms", "2s", "1m"}}, false, []string{"2s", "500ms"}},
		{Turnable{Value: "", Values: []string{"10", "20"}}, true, []string{"10"}},
	} {
		if got := c.k.Next(c.up); !slices.Equal(got, c.want) && (len(got) == 0 || len(c.want) == 0 || got[0] != c.want[0]) {
			t.Errorf("%v up %v gives %v, want %v", c.k, c.up, got, c.want)
		}
	}
	if got := setting.Ladder(0, 8); !slices.Equal(got, []string{"0", "1", "2", "3", "4", "6", "8"}) {
		t.Errorf("%v", got)
	}
	if got := setting.Ladder(1, 20000); got[0] != "1" || got[len(got)-1] != "20000" || len(got) != 16 {
		t.Errorf("%v", got)
	}
}
