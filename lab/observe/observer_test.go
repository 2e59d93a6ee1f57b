package observe

import (
	"encoding/json"
	"os"
	"runtime"
	"strings"
	"sync"
	"testing"
	"time"
)

// slack is the resolution at which two accounts of one process's CPU time are held against each other: where the
// kernel samples user and system time at its ticks, getrusage is scaled from them.
const slack = int64(30 * time.Millisecond)

// The CPU time lies between what the child itself said before it was read and what the system says at its end, and
// grows by at least what the child burnt in between.
func TestCPUAgainstGetrusage(t *testing.T) {
	k := spawn(t)
	o := New(monotonic)
	o.Watch([]Proc{{PID: k.pid(), Role: "worker", Variant: "a"}})

	before := k.burn(t, 100*time.Millisecond)
	first := o.Sample()
	after := k.burn(t, 200*time.Millisecond)
	second := o.SampleEdge()
	whole := k.stop(t)
	third := o.Sample()

	a, b := first.Procs[0], second.Procs[0]
	if a.CPU < before-slack || b.CPU < after-slack || b.CPU > whole+slack {
		t.Errorf("the child said %d and %d, the system %d in the end; observed %d and %d", before, after, whole, a.CPU, b.CPU)
	}
	usage := Between(first, second).Procs[0]
	if usage.CPU < int64(200*time.Millisecond)-slack || usage.CPU != b.CPU-a.CPU || usage.Wall < int64(200*time.Millisecond)/int64(runtime.NumCPU()) {
		t.Errorf("burnt 200 ms; usage is %+v", usage)
	}
	if a.Percent != 0 || b.Percent <= 0 {
		t.Errorf("percentages %v and %v, want 0 in the first sample and more in the second", a.Percent, b.Percent)
	}
	if gone := third.Procs[0]; !gone.Gone || gone.CPU != b.CPU || gone.Percent != 0 {
		t.Errorf("after its end: %+v, want gone with the CPU of %+v", gone, b)
	}
	if u := Between(second, third).Procs[0]; !u.Gone || u.CPU != 0 || u.Role != "worker" || u.Variant != "a" {
		t.Errorf("usage after its end: %+v", u)
	}
}

func TestOwnProcess(t *testing.T) {
	o := New(monotonic)
	o.Watch([]Proc{{PID: os.Getpid(), Role: "lab"}})
	low := used()
	s := o.Sample()
	high := used()
	p := s.Procs[0]
	if p.CPU < low-slack || p.CPU > high+slack {
		t.Errorf("CPU %d, want %d to %d", p.CPU, low, high)
	}
	if p.RSS == nil || *p.RSS < 1<<20 {
		t.Errorf("resident memory %v", p.RSS)
	}
	if p.Born == 0 || p.Born > p.At {
		t.Errorf("born at %d, sampled at %d", p.Born, p.At)
	}
	onLinux(t)
	if p.Threads == nil || *p.Threads < 2 || p.FDs == nil || *p.FDs < 3 || p.Switches == nil || *p.Switches < 1 {
		t.Errorf("threads %v, descriptors %v, switches %v", p.Threads, p.FDs, p.Switches)
	}
}

// Slow readings repeat until they are due; the memory is fresh at an edge. The clock of the test decides.
func TestSlowReadingsAreDue(t *testing.T) {
	at := int64(time.Hour)
	o := New(func() int64 { return at })
	o.Watch([]Proc{{PID: os.Getpid(), Role: "lab"}})
	first := o.Sample().Procs[0]
	step := func(d time.Duration, edge bool) ProcSample {
		at += int64(d)
		if edge {
			return o.SampleEdge().Procs[0]
		}
		return o.Sample().Procs[0]
	}
	tick := step(Every, false)
	if tick.RSS != first.RSS || tick.Threads != first.Threads || tick.FDs != first.FDs {
		t.Error("the slow readings were read again after 250 ms")
	}
	edge := step(Every, true)
	if edge.RSS == first.RSS || edge.Threads != first.Threads {
		t.Error("at an edge the memory is read again, and nothing else that is slow")
	}
	second := step(time.Second, false)
	if second.RSS == edge.RSS || second.FDs != first.FDs {
		t.Error("after a second the memory is read again, descriptors are not")
	}
	onLinux(t)
	if second.Threads == first.Threads || second.Switches == first.Switches {
		t.Error("after a second threads and switches are read again")
	}
	if fifth := step(5*time.Second, false); fifth.FDs == first.FDs {
		t.Error("after five seconds the descriptors are read again")
	}
}

