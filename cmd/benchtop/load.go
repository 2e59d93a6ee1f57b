package main

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"time"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"benchtop/lab"
	"benchtop/lab/figure"
	"benchtop/lab/load"
	"benchtop/lab/load/generator"
	"benchtop/lab/load/requests"
	"benchtop/lab/observe"
	"benchtop/lab/report"
	"benchtop/targets/setting"
)

// loadFlags are the flags of `load`.
type loadFlags struct {
	threads          int
	duration, warmup time.Duration
	engine, out      string
	seed             uint64
	allow            []string
	insecure         bool
	rows             []setting.Setting // of the load
	settings         settingFlags
	standard         lab.Load      // what holds where nothing is given
	timed            bool          // --duration was given
	resolver         load.Resolver // of tests; nil: the system's
	pasted           pastedFlags
	crew             crewFlags
}

// Limits of what only `load` has.
const (
	defaultConnections = 64

	minDuration = 100 * time.Millisecond
	maxDuration = load.MaxWindow
	minSettle   = 250 * time.Millisecond // connections are opened in it
	maxThreads  = 64
)

func loadCommand(env *Env) *cobra.Command {
	f := &loadFlags{resolver: net.DefaultResolver, standard: standardLoad(defaultConnections)}
	cmd := &cobra.Command{
		Use:   "load URL",
		Short: "Only the generator: drive load at a loopback address and summarise",
		Long: "Load drives one URL and prints a summary. Only loopback addresses are driven; another host needs --allow-host.\n\n" +
			"URLs: http://HOST:PORT/PATH; https://HOST:PORT/PATH, which the net engine drives;\n" +
			"unix:///PATH/TO.SOCK or unix:///PATH/TO.SOCK:/PATH for a unix socket, in whose own path %XX is decoded and a colon is\n" +
			"%3A.\n\n" +
			"--http 2 drives HTTP/2: over TLS agreed by ALPN, else by prior knowledge (h2c). --streams (-m) requests share each connection;\n" +
			"latency is that of a stream, and traffic all bytes of the connections, frames included. WebSocket and gRPC are not driven.\n\n" +
			"--header is 'Key: value'; Host takes the place of the URL's, and Connection: close is --no-keepalive. --body is a file, or -\n" +
			"for standard input.\n\n" +
			"--curl takes requests as browsers and API clients copy them (Copy as cURL, of bash or cmd), --har a file that a browser saved.\n" +
			"Equal requests are one entry of a mix, as often as they occur. Cookies and tokens are never kept: each is a header from an\n" +
			"environment variable, and a line says which one to set.\n\n" +
			"Stages are stretches of an open model, one after the other: DURATION:RATE holds a rate, DURATION:RATE-RATE goes\n" +
			"from one to the other in a straight line. Before the first one its first rate is driven, uncounted.\n\n" +
			"Exit codes: 0 a request succeeded, 2 the command line is wrong, 4 none succeeded, 130 interrupted.",
		Example: "  benchtop load http://127.0.0.1:8080/hello -c 64 -d 10s\n  benchtop load http://127.0.0.1:8080/hello -r 2000 -d 10s --json -\n" +
			"  benchtop load http://127.0.0.1:8080/hello --stages 5s:1000,10s:1000-5000 --arrivals poisson\n" +
			"  benchtop load http://127.0.0.1:8080/ --har shop.har --only-host shop.example --preview\n  benchtop load unix:///run/app.sock:/hello -c 64\n  benchtop load https://127.0.0.1:8443/ --insecure\n  benchtop load https://127.0.0.1:8443/ --insecure --http 2 -c 4 -m 16\n" +
			"  benchtop load http://192.168.1.30:8080/ --allow-host 192.168.1.30 --agents 3 --listen 192.168.1.20:4242 -c 300",
		Args: func(_ *cobra.Command, args []string) error {
			if len(args) != 1 {
				return usage("load: expected one URL, got %d; for example http://127.0.0.1:8080/hello", len(args))
			}
			return nil
		},
		RunE: func(cmd *cobra.Command, args []string) error {
			f.timed = cmd.Flags().Changed("duration")
			return drive(cmd.Context(), env, f, args[0])
		},
	}
	flags := cmd.Flags()
	flags.DurationVarP(&f.duration, "duration", "d", 10*time.Second, "how long to count")
	flags.DurationVar(&f.warmup, "warmup", 0, "drive this long before counting")
	f.register(env, flags, settingsOfURL())
	f.pasted.register(flags)
	f.crew.register(flags, "--agents")
	return cmd
}

// register makes the flags of a load, those of its settings by their rows.
func (f *loadFlags) register(env *Env, flags *pflag.FlagSet, rows []setting.Setting) {
	f.rows, f.settings.forms = rows, loadForms(env)
	f.settings.add(flags, "", rows, &f.standard)
	flags.IntVar(&f.threads, "threads", 1, "threads of the generator")
	flags.StringVar(&f.engine, "engine", "", "epoll or net (default: the best of this system; net for https)")
	flags.BoolVar(&f.insecure, "insecure", false, "https: do not verify the certificate")
	flags.Uint64Var(&f.seed, "seed", 1, "seed of poisson arrivals: the same one gives the same times")
	flags.StringVar(&f.out, "json", "", "write the result as JSON to a file, or - for standard output")
	flags.StringArrayVar(&f.allow, "allow-host", nil, "also drive this host, which must be yours (repeatable)")
}

