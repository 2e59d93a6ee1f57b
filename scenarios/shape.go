package scenarios

// The types below are the file format as the schema tells it to editors. The reader (decode*.go) does not use them,
// because it reports every problem with its place; a test holds the keys of both together. Durations, percentages and
// the knobs of targets get their patterns and their documentation in schema.go.

type shapeFile struct {
	Benchtop  int            `json:"benchtop" jsonschema:"enum=1" jsonschema_description:"Version of the format."`
	ID        string         `json:"id" jsonschema:"format=id" jsonschema_description:"Name of the scenario: small letters, digits, hyphens."`
	Title     string         `json:"title" jsonschema:"minLength=1,maxLength=100" jsonschema_description:"The question, on one line."`
	Track     string         `json:"track,omitempty" jsonschema:"format=id" jsonschema_description:"Group of the catalogue: connections, workers, async, payload, data, production, measuring, or one of your own."`
	Minutes   int            `json:"minutes,omitempty" jsonschema:"minimum=1,maximum=120" jsonschema_description:"How long the lesson takes, reading included."`
	Claims    []shapeClaim   `json:"claims,omitempty" jsonschema:"maxItems=40" jsonschema_description:"Rows of the claim ledger that this run answers: C10, or {id: C15, part: ...} where it answers a part of the row."`
	Requires  []string       `json:"requires,omitempty" jsonschema:"maxItems=5" jsonschema_description:"Components that the variants need besides benchtop; a machine without one of them is told which, before anything starts."`
	Twin      string         `json:"twin,omitempty" jsonschema:"format=id" jsonschema_description:"Id of the scenario that asks the same of the real components, or of the built-in ones: shipped, or a file ID.yaml beside this one. run --twin runs both."`
	Lesson    string         `json:"lesson,omitempty" jsonschema:"maxLength=65536" jsonschema_description:"Markdown, shown before the run."`
	Target    shapeTarget    `json:"target" jsonschema_description:"The system under test; each variant overrides it."`
	Variants  []shapeVariant `json:"variants,omitempty" jsonschema:"minItems=1,maxItems=16" jsonschema_description:"The columns that are compared."`
	Matrix    map[string]any `json:"matrix,omitempty" jsonschema_description:"Instead of variants: the product of lists of values by the path of a key, such as proxy.keepalive: [0, 8]. See also idRule."`
	Exclude   []any          `json:"exclude,omitempty" jsonschema:"minItems=1,maxItems=256" jsonschema_description:"Combinations of the matrix to leave out, each by one value per key: {proxy.keepalive: 0, load.connections: 50}."`
	Baseline  string         `json:"baseline,omitempty" jsonschema:"format=id" jsonschema_description:"Id of the variant that the others are compared with; the first if left out."`
	Load      shapeLoad      `json:"load" jsonschema_description:"What is driven at the target; each variant may override it."`
	Plan      *shapePlan     `json:"plan,omitempty" jsonschema_description:"How the run is laid out in time, and what decides."`
	Steps     []shapeStep    `json:"steps,omitempty" jsonschema:"minItems=1,maxItems=200" jsonschema_description:"What changes in the run, in the order of time. Each step takes effect between two slices. Only slices between which nothing changed are compared: the verdict is about what was measured after the last step."`
	Predict   *shapePredict  `json:"predict,omitempty" jsonschema_description:"The question that is asked before the run."`
	Expect    []string       `json:"expect,omitempty" jsonschema:"maxItems=50" jsonschema_description:"What should come out, one comparison each: rps(kept) / rps(none) >= 1.03."`
	Mechanism []string       `json:"mechanism,omitempty" jsonschema:"maxItems=50" jsonschema_description:"What must have happened for the run to mean anything; written like expect. If it did not, verdicts are not_applicable."`
	Quiz      []shapeQuiz    `json:"quiz,omitempty" jsonschema:"minItems=1,maxItems=10" jsonschema_description:"Questions after the run."`
	Notes     string         `json:"notes,omitempty" jsonschema:"maxLength=65536" jsonschema_description:"Markdown for the trainer."`
}

type shapeTarget struct {
	Server string      `json:"server,omitempty" jsonschema_description:"Which server is started."`
	Proxy  *shapeProxy `json:"proxy,omitempty" jsonschema_description:"A reverse proxy in front of the server; a variant's keys are laid over the target's. off: none. on: as it is, with the defaults of its kind."`
	TLS    *shapeTLS   `json:"tls,omitempty" jsonschema_description:"The target speaks HTTPS: its proxy if it has one, else its server. A variant's keys are laid over the target's. off: it does not. on: as it is, with the defaults."`
}

type shapeProxy struct {
	Kind string     `json:"kind,omitempty" jsonschema_description:"Which proxy is started; builtin if left out."`
	Gzip *shapeGzip `json:"gzip,omitempty" jsonschema_description:"Compression of answers; off: none. on: with the defaults of the kind."`
}

