package lab

import (
	"fmt"
	"os"
	"slices"
	"strconv"
	"strings"
	"time"

	"benchtop/lab/figure"
	"benchtop/lab/load"
)

// Load is what is driven at a target.
type Load struct {
	Model        load.Model    `json:"model"`
	Connections  int           `json:"connections"`
	Rate         float64       `json:"rate,omitempty"`       // requests per second, open model
	RateShare    float64       `json:"rate_share,omitempty"` // instead of Rate: this share of the slowest variant's capacity, measured closed in the warm-up
	Stages       load.Stages   `json:"stages,omitempty"`     // instead of both: the rate changes within every slice
	Arrivals     string        `json:"arrivals,omitempty"`   // constant | poisson
	KeepAlive    bool          `json:"keepalive"`
	Resume       *bool         `json:"resume,omitempty"` // false: every TLS handshake is a whole one; default true, within a slice
	Timeout      time.Duration `json:"timeout"`
	Method       string        `json:"method,omitempty"`
	Header       [][2]string   `json:"header,omitempty"`
	HeaderEnv    [][2]string   `json:"header_env,omitempty"` // headers with the names of the environment variables that hold their values
	Body         string        `json:"body,omitempty"`
	ExpectStatus []int         `json:"expect_status,omitempty"`
	Mix          []Entry       `json:"mix,omitempty"`  // instead of the target's endpoint, the method, the header and the body: several requests
	Keys         *load.Keys    `json:"keys,omitempty"` // values that stand for {NAME} in the requests

	Agents string `json:"agents,omitempty"` // which machines drive it together (load.ParseAgents); empty: this one does

	load.Policy
}

// Entry is one request of a mix.
type Entry struct {
	Name      string      `json:"name"`
	Weight    float64     `json:"weight"` // its part of the requests, relative to the other entries' weights
	Endpoint  string      `json:"endpoint"`
	Method    string      `json:"method,omitempty"`
	Header    [][2]string `json:"header,omitempty"`
	HeaderEnv [][2]string `json:"header_env,omitempty"` // as that of a Load, whose headers of the same name it replaces
	Body      string      `json:"body,omitempty"`
}

// Requests are what is sent to a host: one request to a path, or a mix.
func (l *Load) Requests(path, host string) (one load.Request, mix []load.Entry) {
	for i := range l.Mix {
		e := &l.Mix[i]
		mix = append(mix, load.Entry{
			Name: e.Name, Weight: e.Weight,
			Request: load.Request{Method: e.Method, Path: e.Endpoint, Host: host, Header: append(slices.Clone(l.Header), e.Header...), HeaderEnv: l.headerEnv(e), Body: []byte(e.Body)},
		})
	}
	if mix != nil {
		return one, mix
	}
	return load.Request{Method: l.Method, Path: path, Host: host, Header: l.Header, HeaderEnv: l.HeaderEnv, Body: []byte(l.Body)}, nil
}

// headerEnv are the headers from the environment of a request of a mix: its own, and those of the load that it does not have.
func (l *Load) headerEnv(e *Entry) [][2]string {
	out := slices.DeleteFunc(slices.Clone(l.HeaderEnv), func(ours [2]string) bool {
		return slices.ContainsFunc(e.HeaderEnv, func(own [2]string) bool { return strings.EqualFold(own[0], ours[0]) })
	})
	return append(out, e.HeaderEnv...)
}

// InFlight is how many requests can be in flight: closed, how many are.
func (l *Load) InFlight() int { return l.Connections * l.PerConnection() }

// Secrets are the values that the loads of a plan take from the environment. The error names the variable that is missing.
func (p *Plan) Secrets(lookup func(string) (string, bool)) (*load.Secrets, error) {
	var all *load.Secrets
	for i := range p.Variants {
		v := &p.Variants[i]
		_, s, err := v.Load.Task("/", "localhost").Filled(lookup)
		if err != nil {
			return nil, fmt.Errorf("load of %s: %w", v.ID, err)
		}
		all = all.Join(s)
	}
	return all, nil
}

