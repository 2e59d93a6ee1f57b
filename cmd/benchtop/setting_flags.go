package main

import (
	"cmp"
	"errors"
	"fmt"
	"io"
	"os"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/spf13/pflag"

	"benchtop/lab"
	"benchtop/lab/load"
	"benchtop/lab/profile"
	"benchtop/scenarios"
	"benchtop/targets/foreign"
	"benchtop/targets/setting"
)

// settingFlags are the flags of settings, made from their rows. What was given is kept, and read into the struct that owns
// the settings once it is known which rows hold.
type settingFlags struct {
	given []*settingFlag
	forms map[setting.Type]form
}

// form is how the command line writes settings of a type that files write otherwise.
type form struct {
	name string                             // of its value
	doc  string                             // how it is written
	read func(owner any, text string) error // into the owner of the setting
}

// settingFlag is the flag of one setting.
type settingFlag struct {
	all    *settingFlags
	name   string
	groups []string // the keys around that of the setting
	row    *setting.Setting
	text   string // as it was given
}

// add makes a flag for each setting of rows whose value is one word. Names without a Flag of their own begin with prefix.
// What holds where nothing is given is the value in owner, or without one the default of the row.
func (f *settingFlags) add(flags *pflag.FlagSet, prefix string, rows []setting.Setting, owner any, groups ...string) {
	for i := range rows {
		row := &rows[i]
		v := &settingFlag{all: f, name: row.Flag, groups: groups, row: row, text: row.Default}
		switch row.Form() {
		case setting.Int, setting.Text, setting.Version, setting.Bool, setting.Duration, setting.Bytes, setting.BitRate, setting.Share, setting.Number, setting.Ints, setting.Path, lab.TypeMetric:
			if _, set := value(row, owner); set {
				v.text = row.Shown(owner)
			}
		case setting.Group:
			f.add(flags, prefix+row.Key+"-", row.Rows, nil, append(slices.Clone(groups), row.Key)...)
		default:
			if f.forms[row.Form()].read == nil {
				continue
			}
		}
		switch v.name {
		case "-":
			continue
		case "":
			v.name = prefix + strings.ReplaceAll(row.Key, "_", "-")
		}
		doc := strings.ReplaceAll(row.Doc, "`", "'") // which pflag takes for the name of a value
		if v.negative() {
			doc = fmt.Sprintf("%s: false (%s)", row.Key, doc)
		}
		if how := f.forms[row.Form()].doc; how != "" {
			doc += " (" + how + ")"
		}
		flag := flags.VarPF(v, v.name, row.Short, doc)
		if v.Type() == "bool" {
			flag.NoOptDefVal = "true"
		}
	}
}

// flagsOf lists the flags of settings.
func flagsOf(rows []setting.Setting) string {
	return "--" + strings.ReplaceAll(strings.Join(setting.Keys(rows), ", --"), "_", "-")
}

func value(row *setting.Setting, owner any) (any, bool) {
	if owner == nil {
		return nil, false
	}
	return row.Get(owner)
}

// String is part of pflag.Value: before anything was given it is the default.
func (v *settingFlag) String() string {
	if v.row == nil { // pflag asks an empty one for what is no value
		return ""
	}
	if v.negative() {
		return "false"
	}
	return v.text
}

// Type is part of pflag.Value.
func (v *settingFlag) Type() string {
	if v.row.Form() == setting.Group {
		return "bool"
	}
	return cmp.Or(v.all.forms[v.row.Form()].name, string(v.row.Form()))
}

// negative reports whether the flag switches off what is on by default: --no-keepalive.
func (v *settingFlag) negative() bool { return strings.HasPrefix(v.name, "no-") }

// Set is part of pflag.Value.
func (v *settingFlag) Set(text string) error {
	if v.Type() == "bool" {
		on, err := strconv.ParseBool(text)
		if err != nil {
			return fmt.Errorf("%.40q is neither true nor false", text)
		}
		text = strconv.FormatBool(on != v.negative())
	} else if _, err := v.row.Parse(text); err != nil {
		return err
	}
	v.text = text
	given := *v // it may be given again
	v.all.given = append(v.all.given, &given)
	return nil
}

// into reads what was given into the owner of rows, those of what is called so. What is out of bounds is a mistake of the
// command line.
func (f *settingFlags) into(rows []setting.Setting, owner any, what string) error {
	for _, v := range f.given {
		in, at := rows, owner
		for _, key := range v.groups {
			if group := setting.Find(in, key); group != nil {
				in, at = group.Rows, group.Open(at)
			}
		}
		row := setting.Find(in, v.row.Key)
		if row == nil {
			return usage("--%s: %s has no such setting; it has %s", v.name, what, strings.Join(setting.Keys(rows), ", "))
		}
		if read := f.forms[row.Form()].read; read != nil {
			if err := read(at, v.text); err != nil {
				return usage("--%s: %w", v.name, err)
			}
			continue
		}
		if row.Form() == setting.Group {
			if v.text == "true" {
				row.Open(at)
			} else {
				row.Clear(at)
			}
			continue
		}
		value, err := row.Parse(v.text)
		if err != nil {
			return usage("--%s: %w", v.name, err)
		}
		if row.Wrong(value) != "" {
			return usage("--%s is %s; allowed: %s", v.name, v.text, row.Allowed())
		}
		row.Set(at, value)
	}
	return nil
}

// has reports whether the flag of a setting, or of one in a group, was given, and gives its name.
func (f *settingFlags) has(key string) (name string, ok bool) {
	for _, v := range f.given {
		if v.row.Key == key || slices.Contains(v.groups, key) {
			return v.name, true
		}
	}
	return "", false
}

