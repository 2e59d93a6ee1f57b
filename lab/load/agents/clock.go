package agents

import (
	"context"
	"fmt"
	"time"
)

// MostOffset is how far the clock of an agent may be from this machine's.
const MostOffset = 50 * time.Millisecond

const (
	roundTrips = 9
	pongWithin = 2 * time.Second
)

// Clock is how the clock of an agent is against this machine's, by the quickest of several round trips.
type Clock struct {
	Offset time.Duration // the agent's less ours, where the middle of the round trip is taken for the moment of the answer
	Trip   time.Duration // of the quickest round trip; the offset is known to half of it
}

// String is the clock in words.
func (c Clock) String() string {
	return fmt.Sprintf("%+.2f ms (known to %.2f ms)", float64(c.Offset)/1e6, float64(c.Trip)/2e6)
}

// Check reports, as an error, why an agent with such a clock takes no part.
func (c Clock) Check(name string) error {
	if c.Offset.Abs() <= MostOffset {
		return nil
	}
	return fmt.Errorf("the clock of agent %s is off by %+.1f ms, allowed are %d ms: set the clock of that machine (timedatectl set-ntp true; macOS: sudo sntp -sS time.apple.com; Windows: w32tm /resync), or leave that agent out: --agents NAME,NAME",
		name, float64(c.Offset)/1e6, MostOffset.Milliseconds())
}

// Clock measures the clock of an agent.
func (w *Crew) Clock(ctx context.Context, a Agent) (Clock, error) {
	w.drain()
	var best Clock
	for range roundTrips {
		c, err := w.roundTrip(ctx, a)
		if err != nil {
			return best, err
		}
		if best.Trip == 0 || c.Trip < best.Trip {
			best = c
		}
	}
	return best, nil
}

func (w *Crew) roundTrip(ctx context.Context, a Agent) (Clock, error) {
	w.pings++
	late := time.NewTimer(pongWithin)
	defer late.Stop()
	sent := w.config.Now()
	if err := w.tell(a.ID, &Order{Ping: w.pings}); err != nil {
		return Clock{}, err
	}
	for {
		select {
		case h := <-w.said:
			if h.id != a.ID || h.report.Pong == nil || h.report.Pong.N != w.pings {
				continue
			}
			trip := max(h.at.Sub(sent), 1)
			return Clock{Offset: time.Duration(h.report.Pong.At - sent.Add(trip/2).UnixNano()), Trip: trip}, nil
		case <-late.C:
			return Clock{}, fmt.Errorf("agent %s does not answer within %v; start it again on its machine", a.Name, pongWithin)
		case <-ctx.Done():
			return Clock{}, context.Cause(ctx)
		}
	}
}
