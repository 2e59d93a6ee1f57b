package scenarios

import (
	"cmp"
	"errors"
	"fmt"
	"net/http"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"benchtop/lab"
	"benchtop/lab/load"
	"benchtop/lab/load/requests"
	"benchtop/targets"
	"benchtop/targets/setting"
)

func (r *rules) load(at string, l *lab.Load) {
	switch {
	case l.Model == load.Closed && (l.Rate != 0 || l.RateShare != 0):
		r.breaks(at+".rate", "write model: open, or leave the rate out: closed connections send as fast as responses come", "a rate in a closed model")
	case l.Model == load.Closed && len(l.Stages) > 0:
		r.breaks(at+".stages", "write model: open, or leave the stages out: closed connections send as fast as responses come", "stages in a closed model")
	case l.Model == load.Open && l.Stages != nil && (l.Rate != 0 || l.RateShare != 0):
		r.breaks(at+".rate", "leave one of them out: the stages are the rate", "a rate together with stages")
	case l.Model == load.Open && l.Stages == nil && l.Rate == 0 && l.RateShare == 0:
		r.breaks(at+".rate", "write rate: 2000 (requests per second), rate: 60% of the slowest variant's capacity, or stages", "the open model has no rate")
	}
	r.stages(at+".stages", l.Stages)
	if l.Model == load.Closed && l.Arrivals != "" {
		r.breaks(at+".arrivals", "leave it out, or write model: open and a rate", "arrivals in a closed model")
	}
	switch least := load.LeastWindow(l.Rate); {
	case !(l.Rate >= 0 && l.Rate <= load.MaxRate):
		r.breaks(at+".rate", "", "rate is %g; allowed: above 0, at most %d requests per second", l.Rate, int64(load.MaxRate))
	case l.Rate == 0 || fits(least, r.plan.Slice) && fits(least, r.plan.Warmup):
	case least <= lab.MaxSlice && least <= lab.MaxWarmup:
		r.breaks(at+".rate", fmt.Sprintf("write plan.slice and plan.warmup of at least %s, or a higher rate", setting.Span(least)),
			"rate is %g: no request is due in a slice of %s or a warm-up of %s", l.Rate, setting.Span(r.plan.Slice), setting.Span(r.plan.Warmup))
	default:
		r.breaks(at+".rate", "write a higher rate", "rate is %g: no request is due in the longest slice, %s", l.Rate, setting.Span(min(lab.MaxSlice, lab.MaxWarmup)))
	}
	r.bounds(at, lab.LoadSettings(), l)
	r.policy(at, l)
}

// fits reports whether a window is at least so long; one of 0 there is not, or another rule says so.
func fits(least, window time.Duration) bool { return window == 0 || least <= window }

// agents that drive the load are the same for all variants, drive one of them at a time, and have nothing but what is sent to them.
func (r *rules) agents() {
	wanted, err := load.ParseAgents(r.plan.Agents())
	for i := range r.plan.Variants {
		v, at := &r.plan.Variants[i], fmt.Sprintf("variants[%d].load.agents", i)
		if v.Load.Agents != r.plan.Agents() {
			r.breaks(at, "write it in the load of all variants", "the agents of %s are others than those of %s; the same machines drive all variants", short(v.ID), short(r.plan.Variants[0].ID))
			return
		}
		if v.Load.Agents == "" {
			continue
		}
		if err != nil {
			r.breaks(at, "", "agents: %s", err)
			return
		}
		if r.plan.Order == lab.Together {
			r.breaks(at, "write order: interleaved", "agents in a race (order: together): they drive one variant at a time")
			return
		}
		task := v.Load.Task(v.Target.Endpoint, "127.0.0.1:1")
		task.Addr, task.Settle, task.Window = "127.0.0.1:1", r.plan.Settle, r.plan.Slice
		if strings.HasPrefix(v.Target.Listen, targets.UnixPrefix) {
			task.Addr = v.Target.Listen
		}
		var alone *load.TaskError
		if errors.As(task.Portable(), &alone) {
			r.breaks(at, "", "agents and %s: %s", alone.Field, alone.Msg)
			return
		}
		least := wanted.Least()
		if n := v.Load.Connections; n > 0 && n < least || v.Load.Pool > 0 && v.Load.Pool < least {
			r.breaks(at, "use more connections, or fewer agents", "%d connections for %d agents: each needs one of them at least, and of a pool", n, least)
			return
		}
	}
}

// stages are the counted part of a slice.
func (r *rules) stages(at string, stages load.Stages) {
	if stages == nil {
		return
	}
	good := len(stages) <= load.MaxStages
	if !good {
		r.breaks(at, "", "%d stages; at most %d are allowed", len(stages), load.MaxStages)
	}
	for i := range stages {
		good = r.bounds(fmt.Sprintf("%s[%d]", at, i), lab.StageSettings(), &stages[i]) && good
	}
	total := stages.Total()
	switch {
	case !good:
	case stages.Mean()*total.Seconds() < 1:
		r.breaks(at, "give one of them a higher rate", "the stages have no request")
	case total < lab.MinSlice || total > lab.MaxSlice:
		r.breaks(at, "they are the counted part of every slice", "the stages take %s; allowed: %s to %s", setting.Span(total), setting.Span(lab.MinSlice), setting.Span(lab.MaxSlice))
	case total != r.plan.Slice:
		r.breaks(at, "leave plan.slice and --slice out, and let the stages of every variant take equally long",
			"the stages take %s and a slice %s; stages replace plan.slice, and the slices of all variants are equally long", setting.Span(total), setting.Span(r.plan.Slice))
	}
}

