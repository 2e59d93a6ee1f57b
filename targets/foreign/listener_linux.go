package foreign

import (
	"bufio"
	"encoding/binary"
	"encoding/hex"
	"net/netip"
	"os"
	"slices"
	"strconv"
	"strings"

	"benchtop/targets/procfs"
)

// listeners gives the processes that have the socket open which takes connections to an address, lowest id first. Those
// of other users are not seen.
func listeners(ip netip.Addr, port int) []int {
	inodes := map[string]bool{}
	for _, table := range []string{"/proc/net/tcp", "/proc/net/tcp6"} {
		for inode := range listening(table, ip, port) {
			inodes["socket:["+inode+"]"] = true
		}
	}
	if len(inodes) == 0 {
		return nil
	}
	var pids []int
	all, _ := procfs.PIDs() // without a /proc of this namespace nobody is known
	for _, pid := range all {
		if procfs.Holds(pid, inodes) {
			pids = append(pids, pid)
		}
	}
	slices.Sort(pids)
	return pids
}

// listening reads a table of sockets (proc_pid_net(5)): the fields are slot, local address, remote address, state ...
// and, as the tenth, the inode.
func listening(table string, ip netip.Addr, port int) map[string]bool {
	const listen = "0A" // TCP_LISTEN
	f, err := os.Open(table)
	if err != nil {
		return nil
	}
	defer func() { _ = f.Close() }()
	inodes := map[string]bool{}
	for lines := bufio.NewScanner(f); lines.Scan(); {
		fields := strings.Fields(lines.Text())
		if len(fields) < 10 || fields[3] != listen {
			continue
		}
		local, ok := parseSocket(fields[1])
		if !ok || int(local.Port()) != port {
			continue
		}
		if bound := local.Addr().Unmap(); bound == ip || bound.IsUnspecified() {
			inodes[fields[9]] = true
		}
	}
	return inodes
}

// parseSocket reads an address of such a table: the bytes as words of 32 bits in the order of this machine, a colon
// and the port, all in hexadecimal.
func parseSocket(s string) (netip.AddrPort, bool) {
	address, port, ok := strings.Cut(s, ":")
	number, err := strconv.ParseUint(port, 16, 16)
	words, err2 := hex.DecodeString(address)
	if !ok || err != nil || err2 != nil || len(words)%4 != 0 {
		return netip.AddrPort{}, false
	}
	for i := 0; i < len(words); i += 4 {
		binary.NativeEndian.PutUint32(words[i:], binary.BigEndian.Uint32(words[i:]))
	}
	ip, ok := netip.AddrFromSlice(words)
	return netip.AddrPortFrom(ip, uint16(number)), ok
}

// family gives the processes and everything below them, parents first.
func family(pids []int) []procfs.Stat {
	if len(pids) == 0 {
		return nil
	}
	all, _ := procfs.PIDs()
	children := map[int][]procfs.Stat{}
	var out []procfs.Stat
	for _, pid := range all {
		st, ok := procfs.ReadStat(pid)
		if !ok || st.Zombie() {
			continue
		}
		children[st.Parent] = append(children[st.Parent], st)
		if slices.Contains(pids, pid) {
			out = append(out, st)
		}
	}
	for i := 0; i < len(out); i++ {
		for _, child := range children[out[i].PID] {
			if !slices.ContainsFunc(out, func(st procfs.Stat) bool { return st.PID == child.PID }) {
				out = append(out, child)
			}
		}
	}
	return out
}
