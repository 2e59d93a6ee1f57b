package observe

import (
	"runtime"
	"slices"
	"sync"
	"testing"
)

func TestMachineSpeed(t *testing.T) {
	var done sync.WaitGroup
	for range 2 { // twice at once: they must not disturb more than each other's time
		done.Go(func() {
			times := MachineSpeed()
			if len(times) != runtime.GOMAXPROCS(0) || !slices.IsSorted(times) || times[0] <= 0 {
				t.Errorf("speeds %v", times)
			}
		})
	}
	done.Wait()
	t.Log("nanoseconds of each core:", MachineSpeed())
}

// Afterwards no thread that goes on is bound to one core.
func TestMachineSpeedReleasesThreads(t *testing.T) {
	before := len(allowedCores())
	for range 5 {
		MachineSpeed()
	}
	var done sync.WaitGroup
	for range 16 {
		done.Go(func() {
			runtime.LockOSThread()
			defer runtime.UnlockOSThread()
			if got := len(allowedCores()); got != before {
				t.Errorf("a thread may run on %d cores, want %d", got, before)
			}
		})
	}
	done.Wait()
}

func TestMachineSpeedWithFewerProcessors(t *testing.T) {
	defer runtime.GOMAXPROCS(runtime.GOMAXPROCS(1))
	if times := MachineSpeed(); len(times) != 1 {
		t.Errorf("speeds %v, want one", times)
	}
}

func BenchmarkMachineSpeed(b *testing.B) {
	b.ReportAllocs()
	for range b.N {
		MachineSpeed()
	}
}

func TestDescribe(t *testing.T) {
	m := Describe("v1.2.3")
	if m.OS != runtime.GOOS || m.Arch != runtime.GOARCH || m.CPUs < 1 || m.Kernel == "" || m.Memory < 1<<20 || m.Go == "" || m.Benchtop != "v1.2.3" ||
		m.Files < 3 || m.FilesHard < m.Files || m.Clock != CPUClock || m.CPUQuota < 0 || m.PortLow > m.PortHigh {
		t.Errorf("%+v", m)
	}
	t.Logf("%+v", m)
}
