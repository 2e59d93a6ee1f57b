package main

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"benchtop/lab"
	"benchtop/lab/gate"
	"benchtop/lab/load"
	"benchtop/lab/outfile"
	"benchtop/lab/revisions"
	"benchtop/scenarios"
	"benchtop/targets/foreign"
	"benchtop/targets/printable"
)

// abFlags are the flags of `ab`, those of `run` among them.
type abFlags struct {
	run                  runFlags
	build, start         string // command lines
	request, path, ready string
	write                string
	load                 settingFlags
	pasted               pastedFlags
}

// What `ab` runs where nothing is given: about a minute.
const (
	abBlocks      = 10
	abSlice       = time.Second
	abConnections = 16
)

func abCommand(env *Env) *cobra.Command {
	f := &abFlags{load: settingFlags{forms: loadForms(env)}}
	cmd := &cobra.Command{
		Use:   "ab REF REF",
		Short: "Two revisions of a service of your own: built apart, run interleaved, one answer",
		Long: "Ab compares two revisions of the git repository that you are in: branches, tags, commits, and . for the files as they are now.\n" +
			"Each gets a folder of its own, in which --build builds it and --run starts it; {port} stands for the port of 127.0.0.1 that it\n" +
			"is to serve on. Both are command lines of a shell, run in the same folder of the repository that you are in, with your environment.\n" +
			"The first REF is the baseline. The folders are removed again, and the repository stays as it was.\n\n" +
			"What is sent is one request (--path, --request), a file of requests (--mix), or requests as a browser copies them (--curl, --har).\n" +
			"It takes about a minute, with --fail-if-worse about three.\n\n" +
			"Exit codes are those of `run`; besides, 1 worse than --fail-if-worse allows, 2 a revision is unknown or does not build.",
		Example: "  benchtop ab main HEAD --build 'go build -o server .' --run './server -port {port}'\n" +
			"  benchtop ab HEAD . --run 'PORT={port} node server.js' --path /items --fail-if-worse 5%\n" +
			"  benchtop ab v1.2 main --build 'make' --run './app {port}' --curl copied.txt --header-env 'Authorization: API_TOKEN'",
		Args: func(_ *cobra.Command, args []string) error {
			if len(args) != 2 {
				return usage("ab: expected two revisions, got %d; such as `benchtop ab main HEAD`, or `benchtop ab HEAD .` for what you are changing", len(args))
			}
			return nil
		},
		RunE: func(cmd *cobra.Command, args []string) error { return ab(cmd.Context(), env, f, args) },
	}
	standard := abPlan()
	f.run.register(cmd, standard)
	flags := cmd.Flags()
	f.load.add(flags, "", lab.LoadSettings(), &standard.Variants[0].Load)
	f.pasted.register(flags)
	flags.StringVar(&f.build, "build", "", "command line that builds a revision in its folder; left out: there is nothing to build")
	flags.StringVar(&f.start, "run", "", "command line that starts it; {port} stands for the port")
	flags.StringVar(&f.path, "path", "/", "path and query of the request")
	flags.StringVar(&f.request, "request", "", "instead of --path: 'METHOD PATH'")
	flags.StringVar(&f.ready, "ready", "", "path that responds 2xx or 3xx once it serves (default: --path of a GET, else /)")
	flags.StringVar(&f.write, "write", "", "write the scenario that it would run to a file, or - for standard output, and end")
	return cmd
}

// abPlan is the plan of `ab` before anything was given.
func abPlan() *lab.Plan {
	p := scenarios.Blank()
	p.ID, p.Baseline, p.Metric = "ab", "", ""
	p.Blocks, p.Slice = abBlocks, abSlice
	p.Variants[0].Load.Connections = abConnections
	return p
}

func ab(ctx context.Context, env *Env, f *abFlags, refs []string) error {
	plan, err := f.plan(env)
	if err != nil || plan == nil {
		return err
	}
	ctx, letGo := env.heed(ctx)
	defer letGo()
	set, err := revisions.Find(ctx, refs...)
	if err != nil {
		return abEnded(ctx, exitUsage, err)
	}
	if f.write != "" {
		return f.writeScenario(env, plan, set)
	}
	out := f.run.out.progress(env)
	if set.Same() {
		fmt.Fprintf(out, "%s and %s are the same commit: this is an A/A run, which shows what this machine can tell apart\n", refs[0], refs[1])
	}
	// Before anything is made: what the flags, the machine or the environment do not allow.
	tried, _, err := f.variants(plan, set)
	if err != nil {
		return err
	}
	if _, err := tried.Secrets(os.LookupEnv); err != nil { // no build inherits them from here on
		return usage("%w", err)
	}
	if err := f.run.check([]*lab.Plan{tried}); err != nil {
		return err
	}
	defer env.atLast(func() string { return said(set.Close()) })()
	err = f.compare(ctx, env, plan, set, out)
	if closed := set.Close(); closed != nil {
		fmt.Fprintf(env.Stderr, "benchtop: %v\n", closed)
	}
	return err
}

