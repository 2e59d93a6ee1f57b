package main

import (
	"cmp"
	"fmt"
	"slices"
	"strconv"
	"strings"

	"github.com/spf13/pflag"

	"benchtop/lab"
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
	case "keys":
		return "--keys"
	}
	for _, v := range f.given {
		if strings.Join(append(slices.Clone(v.groups), v.row.Key), ".") == field {
			return "--" + v.name
		}
	}
	return field
}