// settingsOfURL are those of a load. Of methods a server may know more than those that files have.
func settingsOfURL() []setting.Setting {
	rows := lab.LoadSettings()
	setting.Find(rows, "method").Values = nil
	return rows
}

// standardLoad is a load with the defaults of its settings.
func standardLoad(connections int) lab.Load {
	l := lab.Load{Connections: connections, Arrivals: load.Constant, Method: http.MethodGet}
	setting.Fill(lab.LoadSettings(), &l)
	return l
}

// load checks the flags and gives the load.
func (f *loadFlags) load() (lab.Load, error) {
	l := f.standard
	if err := f.settings.into(f.rows, &l, "a load"); err != nil {
		return l, err
	}
	if name, given := f.settings.has("retry"); given && l.Retry.Max == 0 {
		return l, usage("--%s: nothing is tried again; add --retries N", name)
	}
	if err := f.staged(&l); err != nil {
		return l, err
	}
	switch {
	case f.duration < minDuration || f.duration > maxDuration:
		return l, usage("--duration is %v; allowed: 100ms to %v", f.duration, maxDuration)
	case f.warmup < 0 || f.warmup > 10*time.Minute:
		return l, usage("--warmup is %v; allowed: 0 to 10m", f.warmup)
	case f.threads < 1 || f.threads > maxThreads:
		return l, usage("--threads is %d; allowed: 1 to %d", f.threads, maxThreads)
	}
	if l.Arrivals == load.Poisson && l.Model != load.Open {
		return l, usage("--arrivals poisson: a closed model has no arrivals; add --rate or --stages")
	}
	if err := oneOf("--engine", f.engine, "", "epoll", "net"); err != nil {
		return l, err
	}
	header, closes := load.TakeClose(l.Header)
	l.Header, l.KeepAlive = header, l.KeepAlive && !closes
	if len(l.Mix) > 0 && (l.Body != "" || l.Method != f.standard.Method) {
		return l, usage("--mix together with --method or --body: write them in its requests")
	}
	if k := l.Keys; k != nil && k.From != "" {
		placed, err := filepath.Abs(k.From)
		if err != nil {
			return l, usage("--keys-from: %w", err)
		}
		k.From = placed
	}
	return l, nil
}

// staged holds stages against the flags that they take the place of.
func (f *loadFlags) staged(l *lab.Load) error {
	if len(l.Stages) == 0 {
		return nil
	}
	if _, rated := f.settings.has("rate"); rated {
		return usage("--stages together with --rate: the stages are the rate; leave one of them out")
	}
	if f.timed {
		return usage("--stages together with --duration: the stages say how long they take; leave --duration out")
	}
	if f.duration = l.Stages.Total(); f.duration < minDuration || f.duration > maxDuration {
		return usage("--stages take %v together; allowed: %v to %v", f.duration, minDuration, maxDuration)
	}
	return nil
}

func drive(ctx context.Context, env *Env, f *loadFlags, rawURL string) error {
	settings, err := f.load()
	if err != nil {
		return err
	}
	if err := errors.Join(checkOutput("--json", f.out), f.pasted.check(&settings)); err != nil {
		return err
	}
	pinned, err := load.Resolve(ctx, f.resolver, rawURL, f.allow)
	if err != nil {
		return &exitError{exitUsage, err}
	}
	if err := f.secure(&pinned); err != nil {
		return err
	}
	if over, err := f.pasted.read(env, &settings, pinned.Host, rawURL, "benchtop load "+rawURL); err != nil || over {
		return err
	}
	run := &lab.LoadRun{URL: rawURL, Settings: settings, Machine: observe.Describe(version()), Started: env.Now().Round(0), Seed: f.seed}
	s := pinned.Task(settings.Task(pinned.Path, pinned.Host))
	s.ID, s.Settle, s.Window, s.Seed = 1, max(minSettle, f.warmup), f.duration, run.Seed
	if err := cmp.Or(f.check(&s), f.crew.checkTask(f, settings.Agents, &s)); err != nil {
		return err
	}
	held := time.Duration(run.Machine.PortsHeld * float64(time.Second))
	if err := errors.Join(load.CheckBudget(load.Budget(s)), load.CheckPorts(s, run.Machine.PortLow, run.Machine.PortHigh, held),
		lab.CheckTasks(lab.GeneratorTasks(), observe.Tasks())); err != nil {
		return environment("%w", err)
	}
	ctx, letGo := env.heed(ctx)
	defer letGo()
	if err := generate(ctx, env, f, s, run); err != nil {
		return err
	}
	return finishLoad(ctx, env, f, run)
}