// The context switches are those of all threads: one that works beside the main thread shows.
func TestSwitchesOfAllThreads(t *testing.T) {
	onLinux(t)
	at := int64(time.Hour)
	o := New(func() int64 { return at })
	o.Watch([]Proc{{PID: os.Getpid(), Role: "lab"}})
	first := *o.Sample().Procs[0].Switches
	const wakes = 300
	var done sync.WaitGroup
	done.Go(func() {
		runtime.LockOSThread() // ends with the goroutine
		defer runtime.UnlockOSThread()
		for range wakes {
			time.Sleep(time.Microsecond)
		}
	})
	done.Wait()
	at += int64(2 * time.Second)
	if second := *o.Sample().Procs[0].Switches; second < first+wakes/2 {
		t.Errorf("%d wake-ups of one thread; switches went from %d to %d", wakes, first, second)
	}
}

func TestShortPercentages(t *testing.T) {
	at := int64(time.Hour)
	o := New(func() int64 { return at })
	o.Watch([]Proc{{PID: os.Getpid()}})
	o.Sample()
	at += int64(Every)
	spend(20 * time.Millisecond)
	tick := o.Sample().Procs[0].Percent
	at += int64(3 * time.Millisecond)
	if edge := o.SampleEdge().Procs[0].Percent; edge != tick || tick <= 0 {
		t.Errorf("3 ms after a tick of %v %% the percentage is %v", tick, edge)
	}
}

// spend uses CPU time of this process.
func spend(d time.Duration) {
	var block [1024]byte
	for goal := used() + int64(d); used() < goal; {
		hashBlocks(&block, 100)
	}
}

func TestWatchKeepsHistory(t *testing.T) {
	k := spawn(t)
	at := int64(time.Hour)
	o := New(func() int64 { return at })
	own := Proc{PID: os.Getpid(), Role: "lab"}
	o.Watch([]Proc{own, {PID: k.pid(), Role: "worker", Variant: "a"}})
	o.Sample()
	k.burn(t, 50*time.Millisecond)
	at += int64(Every)
	before := o.Sample()

	// The child gets another name and stays; a PID is listed twice; another one has never existed.
	o.Watch([]Proc{{PID: k.pid(), Role: "proxy", Variant: "b"}, {PID: k.pid(), Role: "twice"}, {PID: 1 << 30, Role: "none"}, {PID: -1}, {PID: 0}})
	after := o.Sample()
	if len(after.Procs) != 4 {
		t.Fatalf("%d processes, want 4: %+v", len(after.Procs), after.Procs)
	}
	kept := after.Procs[0]
	if kept.Role != "proxy" || kept.Variant != "b" || kept.Percent != before.Procs[1].Percent || kept.Percent <= 0 || kept.RSS != before.Procs[1].RSS {
		t.Errorf("the child was %+v and is %+v: its history is lost", before.Procs[1], kept)
	}
	for _, p := range after.Procs[1:] {
		if !p.Gone || p.CPU != 0 || p.RSS != nil {
			t.Errorf("PID %d does not exist: %+v", p.PID, p)
		}
	}
	// It dies, is noticed, and stays as gone when watched again.
	last := k.stop(t)
	at += int64(Every)
	gone := o.Sample().Procs[0]
	o.Watch([]Proc{{PID: k.pid(), Role: "proxy", Variant: "b"}})
	again := o.Sample().Procs[0]
	if !gone.Gone || again.CPU != gone.CPU || !again.Gone || again.CPU > last+slack || again.CPU == 0 {
		t.Errorf("gone as %+v, watched again as %+v", gone, again)
	}
}

// A process that was not waited for yet has ended: the slow reading says so although its CPU clock still answers.
func TestZombieIsGone(t *testing.T) {
	onLinux(t)
	k := spawn(t)
	at := int64(time.Hour)
	o := New(func() int64 { return at })
	o.Watch([]Proc{{PID: k.pid()}})
	o.Sample()
	if err := k.cmd.Process.Kill(); err != nil {
		t.Fatal(err)
	}
	deadline := time.Now().Add(time.Minute)
	for {
		at += int64(2 * time.Second)
		if o.Sample().Procs[0].Gone {
			break
		}
		if time.Now().After(deadline) {
			t.Fatal("the killed process is never gone")
		}
		runtime.Gosched()
	}
	k.ended = true
	_ = k.in.Close()
	_ = k.cmd.Wait() // killed
}

