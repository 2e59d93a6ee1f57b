package setting

import (
	"math"
	"reflect"
	"slices"
	"strings"
	"testing"
	"time"
)

type inner struct {
	Level int
	Types []string
}

type part struct {
	Count   int
	Word    string
	On      bool
	Off     *bool
	Wait    time.Duration
	Size    int64
	Rate    Rate
	Share   float64
	Factor  float64
	Words   []string
	Numbers []int
	Group   *inner
	Own     *inner
}

// owned gives the struct that a part holds; what is to be written is a copy in its place.
func owned(p *part, write bool) *inner {
	in := inner{}
	if p.Own != nil {
		in = *p.Own
	}
	if write {
		p.Own = &in
	}
	return &in
}

func rows() []Setting {
	return []Setting{
		{Key: "count", Main: true, Default: "3", Min: 1, Max: 9, At: At(func(p *part) *int { return &p.Count })},
		{Key: "word", Said: "as %s", Default: "a", Values: []string{"a", "b"}, At: At(func(p *part) *string { return &p.Word })},
		{Key: "on", Default: "false", At: At(func(p *part) *bool { return &p.On })},
		{Key: "off", Default: "true", At: At(func(p *part) **bool { return &p.Off })},
		{Key: "wait", Default: "90s", Min: float64(time.Second), Max: float64(time.Hour), Step: float64(time.Second), At: At(func(p *part) *time.Duration { return &p.Wait })},
		{Key: "size", Default: "1KiB", At: At(func(p *part) *int64 { return &p.Size })},
		{Key: "rate", Default: "off", Unset: true, Min: 8e3, Max: 1e9, At: At(func(p *part) *Rate { return &p.Rate })},
		{Key: "share", Default: "2%", Unset: true, Max: 1, At: At(func(p *part) *float64 { return &p.Share })},
		{Key: "factor", Type: Number, At: At(func(p *part) *float64 { return &p.Factor })},
		{Key: "words", At: At(func(p *part) *[]string { return &p.Words })},
		{Key: "numbers", Noun: "port", At: At(func(p *part) *[]int { return &p.Numbers })},
		{Key: "group", At: At(func(p *part) **inner { return &p.Group }), Rows: []Setting{
			{Key: "level", Default: "1", Min: 1, Max: 9, At: At(func(in *inner) *int { return &in.Level })},
			{Key: "types", Default: "x,y", At: At(func(in *inner) *[]string { return &in.Types })},
		}},
		{Key: "deep", Default: "7", Max: 9, At: Within(At(func(in *inner) *int { return &in.Level }), owned)},
	}
}

// row gives one of rows.
func row(t *testing.T, key string) *Setting {
	t.Helper()
	s := Find(rows(), key)
	if s == nil {
		t.Fatalf("no row %s", key)
	}
	return s
}

func TestValuesReadAndWritten(t *testing.T) {
	for _, test := range []struct {
		key, text string
		want      any
		written   string // "": as text
		says      string // of the error
	}{
		{key: "count", text: "7", want: int64(7)},
		{key: "count", text: "7.5", says: `"7.5" is not a whole number`},
		{key: "word", text: "anything", want: "anything"},
		{key: "on", text: "true", want: true},
		{key: "off", text: "no", says: "neither true nor false"},
		{key: "wait", text: "90s", want: 90 * time.Second, written: "1m30s"},
		{key: "wait", text: "120m", want: 2 * time.Hour, written: "2h"},
		{key: "wait", text: "5", says: "not a duration"},
		{key: "size", text: "1.5 KiB", want: int64(1536), written: "1536B"},
		{key: "size", text: "12", says: "not an amount of bytes"},
		{key: "size", text: "99999999999999 GB", want: int64(1) << 62, written: "4294967296GiB"},
		{key: "rate", text: "10mbit", want: Rate(10e6)},
		{key: "rate", text: "1.5 gbit", want: Rate(1.5e9), written: "1.5gbit"},
		{key: "rate", text: "50kB/s", want: Rate(400e3), written: "400kbit"},
		{key: "rate", text: "8kbit", want: Rate(8000)},
		{key: "rate", text: "10Mbit", says: `"10Mbit" is not a rate such as 10mbit, 1gbit or 50kB/s`},
		{key: "rate", text: "10", says: "not a rate"},
		{key: "share", text: "2.5%", want: 0.025},
		{key: "share", text: "0.5", want: 0.5, written: "50%"},
		{key: "share", text: "much", says: "not a percentage"},
		{key: "factor", text: "2.5", want: 2.5},
		{key: "factor", text: "2%", says: "not a number"},
		{key: "words", text: "a,b", want: []string{"a", "b"}},
		{key: "numbers", text: "1, 2", want: []int{1, 2}, written: "1,2"},
		{key: "numbers", text: "1,x", says: `"x" is not a port`},
	} {
		s := row(t, test.key)
		got, err := s.Parse(test.text)
		if test.says != "" {
			if err == nil || !strings.Contains(err.Error(), test.says) {
				t.Errorf("%s: %s gives %v, %v", test.key, test.text, got, err)
			}
			continue
		}
		if err != nil || !reflect.DeepEqual(got, test.want) {
			t.Errorf("%s: %s gives %#v, %v", test.key, test.text, got, err)
			continue
		}
		var p part
		s.Set(&p, got)
		want := test.written
		if want == "" {
			want = test.text
		}
		if shown := s.Shown(&p); shown != want {
			t.Errorf("%s: %s is shown as %s, want %s", test.key, test.text, shown, want)
		}
		if value, ok := s.Get(&p); !ok || s.Write(value) != want {
			t.Errorf("%s: %s is %v, %v in its field", test.key, test.text, value, ok)
		}
	}
}

