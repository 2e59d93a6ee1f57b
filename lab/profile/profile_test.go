package profile

import (
	"bytes"
	"compress/gzip"
	"fmt"
	"math"
	"slices"
	"strings"
	"testing"
	"time"

	pprof "github.com/google/pprof/profile"
)

// goProfile is a profile as a Go server gives it: main calls work, into which inner is inlined, and a place without a name.
func goProfile(t *testing.T, alter func(*pprof.Profile)) []byte {
	t.Helper()
	function := func(id uint64, name string) *pprof.Function { return &pprof.Function{ID: id, Name: name} }
	main, work, inner := function(1, "main.main"), function(2, "main.work"), function(3, "main.inner")
	mapping := &pprof.Mapping{ID: 1, File: "/srv/app"}
	at := func(id uint64, lines ...*pprof.Function) *pprof.Location {
		l := &pprof.Location{ID: id, Mapping: mapping, Address: id}
		for _, f := range lines {
			l.Line = append(l.Line, pprof.Line{Function: f})
		}
		return l
	}
	root, leaf, bare := at(1, main), at(2, inner, work), at(3)
	p := &pprof.Profile{
		SampleType: []*pprof.ValueType{{Type: "samples", Unit: "count"}, {Type: "cpu", Unit: "nanoseconds"}},
		PeriodType: &pprof.ValueType{Type: "cpu", Unit: "nanoseconds"}, Period: int64(10 * time.Millisecond), DurationNanos: int64(3 * time.Second),
		Sample: []*pprof.Sample{
			{Location: []*pprof.Location{leaf, root}, Value: []int64{7, 7e7}},
			{Location: []*pprof.Location{bare, root}, Value: []int64{2, 2e7}},
		},
		Location: []*pprof.Location{root, leaf, bare}, Function: []*pprof.Function{main, work, inner}, Mapping: []*pprof.Mapping{mapping},
	}
	if alter != nil {
		alter(p)
	}
	var b bytes.Buffer
	if err := p.Write(&b); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

func TestPprof(t *testing.T) {
	packed := goProfile(t, nil)
	z, err := gzip.NewReader(bytes.NewReader(packed))
	if err != nil {
		t.Fatal(err)
	}
	plain, err := ReadAll(z)
	if err != nil {
		t.Fatal(err)
	}
	for _, data := range [][]byte{packed, plain} {
		p, err := FromPprof(data)
		if err != nil {
			t.Fatal(err)
		}
		want := []string{"main.main;main.work;main.inner 7", "main.main;[unknown in app] 2"}
		if !slices.Equal(p.Stacks, want) || p.Samples != 9 || p.Unresolved != 2 || p.Period != 10_000 || p.Seconds != 3 || p.Check() != nil {
			t.Errorf("%+v, %v", p, p.Check())
		}
	}
	var bomb bytes.Buffer
	w, _ := gzip.NewWriterLevel(&bomb, gzip.BestSpeed)
	for range Largest>>20 + 1 {
		_, _ = w.Write(make([]byte, 1<<20))
	}
	_ = w.Close()
	for _, test := range []struct {
		name, want string
		data       []byte
	}{
		{"garbage", "it is no profile of pprof", []byte("<html>not found</html>")},
		{"empty", "it is no profile of", nil},
		{"torn", "unpacking it", packed[:len(packed)/2]},
		{"larger than the bound when it is unpacked", "larger than 64 MiB", bomb.Bytes()},
		{"of memory", "no profile of CPU time", goProfile(t, func(p *pprof.Profile) { p.PeriodType.Type = "space" })},
		{"no samples", "it has no samples", goProfile(t, func(p *pprof.Profile) { p.Sample = nil })},
		{"fewer than none", "more samples than any", goProfile(t, func(p *pprof.Profile) { p.Sample[0].Value[0] = -1 })},
		{"too many", "more samples than any", goProfile(t, func(p *pprof.Profile) { p.Sample[0].Value[0] = math.MaxInt64 })},
	} {
		if p, err := FromPprof(test.data); err == nil || !strings.Contains(err.Error(), test.want) {
			t.Errorf("%s: %+v, %v", test.name, p, err)
		}
	}
}

const perfText = `server  4258/4261  
	ffffffff82027de6 __tcp_transmit_skb ([kernel.kallsyms])
	           af73b syscall.write (/srv/server)
	          146da5 net.(*conn).Write (/srv/server)

my server  4258/4261  
	           6d8cf [unknown] (/srv/libz.so)
	          146da5 operator new(unsigned long) (/srv/server)
server  4258/4261  

server  4258/4261  
	           af73b syscall.write (/srv/server)
	          146da5 net.(*conn).Write (/srv/server)
`

func TestPerf(t *testing.T) {
	p, err := FromPerf(strings.NewReader(perfText), 2*time.Millisecond)
	if err != nil {
		t.Fatal(err)
	}
	want := []string{"[unknown] 1", "net.(*conn).Write;syscall.write 1", "net.(*conn).Write;syscall.write;__tcp_transmit_skb 1", "operator new(unsigned long);[unknown in libz.so] 1"}
	if !slices.Equal(p.Stacks, want) || p.Samples != 4 || p.Unresolved != 2 || p.Period != 2000 || p.Check() != nil {
		t.Errorf("%+v, %v", p, p.Check())
	}
	for text, want := range map[string]string{"": "no samples", "\t  af73b f (x)\n": "where a sample was expected"} {
		if _, err := FromPerf(strings.NewReader(text), time.Millisecond); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%q: %v", text, err)
		}
	}
}

