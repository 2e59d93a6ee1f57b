package observe

import (
	"bytes"
	"strconv"
)

// tcpCounters reads the counters of the network stack; nil when one of them is missing, as in some sandboxes.
func tcpCounters() *TCP {
	var buffer [16384]byte // each file is one record, which the kernel gives in one reading
	var t TCP
	content, ok := readFile("/proc/net/netstat", buffer[:])
	if !ok || !columns(content, "TcpExt:", map[string]*int64{
		"ListenOverflows": &t.ListenOverflows, "ListenDrops": &t.ListenDrops, "TCPReqQFullDoCookies": &t.CookiesSent,
		"TCPReqQFullDrop": &t.RequestsDropped, "TCPTimeouts": &t.Timeouts, "DelayedACKs": &t.DelayedACKs,
	}) {
		return nil
	}
	content, ok = readFile("/proc/net/snmp", buffer[:])
	if !ok || !columns(content, "Tcp:", map[string]*int64{"RetransSegs": &t.Retransmitted}) {
		return nil
	}
	return &t
}

// columns reads some columns of a table of which one line has the names and the next the values, both behind the
// table's own name. It reports whether it found all of them.
func columns(content []byte, table string, into map[string]*int64) bool {
	missing := len(into)
	var names []byte
	for line := range bytes.Lines(content) {
		rest, ours := bytes.CutPrefix(line, []byte(table+" "))
		if !ours {
			continue
		}
		if names == nil {
			names = rest
			continue
		}
		values := bytes.Fields(rest)
		for i, name := range bytes.Fields(names) {
			to := into[string(name)]
			if to == nil || i >= len(values) {
				continue
			}
			v, err := strconv.ParseInt(string(values[i]), 10, 64)
			if err != nil {
				return false
			}
			*to = v
			missing--
		}
		return missing == 0
	}
	return false
}
