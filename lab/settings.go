package lab

import (
	"time"

	"benchtop/lab/load"
	"benchtop/targets/setting"
)

// Types of settings of a load that are no single values of a field.
const (
	TypeRate      setting.Type = "rate"       // requests per second, or a percentage of the capacity; the field is the Load
	TypeStages    setting.Type = "stages"     // a list of stretches of load, see StageSettings
	TypeHeader    setting.Type = "header"     // names and values
	TypeHeaderEnv setting.Type = "header_env" // names, and of each the environment variable that has its value
	TypeAgents    setting.Type = "agents"     // all, a number, or a list of names: a text as load.ParseAgents reads it
)

// Methods that the generator may send.
var methods = []string{"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"}

// Bounds of a load.
const (
	minTimeout = time.Millisecond
	maxTimeout = 2 * time.Minute // the histograms end there
	maxBackoff = 2 * time.Minute
	maxBody    = 64 << 10
	maxHeaders = 32
)

// MinStage is the shortest stage of a load.
const MinStage = time.Millisecond

// LoadSettings are the settings of a Load.
func LoadSettings() []setting.Setting {
	return []setting.Setting{
		{
			Key: "model", Live: true, Doc: "closed: each connection sends when it has its response; open: requests arrive at a rate", Flag: "-", Behind: "rate",
			More:    "closed: each connection sends when it has its response. open: requests arrive at a rate, whether or not responses came.",
			Default: string(load.Closed), Always: true, Values: []string{string(load.Closed), string(load.Open)}, At: setting.At(func(l *Load) *load.Model { return &l.Model }),
		},
		{
			Key: "connections", Short: "c", Live: true, Doc: "of the client; in an open model at most so many", Always: true, Min: 1, Max: load.MaxConnections,
			More: "Closed: exactly so many, 64 if left out. Open: at most so many, 1000 if left out (64 when the rate is a share).",
			At:   setting.At(func(l *Load) *int { return &l.Connections }),
		},
		{
			Key: "rate", Short: "r", Live: true, Type: TypeRate, Doc: "requests per second that arrive, whether or not responses came", Steps: setting.Rates(load.MaxRate),
			More: "Open model only. A number: requests per second. A percentage such as 60%: that share of the slowest variant's capacity, which is measured in the warm-up with the same number of closed connections.",
			At:   setting.At(func(l *Load) *Load { return l }), Idle: setting.When(whenClosed("a closed model has no rate; connections decide")),
		},
		{
			Key: "stages", Type: TypeStages, Fixed: true, Least: 1, Most: load.MaxStages, Noun: "the stage", Rows: StageSettings(),
			Doc:  "open model: stretches one after the other, instead of the rate and of how long to count",
			More: "Open model only, instead of rate: stretches one after the other, each of which holds a rate or goes to another in a straight line. Together they are the counted part of every slice and replace plan.slice.",
			At:   setting.At(func(l *Load) *load.Stages { return &l.Stages }),
		},
		{
			Key: "arrivals", Live: true, Doc: "constant: at equal distances; poisson: at random", Default: load.Constant, Unset: true, Values: []string{load.Constant, load.Poisson},
			More: "Open model only. constant: requests arrive at equal distances. poisson: at random, independent of each other, the same ones for the same seed.",
			At:   setting.At(func(l *Load) *string { return &l.Arrivals }), Idle: setting.When(whenClosed("a closed model has no arrivals")),
		},
		{
			Key: "keepalive", Live: true, Name: "keep-alive", Doc: "of the client; false: a new connection per request", Default: "true", Flag: "no-keepalive",
			More: "false: the client opens a new connection for every request. (The target's keepalive is the server's side.)",
			At:   setting.At(func(l *Load) *bool { return &l.KeepAlive }), Idle: setting.When(whenMultiplexed),
		},
		{
			Key: "timeout", Live: true, Doc: "of a request, connecting included", Default: "5s", Min: float64(minTimeout), Max: float64(maxTimeout),
			More: "Of a request, connecting included; 1ms to 2m.", At: setting.At(func(l *Load) *time.Duration { return &l.Timeout }),
		},
		{
			Key: "http", Name: "HTTP", Type: setting.Version, Default: load.HTTP1, Unset: true, Fixed: true, Values: []string{load.HTTP1, load.HTTP2},
			Doc:  "version spoken to the target; 2 shares connections between streams",
			More: "Version spoken to the target. 2: over TLS agreed by ALPN, without TLS by prior knowledge (h2c); requests to a server that does not speak it fail. WebSocket and gRPC are not driven.",
			At:   setting.At(func(l *Load) *string { return &l.HTTP }),
		},
		{
			Key: "streams", Short: "m", Fixed: true, Unset: true, Default: "1", Min: 1, Max: load.MaxStreams,
			Doc:  "HTTP/2: requests at a time on each connection",
			More: "HTTP/2: requests at a time on each connection. Closed: connections times streams are in flight. Open: at most so many; another connection is opened when the streams of the others are busy.",
			At:   setting.At(func(l *Load) *int { return &l.Streams }),
		},
		{
			Key: "method", Doc: "Method of the request.", Default: "GET", Unset: true, Fixed: true, Values: methods,
			At: setting.At(func(l *Load) *string { return &l.Method }),
		},
		{
			Key: "header", Short: "H", Type: TypeHeader, Doc: "Further headers of the request, each one line.", Fixed: true, Most: maxHeaders,
			At: setting.At(func(l *Load) *[][2]string { return &l.Header }),
		},
		{
			Key: "header_env", Type: TypeHeaderEnv, Fixed: true, Most: maxHeaders, At: setting.At(func(l *Load) *[][2]string { return &l.HeaderEnv }),
			Doc:  "Further headers whose values are those of environment variables, each with the name of its variable.",
			More: "Further headers, each with the name of the environment variable that holds its whole value: {Authorization: API_TOKEN}. The value is read when the load is driven and stands in no file and no output; nothing that a run starts inherits the variable.",
		},
		{
			Key: "body", Type: setting.Lines, Doc: "Body of the request; needs a method that carries one.", Fixed: true, Longest: maxBody,
			At: setting.At(func(l *Load) *string { return &l.Body }),
		},
		{
			Key: "expect_status", Doc: "Statuses that count as success besides 2xx.", Noun: "status", Fixed: true, Flag: "-", Least: 1, Most: 20, Min: 200, Max: 599,
			At: setting.At(func(l *Load) *[]int { return &l.ExpectStatus }),
		},
		{
			Key: "mix", Type: setting.Objects, Fixed: true, Least: 1, Most: load.MaxEntries, Noun: "the request", Rows: EntrySettings(),
			Doc: "Several requests instead of one, each as often as its weight says; they take the place of the target's endpoint, of method and of body.",
			At:  setting.At(func(l *Load) *[]Entry { return &l.Mix }),
		},
		{
			Key: "keys", Fixed: true, Flag: "-", Rows: KeysSettings(), Example: "count: 1000", At: setting.At(func(l *Load) **load.Keys { return &l.Keys }),
			Doc: "Values that stand for {key}, or for {NAME} of a column, in endpoints, headers and bodies; drawn for each request with plan.seed. off: none.",
		},
		{
			Key: "think", Name: "think time", Doc: "pause between a response and the next request", Live: true, Behind: "keepalive", Unset: true, Max: float64(load.MaxThink),
			More: "Closed model only: pause between a response and the next request; 0s to 1m.",
			At:   setting.At(func(l *Load) *time.Duration { return &l.Think }), Idle: setting.When(whenOpen),
		},
		{
			Key: "pool", Unset: true, Fixed: true, Min: 1, Max: load.MaxConnections,
			Doc: "Idle connections that all users keep together, last in first out; one that comes back above it is closed. Left out: each user keeps its own.",
			At:  setting.At(func(l *Load) *int { return &l.Pool }),
		},
		{
			Key: "retry", Fixed: true, Flag: "-", Rows: RetrySettings(), Example: "max: 2", At: setting.At(func(l *Load) **load.Retry { return &l.Retry }),
			Doc: "When a failed attempt is followed by another one of the same request; GET, HEAD, OPTIONS, PUT and DELETE only. off: never.",
		},
		{
			Key: "timeouts", Fixed: true, Flag: "-", Rows: TimeoutSettings(), Example: "connect: 1s", At: setting.At(func(l *Load) **load.Timeouts { return &l.Timeouts }),
			Doc: "Of parts of an attempt, besides timeout, which is of the whole request. off: none.",
		},
		{
			Key: "agents", Type: TypeAgents, Fixed: true, Unset: true, At: setting.At(func(l *Load) *string { return &l.Agents }),
			Doc:  "machines that drive it together (benchtop agent)",
			More: "Machines that drive it together, each with `benchtop agent CODE`: all that join, a number of them, or a list of names; the same for all variants. `benchtop run` prints the code and waits for them. Connections and rates are split. An address of loopback is that of the machine of each agent. Not together with order: together, header_env, or keys from a file.",
		},
		{
			Key: "resume", Doc: "TLS: false makes a full handshake on every connection.", Default: "true", Unset: true, Fixed: true, Flag: "-",
			At: setting.At(func(l *Load) **bool { return &l.Resume }),
		},
	}
}