func TestFillGivesDefaults(t *testing.T) {
	on := true
	full := part{Count: 3, Word: "a", Off: &on, Wait: 90 * time.Second, Size: 1024, Own: &inner{Level: 7}}
	no := false
	group := inner{Level: 4}
	given := part{Count: 5, Word: "b", Off: &no, Wait: time.Second, Size: 1, Share: 1, Group: &group, Own: &inner{Level: 2}}
	filled := given
	filled.Group = &inner{Level: 4, Types: []string{"x", "y"}}
	for _, test := range []struct {
		name        string
		given, want part
	}{
		{"nothing is set", part{}, full},
		{"what is set stays", given, filled},
	} {
		p := test.given
		if Fill(rows(), &p); !reflect.DeepEqual(p, test.want) {
			t.Errorf("%s: %+v, want %+v", test.name, p, test.want)
		}
		if faults := Check(rows(), &p); len(faults) > 0 {
			t.Errorf("%s: %v", test.name, faults[0])
		}
	}
	if group.Types != nil {
		t.Error("a group that others share was filled in its place")
	}
	for _, s := range rows() {
		if !s.IsDefault(&full) {
			t.Errorf("%s is not its default", s.Key)
		}
	}
}

func TestCheckHoldsBounds(t *testing.T) {
	for _, test := range []struct {
		name string
		p    part
		want string // the faults
	}{
		{"left out", part{}, ""},
		{"bounds are allowed", part{Count: 9, Wait: time.Hour, Share: 1, Group: &inner{Level: 1}}, ""},
		{"too low", part{Count: -1}, "count: -1 is not allowed, want 1 to 9"},
		{"too high", part{Share: 1.5}, "share: 1.5 is not allowed, want 0% to 100%"},
		{"no number", part{Share: math.NaN()}, "share: NaN is not allowed, want 0% to 100%"},
		{"no whole seconds", part{Wait: 1500 * time.Millisecond}, "wait: 1.5s is not allowed, want whole seconds, 1s to 1h0m0s"},
		{"too fast", part{Rate: 2e9}, "rate: 2gbit is not allowed, want 8kbit to 1gbit"},
		{"unknown word", part{Word: "c"}, `word: "c" is not known, allowed: a, b`},
		{"in a group", part{Group: &inner{Level: 10}}, "group.level: 10 is not allowed, want 1 to 9"},
		{"in another struct", part{Own: &inner{Level: 10}}, "deep: 10 is not allowed, want 0 to 9"},
		{"all at once", part{Count: 10, Word: "c"}, `count: 10 is not allowed, want 1 to 9; word: "c" is not known, allowed: a, b`},
	} {
		var found []string
		for _, f := range Check(rows(), &test.p) {
			found = append(found, f.Error())
		}
		if got := strings.Join(found, "; "); got != test.want {
			t.Errorf("%s: %s, want %s", test.name, got, test.want)
		}
	}
}

func TestShownWhereNothingIsSet(t *testing.T) {
	for key, want := range map[string]string{"count": "0", "off": "", "share": "2%", "rate": "off", "factor": "0", "words": "", "group": "off", "deep": "0"} {
		if got := row(t, key).Shown(&part{}); got != want {
			t.Errorf("%s is shown as %q, want %q", key, got, want)
		}
	}
	if got := row(t, "group").Shown(&part{Group: &inner{}}); got != "on" {
		t.Errorf("a group that is there is shown as %s", got)
	}
}