// flagOf is the flag behind a field of a task.
func (f *settingFlags) flagOf(field string) string {
	switch field {
	case "request.method", "request.header":
		return "--" + strings.TrimPrefix(field, "request.")
	case "request.header_env":
		return "--header-env"
	case "keys":
		return "--keys"
	}
	if header, ok := strings.CutPrefix(field, "request.header_env."); ok {
		return "--header-env: " + header
	}
	for _, v := range f.given {
		if strings.Join(append(slices.Clone(v.groups), v.row.Key), ".") == field {
			return "--" + v.name
		}
	}
	return field
}

// maxBody bounds a request body.
const maxBody = 16 << 20

// loadForms are how the command line writes what a file has as lists and texts of a load.
func loadForms(env *Env) map[setting.Type]form {
	of := func(name, doc string, read func(l *lab.Load, text string) error) form {
		return form{name, doc, func(owner any, text string) error { return read(owner.(*lab.Load), text) }}
	}
	return map[setting.Type]form{
		lab.TypeRate:      of("rate", "an open model", readRate),
		lab.TypeStages:    of("stages", "such as 5s:1000,10s:1000-5000", readStages),
		lab.TypeAgents:    of("agents", "all that join, a number of them, or names with commas", readAgents),
		lab.TypeHeader:    of("header", "'Key: value'; repeatable", readHeader),
		lab.TypeHeaderEnv: of("header", "'Key: VARIABLE'; repeatable", readHeaderEnv),
		setting.Objects:   of("file", "a file with the keys mix and keys, as in the load of a scenario", readMix),
		setting.Lines: of("file", "a file, or - for standard input", func(l *lab.Load, path string) (err error) {
			l.Body, err = readBody(env, path)
			return err
		}),
	}
}

// readRate makes the load open.
func readRate(l *lab.Load, text string) error {
	rate, err := strconv.ParseFloat(text, 64)
	if err != nil || !(rate > 0 && rate <= load.MaxRate) { // so that what is not a number is wrong too
		return fmt.Errorf("%.40q is not a rate; allowed: above 0, up to %d requests per second", text, load.MaxRate)
	}
	l.Model, l.Rate = load.Open, rate
	return nil
}

// readStages makes the load open as well.
func readStages(l *lab.Load, text string) (err error) {
	l.Model = load.Open
	l.Stages, err = load.ParseStages(text)
	return err
}

func readAgents(l *lab.Load, text string) error {
	_, err := load.ParseAgents(text)
	l.Agents = text
	return err
}

func readHeader(l *lab.Load, text string) error {
	name, value, ok := strings.Cut(text, ":")
	if !ok {
		return fmt.Errorf("%q: expected 'Key: value'", text)
	}
	l.Header = append(l.Header, [2]string{name, strings.TrimSpace(value)})
	return nil
}

// readHeaderEnv does not repeat what it found: it may be the value.
func readHeaderEnv(l *lab.Load, text string) error {
	name, variable, ok := strings.Cut(text, ":")
	if !ok {
		return errors.New("expected 'Key: VARIABLE', the name of a header and that of the environment variable which holds its value")
	}
	l.HeaderEnv = append(l.HeaderEnv, [2]string{name, strings.TrimSpace(variable)})
	return nil
}

// readMix reads a file of requests. Its keys are those of the load, unless the command line has some.
func readMix(l *lab.Load, path string) error {
	mix, keys, err := scenarios.ReadRequests(path)
	if err != nil {
		return err
	}
	if l.Mix = mix; l.Keys == nil {
		l.Keys = keys
	}
	return nil
}

// readBody reads a file, or standard input where its name is that of standard output.
func readBody(env *Env, path string) (string, error) {
	in := env.Stdin
	if path != stdoutPath {
		file, err := os.Open(path)
		if err != nil {
			return "", err
		}
		defer func() { _ = file.Close() }()
		in = file
	}
	b, err := io.ReadAll(io.LimitReader(in, maxBody+1))
	if err == nil && len(b) > maxBody {
		err = fmt.Errorf("it is larger than %d MiB", maxBody>>20)
	}
	return string(b), err
}

// profileFlags are the flags of what is profiled after the last slice of a run. Each of them turns it on.
type profileFlags struct {
	on     bool
	url    string
	length time.Duration
}

func (f *profileFlags) register(flags *pflag.FlagSet) {
	flags.BoolVar(&f.on, "profile", false, "profile each variant in one more slice, which does not count: by py-spy or perf, where installed")
	flags.StringVar(&f.url, "profile-url", "", "the same by the server itself, in the format of pprof: http://127.0.0.1:"+foreign.PortWord+"/debug/pprof/profile")
	flags.DurationVar(&f.length, "profile-for", profile.Default, "how long each variant is profiled, whole seconds up to "+profile.Longest.String())
}

// into lays them over a plan.
func (f *profileFlags) into(p *lab.Plan) error {
	switch {
	case f.length < profile.Shortest || f.length > profile.Longest || f.length%time.Second != 0:
		return usage("--profile-for %s; allowed: whole seconds from %s to %s", f.length, profile.Shortest, profile.Longest)
	case f.url == "" && !f.on && f.length == profile.Default:
		return nil
	case f.url != "" && !strings.Contains(f.url, foreign.PortWord):
		return usage("--profile-url %q has no %s, which stands for the port of each variant; such as http://127.0.0.1:%s/debug/pprof/profile", f.url, foreign.PortWord, foreign.PortWord)
	}
	if f.url != "" {
		if wrong := foreign.WrongURL(strings.ReplaceAll(f.url, foreign.PortWord, "80")); wrong != "" {
			return usage("--profile-url: %s", wrong)
		}
	}
	p.Profile = &profile.Plan{For: f.length, URL: f.url}
	return nil
}