func TestPySpy(t *testing.T) {
	p, err := FromPySpy([]byte("<module> (app.py:90);serve (http/server.py:10);work (app.py:12) 30\n<module> (app.py:90);serve (http/server.py:10);work (app.py:14) 5\n"), 10*time.Millisecond)
	if err != nil {
		t.Fatal(err)
	}
	if want := []string{"<module> (app.py);serve (http/server.py);work (app.py) 35"}; !slices.Equal(p.Stacks, want) || p.Samples != 35 {
		t.Errorf("%+v", p)
	}
	for _, text := range []string{"", "Error: no permission", "a;b -3\n"} {
		if p, err := FromPySpy([]byte(text), time.Millisecond); err == nil {
			t.Errorf("%q: %+v", text, p)
		}
	}
}

// A profile has a bounded size: the largest stacks stay, and what was cut is said.
func TestALargeProfileIsCut(t *testing.T) {
	b := &builder{}
	for i := range 4 * mostStacks {
		if err := b.add([]string{"main", name(fmt.Sprintf("function%05d;%s", i, strings.Repeat("x", 300)))}, int64(1+i), true); err != nil {
			t.Fatal(err)
		}
	}
	if err := b.add(slices.Repeat([]string{"again"}, 10*mostFrames), 1, true); err != nil {
		t.Fatal(err)
	}
	p, err := b.profile(Perf, time.Millisecond)
	if err != nil {
		t.Fatal(err)
	}
	text := len(strings.Join(p.Stacks, ""))
	if p.Check() != nil || text > mostText || text < mostText/2 || p.CutStacks != 4*mostStacks+1-len(p.Stacks) || p.CutSamples == 0 || !strings.HasPrefix(p.Stacks[0], "main;function05999:xx") {
		t.Errorf("%d bytes, %d stacks, %d and %d cut, first %.60q: %v", text, len(p.Stacks), p.CutStacks, p.CutSamples, p.Stacks[0], p.Check())
	}
	if words := p.Words(); !strings.Contains(words, "smallest stacks are left out") {
		t.Error(words)
	}
}

func of(tool string, stacks ...string) *Profile {
	p := &Profile{Tool: tool, Stacks: stacks}
	for _, s := range stacks {
		_, n, _ := unfold(s)
		p.Samples += n
	}
	return p
}

func names(list []Function) (out []string) {
	for _, f := range list {
		out = append(out, f.Name)
	}
	return out
}

// What calls a function is said where one does so in more than half of its samples.
func TestWhatCallsAFunction(t *testing.T) {
	p := of(Perf, "main;serve;hash 30", "main;other;hash 20", "hash 5", "main;serve;again;again 7", "even;half 1", "odd;half 1")
	for name, want := range map[string]string{"hash": "serve", "again": "serve", "half": "", "main": "", "nowhere": ""} {
		if got := p.functions()[name].caller(); got != want {
			t.Errorf("%s is called by %q, want %q", name, got, want)
		}
	}
}