// bounds holds the values of settings against their rows, and reports whether all keep them.
func (r *rules) bounds(at string, rows []setting.Setting, owner any) bool {
	good := true
	for i := range rows {
		s := &rows[i]
		value := s.Value(owner)
		if _, set := s.Get(owner); s.Unset && !set || s.Form() == setting.Group || s.Wrong(value) == "" {
			continue
		}
		good = false
		least, most := bound(s.Min), bound(s.Max)
		switch s.Form() {
		case setting.Duration:
			least, most = setting.Span(time.Duration(s.Min)), setting.Span(time.Duration(s.Max))
		case setting.Share:
			least, most = setting.Percent(s.Min), setting.Percent(s.Max)
		}
		r.breaks(join(at, s.Key), "", "%s is %s; allowed: %s to %s", s.Key, s.Write(value), least, most)
	}
	return good
}

func (r *rules) timing() {
	p := r.plan
	rows := slices.DeleteFunc(lab.PlanSettings(), func(s setting.Setting) bool { return s.Key == "slice" && p.Staged() }) // it is their total
	ok := r.bounds("plan", rows, p)
	r.restarts()
	if total := p.Duration(); ok && !p.Free && total > MaxTotal {
		r.breaks("plan", "fewer blocks, shorter slices or fewer variants", "the run would take %s; at most %s are allowed", setting.Span(total.Round(time.Minute)), setting.Span(MaxTotal))
	}
}

// restarts of targets need blocks to come between, and targets that are started.
func (r *rules) restarts() {
	p := r.plan
	switch {
	case p.Restarts == 0:
	case p.Order != lab.Interleaved:
		r.breaks("plan.restarts", "leave it out, or write order: interleaved", "restarts in order: %s", p.Order)
	case len(p.Steps) > 0:
		r.breaks("plan.restarts", "leave it out: what a step did would be gone with a restart", "restarts together with steps")
	case p.Restarts >= p.Blocks:
		r.breaks("plan.restarts", "take more blocks, or fewer restarts", "%d restarts in %d blocks; allowed: fewer than there are blocks", p.Restarts, p.Blocks)
	}
	for i := range p.Variants {
		if d, ok := targets.Lookup(p.Variants[i].Target.Server); p.Restarts > 0 && ok && d.Found {
			r.breaks("plan.restarts", "leave it out", "%s runs already, and is never started", p.Variants[i].ID)
		}
	}
}

// policy holds the parts of a client's policy against each other and against the rest of the load.
func (r *rules) policy(at string, l *lab.Load) {
	if l.Think != 0 && l.Model == load.Open {
		r.breaks(at+".think", "leave it out: an open load sends at its rate and has no users who think", "think in an open model")
	}
	switch {
	case l.Multiplexed() && !l.KeepAlive:
		r.breaks(at+".http", "write keepalive: true, or http: 1.1", "HTTP/2 without keep-alive: its requests share connections that are kept")
	case l.Multiplexed() && l.Pool != 0:
		r.breaks(at+".pool", "leave it out, or write http: 1.1", "a pool with HTTP/2, whose requests share connections already")
	case l.Streams != 0 && !l.Multiplexed():
		r.breaks(at+".streams", "write http: 2, or more connections", "streams with HTTP/1.1, which has one request at a time on a connection")
	case l.InFlight() > load.MaxConnections:
		r.breaks(at+".streams", "write fewer connections, or fewer streams", "%d streams on each of %d connections; allowed: %d requests at a time", l.Streams, l.Connections, load.MaxConnections)
	}
	if l.Pool != 0 && !l.KeepAlive {
		r.breaks(at+".pool", "write keepalive: true, or leave the pool out", "a pool without keep-alive keeps nothing")
	}
	if t := l.Timeouts; t != nil {
		for _, part := range []struct {
			key string
			is  time.Duration
		}{{"connect", t.Connect}, {"first_byte", t.FirstByte}} {
			if part.is > l.Timeout {
				r.breaks(at+".timeouts."+part.key, "shorten it, or lengthen timeout: it is the limit of the whole request",
					"%s is %s, longer than the timeout of %s", part.key, setting.Span(part.is), setting.Span(l.Timeout))
			}
		}
	}
	if p := l.Retry; p != nil {
		r.retry(at+".retry", p)
	}
}

