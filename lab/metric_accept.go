package lab

// acceptMetrics adds what opening connections came to: TLS handshakes, as the server counted them or, of a server that
// does not count, as the generator did; and what the machine's TCP counted in the window, which is everybody's.
func acceptMetrics(s *Slice, m map[string]float64) {
	l := &s.Load
	handshakes, resumed := l.Handshakes, l.Resumed
	var theirs, theirResumed uint64
	for i := range s.Workers {
		theirs += s.Workers[i].TLSHere
		theirResumed += s.Workers[i].ResumedHere
	}
	if theirs > 0 {
		handshakes, resumed = theirs, theirResumed
	}
	if handshakes > 0 { // without one there is no TLS here: every slice opens connections of its own
		m["tls_resumed_share"] = float64(resumed) / float64(handshakes)
		if l.Total.Requests > 0 {
			m["tls_handshakes_per_request"] = float64(handshakes) / float64(l.Total.Requests)
		}
	}
	if t := s.Usage.Host.TCP; t != nil {
		m["listen_overflows"] = float64(t.ListenOverflows)
		if l.Counts.Requests > 0 {
			m["delayed_acks_per_request"] = float64(t.DelayedACKs) / float64(l.Counts.Requests)
		}
	}
}
