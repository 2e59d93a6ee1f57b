package main

import (
	"bytes"
	"cmp"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"strings"

	"github.com/spf13/cobra"

	"benchtop/lab"
	"benchtop/lab/record"
	"benchtop/lab/report"
	"benchtop/lab/saved"
	"benchtop/lab/session"
	"benchtop/scenarios/reference"
)

func reportCommand(env *Env) *cobra.Command {
	var format, out string
	formats := map[string]func(io.Writer, *lab.Result) error{
		"plain": report.Plain, "md": report.Markdown, "json": report.JSON, "csv": report.CSV, "benchstat": report.Benchstat,
		"junit": junit, "github": func(w io.Writer, r *lab.Result) error { return github(env, w, r) },
		"html": func(w io.Writer, r *lab.Result) error {
			kept := env.openProgress().Progress()
			return report.HTMLWith(w, r, kept.SaidBefore(r))
		},
	}
	cmd := &cobra.Command{
		Use:   "report RUN",
		Short: "Print the result of a saved run",
		Long:  "Report prints the result of a run from its file; `last` names the newest saved run, `previous` the one before it, - standard input.",
		Args:  oneRun("report"),
		RunE: func(_ *cobra.Command, args []string) error {
			write, ok := formats[format]
			if !ok && format != seriesFormat {
				return oneOf("--format", format, "plain", "md", "html", "json", "csv", seriesFormat, "benchstat", "junit", "github")
			}
			if err := checkOutput("--output", out); err != nil {
				return err
			}
			if !ok {
				return writeSeries(env, args[0], out)
			}
			fold, tail, err := foldRun(env, args[0])
			if err != nil {
				return err
			}
			sayCut(env, tail)
			if err := writeOutput(env, out, func(w io.Writer) error { return write(w, fold.Result()) }); err != nil {
				return environment("%w", err)
			}
			return nil
		},
	}
	cmd.Flags().StringVar(&format, "format", "plain", "plain, md, html, json, csv, series (CSV, a row for each 250 ms of a variant), benchstat, junit or github (job summary and annotations)")
	cmd.Flags().StringVarP(&out, "output", "o", stdoutPath, "file to write, or - for standard output")
	return cmd
}

// github writes one result as a job's summary, to the file that a runner names for it or else before the annotations.
func github(env *Env, w io.Writer, r *lab.Result) error {
	path := env.Getenv("GITHUB_STEP_SUMMARY")
	if path == "" {
		return errors.Join(report.GitHubSummary(w, r), report.GitHubAnnotations(w, r))
	}
	f, err := os.OpenFile(path, os.O_WRONLY|os.O_APPEND|os.O_CREATE, shared) //nolint:gosec // the runner names it, and several steps write it
	if err != nil {
		return fmt.Errorf("GITHUB_STEP_SUMMARY: %w", err)
	}
	return errors.Join(report.GitHubSummary(f, r), f.Close(), report.GitHubAnnotations(w, r))
}

// seriesFormat is the format that has the rows of a run over time, which its result does not.
const seriesFormat = "series"

// writeSeries writes the rows of a run over time.
func writeSeries(env *Env, name, out string) error {
	var rows bytes.Buffer
	series := report.NewSeries(&rows)
	err := readRun(env, name, func(in io.Reader) error {
		tail, err := record.Scan(in, func(e *lab.Event, _ int) error { return series.Event(e) })
		sayCut(env, tail)
		return errors.Join(err, series.Close())
	})
	if err != nil {
		return err
	}
	if err := writeOutput(env, out, func(w io.Writer) error { _, err := rows.WriteTo(w); return err }); err != nil {
		return environment("%w", err)
	}
	return nil
}

// junit writes one result as a test report.
func junit(w io.Writer, r *lab.Result) error { return report.JUnit(w, r) }

func oneRun(name string) cobra.PositionalArgs {
	return func(_ *cobra.Command, args []string) error {
		if len(args) != 1 {
			return usage("%s: expected one run file, got %d; `last` names the newest saved run", name, len(args))
		}
		return nil
	}
}

// sayCut says of a run file that is cut where it is.
func sayCut(env *Env, tail record.Tail) {
	if text := tail.Notice(); text != "" {
		fmt.Fprintf(env.Stderr, "benchtop: %s\n", text)
	}
}

// openRun reads a run file and keeps its events; readRun says which names there are.
func openRun(env *Env, name string) (run *record.Run, err error) {
	err = readRun(env, name, func(in io.Reader) (err error) {
		run, err = record.Read(in)
		return err
	})
	return run, err
}

// foldRun reads what a run came to.
func foldRun(env *Env, name string) (fold *lab.Fold, tail record.Tail, err error) {
	err = readRun(env, name, func(in io.Reader) (err error) {
		fold, tail, err = record.Fold(in)
		return err
	})
	return fold, tail, err
}

// readRun opens a run file; "last" is the newest saved one, "previous" the one before it, - standard input, and
// "reference:ID" the recorded run of a shipped scenario.
func readRun(env *Env, name string, do func(io.Reader) error) error {
	if id, ok := strings.CutPrefix(name, referencePrefix); ok {
		run, err := reference.Open(id)
		if err != nil {
			return usage("%w", err)
		}
		fmt.Fprintf(env.Stderr, "benchtop: %s\n", reference.Origin(run))
		var lines bytes.Buffer
		w := record.NewWriter(&lines)
		for _, e := range run.Events {
			w.Write(e)
		}
		if err := errors.Join(w.Close(), w.Err()); err != nil {
			return environment("%w", err)
		}
		if err := do(&lines); err != nil {
			return usage("%w", err)
		}
		return nil
	}
	if name == stdinPath {
		if err := do(env.Stdin); err != nil {
			return usage("standard input: %w", err)
		}
		return nil
	}
	if name == "last" || name == "previous" {
		dir, err := env.runsDir()
		if err != nil {
			return usage("%w", err)
		}
		newest := record.Latest
		if name == "previous" {
			newest = record.Previous
		}
		if name, err = newest(dir); err != nil {
			return usage("%w", err)
		}
	}
	err := record.With(name, do)
	if errors.Is(err, fs.ErrNotExist) {
		return usage("%w; %s", err, whichRun(env))
	}
	if err != nil {
		return usage("%w", err)
	}
	return nil
}

