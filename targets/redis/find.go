package redis

import (
	"context"
	"fmt"
	"os/exec"
	"strings"

	"benchtop/targets"
	"benchtop/targets/component"
	"benchtop/targets/printable"
	"benchtop/targets/proc"
)

// install is the line that installs Redis on Debian and Ubuntu.
const install = "apt-get install redis-server"

// executable is the name of the program.
const executable = "redis-server"

// maxVersion is how many bytes of a version are shown.
const maxVersion = 40

// program is a redis-server that was asked.
type program struct {
	path    string
	version string // 7.0.15
	err     error  // a *targets.Lack or *targets.Unusable
}

var answers component.PerPath[*program]

func find() *program {
	return answers.Get(func() *program { return probe(executable, "/usr/local/bin/"+executable) })
}

// probe asks the first of the programs that is there for its version.
func probe(names ...string) *program {
	for _, name := range names {
		path, err := exec.LookPath(name)
		if err != nil {
			continue
		}
		answer, err := proc.Ask(context.Background(), path, "--version")
		if err != nil {
			return &program{err: &targets.Unusable{
				Component: Name, Failed: fmt.Sprintf("%s --version failed: %v", path, err), Next: "repair it, or put another redis-server first in PATH",
			}}
		}
		p := &program{path: path}
		for _, word := range strings.Fields(printable.Line(string(answer.Stdout))) { // Redis server v=7.0.15 sha=...
			if version, ok := strings.CutPrefix(word, "v="); ok {
				p.version = version[:min(len(version), maxVersion)]
			}
		}
		return p
	}
	return &program{err: &targets.Lack{
		Component: Name, Found: "looked for " + strings.Join(names, ", ") + " in PATH and in its usual places", Install: install,
	}}
}

// Component is Redis, for requires and for people who look for what is missing.
func Component() targets.Component {
	return targets.Component{Name: Name, Install: install, Find: func(context.Context) (string, error) {
		p := find()
		if p.err != nil {
			return "", p.err
		}
		return fmt.Sprintf("%s (%s)", p.version, p.path), nil
	}}
}