// compare makes and builds the revisions and runs them.
func (f *abFlags) compare(ctx context.Context, env *Env, plan *lab.Plan, set *revisions.Set, out io.Writer) error {
	if err := set.Make(ctx); err != nil {
		return abEnded(ctx, exitUsage, err)
	}
	for i := range set.Revisions {
		r := &set.Revisions[i]
		if f.build == "" {
			break
		}
		fmt.Fprintf(out, "building %s (%s): %s\n", r.Ref, r.Short(), printable.Line(f.build))
		if err := r.Build(ctx, f.build); err != nil {
			return abEnded(ctx, exitUsage, err)
		}
	}
	p, _, err := f.variants(plan, set)
	if err != nil {
		return err
	}
	p.Again = "benchtop " + shellWords(env.Args)
	return runPlans(ctx, env, &f.run, []*lab.Plan{p})
}

// abEnded is an error with a code, or the end that somebody asked for.
func abEnded(ctx context.Context, code int, err error) error {
	if s := signalled(ctx); s != exitOK {
		return &exitError{code: s}
	}
	return &exitError{code, err}
}

func said(err error) string {
	if err == nil {
		return ""
	}
	return "benchtop: " + err.Error()
}

// plan is what will be run, with one variant that has the load and the request; nil: the requests were all that was asked for.
func (f *abFlags) plan(env *Env) (*lab.Plan, error) {
	p := abPlan()
	v := &p.Variants[0]
	switch {
	case f.start == "":
		return nil, usage("ab: --run is missing, the command line that starts the service; such as --run './server -port {port}'")
	case !strings.Contains(f.start, foreign.PortWord):
		return nil, usage("--run %q has no %s, which stands for the port that it is to serve on; such as --run './server -port {port}' or --run 'PORT={port} node server.js'",
			f.start, foreign.PortWord)
	}
	if err := errors.Join(f.run.ui.check(), f.load.into(lab.LoadSettings(), &v.Load, "a load"), f.asked(v), f.pasted.check(&v.Load)); err != nil {
		return nil, err
	}
	if len(f.pasted.hosts) == 0 && f.pasted.given() != "" {
		f.pasted.hosts = []string{"localhost"} // at any port: which one it will be nobody knows yet
	}
	if over, err := f.pasted.read(env, &v.Load, "", "both revisions", "benchtop ab REF REF"); err != nil || over {
		return nil, err
	}
	if _, given := f.load.has("connections"); !given && v.Load.Model == load.Open {
		v.Load.Connections = v.Load.OpenConnections()
	}
	if err := f.timing(p); err != nil {
		return nil, err
	}
	return p, nil
}

// asked takes in what the request is.
func (f *abFlags) asked(v *lab.Variant) error {
	path := f.path
	if f.request != "" {
		method, of, ok := strings.Cut(f.request, " ")
		if path = of; !ok {
			return usage("--request %q; allowed: a method and a path, such as 'POST /items'; a GET is --path", f.request)
		}
		if f.path != "/" || v.Load.Method != "" {
			return usage("--request together with --path or --method, which it has; leave one of them out")
		}
		v.Load.Method = strings.TrimPrefix(method, "GET")
	}
	if (f.request != "" || f.path != "/") && (len(v.Load.Mix) > 0 || f.pasted.given() != "") {
		return usage("--path or --request together with a mix, which has its requests; leave one of them out")
	}
	v.Target.Endpoint = strings.TrimSpace(path)
	if f.ready == "" && v.Load.Method == "" {
		f.ready = v.Target.Endpoint
	}
	f.ready = cmp.Or(f.ready, "/")
	return nil
}