// savedRuns are the runs that were saved: where all are, where they go when that place takes none, and those of the current
// folder.
func (e *Env) savedRuns() *saved.Shelf {
	return saved.New(e.runsDir, filepath.Join(cmp.Or(e.Getenv("TMPDIR"), os.TempDir()), temporaryRuns+"*"), ".")
}

// whichRun says what may stand for a run.
func whichRun(env *Env) string {
	dir, err := env.runsDir()
	if err != nil {
		return "name a run file"
	}
	return "name a run file, or take last or previous for the newest ones in " + dir
}

// outputs are the files that a run may be written to.
type outputs struct {
	json, md, html, csv, benchstat, junit, github, save string
	thin                                                bool // what is saved
}

func (o *outputs) register(cmd *cobra.Command) {
	flags := cmd.Flags()
	flags.StringVar(&o.json, "json", "", "write the result as JSON to a file, or - for standard output; DIR/ with several scenarios")
	flags.StringVar(&o.md, "md", "", "write the result as Markdown to a file, or -")
	flags.StringVar(&o.html, "html", "", "write the result as one HTML page that opens offline to a file, or -")
	flags.StringVar(&o.csv, "csv", "", "write one row per slice to a file, or -")
	flags.StringVar(&o.benchstat, "benchstat", "", "write the slices in the format that benchstat reads to a file, or -")
	flags.StringVar(&o.junit, "junit", "", "write expectations and verdicts as a test report for build servers (JUnit XML) to a file, or -")
	flags.StringVar(&o.github, "github", "", "write a job summary as Markdown and annotations of GitHub to a file, or -; the summary to $GITHUB_STEP_SUMMARY where that is set")
	flags.StringVar(&o.save, "save", "", "save the run file here as well: "+record.Extension+" is packed, every other name holds JSON lines")
	flags.BoolVar(&o.thin, "thin", false, "with --save: at most 60 kB (12 kB a variant from the sixth on), with every figure of the result, but coarser on the way there")
}

func (o *outputs) paths() map[string]string {
	return map[string]string{"--json": o.json, "--md": o.md, "--html": o.html, "--csv": o.csv, "--benchstat": o.benchstat, "--junit": o.junit, "--github": o.github, "--save": o.save}
}

// check makes sure that the outputs of n runs can be written.
func (o *outputs) check(n int) error {
	if o.thin && !strings.HasSuffix(o.save, record.Extension) && !strings.HasSuffix(o.save, string(filepath.Separator)) {
		return usage("--thin is about --save FILE%s or --save DIR/", record.Extension)
	}
	for flag, path := range o.paths() {
		if n > 1 && path != "" {
			if !strings.HasSuffix(path, string(filepath.Separator)) {
				return usage("%s %s: with several scenarios name a folder, %s/", flag, path, path)
			}
			if err := os.MkdirAll(path, 0o750); err != nil {
				return usage("%s: %v", flag, err)
			}
			continue
		}
		if err := checkOutput(flag, path); err != nil {
			return err
		}
	}
	return nil
}

// progress is where everything goes that is not an output: standard error when an output takes standard output.
func (o *outputs) progress(env *Env) io.Writer {
	for _, path := range o.paths() {
		if env.isStdout(path) {
			return env.Stderr
		}
	}
	return env.text()
}

// write writes the files that were asked for.
func (o *outputs) write(env *Env, plan *lab.Plan, s *session.Session, r *lab.Result, several bool) error {
	var errs []error
	for _, out := range []struct {
		path, ext string
		write     func(io.Writer, *lab.Result) error
	}{{o.json, ".json", report.JSON}, {o.md, ".md", report.Markdown}, {o.html, ".html", report.HTML}, {o.csv, ".csv", report.CSV}, {o.benchstat, ".txt", report.Benchstat}, {o.junit, ".xml", junit}, {o.github, ".github.md", func(w io.Writer, r *lab.Result) error { return github(env, w, r) }}} {
		if out.path == "" {
			continue
		}
		path := out.path
		if several {
			path = filepath.Join(path, plan.ID+out.ext)
		}
		errs = append(errs, writeOutput(env, path, func(w io.Writer) error { return out.write(w, r) }))
	}
	if o.save != "" {
		path := o.save
		if several {
			path = filepath.Join(path, plan.ID+record.Extension)
		}
		errs = append(errs, o.copyRun(env, path, s))
	}
	return errors.Join(errs...)
}

// copyRun copies the run file: as it is where the name ends like it, as JSON lines elsewhere, and thinned if asked.
func (o *outputs) copyRun(env *Env, to string, s *session.Session) error {
	from, warning := s.Saved()
	if from == "" {
		return fmt.Errorf("--save %s: there is no run file: %s", to, warning)
	}
	return writeOutput(env, to, func(w io.Writer) error {
		in, err := os.Open(from) //nolint:gosec // our own run file
		if err != nil {
			return err
		}
		defer func() { _ = in.Close() }()
		if o.thin {
			run, err := record.Read(in)
			if err != nil {
				return err
			}
			return record.Thin(w, run.Events)
		}
		if strings.HasSuffix(to, record.Extension) {
			_, err = io.Copy(w, in)
			return err
		}
		return record.Unpack(w, in)
	})
}