// An entry whose start time is not the one that was watched is a reused PID.
func TestReusedPID(t *testing.T) {
	at := int64(time.Hour)
	o := New(func() int64 { return at })
	o.Watch([]Proc{{PID: os.Getpid()}})
	o.set[0].start--
	if s := o.Sample().Procs[0]; !s.Gone {
		t.Errorf("another process under the PID: %+v, want gone", s)
	}
	o.Watch([]Proc{{PID: os.Getpid()}})
	if s := o.Sample().Procs[0]; s.Gone {
		t.Errorf("watched anew: %+v, want present", s)
	}
	o.set[0].own += int64(time.Hour)
	if s := o.Sample().Procs[0]; !s.Gone {
		t.Errorf("less CPU than before: %+v, want gone", s)
	}
}

func TestSamplesDoNotChange(t *testing.T) {
	at := int64(time.Hour)
	o := New(func() int64 { return at })
	o.Watch([]Proc{{PID: os.Getpid()}})
	first := o.Sample()
	text, err := json.Marshal(first)
	if err != nil {
		t.Fatal(err)
	}
	for range 10 {
		at += int64(time.Second)
		spend(time.Millisecond)
		o.Sample()
	}
	again, err := json.Marshal(first)
	if err != nil || string(again) != string(text) {
		t.Errorf("an earlier sample changed from %s to %s, %v", text, again, err)
	}
}

func TestUnknownIsLeftOut(t *testing.T) {
	text, err := json.Marshal(ProcSample{Proc: Proc{PID: 1}})
	if err != nil {
		t.Fatal(err)
	}
	for _, key := range []string{"rss", "thr", "fds", "ctx"} {
		if strings.Contains(string(text), key) {
			t.Errorf("%s is in %s although it is not known", key, text)
		}
	}
}

func TestConcurrentUse(t *testing.T) {
	o := New(monotonic)
	own := []Proc{{PID: os.Getpid(), Role: "lab"}}
	o.Watch(own)
	var done sync.WaitGroup
	for i := range 4 {
		done.Go(func() {
			last := int64(0)
			for n := range 20 {
				var s Sample
				switch {
				case i == 0 && n%5 == 0:
					o.Watch(own)
					continue
				case i == 1:
					s = o.SampleEdge()
				default:
					s = o.Sample()
				}
				if s.At < last || len(s.Procs) != 1 || s.Procs[0].Gone {
					t.Errorf("sample %+v after %d", s, last)
				}
				last = s.At
			}
		})
	}
	done.Wait()
}

// BenchmarkSample is a quarter of a second of a run with 12 processes: one sample, every fourth with memory, threads
// and switches, every twentieth with descriptors. The bar is 1 % of a core.
func BenchmarkSample(b *testing.B) {
	at := int64(time.Hour)
	o := New(func() int64 { return at })
	var procs []Proc
	for range 12 {
		procs = append(procs, Proc{PID: spawn(b).pid(), Role: "worker"})
	}
	o.Watch(procs)
	b.ReportAllocs()
	b.ResetTimer()
	start := used()
	for range b.N {
		at += int64(Every)
		o.Sample()
	}
	b.StopTimer()
	b.ReportMetric(100*float64(used()-start)/float64(b.N)/float64(Every), "%core")
}

// What the children of a process use is counted as its own where it reaps them: once, whether or not somebody saw them.
func TestReapedChildrenAreCounted(t *testing.T) {
	onLinux(t)
	k := spawn(t)
	at := int64(time.Hour)
	o := New(func() int64 { return at })
	parent := Proc{PID: k.pid(), Role: "parent", Variant: "a", Part: "database", Reaps: true}
	o.Watch([]Proc{parent})
	began := o.Sample()
	k.tell(t, "fork")
	want := k.tell(t, "reap")
	at += int64(Every)
	between := o.Sample()
	if got := between.Procs[0].CPU - began.Procs[0].CPU; got < want-slack || got > want+2*slack {
		t.Errorf("a child used %v, its parent's account grew by %v", time.Duration(want), time.Duration(got))
	}
	seen := k.tell(t, "fork")
	o.Watch([]Proc{parent, {PID: int(seen), Role: "child", Variant: "a", Part: "database"}})
	at += int64(Every)
	alive := o.Sample()
	k.tell(t, "reap")
	for range 3 { // it is gone, then it is left out
		at += 2 * int64(time.Second)
		after := o.Sample()
		if got := after.Procs[0].CPU - alive.Procs[0].CPU; got > 3*slack {
			t.Errorf("what was seen of a child is counted again: %v", time.Duration(got))
		}
		o.Watch([]Proc{parent})
	}
	if alive.Procs[1].CPU < int64(200*time.Millisecond) || alive.Procs[0].CPU-between.Procs[0].CPU > slack {
		t.Errorf("while it lives: %+v", alive.Procs)
	}
}