func (r *rules) retry(at string, p *load.Retry) {
	if p.Max == 0 {
		r.breaks(at+".max", "write how many attempts may follow the first: max: 2", "retry has no max; it is required")
	}
	if p.MaxBackoff != 0 && p.Backoff > p.MaxBackoff {
		r.breaks(at+".max_backoff", "it is the longest of all waits", "max_backoff is %s, shorter than the first backoff of %s", setting.Span(p.MaxBackoff), setting.Span(p.Backoff))
	}
	if p.Jitter && p.Backoff == 0 {
		r.breaks(at+".jitter", "write a backoff such as 100ms: the wait is drawn from 0 up to it", "jitter without a backoff")
	}
}

// placeKeys makes of the files of keys, which a scenario names from where it lies, what the generator can open.
func placeKeys(p *lab.Plan, scenario string) {
	for i := range p.Variants {
		l := &p.Variants[i].Load
		if l.Keys == nil || l.Keys.From == "" || filepath.IsAbs(l.Keys.From) {
			continue
		}
		placed := *l.Keys
		if path, err := filepath.Abs(filepath.Join(filepath.Dir(scenario), placed.From)); err == nil {
			placed.From = path
		}
		l.Keys = &placed
	}
}

// requests holds what a load sends against itself, and a mix against what the target serves.
func (r *rules) requests(at string, v *lab.Variant) {
	l := &v.Load
	if d, ok := targets.Lookup(v.Target.Server); ok && l.Multiplexed() && (!d.Unmarked || v.Target.Proxy != nil) {
		r.breaks(at+".http", "write http: 1.1, or drive a server of your own (server: command or url) without a proxy", "HTTP/2 to a sample server or through a proxy, which speak HTTP/1.1 only")
	}
	body := func(at, method, body string) {
		if body != "" && (method == "" || method == "GET" || method == "HEAD") {
			r.breaks(join(at, "body"), "write method: POST, or leave the body out", "a body in a %s request", cmp.Or(method, "GET"))
		}
	}
	body(at, l.Method, l.Body)
	r.twice(at, l.Header, l.HeaderEnv)
	if len(l.Mix) > 0 && (l.Body != "" || l.Method != "") {
		r.breaks(join(at, "mix"), "write method and body in the requests of the mix", "a mix together with a method or a body of the load")
		return
	}
	names := map[string]bool{}
	for i := range l.Mix {
		e, in := &l.Mix[i], join(at, fmt.Sprintf("mix[%d]", i))
		body(in, e.Method, e.Body)
		r.twice(in, slices.Concat(l.Header, e.Header), e.HeaderEnv)
		if names[e.Name] {
			r.breaks(join(in, "name"), "give it another", "two requests are called %s", short(e.Name))
		}
		names[e.Name] = true
	}
	r.keys(at, v)
}

// twice finds headers that are given and come from the environment as well.
func (r *rules) twice(at string, given, fromEnv [][2]string) {
	for _, kv := range fromEnv {
		if slices.ContainsFunc(given, func(h [2]string) bool { return strings.EqualFold(h[0], kv[0]) }) {
			r.breaks(join(join(at, "header_env"), kv[0]), "leave one of them out", "header %s stands in header as well", short(kv[0]))
		}
	}
}

// keys holds the keys against the requests, and the requests of a mix, with the first of the keys in them, against what the target
// serves.
func (r *rules) keys(at string, v *lab.Variant) {
	l := &v.Load
	if k := l.Keys; k != nil && k.Count == 0 && k.From == "" {
		r.breaks(join(at, "keys.count"), "write count: 1000, or from: FILE.csv", "the keys have neither count nor from")
		return
	}
	t := load.Task{KeepAlive: l.KeepAlive, Keys: l.Keys}
	t.Request, t.Mix = l.Requests(v.Target.Endpoint, "localhost")
	refused := func(err error) {
		var task *load.TaskError
		if errors.As(err, &task) {
			r.breaks(join(at, task.Field), "", "%s", task.Msg)
		}
	}
	if err := t.CheckKeys(); err != nil {
		refused(err)
		return
	}
	if l.Keys == nil && len(l.Mix) == 0 {
		return
	}
	if l.Keys != nil && l.Keys.From == "" {
		t.Keys = &load.Keys{Count: 1} // what holds for one number holds for all
	}
	columns, err := requests.ReadKeys(t.Keys)
	if err != nil {
		refused(err)
		return
	}
	if columns.Hash != "" {
		checked := *l.Keys
		checked.Hash = columns.Hash
		l.Keys, t.Keys = &checked, &checked
	}
	if _, err := columns.Requests(&t); err != nil {
		refused(err)
		return
	}
	first := columns.First(&t)
	if slices.Contains(l.ExpectStatus, http.StatusNotFound) {
		return // what is not served may be asked for
	}
	for i := range l.Mix {
		asked := v.Target
		asked.Endpoint = first[i].Path
		_, faults := targets.Check(asked)
		for _, f := range faults {
			if f.Key == "endpoint" {
				r.breaks(join(at, fmt.Sprintf("mix[%d].endpoint", i)), "", "endpoint: %s", f.Msg)
			}
		}
	}
}