type shapeGzip struct {
	Level     int      `json:"level,omitempty" jsonschema:"minimum=1,maximum=9" jsonschema_description:"1 is fastest, 9 is smallest."`
	MinLength int      `json:"min_length,omitempty" jsonschema:"minimum=1,maximum=1048576" jsonschema_description:"Bytes; a shorter answer is sent as it is."`
	Types     []string `json:"types,omitempty" jsonschema:"minItems=1,maxItems=20" jsonschema_description:"Media types that are compressed."`
}

type shapeTLS struct {
	Resumption *bool `json:"resumption,omitempty" jsonschema:"default=true" jsonschema_description:"false: no session is taken up again, every handshake is a full one."`
}

type shapeVariant struct {
	ID    string     `json:"id" jsonschema:"format=id" jsonschema_description:"Name of the variant, as expectations use it."`
	Label string     `json:"label,omitempty" jsonschema:"minLength=1,maxLength=60" jsonschema_description:"What the column is called; the id if left out."`
	Load  *shapeLoad `json:"load,omitempty" jsonschema_description:"What is different in the load of this variant."`
	shapeTarget
}

type shapeLoad struct {
	Model        string            `json:"model,omitempty" jsonschema:"enum=closed,enum=open,default=closed" jsonschema_description:"closed: each connection sends when it has its answer. open: requests arrive at a rate, whether or not responses came."`
	Connections  int               `json:"connections,omitempty" jsonschema:"minimum=1,maximum=20000" jsonschema_description:"Closed: exactly so many, 64 if left out. Open: at most so many, 1000 if left out (64 when the rate is a share)."`
	Rate         any               `json:"rate,omitempty" jsonschema_description:"Open model only. A number: requests per second. A percentage such as 60%: that share of the slowest variant's capacity, which is measured in the warm-up with the same number of closed connections."`
	Stages       []shapeStage      `json:"stages,omitempty" jsonschema:"minItems=1,maxItems=100" jsonschema_description:"Open model only, instead of rate: stretches one after the other, each of which holds a rate or goes to another in a straight line. Together they are the counted part of every slice and replace plan.slice."`
	Arrivals     string            `json:"arrivals,omitempty" jsonschema:"enum=constant,enum=poisson,default=constant" jsonschema_description:"Open model only. constant: requests arrive at equal distances. poisson: at random, independent of each other, the same ones for the same seed."`
	Keepalive    *bool             `json:"keepalive,omitempty" jsonschema:"default=true" jsonschema_description:"false: the client opens a new connection for every request. (The target's keepalive is the server's side.)"`
	Timeout      string            `json:"timeout,omitempty" jsonschema:"format=duration,default=5s" jsonschema_description:"Of a request, connecting included; 1ms to 2m."`
	Method       string            `json:"method,omitempty" jsonschema:"enum=GET,enum=HEAD,enum=POST,enum=PUT,enum=PATCH,enum=DELETE,enum=OPTIONS,default=GET" jsonschema_description:"Method of the request."`
	Header       map[string]string `json:"header,omitempty" jsonschema_description:"Further headers of the request, each one line."`
	Body         string            `json:"body,omitempty" jsonschema:"maxLength=65536" jsonschema_description:"Body of the request; needs a method that carries one."`
	ExpectStatus []int             `json:"expect_status,omitempty" jsonschema:"minItems=1,maxItems=20" jsonschema_description:"Statuses that count as success beside 2xx."`
	Think        string            `json:"think,omitempty" jsonschema:"format=duration" jsonschema_description:"Closed model only: pause between a response and the next request; 0s to 1m."`
	Pool         int               `json:"pool,omitempty" jsonschema:"minimum=1,maximum=20000" jsonschema_description:"Idle connections that all users keep together, last in first out; one that comes back above it is closed. Left out: each user keeps its own."`
	Retry        *shapeRetry       `json:"retry,omitempty" jsonschema_description:"When a failed attempt is followed by another one of the same request; GET, HEAD, OPTIONS, PUT and DELETE only. off: never."`
	Timeouts     *shapeTimeouts    `json:"timeouts,omitempty" jsonschema_description:"Of parts of an attempt, beside timeout, which is of the whole request. off: none."`
	Resume       *bool             `json:"resume,omitempty" jsonschema:"default=true" jsonschema_description:"TLS: false makes a full handshake on every connection."`
}

type shapeRetry struct {
	Max        int    `json:"max,omitempty" jsonschema:"minimum=1,maximum=10" jsonschema_description:"Attempts after the first."`
	Backoff    string `json:"backoff,omitempty" jsonschema:"format=duration,default=0s" jsonschema_description:"Wait before the first retry, doubled before each further one; 0s to 2m."`
	MaxBackoff string `json:"max_backoff,omitempty" jsonschema:"format=duration,default=10s" jsonschema_description:"The longest wait, Retry-After included; 0s to 2m."`
	Jitter     bool   `json:"jitter,omitempty" jsonschema_description:"Draw each wait evenly from 0 up to what it would be."`
	Budget     string `json:"budget,omitempty" jsonschema:"format=percentage" jsonschema_description:"Retries as a share of the requests of all users, 0.1% to 100%. Left out: no limit."`
	On         []int  `json:"on,omitempty" jsonschema:"minItems=1,maxItems=20" jsonschema_description:"Statuses that are tried again, beside attempts without an answer."`
	RetryAfter bool   `json:"retry_after,omitempty" jsonschema_description:"An answer's Retry-After takes the place of the backoff."`
}

