package python

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"maps"
	"os"
	"os/exec"
	"slices"
	"strings"
	"sync"

	"benchtop/targets"
	"benchtop/targets/printable"
	"benchtop/targets/proc"
	"benchtop/targets/routine"
	"benchtop/targets/telemetry"
)

// InterpreterEnv names the environment variable with the path of the Python interpreter to use, and no other.
const InterpreterEnv = "BENCHTOP_PYTHON"

// install is the line that installs all that these servers need, on Debian and Ubuntu.
const install = "apt-get install python3-fastapi python3-uvicorn python3-uvloop python3-httptools gunicorn"

// installs is the line that installs a component: what they need only to talk to a service has one of its own.
func installs(name string) string {
	switch name {
	case "asyncpg":
		return "apt-get install python3-asyncpg"
	case "redis-py":
		return "apt-get install python3-redis"
	case "httpx":
		return "apt-get install python3-httpx"
	case ujson, prometheusClient:
		return "apt-get install python3-" + name
	}
	return install
}

// question asks an interpreter what it has. It looks for the packages without importing them, which takes a second on
// a slow machine; one that is there and broken is told when the server starts, in its own words.
const question = `
import importlib.metadata as metadata, importlib.util as util, json, os, platform, sys
found = {}
for name in sys.argv[1:]:
    name, _, module = name.partition("=")
    if util.find_spec(module or name) is not None:
        try:
            found[name] = metadata.version(module or name)
        except metadata.PackageNotFoundError:
            found[name] = "of unknown version"
print(json.dumps({"path": sys.executable, "python": platform.python_version(), "packages": found}))
`

// packages are what an interpreter is asked for, with the name of the module where that is another.
var packages = []string{"fastapi", Uvicorn, Gunicorn, "uvloop", "httptools", "h11", "asyncpg", "redis-py=redis", "httpx", ujson, prometheusClient + "=prometheus_client"}

// interpreter is a Python that was asked.
type interpreter struct {
	Path     string            `json:"path"`
	Version  string            `json:"python"`
	Packages map[string]string `json:"packages"` // version by name
	asked    string            // as it was looked up
	err      error             // it gave no answer
}

// describe is one line for people.
func (i *interpreter) describe() string {
	if i.err != nil {
		return fmt.Sprintf("%s: %v", printable.Line(i.asked), i.err)
	}
	return fmt.Sprintf("Python %s, %s", i.Version, printable.Line(i.Path))
}

// versions is the text for the events of a server.
func (i *interpreter) versions(names ...string) string {
	var words []string
	for _, name := range names {
		if v, ok := i.Packages[name]; ok {
			words = append(words, name+" "+v)
		}
	}
	return strings.Join(append(words, "Python "+i.Version), ", ")
}

// candidates are the interpreters that are asked, in the order of preference.
func candidates() []string {
	if path := os.Getenv(InterpreterEnv); path != "" {
		return []string{path}
	}
	return []string{"python3", "/usr/bin/python3"}
}

// answers keeps what each candidate said: they do not change while this program runs.
var answers struct {
	sync.Mutex
	byPath map[string]func() *interpreter
}

// interpreters asks all candidates, at the same time.
func interpreters() []*interpreter {
	var asked []func() *interpreter
	answers.Lock()
	if answers.byPath == nil {
		answers.byPath = map[string]func() *interpreter{}
	}
	for _, c := range candidates() {
		key := c + "\x00" + os.Getenv("PATH")
		ask, ok := answers.byPath[key]
		if !ok {
			ask = sync.OnceValue(func() *interpreter { return probe(c) })
			answers.byPath[key] = ask
		}
		asked = append(asked, ask)
	}
	answers.Unlock()
	out := make([]*interpreter, len(asked))
	var wg routine.Group
	for i, ask := range asked {
		wg.Go(func() { out[i] = ask() })
	}
	wg.Wait()
	return slices.CompactFunc(out, func(a, b *interpreter) bool { return a.err == nil && b.err == nil && a.Path == b.Path })
}

func probe(name string) *interpreter {
	found := &interpreter{asked: name}
	answer, err := proc.Ask(context.Background(), name, append([]string{"-c", question}, packages...)...)
	switch {
	case err != nil:
		found.err = err
	case json.Unmarshal(answer.Stdout, found) != nil:
		found.err = fmt.Errorf("it answered %.80q", answer.Stdout)
	}
	found.Version = version(found.Version)
	for name, v := range found.Packages {
		found.Packages[name] = version(v)
	}
	return found
}

