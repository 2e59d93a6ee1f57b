package lab

import "strings"

// proxyRole begins the roles of a proxy's processes: proxy, proxy-master.
const proxyRole = "proxy"

func isProxy(role string) bool { return strings.HasPrefix(role, proxyRole) }

// labRole is the role of the process that everything else starts from.
const labRole = "lab"

// guardRole is the role of the processes that stand between the lab and a component of others.
const guardRole = "guard"

// processMetrics adds what the target's processes used in the window. A proxy in front of the server has a CPU account
// of its own, because what one of the two saves the other may pay; memory is that of the
// whole target.
func processMetrics(s *Slice, m map[string]float64) {
	l := &s.Load
	server, proxy, rss := int64(0), int64(0), int64(0)
	haveRSS, haveServer, haveProxy := false, false, false
	wall, living := int64(0), 0
	for i := range s.Usage.Procs {
		p := &s.Usage.Procs[i]
		if p.Variant != s.Variant {
			continue
		}
		if isProxy(p.Role) {
			proxy += p.CPU
			haveProxy = true
		} else {
			server += p.CPU
			haveServer = true
		}
		wall = max(wall, p.Wall)
		if !p.Gone {
			living++
		}
		if p.RSS != nil {
			rss += *p.RSS
			haveRSS = true
		}
	}
	if living > 0 {
		m["target_processes"] = float64(living)
	}
	if haveRSS {
		m["target_rss_bytes"] = float64(rss)
	}
	ended := l.Seen().Ended
	if wall <= 0 || ended == 0 {
		return
	}
	// The stamps of the CPU readings lie within a millisecond of the window's edges; the requests that ended in the window
	// are scaled to the time between the stamps. All of them count, whatever their end: the target worked for each.
	requests := float64(ended) * float64(wall) / float64(l.Length())
	if haveServer { // none of the processes of a server that is not ours may be known
		m["target_cpu_us_per_request"] = float64(server) * usPerNs / requests
	}
	if haveProxy {
		m["proxy_cpu_us_per_request"] = float64(proxy) * usPerNs / requests
	}
}

// proxyMetrics adds what the proxies and the workers counted over the slice. The connections that a proxy opened are
// divided by the answers that it gave, whichever of its upstreams they came from.
func proxyMetrics(s *Slice, m map[string]float64) {
	var answers, sent, opened, rejected uint64
	proxied, counted := false, false
	for i := range s.Workers {
		w := &s.Workers[i]
		if w.PoolHere == nil { // a proxy rejects nothing
			counted = true
			rejected += w.RejectedHere
			continue
		}
		proxied = true
		answers += w.ServedHere
		sent += w.PoolHere.Requests
		opened += w.PoolHere.Opened
	}
	if counted {
		m["rejected"] = float64(rejected)
	}
	if !proxied || answers == 0 {
		return
	}
	m["upstream_connections_per_request"] = float64(opened) / float64(answers)
	if sent > 0 {
		m["upstream_reuse"] = 1 - min(1, float64(opened)/float64(sent))
	}
}