func TestPlacesWriteCopies(t *testing.T) {
	for _, key := range []string{"group", "deep"} {
		shared := inner{Level: 4}
		a := part{Group: &shared, Own: &shared}
		b := a
		switch s := row(t, key); key {
		case "group":
			s.Rows[0].Set(s.Open(&b), 5)
		case "deep":
			s.Set(&b, 5)
		}
		if a.Group.Level != 4 || a.Own.Level != 4 || b.Group.Level+b.Own.Level != 9 {
			t.Errorf("%s: %+v, %+v and %+v, %+v", key, a.Group, a.Own, b.Group, b.Own)
		}
	}
	var p part
	if _, ok := row(t, "deep").Get(&p); ok || p.Own != nil {
		t.Error("to read a place makes the struct that it is in")
	}
	p.Count = 4
	if s := row(t, "count"); s.Value(&p) != 4 || *s.Place(&p).(*int) != 4 {
		t.Error("the place of count is another one")
	} else if s.Clear(&p); p.Count != 0 {
		t.Error("count is not cleared")
	}
}

func TestWordsDescribe(t *testing.T) {
	for _, test := range []struct {
		p    part
		want []string
	}{
		{part{}, []string{"count 3"}},
		{part{Count: 4, Word: "b", Words: []string{"x", "y"}}, []string{"count 4", "as b", "words x y"}},
	} {
		Fill(rows(), &test.p)
		if got := Words(rows(), &test.p); !slices.Equal(got, test.want) {
			t.Errorf("%q, want %q", got, test.want)
		}
	}
}

func TestInheritGivesWhatIsLeftOut(t *testing.T) {
	got := Inherit([]Setting{{Key: "count", Max: 5}, {Key: "alone", Doc: "x"}, {Key: "group", Rows: []Setting{{Key: "level", Doc: "how much"}}}}, rows())
	if count := got[0]; count.Default != "3" || count.Min != 1 || count.Max != 5 || count.Form() != Int {
		t.Errorf("count has %+v", count)
	}
	if got[1].Doc != "x" {
		t.Errorf("a row of its own became %+v", got[1])
	}
	if in := got[2].Rows; len(in) != 1 || in[0].Doc != "how much" || in[0].Max != 9 || in[0].Form() != Int {
		t.Errorf("the group has %+v", in)
	}
	if base := rows()[0]; base.Max != 9 {
		t.Errorf("the row inherited from has %+v", base)
	}
}

func TestJoinAllowsWhatAnyAllows(t *testing.T) {
	word := func(values ...string) Setting { return Setting{Key: "word", Default: values[0], Values: values} }
	for _, test := range []struct {
		name string
		a, b Setting
		want Setting
	}{
		{"words", word("a", "b"), word("a", "c"), Setting{Key: "word", Default: "a", Values: []string{"a", "b", "c"}}},
		{"any word", word("a"), Setting{Key: "word", Default: "a"}, Setting{Key: "word", Default: "a"}},
		{"bounds", Setting{Key: "n", Default: "1", Min: 1, Max: 5}, Setting{Key: "n", Default: "2", Max: 9}, Setting{Key: "n", Max: 9}},
		{"no bounds", Setting{Key: "n", Min: 1, Max: 5}, Setting{Key: "n"}, Setting{Key: "n"}},
	} {
		if got := Join([]Setting{test.a}, []Setting{test.b}); len(got) != 1 || !reflect.DeepEqual(got[0], test.want) {
			t.Errorf("%s: %+v, want %+v", test.name, got, test.want)
		}
	}
}

func TestTurnsHaveBothEnds(t *testing.T) {
	for _, test := range []struct {
		s    Setting
		want []string
	}{
		{*row(t, "count"), []string{"1", "2", "3", "4", "6", "8", "9"}},
		{*row(t, "word"), []string{"a", "b"}},
		{*row(t, "on"), []string{"false", "true"}},
		{*row(t, "group"), []string{"off", "on"}},
		{*row(t, "words"), nil},
		{Setting{Fixed: true, Values: []string{"a"}}, nil},
	} {
		if got := test.s.Turns(); !slices.Equal(got, test.want) {
			t.Errorf("%s: %q, want %q", test.s.Key, got, test.want)
		}
	}
}
