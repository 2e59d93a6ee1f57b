package metric

// What the generator, the workers, the proxies and the machine counted.

func failed(s *Slice) uint64 { return s.Load.Counts.Requests - s.Load.Counts.OK }

// workerShare is the share of the responses that came from the busiest worker.
func workerShare(s *Slice) (float64, bool) {
	var sum, most uint64
	for _, n := range s.Load.Workers {
		sum += n
		most = max(most, n)
	}
	return per(most, sum)
}

// rejected are the requests that the workers refused. A proxy refuses none, and counts none.
func rejected(s *Slice) (v float64, counted bool) {
	var n uint64
	for i := range s.Workers {
		if w := &s.Workers[i]; w.PoolHere == nil {
			counted = true
			n += w.RejectedHere
		}
	}
	return float64(n), counted
}

// pool is what the proxies counted: their responses, the requests that they sent upstream, and the connections that they
// opened for those.
func (s *Slice) pool() (responses, sent, opened uint64) {
	for i := range s.Workers {
		if w := &s.Workers[i]; w.PoolHere != nil {
			responses += w.ServedHere
			sent += w.PoolHere.Requests
			opened += w.PoolHere.Opened
		}
	}
	return responses, sent, opened
}

// upstreamConnections are the connections that a proxy opened, over the responses that it gave, whichever of its upstreams
// they came from.
func upstreamConnections(s *Slice) (float64, bool) {
	responses, _, opened := s.pool()
	return per(opened, responses)
}

func upstreamReuse(s *Slice) (float64, bool) {
	responses, sent, opened := s.pool()
	if responses == 0 || sent == 0 {
		return 0, false
	}
	return 1 - min(1, float64(opened)/float64(sent)), true
}

// handshakes are the TLS handshakes as the server counted them or, of a server that does not count, as the generator did.
// None is no TLS: every slice opens connections of its own.
func (s *Slice) handshakes() (all, resumed uint64) {
	for i := range s.Workers {
		all += s.Workers[i].TLSHere
		resumed += s.Workers[i].ResumedHere
	}
	if all > 0 {
		return all, resumed
	}
	return s.Load.Handshakes, s.Load.Resumed
}

func handshakesPerRequest(s *Slice) (float64, bool) {
	all, _ := s.handshakes()
	if all == 0 {
		return 0, false
	}
	return per(all, s.Load.Total.Requests)
}

func resumedShare(s *Slice) (float64, bool) {
	all, resumed := s.handshakes()
	return per(resumed, all)
}

// listenOverflows and delayedACKs are what the machine's TCP counted in the window, which is everybody's.
func listenOverflows(s *Slice) (float64, bool) {
	t := s.Usage.Host.TCP
	if t == nil {
		return 0, false
	}
	return float64(t.ListenOverflows), true
}

func delayedACKs(s *Slice) (float64, bool) {
	t := s.Usage.Host.TCP
	if t == nil || s.Load.Counts.Requests == 0 {
		return 0, false
	}
	return float64(t.DelayedACKs) / float64(s.Load.Counts.Requests), true
}
