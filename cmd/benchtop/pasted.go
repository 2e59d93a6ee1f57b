package main

import (
	"errors"
	"fmt"
	"io"
	"io/fs"
	"net/http"
	"os"
	"strings"

	"github.com/spf13/pflag"

	"benchtop/lab"
	"benchtop/lab/load/pasted"
	"benchtop/lab/outfile"
	"benchtop/scenarios"
	"benchtop/targets/printable"
)

// pastedFlags are the flags of requests that were copied from elsewhere.
type pastedFlags struct {
	curl, har, writeMix   string
	hosts, methods, types []string
	preview               bool
}

func (p *pastedFlags) register(flags *pflag.FlagSet) {
	flags.StringVar(&p.curl, "curl", "", "requests as curl command lines, as browsers and clients copy them: a file, or - for standard input")
	flags.StringVar(&p.har, "har", "", "requests of a HAR file, as browsers save it, without images, fonts, styles and scripts; or -")
	flags.StringSliceVar(&p.hosts, "only-host", nil, "with --curl and --har: requests to these hosts, instead of those to the target itself")
	flags.StringSliceVar(&p.methods, "only-method", nil, "with --curl and --har: requests with these methods")
	flags.StringSliceVar(&p.types, "only-type", nil, "with --har: "+strings.Join(pasted.Types, ", "))
	flags.BoolVar(&p.preview, "preview", false, "with --curl and --har: show what would be sent, and end")
	flags.StringVar(&p.writeMix, "write-mix", "", "with --curl and --har: write the requests without secrets to a file for --mix, or -, and end")
}

// given names the flag that the requests come from; empty: there is none.
func (p *pastedFlags) given() string {
	switch {
	case p.curl != "":
		return "--curl"
	case p.har != "":
		return "--har"
	}
	return ""
}

// check refuses flags that do not belong together.
func (p *pastedFlags) check(l *lab.Load) error {
	if p.given() == "" {
		for flag, is := range map[string]bool{
			"--only-host": len(p.hosts) > 0, "--only-method": len(p.methods) > 0, "--only-type": len(p.types) > 0, "--preview": p.preview, "--write-mix": p.writeMix != "",
		} {
			if is {
				return usage("%s: there are no pasted requests; add --curl FILE or --har FILE", flag)
			}
		}
		return nil
	}
	switch {
	case p.curl != "" && p.har != "":
		return usage("--curl together with --har: name one of them")
	case len(l.Mix) > 0 || l.Body != "" || l.Method != "" && l.Method != http.MethodGet || l.Keys != nil:
		return usage("%s together with --mix, --method, --body or --keys: the requests are those of the file; --write-mix writes them into one to change", p.given())
	case p.preview && p.writeMix != "":
		return usage("--preview together with --write-mix, which shows the same: leave one of them out")
	}
	for _, kind := range p.types {
		if err := oneOf("--only-type", kind, pasted.Types...); err != nil {
			return err
		}
	}
	if p.writeMix == "" {
		return nil
	}
	return checkOutput("--write-mix", p.writeMix)
}

// read reads the requests into a load, says what will be sent, and reports whether that was all that was asked for.
// host is the one whose requests are taken where no flag names others, target is what is driven, and next the command that
// drives it, without --mix.
func (p *pastedFlags) read(env *Env, l *lab.Load, host, target, next string) (over bool, err error) {
	if p.given() == "" {
		return false, nil
	}
	name, parse := p.curl, pasted.Curl
	if p.har != "" {
		name, parse = p.har, pasted.HAR
	}
	text, err := readPasted(env, name)
	if err != nil {
		return false, usage("%s: %w", p.given(), err)
	}
	if name == stdinPath {
		name = "standard input"
	}
	mix, err := parse(text, pasted.Options{
		Name: name, Target: host, Hosts: p.hosts, Methods: p.methods, Types: p.types,
		ReadFile: func(path string) ([]byte, error) {
			body, err := readBody(env, path)
			return []byte(body), err
		},
	})
	if err != nil {
		return false, usage("%s: %w", p.given(), err)
	}
	l.Mix = nil
	for i := range mix.Entries {
		e := &mix.Entries[i]
		l.Mix = append(l.Mix, lab.Entry{
			Name: e.Name, Weight: e.Weight, Endpoint: e.Path, Method: strings.TrimPrefix(e.Method, http.MethodGet), Header: e.Header, HeaderEnv: e.HeaderEnv, Body: string(e.Body),
		})
	}
	if err := mix.Preview(printable.NewWriter(env.Stderr), target); err != nil {
		return false, environment("%w", err)
	}
	if p.writeMix != "" {
		return true, p.write(env, l.Mix, next)
	}
	return p.preview, nil
}

// write writes the file of the mix; one that is there already stays.
func (p *pastedFlags) write(env *Env, mix []lab.Entry, next string) error {
	text, err := scenarios.WriteRequests(mix)
	if err != nil {
		return usage("--write-mix: %w", err)
	}
	if env.isStdout(p.writeMix) {
		_, err := env.Stdout.Write(text)
		return err
	}
	err = outfile.Create(p.writeMix, text, shared)
	switch {
	case errors.Is(err, fs.ErrExist):
		return usage("--write-mix: %s is there already and stays as it is; choose another name, or move it away first", p.writeMix)
	case err != nil:
		return environment("--write-mix: %w", err)
	}
	fmt.Fprintf(env.text(), "wrote %s\n\nnext   %s --mix %[1]s   drive it\n       its mix stands in a scenario as load.mix\n", p.writeMix, next)
	return nil
}

// readPasted reads a file, or standard input.
func readPasted(env *Env, name string) ([]byte, error) {
	in := env.Stdin
	if name != stdinPath {
		file, err := os.Open(name)
		if err != nil {
			return nil, err
		}
		defer func() { _ = file.Close() }()
		in = file
	}
	return io.ReadAll(io.LimitReader(in, pasted.MaxBytes+1))
}