// withhold keeps what the loads take from the environment out of everything that the run starts and tells.
func (r *runner) withhold() error {
	secrets, err := r.plan.Secrets(os.LookupEnv)
	if err != nil {
		return err
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	r.secrets = secrets
	return nil
}

// hide hides secrets in the texts that others wrote.
func (r *runner) hide(e *Event) {
	switch {
	case e.Note != nil:
		e.Note.Text = r.secrets.Hide(e.Note.Text)
	case e.Process != nil:
		e.Process.Text = r.secrets.Hide(e.Process.Text)
	case e.End != nil:
		e.End.Reason = r.secrets.Hide(e.End.Reason)
	}
}

// NetOnly names the first variant that the net engine alone can drive, and the part of its load that is the reason, as
// a scenario writes it: tls, http, think, pool, retry or timeouts. Both are empty when there is none.
func (p *Plan) NetOnly() (variant, field string) {
	for i := range p.Variants {
		v := &p.Variants[i]
		field := v.Load.NetOnly()
		if v.Target.TLS != nil {
			field = "tls"
		}
		if field != "" {
			return v.ID, field
		}
	}
	return "", ""
}

// engine is the engine that every slice of the run asks for, empty for the generator's own choice. One variant that
// needs the net engine takes all others with it: otherwise engines would be compared, not variants.
func (p *Plan) engine() string {
	if _, field := p.NetOnly(); field != "" {
		return "net"
	}
	return ""
}

// engineNote says so to the person; empty: there is nothing to say.
func (p *Plan) engineNote() string {
	variant, field := p.NetOnly()
	if field == "" {
		return ""
	}
	switch field {
	case "tls":
		field = "TLS"
	case "http":
		field = "HTTP/2"
	}
	text := "the net engine drives the load, because " + variant + " needs it (" + field + ")"
	if len(p.Variants) > 1 {
		text = "the net engine drives every variant, because " + variant + " needs it (" + field + "): with two engines they would be compared, not the variants"
	}
	return text
}

// PolicyWords says what the client does besides sending and waiting, as declared; empty when it does nothing else.
func (l *Load) PolicyWords() string {
	var parts []string
	add := func(s ...string) { parts = append(parts, strings.Join(s, " ")) }
	if l.Multiplexed() {
		add("HTTP/2 with", plural(l.PerConnection(), "stream"), "a connection")
	}
	if l.Think > 0 {
		add("think time", l.Think.String())
	}
	if l.Pool > 0 {
		add("a pool of", strconv.Itoa(l.Pool), "idle connections")
	}
	if t := l.Timeouts; t != nil {
		if t.Connect > 0 {
			add("connect within", t.Connect.String())
		}
		if t.FirstByte > 0 {
			add("first byte within", t.FirstByte.String())
		}
	}
	if r := l.Retry; r != nil {
		parts = append(parts, retryWords(r))
	}
	return strings.Join(parts, ", ")
}

func retryWords(r *load.Retry) string {
	text := "up to 1 retry"
	if r.Max != 1 {
		text = "up to " + strconv.Itoa(r.Max) + " retries"
	}
	var how []string
	for i, status := range r.On {
		if i == 0 {
			how = append(how, "on "+strconv.Itoa(status))
			continue
		}
		how[len(how)-1] += " " + strconv.Itoa(status)
	}
	if r.Backoff > 0 {
		backoff := "backoff " + r.Backoff.String() + " doubling"
		if r.Jitter {
			backoff += " with jitter"
		}
		how = append(how, backoff)
	}
	if r.Budget > 0 {
		how = append(how, "budget "+figure.Declared(r.Budget))
	}
	if r.RetryAfter {
		how = append(how, "Retry-After honoured")
	}
	if len(how) > 0 {
		text += " (" + strings.Join(how, "; ") + ")"
	}
	return text
}
