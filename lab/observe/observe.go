// Package observe measures processes and the host: CPU, memory, threads, descriptors and context switches of every
// process that the lab started, by role, and what else happens on the machine meanwhile. It is the only importer of
// gopsutil. What a system cannot give is nil in JSON and NaN-free: a pointer that is nil is shown as a dash.
package observe

import (
	"time"

	"benchtop/lab/observe/counters"
)

// Every is the period of the samples between the edges of a window.
const Every = 250 * time.Millisecond

// Proc names one process to watch.
type Proc struct {
	PID     int    `json:"pid"`
	Role    string `json:"role"`              // lab | loader | worker | proxy | guard ...
	Variant string `json:"variant,omitempty"` // id of the variant it belongs to; empty for the lab and the generator
	Part    string `json:"part,omitempty"`    // of that variant's target: server, proxy, or the name of a service; empty in older run files
	Reaps   bool   `json:"reaps,omitempty"`   // its CPU includes that of its children which have ended, less what was seen of them
	Group   string `json:"group,omitempty"`   // folder of the control group that it stands for: CPU, memory and tasks are those of all its processes
	Forked  bool   `json:"forked,omitempty"`  // it shares memory with others: its proportional memory is read at the edges of windows
	Counted bool   `json:"-"`                 // its events are counted, see Observer.Count
}

// ProcSample is one reading of one process. CPU counts since the process began; the slow readings (memory, threads,
// switches once a second, descriptors every 5 s) repeat their last value in between.
type ProcSample struct {
	Proc
	At       int64   `json:"at"`             // proc.Now, nanoseconds, of the CPU reading
	CPU      int64   `json:"cpu"`            // nanoseconds of CPU time since its start (user and system)
	Percent  float64 `json:"percent"`        // of one core, since the previous sample at least 100 ms ago; 0 in the first
	RSS      *int64  `json:"rss,omitempty"`  // bytes resident
	PSS      *int64  `json:"pss,omitempty"`  // bytes resident, what is shared with others by its share; of one that is Forked, since the last edge
	Threads  *int64  `json:"thr,omitempty"`  // operating system threads
	FDs      *int64  `json:"fds,omitempty"`  // open descriptors
	Switches *int64  `json:"ctx,omitempty"`  // context switches since its start, voluntary and not
	Gone     bool    `json:"gone,omitempty"` // it does not exist any more; CPU is the last value read
	Born     int64   `json:"born,omitempty"` // start of the process on the clock of At, to about 10 ms; tells a reused PID apart
}

// HostSample is one reading of the whole machine. Times are nanoseconds since boot, summed over cores; only their
// differences mean something. On Linux Busy is the time that the cores were not idle, rather than the sum of user,
// nice, system, irq and softirq: those are sampled at the clock's ticks and miss a tenth of the work of processes that
// sleep and wake often, as servers do, while idle time is exact.
type HostSample struct {
	At        int64    `json:"at"`
	Busy      int64    `json:"busy"`                // everything but idle, waiting for a disk, and stolen
	Foreign   int64    `json:"foreign"`             // what processes are charged with, to subtract our own from: Busy, less interrupts where the kernel accounts for them apart
	Steal     *int64   `json:"steal,omitempty"`     // taken by the hypervisor
	Total     int64    `json:"total"`               // all states; 0 where the system gives no times
	Load1     *float64 `json:"load1,omitempty"`     // load average of a minute
	Pressure  *float64 `json:"psi_cpu,omitempty"`   // CPU pressure "some avg10", percent
	Throttled *int64   `json:"throttled,omitempty"` // nanoseconds throttled by a CPU quota of the control group, since its start
	TCP       *TCP     `json:"tcp,omitempty"`       // since boot; nil where the system does not tell
}