func whenClosed(why string) func(*Load) string {
	return func(l *Load) string {
		if l.Model == load.Open {
			return ""
		}
		return why
	}
}

func whenMultiplexed(l *Load) string {
	if l.Multiplexed() {
		return "HTTP/2 keeps its connections"
	}
	return ""
}

func whenOpen(l *Load) string {
	if l.Model == load.Open {
		return "an open load sends at its rate and has no users who think"
	}
	return ""
}

// StageSettings are the settings of a stage of a load.
func StageSettings() []setting.Setting {
	return []setting.Setting{
		{
			Key: "for", Doc: "How long; all stages together 100ms to 60s.", Needed: true, Min: float64(MinStage), Max: float64(MaxSlice),
			At: setting.At(func(s *load.Stage) *time.Duration { return &s.For }),
		},
		{
			Key: "rate", Type: setting.Number, Max: load.MaxRate, At: setting.At(func(s *load.Stage) *float64 { return &s.Rate }), Noun: "requests per second",
			Doc: "Requests per second at its beginning, held when there is no to. Left out: where the stage before it ended, 0 in the first.",
		},
		{
			Key: "to", Type: setting.Number, Max: load.MaxRate, At: setting.At(func(s *load.Stage) *float64 { return &s.To }), Noun: "requests per second",
			Doc: "Requests per second at its end; the rate goes there in a straight line.",
		},
	}
}