// version is what an interpreter said of a version, short and fit to print.
func version(s string) string {
	const most = 40
	v := []rune(printable.Line(s))
	return string(v[:min(len(v), most)])
}

// there reports whether the interpreter exists. One that exists and failed is not missing.
func (i *interpreter) there() bool {
	return i.err == nil || !errors.Is(i.err, exec.ErrNotFound) && !errors.Is(i.err, fs.ErrNotExist)
}

// failure is the error for interpreters of which none answered although one is there; else nil.
func failure(all []*interpreter) error {
	i := slices.IndexFunc(all, (*interpreter).there)
	if i < 0 || slices.ContainsFunc(all, func(i *interpreter) bool { return i.err == nil }) {
		return nil
	}
	e := &targets.Unusable{
		Component: "python", Failed: fmt.Sprintf("the Python interpreter %s failed: %v", printable.Line(all[i].asked), all[i].err),
		Next: "set " + InterpreterEnv + " to one that runs and has the packages",
	}
	if os.Getenv(InterpreterEnv) != "" {
		e.Failed, e.Next = InterpreterEnv+": "+e.Failed, e.Next+", or unset it"
	}
	return e
}

// choose gives the first interpreter that has all the packages. The error is a *targets.Lack or *targets.Unusable.
func choose(needed []string) (*interpreter, error) {
	all := interpreters()
	if err := failure(all); err != nil {
		return nil, err
	}
	var looked []string
	missing := ""
	for _, i := range all {
		lacks := slices.DeleteFunc(slices.Clone(needed), func(n string) bool { _, ok := i.Packages[n]; return ok })
		if i.err == nil && len(lacks) == 0 {
			return i, nil
		}
		if i.err != nil {
			looked = append(looked, i.describe())
			continue
		}
		looked = append(looked, fmt.Sprintf("%s has no %s", i.describe(), strings.Join(lacks, ", ")))
		if missing == "" || slices.Contains(lacks, missing) {
			missing = lacks[0]
		}
	}
	if missing == "" {
		missing = needed[0]
	}
	return nil, &targets.Lack{Component: missing, Found: strings.Join(looked, "; "), Install: installs(missing)}
}

// needs are the packages of a normalized Spec.
func needs(s targets.Spec) []string {
	out := []string{"fastapi", Uvicorn}
	if s.Server == Gunicorn {
		out = []string{Gunicorn, "fastapi", Uvicorn}
	}
	if own(&s).Loop == "uvloop" {
		out = append(out, own(&s).Loop)
	}
	if own(&s).HTTP == "httptools" {
		out = append(out, own(&s).HTTP)
	}
	if e := encoderOf(s); e == ujson || e == "response_class" {
		out = append(out, ujson)
	}
	if observed(s).Metrics != telemetry.Off {
		out = append(out, prometheusClient)
	}
	for _, name := range slices.Sorted(maps.Keys(drivers)) {
		if s.HasService(name) {
			out = append(out, drivers[name])
		}
	}
	return out
}

// Components are the parts of these servers, for requires and for people who look for what is missing.
func Components() []targets.Component {
	component := func(name string, needed ...string) targets.Component {
		return targets.Component{Name: name, Install: installs(name), Find: func(context.Context) (string, error) {
			i, err := choose(needed)
			if err != nil {
				return "", err
			}
			return fmt.Sprintf("%s (%s)", i.Packages[name], i.describe()), nil
		}}
	}
	return []targets.Component{
		{Name: "python", Install: install, Find: func(context.Context) (string, error) {
			chosen, err := choose([]string{"fastapi", Uvicorn})
			if err != nil {
				return "", err
			}
			words := []string{chosen.describe()}
			for _, i := range interpreters() {
				if i != chosen {
					words = append(words, "not used: "+i.describe())
				}
			}
			return strings.Join(words, "; "), nil
		}},
		component("fastapi", "fastapi", Uvicorn),
		component(Uvicorn, Uvicorn, "fastapi"),
		component(Gunicorn, Gunicorn, Uvicorn, "fastapi"),
		component("uvloop", "uvloop", Uvicorn, "fastapi"),
		component("httptools", "httptools", Uvicorn, "fastapi"),
		component("asyncpg", "asyncpg", Uvicorn, "fastapi"),
		component("redis-py", "redis-py", Uvicorn, "fastapi"),
		component("httpx", "httpx", Uvicorn, "fastapi"),
		component(ujson, ujson, Uvicorn, "fastapi"),
		component(prometheusClient, prometheusClient, Uvicorn, "fastapi"),
	}
}