// timing lays the flags of the plan over it; a gate takes as many blocks as it needs.
func (f *abFlags) timing(p *lab.Plan) error {
	if err := f.run.timing(p); err != nil {
		return err
	}
	given := f.run.quick
	for _, key := range []string{"blocks", "slice", "settle"} {
		_, is := f.run.plan.has(key)
		given = given || is
	}
	if p.FailIfWorse > 0 && !given {
		p.Blocks, p.Slice, p.Settle = gate.Blocks, gate.Slice, gate.Settle
	}
	if l := &p.Variants[0].Load; len(l.Stages) > 0 {
		p.Slice = l.Stages.Total()
	}
	p.Metric = cmp.Or(p.Metric, map[bool]string{true: "p99", false: "rps"}[p.Variants[0].Load.Model == load.Open])
	return nil
}

// variants gives the plan with the revisions as its variants, read as a scenario file would be, and the text of that.
func (f *abFlags) variants(plan *lab.Plan, set *revisions.Set) (*lab.Plan, []byte, error) {
	p := *plan
	one, ids := p.Variants[0], map[string]bool{}
	p.Variants = nil
	for i := range set.Revisions {
		r := &set.Revisions[i]
		v := one
		v.ID, v.Label = r.ID(), fmt.Sprintf("%.20s (%s)", printable.Line(r.Ref), r.Short())
		if ids[v.ID] {
			v.ID += "-again"
		}
		ids[v.ID] = true
		v.Target = r.Target(f.start, one.Target.Endpoint, f.ready)
		p.Variants = append(p.Variants, v)
	}
	p.Baseline = p.Variants[0].ID
	p.Title = fmt.Sprintf("%s against %s", p.Variants[1].Label, p.Variants[0].Label)
	var wrong []error
	for _, problem := range scenarios.Validate(&p) {
		wrong = append(wrong, errors.New(problem.Msg))
	}
	if len(wrong) > 0 {
		return nil, nil, &exitError{exitUsage, errors.Join(wrong...)}
	}
	text, err := scenarios.Marshal(&p)
	if err != nil {
		return nil, nil, usage("%w", err)
	}
	file, err := scenarios.Parse("ab.yaml", text)
	if err != nil {
		return nil, nil, usage("%w", err)
	}
	file.Plan.Quick, file.Plan.Profile = p.Quick, p.Profile
	return file.Plan, text, permit(file.Plan, true) // the command line named the programs
}

// writeScenario writes the scenario that would be run, with the lines that make its folders.
func (f *abFlags) writeScenario(env *Env, plan *lab.Plan, set *revisions.Set) error {
	head := "# What `benchtop ab` would run. It stands in this folder; these lines make the folders of the revisions:\n"
	up := strings.Repeat("../", strings.Count(set.Prefix, "/")+1)
	for i := range set.Revisions {
		r := &set.Revisions[i]
		if r.Ref == revisions.WorkTree {
			r.Dir = revisions.WorkTree
		} else {
			made := up + filepath.Base(set.Root) + "-" + r.ID()
			r.Dir = strings.TrimSuffix(made+"/"+set.Prefix, "/")
			head += "#   git worktree add --detach " + shellWords([]string{made, r.Commit}) + "\n"
		}
		if f.build != "" {
			head += fmt.Sprintf("#   (cd %s && %s)\n", shellWords([]string{r.Dir}), printable.Line(f.build))
		}
	}
	_, text, err := f.variants(plan, set)
	if err != nil {
		return err
	}
	name := f.write
	if env.isStdout(name) {
		name = "FILE"
	}
	text = append([]byte(head+"# and this runs it:\n#   benchtop run "+shellWords([]string{name})+" --allow-exec\n"), text...)
	if env.isStdout(f.write) {
		_, err := env.Stdout.Write(text)
		return err
	}
	if err := outfile.Create(f.write, text, shared); errors.Is(err, fs.ErrExist) {
		return usage("--write: %s is there already and stays as it is; choose another name, or move it away first", f.write)
	} else if err != nil {
		return environment("--write: %w", err)
	}
	fmt.Fprintf(env.text(), "wrote %s\n", f.write)
	return nil
}

// shellWords writes arguments so that a shell reads them as they are.
func shellWords(args []string) string {
	out := make([]string, len(args))
	for i, arg := range args {
		out[i] = printable.Line(arg)
		if arg == "" || strings.ContainsFunc(arg, func(r rune) bool {
			return !strings.ContainsRune("-_./:=,@+%", r) && (r < '0' || r > '9') && (r < 'a' || r > 'z') && (r < 'A' || r > 'Z')
		}) {
			out[i] = "'" + strings.ReplaceAll(out[i], "'", `'\''`) + "'"
		}
	}
	return strings.Join(out, " ")
}
