package observe

import (
	"crypto/sha256"
	"runtime"
	"slices"
	"time"

	"benchtop/targets/routine"
)

// The piece of work that tells how fast the machine is now: SHA-256 over speedUnits times 1 KiB, about 2 ms of a core
// with SHA instructions, several times as much without. It is fixed in units, so that its time is the answer.
const (
	speedUnits  = 3000
	warmUpUnits = speedUnits / 10 // wakes the core and loads the cache; not timed
)

// MachineSpeed times one fixed piece of work on every core at once and gives the nanoseconds of each core, sorted. A
// larger figure is a slower core: turned down, taken by the hypervisor, or shared with somebody. Only figures of one
// machine and one build can be compared.
//
// Each core's work runs on a locked thread, bound to its core where the system allows it, so that two of them cannot
// share one. The number of cores is GOMAXPROCS, which respects the quota of a container.
func MachineSpeed() []int64 {
	cores := allowedCores()
	n := runtime.GOMAXPROCS(0)
	if len(cores) != n {
		cores = nil // a quota below the number of cores: leave the placing to the scheduler
	}
	times := make([]int64, n)
	start := make(chan struct{})
	var ready, done routine.Group
	ready.Add(n)
	for i := range n {
		done.Go(func() {
			runtime.LockOSThread()
			release := func() bool { return true }
			if cores != nil {
				release = bindTo(cores[i])
			}
			var block [1024]byte
			ready.Done()
			<-start
			hashBlocks(&block, warmUpUnits)
			began := time.Now()
			hashBlocks(&block, speedUnits)
			times[i] = int64(time.Since(began))
			if release() {
				runtime.UnlockOSThread()
			} // otherwise the thread ends with the goroutine: nothing else may run bound to this core
		})
	}
	ready.Wait()
	close(start)
	done.Wait()
	slices.Sort(times)
	return times
}

// hashBlocks does n units of work, each depending on the one before.
func hashBlocks(block *[1024]byte, n int) {
	for range n {
		sum := sha256.Sum256(block[:])
		copy(block[:], sum[:])
	}
}
