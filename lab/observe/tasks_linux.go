package observe

import (
	"bytes"
	"os"

	"github.com/shirou/gopsutil/v3/process"
	"golang.org/x/sys/unix"

	"benchtop/targets/procfs"
)

// manyThreads bounds the cost of counting switches: beyond it only the number of threads is read.
const manyThreads = 256

// threadsAndSwitches gives the number of threads and the context switches of all of them. The counters in
// /proc/PID/status, which gopsutil reads, are those of the main thread alone, and a Go process does its work on
// others. The work of a thread that ended is lost, so the sum can fall.
func threadsAndSwitches(p *process.Process) (threads, switches *int64) {
	path, err := procfs.Dir(int(p.Pid))
	if err != nil {
		return nil, nil
	}
	path += "/task"
	tasks, err := os.Open(path) //nolint:gosec // the path is /proc and a number
	if err != nil {
		return nil, nil
	}
	names, err := tasks.Readdirnames(-1)
	_ = tasks.Close()
	if err != nil || len(names) == 0 {
		return nil, nil
	}
	threads = value(int64(len(names)))
	if len(names) > manyThreads {
		return threads, nil
	}
	var sum int64
	var buffer [8192]byte
	for _, name := range names {
		status, ok := readFile(path+"/"+name+"/status", buffer[:])
		if !ok {
			continue // it ended just now
		}
		sum += field(status, "\nvoluntary_ctxt_switches:") + field(status, "\nnonvoluntary_ctxt_switches:")
	}
	return threads, &sum
}

// readFile reads a small file of /proc into the buffer. It goes past the os package, which would register every
// file with the poller: half of the cost of a reading.
func readFile(path string, buffer []byte) (content []byte, ok bool) {
	fd, err := unix.Open(path, unix.O_RDONLY|unix.O_CLOEXEC, 0)
	if err != nil {
		return nil, false
	}
	n, err := unix.Read(fd, buffer)
	_ = unix.Close(fd)
	if err != nil || n <= 0 {
		return nil, false
	}
	return buffer[:n], true
}

// field is the number behind a key, 0 when it is not there.
func field(content []byte, key string) int64 {
	at := bytes.Index(content, []byte(key))
	if at < 0 {
		return 0
	}
	var v int64
	for _, c := range bytes.TrimLeft(content[at+len(key):], " \t") {
		if c < '0' || c > '9' {
			break
		}
		v = v*10 + int64(c-'0')
	}
	return v
}
