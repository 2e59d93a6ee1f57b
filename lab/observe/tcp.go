package observe

// since is what happened after the earlier reading. A counter that fell, as after a restart of the network namespace,
// counts as one that stood still.
func (t *TCP) since(earlier *TCP) *TCP {
	return &TCP{
		ListenOverflows: max(t.ListenOverflows-earlier.ListenOverflows, 0),
		ListenDrops:     max(t.ListenDrops-earlier.ListenDrops, 0),
		CookiesSent:     max(t.CookiesSent-earlier.CookiesSent, 0),
		RequestsDropped: max(t.RequestsDropped-earlier.RequestsDropped, 0),
		Timeouts:        max(t.Timeouts-earlier.Timeouts, 0),
		Retransmitted:   max(t.Retransmitted-earlier.Retransmitted, 0),
		DelayedACKs:     max(t.DelayedACKs-earlier.DelayedACKs, 0),
	}
}
