package engine

// ring holds the free connections of an open slice: those that are open first in, first out, so that all of them
// stay in use; slots without a connection only when there is no open one.
type ring struct {
	open  []*epollConn // circular
	head  int
	n     int
	slots []*epollConn // without a connection
	count int          // of both
}

func newRing(conns []epollConn) ring {
	r := ring{open: make([]*epollConn, len(conns)), slots: make([]*epollConn, 0, len(conns)), count: len(conns)}
	for i := len(conns) - 1; i >= 0; i-- {
		r.slots = append(r.slots, &conns[i])
	}
	return r
}

func (r *ring) push(c *epollConn) {
	r.count++
	if c.fd < 0 {
		r.slots = append(r.slots, c)
		return
	}
	r.open[(r.head+r.n)%len(r.open)] = c
	r.n++
}

// pop is called when count is above 0. A connection that was lost while it was free comes as a slot.
func (r *ring) pop() *epollConn {
	r.count--
	if r.n > 0 {
		c := r.open[r.head]
		r.head = (r.head + 1) % len(r.open)
		r.n--
		return c
	}
	c := r.slots[len(r.slots)-1]
	r.slots = r.slots[:len(r.slots)-1]
	return c
}