// EntrySettings are the settings of a request of a mix.
func EntrySettings() []setting.Setting {
	return []setting.Setting{
		{Key: "name", Doc: "What its figures are called.", Needed: true, Longest: 40, At: setting.At(func(e *Entry) *string { return &e.Name })},
		{
			Key: "weight", Type: setting.Number, Doc: "Its part of the requests, relative to the other weights.", Default: "1", Min: 1e-3, Max: load.MaxWeight, Noun: "parts",
			At: setting.At(func(e *Entry) *float64 { return &e.Weight }),
		},
		{Key: "endpoint", Type: setting.Path, Doc: "Path and query.", Needed: true, At: setting.At(func(e *Entry) *string { return &e.Endpoint })},
		{Key: "method", Doc: "Method of the request.", Default: "GET", Unset: true, Values: methods, At: setting.At(func(e *Entry) *string { return &e.Method })},
		{Key: "header", Type: TypeHeader, Doc: "Further headers, besides those of the load.", Most: maxHeaders, At: setting.At(func(e *Entry) *[][2]string { return &e.Header })},
		{
			Key: "header_env", Type: TypeHeaderEnv, Doc: "Further headers from environment variables; they replace those of the load with the same name.", Most: maxHeaders,
			At: setting.At(func(e *Entry) *[][2]string { return &e.HeaderEnv }),
		},
		{Key: "body", Type: setting.Lines, Doc: "Body; needs a method that carries one.", Longest: maxBody, At: setting.At(func(e *Entry) *string { return &e.Body })},
	}
}

