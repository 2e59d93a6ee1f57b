// Package scenarios is the scenario file: its YAML shape, its limits, and the way from a file to a lab.Plan. Files are
// data: no shell, no templates, of the environment only what a header asks for by name, nothing that a file could raise a limit with. It also carries the
// scenarios that are shipped.
package scenarios

import (
	"embed"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"slices"
	"strings"
	"sync"

	"benchtop/lab"
	"benchtop/lab/load"
	"benchtop/lab/regular"
	"benchtop/targets/setting"
)

//go:embed *.yaml
var shipped embed.FS

// teachingOrder are the shipped scenarios in the order in which they are best taken.
var teachingOrder = []string{
	"start-here", "workers", "client-keepalive", "race", "client-pool", "nodelay", "keepalive-race", "accept-queue", "upstream-keepalive", "upstream-keepalive-async",
	"upstream-socket", "tls-keepalive", "retries", "timeouts", "worker-balance", "cores", "first-byte", "proxy-balance", "proxy-limits", "proxy-gzip", "access-log", "blocking-loop",
	"cpu-offload", "idle-connections", "engines", "noise", "coordinated-omission", "before-after", "collapse",
	"db-pool", "db-connect", "db-workers-pool", "db-leak", "db-timeouts", "n-plus-one", "batch-any", "prepared", "slow-query-log", "data-volume",
	"cache-service", "cache-process", "cache-workers", "stampede", "invalidate", "stale", "cache-leak", "naive-to-tuned",
	"fan-out", "semaphore", "client-per-request", "breaker", "background",
	"gzip", "gzip-link", "slow-clients", "json", "csv-stream", "graceful", "autoscale",
	"middleware", "metric-labels", "profiling",
	"why-benchmarks-lie", "mystery",
	"real-upstream-keepalive", "real-upstream-keepalive-async", "real-workers-loop", "real-threadpool", "real-server-supervision", "real-preload",
	"real-calls", "real-gzip", "real-static", "real-json", "real-middleware", "real-metric-labels", "real-profiling",
	"real-db", "real-db-queries", "real-db-jit", "real-cache", "real-cache-process", "real-cache-stampede", "real-cache-keys",
}

// File is a scenario as it was read.
type File struct {
	Name   string // as it was given; of a shipped scenario its id and .yaml
	Source []byte
	Plan   *lab.Plan

	variables []variable
}

// Secrets reports every variable that a header takes its value from and that has none, at its place. lookup is os.LookupEnv;
// the error is an *Errors. A file is right without them: they are wanted where it is run.
func (f *File) Secrets(lookup func(string) (string, bool)) error {
	if problems := withoutValue(f.variables, lookup); len(problems) > 0 {
		return placed(f.Name, problems, f.Source)
	}
	return nil
}

// Entry is what a list of scenarios shows.
type Entry struct {
	ID       string
	Title    string
	Track    string
	Minutes  int
	Claims   []lab.Claim // rows of the claim ledger
	Requires []string    // components besides benchtop
}

var catalogue = sync.OnceValue(func() []Entry {
	var out []Entry
	for _, id := range teachingOrder {
		src, err := shipped.ReadFile(id + ".yaml")
		if err != nil {
			continue // TestShipped holds the list and the files together
		}
		root, _ := parseTree(headerOf(string(src)))
		if root == nil || root.kind != mapping {
			continue
		}
		var p lab.Plan
		d := newDecoder("")
		for _, f := range d.fields(headerKeys(), &p) {
			if n := root.get(f.name); n != nil {
				f.read(n, f.name)
			}
		}
		out = append(out, Entry{ID: p.ID, Title: p.Title, Track: p.Track, Minutes: p.Minutes, Claims: p.Claims, Requires: p.Requires})
	}
	return out
})

// headerOf gives the blocks of a shipped file's top level that the catalogue reads: to parse the whole of all files took a
// fifth of a second at each start.
func headerOf(src string) string {
	keys := map[string]bool{}
	for _, k := range headerKeys() {
		keys[k.Key] = true
	}
	var out strings.Builder
	wanted := false
	for line := range strings.Lines(src) {
		if line[0] >= 'a' && line[0] <= 'z' {
			key, _, _ := strings.Cut(line, ":")
			wanted = keys[key]
		}
		if wanted {
			out.WriteString(line)
		}
	}
	return out.String()
}

// List gives the shipped scenarios in teaching order.
func List() []Entry { return slices.Clone(catalogue()) }

// Load reads a shipped scenario by its id.
func Load(id string) (*File, error) {
	src, err := shipped.ReadFile(id + ".yaml")
	if err != nil || !slices.Contains(teachingOrder, id) {
		return nil, unknown(id)
	}
	return Parse(id+".yaml", src)
}

// ErrUnknown is wrapped by Load and Find for a name that is neither a shipped scenario nor a file.
var ErrUnknown = errors.New("no such scenario")

func unknown(name string) error {
	return fmt.Errorf("%w: %s is neither a shipped scenario nor a file; %s", ErrUnknown, short(name), didYouMean(name, teachingOrder))
}

