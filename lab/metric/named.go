package metric

import "benchtop/lab/load/histogram"

// What workers and services count by name (targets.WorkerStatus). A name that nobody has was not counted, which is not 0.

// count sums a counter over those that have it, with what they served meanwhile.
func count(of []WorkerWindow, name string, in func(part string) bool) (n, served uint64, counted bool) {
	for i := range of {
		w := &of[i]
		if here, ok := w.CountersHere[name]; ok && in(w.PartOf()) {
			n, served, counted = n+here, served+w.ServedHere, true
		}
	}
	return n, served, counted
}

// perServed is a counter of the server's workers per request that they served between the same marks.
func perServed(name string) func(*Slice) (float64, bool) {
	return func(s *Slice) (float64, bool) {
		n, served, _ := count(s.Workers, name, server)
		return per(n, served)
	}
}

// counted is a counter of the server's workers.
func counted(name string) func(*Slice) (float64, bool) {
	return func(s *Slice) (float64, bool) {
		n, _, ok := count(s.Workers, name, server)
		return float64(n), ok
	}
}

// share is one counter of the server's workers as a share of another.
func share(name, of string) func(*Slice) (float64, bool) {
	return func(s *Slice) (float64, bool) {
		n, _, ok := count(s.Workers, name, server)
		all, _, known := count(s.Workers, of, server)
		if !ok || !known {
			return 0, false
		}
		return per(n, all)
	}
}

// atMarks joins what the workers of the server held when the slice was over.
func atMarks(name string, join func(a, b float64) float64) func(*Slice) (float64, bool) {
	return func(s *Slice) (sum float64, known bool) {
		for i := range s.Workers {
			w := &s.Workers[i]
			if v, ok := w.Levels[name]; ok && server(w.PartOf()) {
				sum, known = join(sum, float64(v)), true
			}
		}
		return sum, known
	}
}

func add(a, b float64) float64    { return a + b }
func larger(a, b float64) float64 { return max(a, b) }

// inWindow sums what the workers of the server held on average while the window lasted.
func inWindow(name string) func(*Slice) (float64, bool) {
	return func(s *Slice) (sum float64, known bool) {
		for i := range s.Workers {
			w := &s.Workers[i]
			if v, ok := w.LevelsHere[name]; ok && server(w.PartOf()) {
				sum, known = sum+v, true
			}
		}
		return sum, known
	}
}

// waits is a quantile of a histogram of the server's workers.
func waits(name string, q float64) func(*Slice) (float64, bool) {
	return quantile(q, func(s *Slice) *histogram.Sparse {
		var all []*histogram.Sparse
		for i := range s.Workers {
			all = append(all, Histogram(s.Workers[i].Histograms[name]))
		}
		return histogram.Join(all...)
	})
}

// servicesPerRequest is a counter of services per request of the load, from the first of the slice to its last.
func servicesPerRequest(name string) func(in func(string) bool) func(*Slice) (float64, bool) {
	return func(in func(string) bool) func(*Slice) (float64, bool) {
		return func(s *Slice) (float64, bool) {
			n, _, ok := count(s.Services, name, in)
			if !ok {
				return 0, false
			}
			return per(n, s.Load.Total.Requests)
		}
	}
}

// servicesCounted is a counter of services.
func servicesCounted(name string) func(in func(string) bool) func(*Slice) (float64, bool) {
	return func(in func(string) bool) func(*Slice) (float64, bool) {
		return func(s *Slice) (float64, bool) {
			n, _, ok := count(s.Services, name, in)
			return float64(n), ok
		}
	}
}

// servicesHitRatio is the share of the reads of caches that found something.
func servicesHitRatio(in func(string) bool) func(*Slice) (float64, bool) {
	return func(s *Slice) (float64, bool) {
		hits, _, ok := count(s.Services, "hits", in)
		misses, _, known := count(s.Services, "misses", in)
		if !ok || !known {
			return 0, false
		}
		return per(hits, hits+misses)
	}
}

// cutShare is what workers that were asked to stop cut, as a share of the requests that were sent in the window.
func cutShare(s *Slice) (float64, bool) {
	n, _, ok := count(s.Workers, "requests_cut", server)
	if !ok {
		return 0, false
	}
	return per(n, s.Load.Counts.Requests)
}