// KeysSettings are the settings of the values that requests are drawn with.
func KeysSettings() []setting.Setting {
	return []setting.Setting{
		{Key: "count", Flag: "keys", Doc: "{key} in the path, the headers and the body is one of the numbers 1 to this one.", Unset: true, Min: 1, Max: load.MaxKeys, At: setting.At(func(k *load.Keys) *int { return &k.Count })},
		{
			Key: "zipf", Flag: "zipf", Type: setting.Number, Doc: "Exponent of Zipf's law: key i is drawn with a weight of 1/i^s. 0: all alike.", Default: "0", Unset: true, Max: load.MaxZipf, Noun: "(the exponent)",
			At: setting.At(func(k *load.Keys) *float64 { return &k.Zipf }),
		},
		{
			Key: "from", Flag: "keys-from", Unset: true, Doc: "Instead of a count: a CSV file, whose first line names the columns; {NAME} is the value of one.",
			More: "Instead of count: a CSV file, from the scenario's folder on; its first line names the columns, {NAME} is the value of one. It stays where it is: saved runs have its path and hash, not its rows.",
			At:   setting.At(func(k *load.Keys) *string { return &k.From }),
		},
	}
}

// RetrySettings are the settings of what is done about failed attempts.
func RetrySettings() []setting.Setting {
	return []setting.Setting{
		{Key: "max", Doc: "Attempts after the first.", Flag: "retries", Unset: true, Min: 1, Max: load.MaxRetries, At: setting.At(func(r *load.Retry) *int { return &r.Max })},
		{
			Key: "backoff", Doc: "Wait before the first retry, doubled before each further one; 0s to 2m.", Default: "0s", Unset: true, Max: float64(maxBackoff),
			At: setting.At(func(r *load.Retry) *time.Duration { return &r.Backoff }),
		},
		{
			Key: "max_backoff", Doc: "The longest wait, Retry-After included; 0s to 2m.", Default: "10s", Unset: true, Max: float64(maxBackoff),
			At: setting.At(func(r *load.Retry) *time.Duration { return &r.MaxBackoff }),
		},
		{Key: "jitter", Doc: "Draw each wait evenly from 0 up to what it would be.", At: setting.At(func(r *load.Retry) *bool { return &r.Jitter })},
		{
			Key: "budget", Doc: "Retries as a share of the requests of all users, 0.1% to 100%. Left out: no limit.", Unset: true, Min: 0.001, Max: 1,
			At: setting.At(func(r *load.Retry) *float64 { return &r.Budget }),
		},
		{
			Key: "on", Doc: "Statuses that are tried again, besides attempts without a response.", Noun: "status", Least: 1, Most: 20, Min: 300, Max: 599,
			At: setting.At(func(r *load.Retry) *[]int { return &r.On }),
		},
		{
			Key: "retry_after", Doc: "A response's Retry-After takes the place of the backoff.", Flag: "retry-after",
			At: setting.At(func(r *load.Retry) *bool { return &r.RetryAfter }),
		},
	}
}

// TimeoutSettings are the settings of the limits of parts of an attempt.
func TimeoutSettings() []setting.Setting {
	return []setting.Setting{
		{
			Key: "connect", Doc: "Opening a connection, with TLS its handshake included; 1ms to 2m.", Flag: "connect-timeout", Unset: true,
			Min: float64(minTimeout), Max: float64(maxTimeout), At: setting.At(func(t *load.Timeouts) *time.Duration { return &t.Connect }),
		},
		{
			Key: "first_byte", Doc: "From the request written to the first byte of the response; 1ms to 2m.", Flag: "first-byte-timeout", Unset: true,
			Min: float64(minTimeout), Max: float64(maxTimeout), At: setting.At(func(t *load.Timeouts) *time.Duration { return &t.FirstByte }),
		},
	}
}

