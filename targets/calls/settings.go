package calls

import (
	"fmt"
	"time"

	"benchtop/targets"
	"benchtop/targets/setting"
)

// Bounds of the settings.
const (
	mostConnections = 10_000
	mostFailures    = 1_000_000
	leastTime       = time.Millisecond
	mostTime        = time.Hour
)

// Client is how a worker calls the service upstream.
type Client struct {
	Shared      *bool         `json:"shared,omitempty"`
	Idle        *int          `json:"idle,omitempty"`
	Connections int           `json:"connections,omitempty"`
	Limit       int           `json:"limit,omitempty"`
	Timeout     time.Duration `json:"timeout,omitempty"`
	Budget      time.Duration `json:"budget,omitempty"`
	HandOn      bool          `json:"hand_on,omitempty"`
	Breaker     int           `json:"breaker,omitempty"`
	OpenFor     time.Duration `json:"open_for,omitempty"`
}

// Setting is the row of the group client of a kind of server whose own settings, S, hold it in this field. A group that is left
// out means the defaults: Filled gives them.
func Setting[S any](client func(*S) **Client) setting.Setting {
	return setting.Setting{
		Key: "client", Flag: "-", Fixed: true, Default: "off", Said: "client", Noun: "client of a worker", Example: "limit: 10",
		Doc: "how each worker calls the service upstream", At: targets.OfServer(client), Rows: rows(),
	}
}

func rows() []setting.Setting {
	return []setting.Setting{
		{
			Key: "shared", Main: true, Said: "shared %s", Doc: "true: one client for all requests of a worker; false: each request makes a client of its own, with connections of its own, and closes it", Default: "true",
			At: setting.At(func(c *Client) **bool { return &c.Shared }),
		},
		{
			Key: "idle", Said: "keeps %s idle", Doc: "idle connections that a client keeps, for 30 s at most; 0: each call opens a connection", Default: "100", Max: mostConnections,
			At: setting.At(func(c *Client) **int { return &c.Idle }),
		},
		{
			Key: "connections", Said: "at most %s connections", Doc: "connections that a client opens at most; a call that finds none free waits; 0: no limit", Default: "0", Max: mostConnections,
			At: setting.At(func(c *Client) *int { return &c.Connections }),
		},
		{
			Key: "limit", Main: true, Said: "limit %s", Doc: "calls of a worker in flight at a time, as a semaphore allows them; the others wait; 0: no limit", Default: "0", Max: mostConnections,
			At: setting.At(func(c *Client) *int { return &c.Limit }),
		},
		{
			Key: "timeout", Said: "timeout %s", Doc: "a call that takes longer is given up, its wait for the limit left out; 0s: none", Default: "0s", Max: float64(mostTime),
			At: setting.At(func(c *Client) *time.Duration { return &c.Timeout }),
		},
		{
			Key: "budget", Said: "budget %s", Doc: "the calls of a request together may take this long, waits included; what is left of it bounds the next; 0s: no bound", Default: "0s", Max: float64(mostTime),
			At: setting.At(func(c *Client) *time.Duration { return &c.Budget }),
		},
		{
			Key: "hand_on", Said: "deadline handed on", Doc: "true: a call says how long it is waited for, as the header X-Timeout-Ms", Default: "false", At: setting.At(func(c *Client) *bool { return &c.HandOn }),
			Idle: setting.When(func(c *Client) string {
				return setting.Because(c.Timeout == 0 && c.Budget == 0, "there is no timeout and no budget")
			}),
		},
		{
			Key: "breaker", Said: "breaker after %s failures", Doc: "failed calls in a row after which the circuit breaker of a worker rejects calls; 0: there is none", Default: "0", Max: mostFailures,
			At: setting.At(func(c *Client) *int { return &c.Breaker }),
		},
		{
			Key: "open_for", Said: "open for %s", Doc: "after this the breaker lets one call through; it closes if that succeeds, and rejects for as long again if it fails", Default: "1s", Min: float64(leastTime), Max: float64(mostTime),
			At:   setting.At(func(c *Client) *time.Duration { return &c.OpenFor }),
			Idle: setting.When(func(c *Client) string { return setting.Because(c.Breaker == 0, "there is no breaker") }),
		},
	}
}

// Filled gives the settings with their defaults; nil: all of them.
func (c *Client) Filled() Client { return setting.Filled(rows(), c) }

// Check finds what the rows cannot say is wrong with the settings of a server that has these services.
func Check(client *Client, has func(service string) bool) []*targets.Fault {
	if client == nil || has(targets.ServiceUpstream) {
		return nil
	}
	return []*targets.Fault{{Key: "client", Msg: fmt.Sprintf("this target has no service %s; add it to services:", targets.ServiceUpstream)}}
}