// Find reads a scenario by the id of a shipped one or by the path of a file, in this order.
func Find(idOrPath string) (*File, error) {
	if slices.Contains(teachingOrder, idOrPath) {
		return Load(idOrPath)
	}
	f, err := Read(idOrPath)
	if errors.Is(err, fs.ErrNotExist) {
		if strings.ContainsAny(idOrPath, `/\`) || strings.HasSuffix(idOrPath, ".yaml") || strings.HasSuffix(idOrPath, ".yml") {
			return nil, fmt.Errorf("%w: there is no file %s", ErrUnknown, short(idOrPath))
		}
		return nil, unknown(idOrPath)
	}
	return f, err
}

// Read reads a scenario file. What is not a regular file of at most MaxBytes is refused without reading it.
func Read(path string) (*File, error) {
	src, err := source(path)
	if err != nil {
		return nil, err
	}
	return Parse(path, src)
}

// source reads a regular file of at most MaxBytes.
func source(path string) ([]byte, error) {
	refuse := func(msg, hint string) error {
		return &Errors{Problems: []Problem{{File: path, Line: 1, Col: 1, Msg: msg, Hint: hint}}}
	}
	f, err := regular.Open(path)
	if errors.Is(err, regular.ErrNotRegular) {
		return nil, refuse(err.Error(), "give the path of a scenario file, or the id of a shipped one (benchtop list)")
	}
	if err != nil {
		return nil, fmt.Errorf("reading a scenario: %w", err)
	}
	defer func() { _ = f.Close() }()
	if info, err := f.Stat(); err == nil && info.Size() > MaxBytes {
		return nil, refuse(tooBig(info.Size()), "")
	}
	src, err := io.ReadAll(io.LimitReader(f, MaxBytes+1))
	if err != nil {
		return nil, fmt.Errorf("reading a scenario: %w", err)
	}
	return src, nil
}

// Parse reads a scenario. The error is an *Errors with every problem that the file has.
func Parse(name string, src []byte) (*File, error) { return parse(name, src, check) }

// ParseOffered is Parse for the text of a scenario that another program offers, such as that of a class: it may start no program that it
// names, and read no file. Nothing of it is looked up on this machine before that is clear.
func ParseOffered(name string, src []byte) (*File, error) { return parse(name, src, checkOffered) }

// parse reads a scenario that is held against the rules of a check.
func parse(name string, src []byte, check func(*lab.Plan) []violation) (*File, error) {
	text, problems, safe := guardBytes(src)
	var p *lab.Plan
	var variables []variable
	if safe {
		root, more := parseTree(text)
		problems = append(problems, more...)
		if root != nil {
			d := newDecoder(text)
			if p = d.plan(root); p != nil {
				seal(p, name, src)
				for _, v := range check(p) {
					if problem, ok := d.locate(v); ok {
						d.problems = append(d.problems, problem)
					}
				}
			}
			problems, variables = append(problems, d.problems...), d.variables
		}
	}
	if len(problems) > 0 || p == nil {
		return nil, placed(name, problems, src)
	}
	return &File{Name: name, Source: src, Plan: p, variables: variables}, nil
}

// placed is the error of the problems of a file.
func placed(name string, problems []Problem, src []byte) error {
	for i := range problems {
		problems[i].File = name
	}
	return asErrors(problems, src[:min(len(src), MaxBytes)])
}

// ReadRequests reads a file that has only the mix and the keys of a load, written as in a scenario, to drive it at once: the
// variables that its headers name must have values. The error is an *Errors.
func ReadRequests(path string) (mix []lab.Entry, keys *load.Keys, err error) {
	src, err := source(path)
	if err != nil {
		return nil, nil, err
	}
	l, variables, problems := parseRequests(path, src)
	if problems = append(problems, withoutValue(variables, os.LookupEnv)...); len(problems) > 0 {
		return nil, nil, placed(path, problems, src)
	}
	return l.Mix, l.Keys, nil
}

// parseRequests reads the text of such a file, which lies at path.
func parseRequests(path string, src []byte) (lab.Load, []variable, []Problem) {
	text, problems, safe := guardBytes(src)
	if !safe {
		return lab.Load{}, nil, problems
	}
	root, more := parseTree(text)
	if problems = append(problems, more...); root == nil {
		return lab.Load{}, nil, problems
	}
	p := lab.Plan{Variants: make([]lab.Variant, 1)}
	v, d := &p.Variants[0], newDecoder(text)
	d.mapping(root, "", "the file of requests", requestRows(), &v.Load)
	placeKeys(&p, path)
	r := &rules{plan: &p}
	r.requests("", v)
	for _, found := range r.found {
		if problem, ok := d.locate(found); ok {
			d.problems = append(d.problems, problem)
		}
	}
	return v.Load, d.variables, append(problems, d.problems...)
}

// requestRows are the settings that a file of requests has.
func requestRows() []setting.Setting {
	return slices.DeleteFunc(lab.LoadSettings(), func(s setting.Setting) bool { return s.Key != "mix" && s.Key != "keys" })
}

// WriteRequests writes requests as ReadRequests reads them. The error is an *Errors: it says which of them a file cannot have.
func WriteRequests(mix []lab.Entry) ([]byte, error) {
	var b strings.Builder
	mapNode().putAll(requestRows(), &lab.Load{Mix: mix}).write(&b)
	src := []byte(b.String())
	if _, _, problems := parseRequests("", src); len(problems) > 0 {
		return nil, placed("the file that it would be", problems, src)
	}
	return src, nil
}
