package postgres

import (
	"context"
	"fmt"
	"os"
	"os/exec"
	"os/user"
	"path/filepath"
	"slices"
	"strconv"
	"strings"

	"benchtop/targets"
	"benchtop/targets/component"
	"benchtop/targets/guard"
	"benchtop/targets/printable"
	"benchtop/targets/proc"
)

// install is the line that installs PostgreSQL on Debian and Ubuntu.
const install = "apt-get install postgresql"

// oldest is the oldest release that has the statistics which are read.
const oldest = 14

// maxVersion is how many bytes of a version are shown.
const maxVersion = 40

// server is the name of the program that serves.
const server = "postgres"

// places are where systems keep the programs of each release, which are not in PATH on Debian.
var places = []string{"/usr/lib/postgresql/*/bin", "/usr/pgsql-*/bin", "/opt/homebrew/opt/postgresql*/bin", "/usr/local/opt/postgresql*/bin", "/usr/local/pgsql/bin"}

// program is a PostgreSQL that was asked.
type program struct {
	bin        string // the folder of its programs
	version    string // 15.18
	statements bool   // it has the library that counts statements
	as         *guard.Account
	err        error // a *targets.Lack or *targets.Unusable
}

var answers component.PerPath[*program]

func find() *program {
	return answers.Get(func() *program {
		var bins []string
		for _, place := range places {
			found, _ := filepath.Glob(place) // the patterns are good
			bins = append(bins, found...)
		}
		if path, err := exec.LookPath(server); err == nil {
			bins = append(bins, filepath.Dir(path))
		}
		p := newest(bins)
		if p.err == nil {
			p.as, p.err = account()
		}
		return p
	})
}

// newest asks the PostgreSQL in each folder for its version and gives the newest one; of equal ones the first.
func newest(bins []string) *program {
	var best *program
	var failed error
	for _, bin := range bins {
		if !has(bin, server) || !has(bin, "initdb") {
			continue
		}
		p, err := probe(bin)
		if err != nil {
			failed = err
			continue
		}
		if best == nil || p.major() > best.major() {
			best = p
		}
	}
	lack := func(format string, args ...any) *program {
		return &program{err: &targets.Lack{Component: Name, Found: fmt.Sprintf(format, args...), Install: install}}
	}
	switch {
	case best == nil && failed != nil:
		return &program{err: failed}
	case best == nil:
		return lack("looked for postgres and initdb in PATH and in %s", strings.Join(places, ", "))
	case best.major() < oldest:
		return lack("%s has PostgreSQL %s, and %d or newer is needed", best.bin, best.version, oldest)
	}
	return best
}

func has(bin, name string) bool {
	info, err := os.Stat(filepath.Join(bin, name))
	return err == nil && info.Mode().IsRegular() && info.Mode()&0o111 != 0
}

// probe asks a PostgreSQL for its version: postgres (PostgreSQL) 15.18 (Debian 15.18-0+deb12u1).
func probe(bin string) (*program, error) {
	path := filepath.Join(bin, server)
	if real, err := filepath.EvalSymlinks(path); err == nil { // its library is beside the program, not beside a link to it
		path, bin = real, filepath.Dir(real)
	}
	answer, err := proc.Ask(context.Background(), path, "--version")
	if err != nil {
		return nil, &targets.Unusable{
			Component: Name, Failed: fmt.Sprintf("%s --version failed: %v", path, err), Next: "repair it, or remove it",
		}
	}
	_, said, _ := strings.Cut(printable.Line(string(answer.Stdout)), "(PostgreSQL) ")
	version, _, _ := strings.Cut(said, " ")
	p := &program{bin: bin, version: version[:min(len(version), maxVersion)]}
	for _, lib := range []string{"lib", "lib/postgresql", "lib64"} {
		found, _ := filepath.Glob(filepath.Join(filepath.Dir(bin), lib, "pg_stat_statements.*"))
		p.statements = p.statements || slices.ContainsFunc(found, func(name string) bool {
			return strings.HasSuffix(name, ".so") || strings.HasSuffix(name, ".dylib")
		})
	}
	return p, nil
}

// major is the number of the release; 0 where it is not known.
func (p *program) major() int {
	digits := strings.IndexFunc(p.version, func(r rune) bool { return r < '0' || r > '9' })
	if digits < 0 {
		digits = len(p.version)
	}
	n, _ := strconv.Atoi(p.version[:digits]) // 0 of no digits
	return n
}

// account is the user that PostgreSQL runs as, which may not be root; nil: the one that this program runs as.
func account() (*guard.Account, error) {
	if os.Geteuid() != 0 {
		return nil, nil //nolint:nilnil // that is what it says
	}
	u, err := user.Lookup("postgres")
	if err == nil {
		var uid, gid uint64
		if uid, err = strconv.ParseUint(u.Uid, 10, 32); err == nil {
			if gid, err = strconv.ParseUint(u.Gid, 10, 32); err == nil {
				return &guard.Account{UID: uint32(uid), GID: uint32(gid)}, nil
			}
		}
	}
	return nil, &targets.Unusable{
		Component: Name, Failed: fmt.Sprintf("PostgreSQL refuses to run as root, and its user postgres was not found: %v", err),
		Next: "run benchtop as another user, or make that one: useradd --system postgres",
	}
}

// Component is PostgreSQL, for requires and for people who look for what is missing.
func Component() targets.Component {
	return targets.Component{Name: Name, Install: install, Find: func(context.Context) (string, error) {
		p := find()
		if p.err != nil {
			return "", p.err
		}
		return fmt.Sprintf("%s (%s)", p.version, p.bin), nil
	}}
}
