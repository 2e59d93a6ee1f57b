package observe

import (
	"os"
	"runtime"
	"slices"
	"strings"

	"github.com/shirou/gopsutil/v3/cpu"
	"github.com/shirou/gopsutil/v3/host"
	"github.com/shirou/gopsutil/v3/mem"

	"benchtop/targets/posix"
)

// Describe describes the computer; version is that of this program. What cannot be found out is empty or 0.
func Describe(version string) Machine {
	m := Machine{
		OS:       runtime.GOOS,
		Arch:     runtime.GOARCH,
		CPUs:     runtime.NumCPU(),
		Go:       runtime.Version(),
		Benchtop: version,
		CPUQuota: readQuota().cores(),
		Clock:    CPUClock,
	}
	hypervisor := false
	if cpus, err := cpu.InfoWithContext(here); err == nil && len(cpus) > 0 {
		m.Model = strings.Join(strings.Fields(cpus[0].ModelName), " ")
		hypervisor = slices.Contains(cpus[0].Flags, "hypervisor")
	}
	if kernel, err := host.KernelVersionWithContext(here); err == nil {
		m.Kernel = kernel
	}
	if memory, err := mem.VirtualMemoryWithContext(here); err == nil {
		m.Memory = int64(memory.Total) //nolint:gosec // no machine has 2^63 bytes
	}
	if name, err := os.Hostname(); err == nil {
		m.Hostname = name
	}
	if system, role, err := host.VirtualizationWithContext(here); err == nil && role == "guest" {
		m.Virtual = system
	}
	if m.Virtual == "" && hypervisor {
		m.Virtual = "a hypervisor"
	}
	if limit, err := posix.DescriptorLimits(); err == nil { // the Go runtime has raised the soft one at the start
		m.Files, m.FilesHard = limit.Soft, limit.Hard
	}
	m.PortLow, m.PortHigh = ephemeralPorts()
	m.PortsHeld = portsHeld()
	return m
}