// secure completes what --insecure and --engine say about https.
func (f *loadFlags) secure(p *load.Pinned) error {
	switch {
	case p.TLS == nil && f.insecure:
		return usage("--insecure is for https:// only: there is no certificate to verify here")
	case p.TLS == nil:
	case f.engine == "epoll":
		return usage("--engine epoll: it speaks plain HTTP only; for https leave --engine out or write --engine net")
	default:
		p.TLS.Insecure = f.insecure
	}
	return nil
}

// secondOfLoad gathers the rows of about a second for one line of progress.
type secondOfLoad struct {
	ok, failed uint64
	offered    float64 // requests
	took       time.Duration
}

// add takes a row in, and gives the line when a second is full.
func (s *secondOfLoad) add(t load.Tick, at time.Duration) string {
	d := time.Duration(t.To - t.From)
	s.ok += t.Counts.OK
	s.failed += t.Counts.Requests - t.Counts.OK
	s.offered += t.Offered * d.Seconds()
	s.took += d
	if s.took < time.Second-load.TickEvery/2 {
		return ""
	}
	rate, offered := float64(s.ok)/s.took.Seconds(), ""
	if s.offered > 0 {
		offered = "  offered " + figure.Lines.Rate(s.offered/s.took.Seconds())
	}
	line := fmt.Sprintf("%5.1fs  %9s req/s%s  errors %d", at.Seconds(), figure.Lines.Rate(rate), offered, s.failed)
	*s = secondOfLoad{}
	return line
}

// generate has the slice driven, by a generator of this machine or by agents.
func generate(ctx context.Context, env *Env, f *loadFlags, s load.Task, run *lab.LoadRun) error {
	var second secondOfLoad
	tick := func(t load.Tick) {
		run.Ticks = append(run.Ticks, t)
		if t.Phase != "window" {
			return
		}
		if line := second.add(t, time.Duration(t.To-run.Ticks[0].From)); line != "" {
			fmt.Fprintln(env.Stderr, line)
		}
	}
	config := generator.Config{Engine: f.engine, Threads: f.threads}
	run.Ended = lab.EndComplete
	var err error
	if run.Settings.Agents != "" {
		err = f.crew.drive(ctx, env, s, config, tick, run)
	} else {
		err = driveHere(ctx, env, s, config, tick, run)
	}
	switch {
	case err != nil && ctx.Err() != nil && run.Settings.Agents != "" && run.Summary.Parts == nil: // nothing was driven yet
		return &exitError{code: signalled(ctx)}
	case err != nil && ctx.Err() != nil:
		run.Ended, run.Reason = lab.EndInterrupted, "stopped before its time; the figures are of what was driven"
		return nil
	}
	return err
}

// driveHere starts the generator, runs the slice and stops it again.
func driveHere(ctx context.Context, env *Env, s load.Task, config generator.Config, tick func(load.Tick), run *lab.LoadRun) error {
	g, err := generator.Start(ctx, config)
	if err != nil {
		return environment("starting the generator: %w", err)
	}
	run.Summary, err = g.Run(ctx, s, tick)
	stop, cancel := context.WithTimeout(context.Background(), stopWait)
	defer cancel()
	if stopErr := g.Stop(stop); stopErr != nil && err == nil {
		fmt.Fprintf(env.Stderr, "benchtop: stopping the generator: %v\n", stopErr)
	}
	if err != nil {
		return environment("driving load: %w", err)
	}
	return nil
}

func finishLoad(ctx context.Context, env *Env, f *loadFlags, run *lab.LoadRun) error {
	result := run.Result()
	out := env.text()
	if env.isStdout(f.out) {
		out = env.Stderr
	}
	err := report.Load(out, run, result)
	if f.out != "" {
		err = errors.Join(err, writeOutput(env, f.out, func(w io.Writer) error { return report.JSON(w, result) }))
	}
	if err != nil {
		return environment("%w", err)
	}
	if code := signalled(ctx); code != 0 {
		return &exitError{code: code}
	}
	if run.Ended == lab.EndFailed {
		return environment("%s", run.Reason)
	}
	if run.Summary.Counts.OK == 0 {
		return environment("%s", report.Failed(run.URL, &result.Variants[0]))
	}
	return nil
}

// check refuses what a task would refuse, in the words of the command line.
func (f *loadFlags) check(s *load.Task) error {
	var bad *load.TaskError
	err := s.Check()
	if err == nil {
		_, err = requests.New(s)
	}
	if err == nil {
		_, _, err = s.Filled(os.LookupEnv)
	}
	if errors.As(err, &bad) {
		return usage("%s: %s", f.settings.flagOf(bad.Field), bad.Msg)
	}
	if field := s.NetOnly(); f.engine == "epoll" && field != "" && field != "tls" {
		return usage("--engine epoll: it knows nothing of --%s and the like; leave --engine out or write --engine net", map[string]string{
			"http": "http 2", "think": "think", "pool": "pool", "retry": "retries", "timeouts": "connect-timeout",
		}[field])
	}
	return nil
}
