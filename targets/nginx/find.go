package nginx

import (
	"context"
	"errors"
	"fmt"
	"os/exec"
	"strings"

	"benchtop/targets"
	"benchtop/targets/component"
	"benchtop/targets/printable"
	"benchtop/targets/proc"
)

// install is the line that installs nginx on Debian and Ubuntu.
const install = "apt-get install nginx-light"

// maxVersion is how many bytes of a version are shown.
const maxVersion = 40

// program is an nginx that was asked.
type program struct {
	path    string
	version string   // 1.22.1
	without []string // modules that it was built without: http_scgi
	err     error    // a *targets.Lack or *targets.Unusable
}

// needed are the modules of the generated configuration that some builds are without.
var needed = []string{"http_proxy", "http_upstream_keepalive", "http_gzip"}

var answers component.PerPath[*program]

// find asks the nginx in PATH, where the folders of system programs count as part of it: users who are not root often
// do not have them there.
func find() *program {
	return answers.Get(func() *program { return probe(Name, "/usr/sbin/"+Name, "/usr/local/sbin/"+Name) })
}

// probe asks the first of the programs that is there.
func probe(names ...string) *program {
	lack := func(format string, args ...any) *program {
		return &program{err: &targets.Lack{Component: Name, Found: fmt.Sprintf(format, args...), Install: install}}
	}
	var path string
	for _, name := range names {
		if found, err := exec.LookPath(name); err == nil {
			path = found
			break
		}
	}
	if path == "" {
		return lack("looked for %s in PATH and in its usual places", strings.Join(names, ", "))
	}
	answer, err := proc.Ask(context.Background(), path, "-V")
	if err != nil {
		return &program{err: &targets.Unusable{
			Component: Name, Failed: fmt.Sprintf("%s -V failed: %v", path, err), Next: "repair it, or put another nginx first in PATH",
		}}
	}
	said := printable.Line(string(answer.Stderr)) // where nginx prints its version
	p := &program{path: path}
	for _, word := range strings.Fields(said) {
		if version, ok := strings.CutPrefix(word, "nginx/"); ok && p.version == "" {
			p.version = version[:min(len(version), maxVersion)]
		}
		if module, ok := strings.CutPrefix(word, "--without-"); ok {
			p.without = append(p.without, strings.TrimSuffix(module, "_module"))
		}
	}
	if !strings.Contains(said, "--with-http_stub_status_module") {
		return lack("%s %s was built without http_stub_status_module, which its counts come from", path, p.version)
	}
	for _, module := range needed {
		for _, without := range p.without {
			if module == without {
				return lack("%s %s was built without %s_module", path, p.version, module)
			}
		}
	}
	return p
}

// Component is nginx, for requires and for people who look for what is missing.
func Component() targets.Component {
	return targets.Component{Name: Name, Install: install, Find: func(context.Context) (string, error) {
		p := find()
		if p.err != nil {
			return "", p.err
		}
		return fmt.Sprintf("%s (%s)", p.version, p.path), nil
	}}
}

// errInUse says that the address belongs to somebody else.
var errInUse = errors.New("the address is in use")