// The function that was planted comes first, whether it burns itself or lets others do it: not those that call it, whose cost
// grows as much, and not those that it calls.
func TestThePlantedFunctionComesFirst(t *testing.T) {
	before := of(Perf, "main;serve;handle;work 800", "main;serve;write 150", "collect 50")
	ratio := [2]float64{1.24, 1.26}
	cost := func(x float64) *float64 { return &x }
	for name, grown := range map[string]*Profile{
		"itself":     of(Perf, "main;serve;handle;work 790", "main;serve;handle;planted 255", "main;serve;write 155", "collect 50"),
		"by another": of(Perf, "main;serve;handle;work 790", "main;serve;handle;planted;hash 230", "main;serve;handle;planted 25", "main;serve;write 155", "collect 50"),
		"by many":    of(Perf, "main;serve;handle;work 790", "main;serve;handle;planted;work 90", "main;serve;handle;planted;write 90", "main;serve;handle;planted;collect 75", "main;serve;write 155", "collect 50"),
	} {
		d := Compare(Side{"b", grown, cost(125)}, Side{"a", before, cost(100)}, &ratio)
		f := d.Functions[0]
		if f.Name != "planted" || !f.Clear || f.Samples != [2]int64{255, 0} || math.Abs(f.Change-25.5) > 0.1 || f.CI95[0] > f.Change || f.CI95[1] < f.Change || f.CI95[0] < 20 {
			t.Errorf("%s: %+v, order %v", name, f, names(d.Functions))
		}
		if f.Caller != "handle" {
			t.Errorf("%s: it is called by %q", name, f.Caller)
		}
		if i := slices.Index(names(d.Clear()), "main"); i < 1 || d.Functions[i].Caller != "" {
			t.Errorf("%s: what calls it is not clear, or first: %v", name, names(d.Clear()))
		}
		// The other way round it is what shrank most.
		d = Compare(Side{"a", before, cost(100)}, Side{"b", grown, cost(125)}, &[2]float64{1 / 1.26, 1 / 1.24})
		if f := d.Functions[0]; f.Name != "planted" || f.Change > -25 || !f.Clear {
			t.Errorf("%s: %+v, order %v", name, f, names(d.Functions))
		}
	}
}

// Two profiles of the same differ by chance, of which nothing is said to be clear; and where no interval is known nothing is.
func TestChanceIsNotClear(t *testing.T) {
	a := of(Perf, "main;work 480", "main;write 210", "main;read 3", "collect 50")
	b := of(Perf, "main;work 505", "main;write 188", "main;other 2", "collect 61")
	cost := 100.0
	d := Compare(Side{"b", b, &cost}, Side{"a", a, &cost}, &[2]float64{0.98, 1.02})
	if len(d.Clear()) > 0 || len(d.Functions) != 6 {
		t.Errorf("%v of %v", names(d.Clear()), names(d.Functions))
	}
	d = Compare(Side{"b", of(Perf, "main;planted 500"), &cost}, Side{"a", a, &cost}, nil)
	if len(d.Clear()) > 0 || d.Functions[0].CI95 != nil {
		t.Errorf("%+v", d.Functions[0])
	}
}

func TestWhatIsNotCompared(t *testing.T) {
	cost := 100.0
	one := of(Perf, "main 5")
	for _, test := range []struct {
		want string
		a, b Side
	}{
		{"not both variants were profiled", Side{"b", one, &cost}, Side{"a", nil, &cost}},
		{"not both variants were profiled", Side{"b", &Profile{Missed: []string{"perf"}}, &cost}, Side{"a", one, &cost}},
		{"b was profiled by py-spy and a by perf", Side{"b", of(PySpy, "main 5"), &cost}, Side{"a", one, &cost}},
		{"the CPU of a request is not known", Side{"b", one, nil}, Side{"a", one, &cost}},
	} {
		if d := Compare(test.a, test.b, nil); !strings.HasPrefix(d.Reason, test.want) || d.Functions != nil || d.Clear() != nil {
			t.Errorf("%+v, want %s", d, test.want)
		}
	}
}

// The tree has both variants' stacks, and its costs add up to those of a request. A function that calls itself counts once.
func TestTree(t *testing.T) {
	a, b := of(Perf, "main;loop;loop;loop 60", "main;read 40"), of(Perf, "main;loop 100", "main;write 100")
	cost := [2]float64{30, 10}
	d := Compare(Side{"b", b, &cost[0]}, Side{"a", a, &cost[1]}, nil)
	root := Tree(d, b, a)
	main := root.Children[0]
	if root.Samples != [2]int64{200, 100} || math.Abs(root.Cost[0]-30)+math.Abs(root.Cost[1]-10) > 1e-9 || len(root.Children) != 1 || len(main.Children) != 3 {
		t.Errorf("%+v", root)
	}
	if loop := main.Children[0]; loop.Name != "loop" || loop.Samples != [2]int64{100, 60} || loop.Children[0].Samples != [2]int64{0, 60} {
		t.Errorf("%+v", loop)
	}
	i := slices.Index(names(d.Functions), "loop")
	if f := d.Functions[i]; f.Samples != [2]int64{100, 60} || f.Total != [2]float64{15, 6} || f.Self != [2]float64{15, 6} {
		t.Errorf("%+v", f)
	}
}