// TCP counts what TCP did on the whole machine (its network namespace, to be exact), benchtop's own connections and
// those of everybody else alike. The names in brackets are the kernel's, in /proc/net/netstat and /proc/net/snmp.
type TCP struct {
	ListenOverflows int64 `json:"listen_overflows,omitempty"` // a connection found the queue of those to be accepted full (ListenOverflows)
	ListenDrops     int64 `json:"listen_drops,omitempty"`     // dropped by a listening socket for this or another reason (ListenDrops)
	CookiesSent     int64 `json:"cookies_sent,omitempty"`     // the queue of half-open ones was full, answered with a cookie (TCPReqQFullDoCookies)
	RequestsDropped int64 `json:"requests_dropped,omitempty"` // the same, dropped (TCPReqQFullDrop)
	Timeouts        int64 `json:"timeouts,omitempty"`         // an answer did not come in time: sent again (TCPTimeouts)
	Retransmitted   int64 `json:"retransmitted,omitempty"`    // segments sent again (RetransSegs)
	DelayedACKs     int64 `json:"delayed_acks,omitempty"`     // acknowledgements sent by the timer, up to 40 ms late (DelayedACKs)
}

// Sample is one reading of everything.
type Sample struct {
	At     int64         `json:"at"`
	Host   HostSample    `json:"host"`
	Procs  []ProcSample  `json:"procs"`
	Groups []GroupSample `json:"-"`
}

// ProcUsage is what one process used between two samples.
type ProcUsage struct {
	Proc
	CPU       int64  `json:"cpu"`                  // nanoseconds
	Wall      int64  `json:"wall"`                 // nanoseconds between the two readings of this process
	RSSBefore *int64 `json:"rss_before,omitempty"` // in the first sample; nil: not known, or it was not there
	RSS       *int64 `json:"rss,omitempty"`        // in the second, as is the rest
	PSS       *int64 `json:"pss,omitempty"`
	Threads   *int64 `json:"thr,omitempty"`
	FDs       *int64 `json:"fds,omitempty"`
	Switches  *int64 `json:"ctx,omitempty"` // in between
	Gone      bool   `json:"gone,omitempty"`

	Counts map[string]counters.Count `json:"counts,omitempty"` // by event, from Observer.BeginCounts to EndCounts; what is not there was not counted all the time
}

// HostUsage is what the machine did between two samples. Shares are of one core (1.0 is one core busy all the
// time); Steal is a share of the machine's whole capacity, 0 to 1.
type HostUsage struct {
	Busy      float64  `json:"busy"`
	Foreign   float64  `json:"foreign"` // CPU of processes that are not ours
	Steal     *float64 `json:"steal,omitempty"`
	Throttled *int64   `json:"throttled,omitempty"` // nanoseconds
	Load1     *float64 `json:"load1,omitempty"`
	Pressure  *float64 `json:"psi_cpu,omitempty"`
	TCP       *TCP     `json:"tcp,omitempty"`     // in between; nil: not known
	Unknown   bool     `json:"unknown,omitempty"` // the system gave no times of the whole machine: Busy and Foreign are not 0 but unknown
}

// Usage is what happened between two samples.
type Usage struct {
	From  int64       `json:"from"`
	To    int64       `json:"to"`
	Host  HostUsage   `json:"host"`
	Procs []ProcUsage `json:"procs"`

	Groups []GroupUsage `json:"groups,omitempty"` // of the servers that have one
}

// Machine describes the computer, once per run.
type Machine struct {
	OS        string  `json:"os"` // linux | darwin
	Arch      string  `json:"arch"`
	CPUs      int     `json:"cpus"` // logical cores that this process may use
	Model     string  `json:"model"`
	Kernel    string  `json:"kernel"`
	Memory    int64   `json:"memory"` // bytes
	Go        string  `json:"go"`
	Benchtop  string  `json:"benchtop"` // version of this program
	Hostname  string  `json:"hostname,omitempty"`
	Virtual   string  `json:"virtual,omitempty"`  // hypervisor or container, when known
	Files     uint64  `json:"files"`              // soft limit of open descriptors
	FilesHard uint64  `json:"files_hard"`         // hard limit
	PortLow   int     `json:"port_low,omitempty"` // ephemeral ports
	PortHigh  int     `json:"port_high,omitempty"`
	PortsHeld float64 `json:"-"`                   // seconds for which a port stays used after the client has closed a connection
	CPUQuota  float64 `json:"cpu_quota,omitempty"` // cores allowed by the control group, 0 is unlimited
	Clock     string  `json:"clock"`               // where process CPU time comes from: clock_gettime | proc_info | gopsutil

	Counters []counters.Have `json:"counters,omitempty"` // what is counted of processes, where a run asks for that
}
