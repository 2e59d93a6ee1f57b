package lab

import "benchtop/lab/metric"

// Figure is the one figure that a variant came to in a metric, in the metric's unit, for every place that shows one:
// the mean over the pairs of slices that its change against the baseline rests on, so that the figures of two variants
// never contradict the change between them. Where nothing was compared it is the mean over its slices, and the longest
// latency is the longest of all. Nil when it was not measured.
func (r *Result) Figure(variant, name string) *float64 {
	for i := range r.Comparisons {
		c := &r.Comparisons[i]
		if c.Metric != name || c.Means == nil {
			continue
		}
		switch variant {
		case c.Variant:
			return &c.Means[0]
		case c.Baseline:
			return &c.Means[1]
		}
	}
	for i := range r.Variants {
		if v := &r.Variants[i]; v.ID == variant {
			return v.Mean(name)
		}
	}
	return nil
}

// Mean is the mean of a metric over the kept slices of a variant, as expectations measure it; of the longest latency it is
// the longest of all. A result without slices of a percentile, as that of a stretch of load, gives the one over all its
// requests.
func (v *VariantResult) Mean(name string) *float64 {
	if s, ok := v.Metrics[name]; ok && metric.Named(name).Quantile != 1 {
		return s.Mean
	}
	return v.Latency.Of(name)
}

// Slices are the values of a metric slice by slice, nil where one was discarded or did not measure it.
func (v *VariantResult) Slices(name string) []*float64 { return v.Metrics[name].Slices }