// TypeMetric is the type of a setting that names a metric.
const TypeMetric setting.Type = "metric"

// Bounds of a plan.
const (
	MinSlice  = 100 * time.Millisecond
	MaxSlice  = 60 * time.Second
	MinWarmup = 100 * time.Millisecond
	MaxWarmup = 5 * time.Minute
	MaxSeed   = 1<<53 - 1 // the highest number that JSON has exactly

	maxSettle = 60 * time.Second
	MaxBlocks = 200

	maxRestarts = 50
)

// PlanSettings are the settings of how a Plan is laid out in time, and of what decides.
func PlanSettings() []setting.Setting {
	return []setting.Setting{
		{
			Key: "warmup", Doc: "Once per variant, not counted; 100ms to 5m.", Default: "2s", Min: float64(MinWarmup), Max: float64(MaxWarmup),
			At: setting.At(func(p *Plan) *time.Duration { return &p.Warmup }),
		},
		{
			Key: "slice", Doc: "Counted part of each slice; 100ms to 60s. Not together with load.stages, which replace it.", Default: "1500ms", Min: float64(MinSlice), Max: float64(MaxSlice),
			At: setting.At(func(p *Plan) *time.Duration { return &p.Slice }),
		},
		{
			Key: "settle", Doc: "Before the counted part of each slice; 0s to 60s.", Default: "250ms", Max: float64(maxSettle),
			At: setting.At(func(p *Plan) *time.Duration { return &p.Settle }),
		},
		{
			Key: "blocks", Doc: "Each block has two slices of every variant; 1 to 200.", Default: "6", Always: true, Min: 1, Max: MaxBlocks,
			At: setting.At(func(p *Plan) *int { return &p.Blocks }),
		},
		{
			Key: "restarts", Unset: true, Max: maxRestarts,
			Doc: "How often every target is started again, evenly over the blocks, so that one lucky start does not decide: the starts are what the interval rests on then; 0 to 50.",
			At:  setting.At(func(p *Plan) *int { return &p.Restarts }),
		},
		{
			Key: "order", Default: string(Interleaved), Values: []string{string(Interleaved), string(Sequential), string(Together)},
			Doc: "interleaved: A B B A. sequential: A A B B, to show why it misleads. together: all variants under load at the same time, a race in which they share the machine; its verdicts are refused.",
			At:  setting.At(func(p *Plan) *Order { return &p.Order }),
		},
		{
			Key: "metric", Type: TypeMetric, Doc: "The one metric that decides; rps if left out, p99 in the open model.", Always: true,
			At: setting.At(func(p *Plan) *string { return &p.Metric }),
		},
		{
			Key: "smallest_effect", Doc: "The smallest difference that counts; 0.1% to 100%.", Default: "2%", Min: 0.001, Max: 1,
			At: setting.At(func(p *Plan) *float64 { return &p.SmallestEffect }),
		},
		{
			Key: "max_errors", Doc: "Share of failed requests over which every verdict is refused.", Default: "1%", Max: 1,
			At: setting.At(func(p *Plan) *float64 { return &p.ErrorLimit }),
		},
		{
			Key: "fail_if_worse", Doc: "A run fails (exit code 1) when the metric is worse than the baseline's by more: its 99 % interval lies wholly beyond; 0.1% to 100%.", Unset: true, Min: 0.001, Max: 1,
			At: setting.At(func(p *Plan) *float64 { return &p.FailIfWorse }),
		},
		{
			Key: "seed", Doc: "Draws which variant leads; taken from the file's hash if left out.", Unset: true, Min: 1, Max: MaxSeed,
			At: setting.At(func(p *Plan) *uint64 { return &p.Seed }),
		},
		{
			Key: "counters", Doc: "Count instructions, cycles, cache misses, context switches and system calls of the server's processes, as far as the machine can: metrics such as instructions_per_request, one of which may decide. Linux.",
			At: setting.At(func(p *Plan) *bool { return &p.Counters }),
		},
	}
}
