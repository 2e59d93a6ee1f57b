package procfs

import (
	"os"
	"strconv"
	"strings"
	"time"

	"golang.org/x/sys/unix"
)

// RemoveSegments removes the System V shared memory (shmget(2)) that these processes made and that nobody has attached, once
// they have ended: unlike everything else of a process it outlives it. PostgreSQL makes a segment of 56 bytes, and leaves it
// behind when it is killed.
func RemoveSegments(made ...Identity) {
	table, err := os.ReadFile("/proc/sysvipc/shm") // sysvipc(5)
	if err != nil {
		return // there is none
	}
	var up unix.Sysinfo_t
	if unix.Sysinfo(&up) != nil {
		return
	}
	boot := time.Now().Unix() - int64(up.Uptime) //nolint:unconvert // 32 bits on some systems
	for _, i := range made {
		if !i.Provable() || i.Alive() {
			continue
		}
		for _, id := range segmentsOf(string(table), int64(i.PID), boot+i.Start/TicksPerSecond) {
			_, _ = unix.SysvShmCtl(int(id), unix.IPC_RMID, nil) // it may be somebody else's, who keeps it
		}
	}
}

// segmentsOf lists the ids of the segments in the table that a process made which has begun at a time, in seconds since 1970,
// and that nobody has attached.
func segmentsOf(table string, pid, began int64) (ids []int64) {
	lines := strings.Split(table, "\n")
	at := map[string]int{}
	for i, name := range strings.Fields(lines[0]) {
		at[name] = i
	}
	for _, line := range lines[1:] {
		cells := strings.Fields(line)
		if len(cells) < len(at) {
			continue
		}
		number := func(name string) int64 { return integer(cells[at[name]]) }
		if number("cpid") == pid && number("nattch") == 0 && number("ctime")+1 >= began { // whole seconds
			ids = append(ids, number("shmid"))
		}
	}
	return ids
}

func integer(text string) int64 {
	n, err := strconv.ParseInt(text, 10, 64)
	if err != nil {
		return -1
	}
	return n
}