type shapeTimeouts struct {
	Connect   string `json:"connect,omitempty" jsonschema:"format=duration" jsonschema_description:"Opening a connection, with TLS its handshake included; 1ms to 2m."`
	FirstByte string `json:"first_byte,omitempty" jsonschema:"format=duration" jsonschema_description:"From the request written to the first byte of the answer; 1ms to 2m."`
}

type shapeStage struct {
	For  string  `json:"for" jsonschema:"format=duration" jsonschema_description:"How long; all stages together 100ms to 60s."`
	Rate float64 `json:"rate,omitempty" jsonschema:"minimum=0,maximum=1000000" jsonschema_description:"Requests per second at its beginning, held when there is no to. Left out: where the stage before it ended, 0 in the first."`
	To   float64 `json:"to,omitempty" jsonschema:"minimum=0,maximum=1000000" jsonschema_description:"Requests per second at its end; the rate goes there in a straight line."`
}

type shapePlan struct {
	Warmup         string `json:"warmup,omitempty" jsonschema:"format=duration,default=2s" jsonschema_description:"Once per variant, not counted; 100ms to 5m."`
	Slice          string `json:"slice,omitempty" jsonschema:"format=duration,default=1500ms" jsonschema_description:"Counted part of each slice; 100ms to 60s. Not beside load.stages, which replace it."`
	Settle         string `json:"settle,omitempty" jsonschema:"format=duration,default=250ms" jsonschema_description:"Before the counted part of each slice; 0s to 60s."`
	Blocks         int    `json:"blocks,omitempty" jsonschema:"minimum=1,maximum=200,default=6" jsonschema_description:"Each block has two slices of every variant."`
	Order          string `json:"order,omitempty" jsonschema:"enum=interleaved,enum=sequential,enum=together,default=interleaved" jsonschema_description:"interleaved: A B B A. sequential: A A B B, to show why it misleads. together: all variants under load at the same time, a race in which they share the machine; its verdicts are refused."`
	Metric         string `json:"metric,omitempty" jsonschema:"format=metric" jsonschema_description:"The one metric that decides; rps if left out, p99 in the open model."`
	SmallestEffect string `json:"smallest_effect,omitempty" jsonschema:"format=percentage,default=2%" jsonschema_description:"The smallest difference that counts; 0.1% to 100%."`
	MaxErrors      string `json:"max_errors,omitempty" jsonschema:"format=percentage,default=1%" jsonschema_description:"Share of failed requests over which every verdict is refused."`
	Seed           int    `json:"seed,omitempty" jsonschema:"minimum=1" jsonschema_description:"Draws which variant leads; taken from the file's hash if left out."`
}

type shapeClaim struct {
	ID   string `json:"id" jsonschema_description:"Number of the row."`
	Part string `json:"part" jsonschema:"minLength=1,maxLength=200" jsonschema_description:"What of the row this run answers, and what it does not."`
}

type shapeStep struct {
	At    string         `json:"at" jsonschema:"format=duration" jsonschema_description:"When, counted from the first slice after the warm-up; before the end of the run."`
	Start []string       `json:"start,omitempty" jsonschema:"minItems=1,maxItems=16" jsonschema_description:"Ids of variants that come; one that a step starts is not there before. It has its warm-up then."`
	Set   map[string]any `json:"set,omitempty" jsonschema_description:"Settings by variant.key, as run --set takes them: kept.workers: 2, or all.load.connections: 128 for every variant that is there. A target whose own settings change is started again and warmed up."`
	Stop  []string       `json:"stop,omitempty" jsonschema:"minItems=1,maxItems=16" jsonschema_description:"Ids of variants that go; their targets stop."`
}

type shapePredict struct {
	Ask     string `json:"ask" jsonschema:"minLength=1,maxLength=400" jsonschema_description:"The question."`
	Metric  string `json:"metric" jsonschema:"format=metric" jsonschema_description:"What is predicted."`
	Variant string `json:"variant" jsonschema:"format=id" jsonschema_description:"Of which variant, against the baseline."`
}

type shapeQuiz struct {
	Ask     string        `json:"ask" jsonschema:"minLength=1,maxLength=400" jsonschema_description:"The question."`
	Options []shapeOption `json:"options" jsonschema:"minItems=2,maxItems=6" jsonschema_description:"The answers, exactly one of them correct."`
	Why     string        `json:"why,omitempty" jsonschema:"maxLength=800" jsonschema_description:"Shown after the answer."`
}

type shapeOption struct {
	Text    string `json:"text" jsonschema:"minLength=1,maxLength=400" jsonschema_description:"The answer."`
	Correct bool   `json:"correct,omitempty" jsonschema_description:"true in exactly one option."`
	Proof   string `json:"proof,omitempty" jsonschema:"format=id" jsonschema_description:"Id of the shipped scenario whose run proves it."`
}
