package main

import (
	"reflect"
	"slices"
	"strconv"
	"strings"
	"testing"

	"benchtop/lab"
)

// rooms says who may import whom. A package may import the packages of benchtop that are named for it, with a slash at
// the end all below one; everything else of benchtop is forbidden to it. What lies below tui or targets without a row is
// a screen or a kind of part. Tests may import more, and alone a fixture.
var rooms = map[string][]string{
	"targets/proc":            {"targets/printable", "targets/procfs"},
	"targets":                 {"targets/runfolder", "targets/setting"},
	"targets/prefork":         {"targets", "targets/proc", "targets/selfsigned", "targets/procfs"},
	"targets/guard":           {"targets/printable", "targets/proc", "targets/procfs", "targets/runfolder"},
	"targets/component":       {"targets", "targets/guard", "targets/proc"},
	"targets/all":             {"targets", "targets/"},
	"targets/fixture":         {"targets", "targets/component", "targets/fixture/suite", "targets/proc", "targets/procfs", "targets/runfolder"},
	"targets/fixture/suite":   {},
	"lab/figure":              {},
	"lab/stats":               {},
	"lab/ablation":            {"lab/stats"},
	"lab/pooled":              {"lab/stats"},
	"lab/cause":               {},
	"lab/gate":                {"lab/figure"},
	"lab/profile":             {"lab/figure", "targets/printable"},
	"lab/profile/take":        {"lab/profile", "targets/foreign", "targets/guard", "targets/proc", "targets/procfs", "targets/runfolder"},
	"lab/metric":              {"lab/figure", "lab/load", "lab/load/histogram", "lab/observe", "lab/observe/counters", "lab/stats", "targets"},
	"lab/expect":              {"lab/metric", "lab/stats", "targets/spelling"},
	"lab/observe":             {"lab/observe/counters", "targets/procfs"},
	"lab/observe/counters":    {"targets/procfs"},
	"lab/load":                {"targets/proc"},
	"lab/load/histogram":      {},
	"lab/load/http1":          {"lab/load"},
	"lab/load/http2":          {"lab/load/http1"},
	"lab/load/schedule":       {"lab/load"},
	"lab/load/record":         {"lab/load", "lab/load/histogram"},
	"lab/load/requests":       {"lab/load", "lab/regular"},
	"lab/load/pasted":         {"lab/load"},
	"lab/load/engine":         {"lab/load", "lab/load/histogram", "lab/load/http1", "lab/load/http2", "lab/load/record", "lab/load/requests", "lab/load/schedule", "targets/pause", "targets/proc"},
	"lab/load/agents":         {"lab/figure", "lab/class/bus", "lab/class/held", "lab/class/joincode", "lab/load", "lab/load/generator", "lab/load/histogram", "lab/load/requests", "lab/outfile", "targets/printable", "targets/proc"},
	"lab/load/generator":      {"lab/load", "lab/load/engine", "targets/proc"},
	"lab":                     {"lab/ablation", "lab/cause", "lab/gate", "lab/profile", "lab/profile/take", "lab/load", "lab/load/requests", "lab/load/generator", "lab/load/histogram", "lab/metric", "lab/observe", "lab/observe/counters", "lab/stats", "lab/expect", "targets", "targets/proc", "targets/setting", "lab/figure"},
	"lab/answer":              {"lab", "lab/expect", "lab/figure", "lab/load", "lab/metric", "lab/pooled", "lab/stats"},
	"lab/class":               {"lab", "lab/outfile", "targets/printable"},
	"lab/class/bus":           {"lab/class/joincode", "targets/selfsigned"},
	"lab/class/demo":          {"lab", "lab/class", "lab/class/guest", "lab/class/joincode", "lab/progress"},
	"lab/class/guest":         {"lab", "lab/class", "lab/class/bus", "lab/class/held", "lab/class/joincode", "lab/outfile", "lab/record"},
	"lab/class/held":          {},
	"lab/class/host":          {"lab", "lab/class", "lab/class/bus", "lab/class/held", "lab/class/joincode", "lab/outfile"},
	"lab/class/joincode":      {},
	"lab/class/lines":         {"lab", "lab/answer", "lab/class", "lab/figure", "lab/pooled", "lab/progress", "lab/stats"},
	"lab/compare":             {"lab/figure", "lab", "lab/metric", "lab/stats"},
	"lab/marks":               {"lab/figure", "lab"},
	"lab/capacity":            {"lab/load", "lab/load/histogram", "lab/metric", "lab/stats", "lab/figure"},
	"lab/record":              {"lab", "lab/load", "lab/load/histogram", "lab/metric", "lab/observe", "lab/marks", "lab/regular", "targets", "targets/printable"},
	"lab/bundle":              {"lab/figure", "lab/outfile", "lab/report"},
	"lab/handout":             {"lab", "lab/answer", "lab/class", "lab/figure", "lab/metric", "lab/pooled", "lab/progress", "lab/report", "lab/stats"},
	"lab/follow":              {"lab", "lab/report", "targets/runfolder"},
	"lab/exports":             {"lab/progress"},
	"lab/resolution":          {"lab", "lab/stats"},
	"lab/saved":               {"lab", "lab/answer", "lab/compare", "lab/record"},
	"lab/rehearsal":           {"lab", "lab/load", "lab/load/histogram", "lab/observe", "targets", "targets/builtin"},
	"lab/session":             {"lab", "lab/load/generator", "lab/record"},
	"lab/trial":               {"lab", "lab/expect", "lab/report", "lab/stats"},
	"lab/report":              {"lab/ablation", "lab/gate", "lab/profile", "lab/progress", "lab", "lab/answer", "lab/compare", "lab/expect", "lab/load", "lab/metric", "lab/stats", "targets/printable", "lab/figure"},
	"lab/scrape":              {"lab"},
	"lab/outfile":             {},
	"lab/revisions":           {"targets", "targets/foreign", "targets/guard", "targets/proc"},
	"lab/progress":            {"lab", "lab/metric", "lab/outfile", "lab/regular", "lab/stats"},
	"lab/instrument/faults":   {},
	"lab/instrument/peers":    {"lab/load", "lab/load/generator", "lab/load/histogram", "lab/observe", "lab/stats", "targets", "targets/builtin", "targets/nginx", "targets/printable", "targets/proc", "targets/procfs", "lab/figure"},
	"lab/instrument/pty":      {},
	"lab/instrument/selftest": {"lab", "lab/capacity", "lab/instrument/faults", "lab/instrument/pty", "lab/load", "lab/load/generator", "lab/load/histogram", "lab/observe", "lab/record", "lab/stats", "targets", "targets/builtin", "targets/proc", "targets/procfs", "lab/figure", "targets/foreign"},
	"scenarios":               {"lab/ablation", "lab", "lab/load", "lab/load/requests", "lab/metric", "lab/expect", "lab/regular", "targets", "targets/printable", "targets/spelling", "targets/setting"},
	"scenarios/ledger":        {"lab", "lab/metric", "lab/record", "lab/report", "scenarios", "lab/figure"},
	"scenarios/mystery":       {"lab", "lab/answer", "lab/expect", "lab/figure", "lab/metric", "lab/progress", "lab/stats", "scenarios", "targets", "targets/printable", "targets/spelling"},
	"scenarios/own":           {"scenarios"},
	"scenarios/reference":     {"lab", "lab/figure", "lab/record", "scenarios"},
	"scenarios/watch":         {"scenarios"},
	"tui/chart":               {"tui/theme"},
	"tui/wall":                {"lab/answer", "lab/figure", "lab/metric", "lab/pooled", "lab/progress", "lab/stats", "tui/chart", "tui/draw", "tui/format", "tui/theme"},
	"tui/theme":               {"targets/printable"},
	"tui/svg":                 {},
	"tui/terminal":            {"tui/theme"},
	"tui/watch":               {"lab/figure", "tui/chart", "tui/format", "tui/panel", "tui/screen", "tui/theme", "lab", "lab/compare", "lab/follow", "lab/marks", "lab/progress", "lab/report", "targets/printable"},
	"tui/screen":              {"tui/theme", "lab", "lab/follow", "lab/progress"},
	"tui/course":              {"tui/screen", "lab", "lab/answer", "lab/progress", "lab/stats"},
	"tui/format":              {"lab", "lab/load", "lab/metric", "lab/progress", "lab/figure"},
	"tui/draw":                {"tui/format", "tui/screen", "tui/theme", "lab", "targets/printable"},
	"tui/fixture":             {"tui/course", "tui/screen", "lab", "lab/class", "lab/marks", "lab/load", "lab/metric", "lab/observe", "lab/progress", "lab/stats", "targets", "targets/builtin"},
	"tui/notes":               append([]string{"tui/terminal"}, aScreen...),
	"tui/panel":               {"lab/figure", "lab/answer", "tui/chart", "tui/draw", "tui/format", "tui/theme", "lab", "lab/metric", "lab/stats"},
	"tui/board":               {"lab/figure", "tui/draw", "lab/answer", "tui/chart", "tui/format", "tui/panel", "tui/screen", "tui/theme", "tui/watch", "lab", "lab/load", "lab/metric", "lab/stats"},
	"tui":                     append([]string{"tui/"}, aScreen...),
	"cmd/benchtop":            {"tui", "tui/format", "tui/notes", "tui/svg", "scenarios", "scenarios/ledger", "scenarios/mystery", "scenarios/own", "scenarios/reference", "scenarios/watch", "lab", "lab/class", "lab/class/demo", "lab/class/guest", "lab/class/host", "lab/class/joincode", "lab/class/lines", "lab/compare", "lab/capacity", "lab/follow", "lab/instrument/peers", "lab/instrument/selftest", "lab/load", "lab/load/agents", "lab/load/generator", "lab/load/pasted", "lab/load/requests", "lab/metric", "lab/observe", "lab/observe/counters", "lab/outfile", "lab/progress", "lab/record", "lab/report", "lab/resolution", "lab/saved", "lab/scrape", "lab/session", "lab/trial", "targets", "targets/all", "targets/printable", "targets/proc", "targets/procfs", "targets/runfolder", "targets/setting", "targets/shop/schema", "lab/figure", "lab/exports", "lab/bundle", "lab/handout", "targets/foreign", "lab/revisions", "lab/gate", "lab/profile", "lab/profile/take"},

	"targets/database":         append([]string{"targets/database/dialect", "targets/shop/schema"}, aKind...),
	"targets/database/dialect": {},
	"targets/postgres":         append([]string{"targets/shop/schema"}, aKind...),
	"targets/shop/schema":      {},
	"targets/cache":            append([]string{"targets/shop/fill"}, aKind...),
	"targets/redis":            append([]string{"targets/shop/fill"}, aKind...),
	"targets/shop/fill":        {},

	"targets/printable":  {},
	"targets/spelling":   {},
	"targets/gauge":      {},
	"targets/pause":      {},
	"targets/payload":    {"targets", "targets/endpoint", "targets/gauge", "targets/setting", "targets/count"},
	"targets/tasks":      {"targets", "targets/calls", "targets/count", "targets/endpoint", "targets/gauge", "targets/proc"},
	"targets/telemetry":  {"targets", "targets/endpoint", "targets/gauge", "targets/setting", "targets/count"},
	"targets/shop":       append([]string{"targets/shop/fill", "targets/shop/memo"}, aKind...),
	"targets/count":      {"targets"},
	"targets/shop/memo":  {},
	"targets/endpoint":   {"targets/pause", "targets/spelling"},
	"targets/procfs":     {},
	"targets/runfolder":  {"targets/proc", "targets/procfs"},
	"targets/selfsigned": {},
	"targets/setting":    {},
	"lab/regular":        {},
	"targets/routine":    {},
	"targets/posix":      {},
}

// aKind is what a kind of part may import: no other kind.
var aKind = []string{"targets", "targets/calls", "targets/component", "targets/count", "targets/endpoint", "targets/gauge", "targets/guard", "targets/pause", "targets/payload", "targets/prefork", "targets/printable", "targets/proc", "targets/procfs", "targets/runfolder", "targets/selfsigned", "targets/setting", "targets/shop", "targets/spelling", "targets/tasks", "targets/telemetry"}

// aScreen is what a screen may import: no other screen, and not the root.
var aScreen = []string{"lab/ablation", "lab/class", "lab/figure", "lab/pooled", "tui/board", "tui/chart", "tui/course", "tui/draw", "tui/format", "tui/panel", "tui/screen", "tui/theme", "tui/wall", "tui/watch", "scenarios", "lab", "lab/answer", "lab/compare", "lab/exports", "lab/follow", "lab/load", "lab/metric", "lab/progress", "lab/report", "lab/saved", "lab/stats", "targets", "targets/printable"}

// module is what the imports of this module begin with, whatever it is called.
var module = strings.TrimSuffix(reflect.TypeFor[lab.Plan]().PkgPath(), "lab")

// everyones are the packages that every other one may import: each starts its goroutines in the first, and asks the second
// for what not every system has.
var everyones = []string{"targets/routine", "targets/posix"}

// owners are the only packages, with those below them, that may import what begins with the prefix.
var owners = map[string][]string{
	"github.com/charmbracelet/":   {"tui", "cmd/benchtop"},
	"github.com/shirou/gopsutil/": {"lab/observe"},
	"github.com/goccy/go-yaml":    {"scenarios"},
	"github.com/valyala/fasthttp": {"targets/builtin"},
	"github.com/spf13/":           {"cmd/benchtop"},
	"github.com/gomodule/redigo/": {"targets/shop"},
	"github.com/sony/gobreaker/":  {"targets/calls"},
	"github.com/jackc/pgx/":       {"targets/shop", "targets/database", "targets/postgres"},
	"github.com/hashicorp/":       {"targets/shop/memo"},
	"github.com/maypok86/otter/":  {"targets/shop/memo"},
	"zombiezen.com/go/sqlite":     {"targets/database"},
	"modernc.org/":                {"targets/database"},
	"github.com/nats-io/":         {"lab/class/bus"},
	"github.com/piglig/go-qr":     {"lab/class/joincode"},
	"github.com/google/pprof/":    {"lab/profile"},
}

func TestImportsRunOneWay(t *testing.T) {
	seen := map[string]bool{}
	for _, s := range house(t) {
		seen[s.room] = true
		for _, spec := range s.file.Imports {
			imported, err := strconv.Unquote(spec.Path.Value)
			if err != nil {
				t.Fatal(err)
			}
			if !s.test && !allowed(s.room, imported) {
				t.Errorf("%s imports %s", s.name, imported)
			}
		}
	}
	for room := range rooms {
		if !seen[room] {
			t.Errorf("there is no package %s", room)
		}
	}
	for room := range seen {
		if row(room) == nil {
			t.Errorf("package %s has no row in the table of rooms", room)
		}
	}
}

// row is what a package may import of benchtop; nil: nobody has said.
func row(room string) []string {
	named, ok := rooms[room]
	switch {
	case ok:
		return named
	case strings.HasPrefix(room, "tui/"):
		return aScreen
	case strings.HasPrefix(room, "targets/"):
		return aKind
	}
	return nil
}

// ofTests reports whether a package is there for tests alone: a fixture, or what belongs to one.
func ofTests(room string) bool { return strings.Contains(room+"/", "/fixture/") }

func allowed(room, imported string) bool {
	if ours, ok := strings.CutPrefix(imported, module); ok {
		if ofTests(ours) && !ofTests(room) {
			return false
		}
		return slices.Contains(everyones, ours) || slices.ContainsFunc(row(room), func(may string) bool {
			return may == ours || strings.HasSuffix(may, "/") && strings.HasPrefix(ours, may)
		})
	}
	for prefix, who := range owners {
		if strings.HasPrefix(imported, prefix) {
			return slices.ContainsFunc(who, func(owner string) bool { return room == owner || strings.HasPrefix(room, owner+"/") })
		}
	}
	return true
}

// A check that cannot fail is none: the table refuses what it should.
func TestTheTableOfRoomsRefuses(t *testing.T) {
	for _, test := range []struct {
		room, imported string
		want           bool
	}{
		{"lab/load", module + "lab", false},
		{"lab", module + "lab/record", false},
		{"targets", module + "targets/builtin", false},
		{"scenarios", module + "tui", false},
		{"lab", "github.com/charmbracelet/lipgloss", false},
		{"lab", "github.com/goccy/go-yaml", false},
		{"lab", module + "lab/load", true},
		{"tui", "github.com/charmbracelet/lipgloss", true},
		{"tui/quiz", module + "tui/lesson", false},
		{"tui/quiz", module + "tui", false},
		{"tui/new", module + "tui/board", true},
		{"tui/new", "github.com/charmbracelet/lipgloss", true},
		{"tui/new", module + "targets/builtin", false},
		{"targets/new", module + "targets/guard", true},
		{"targets/new", module + "targets/builtin", false},
		{"targets/new", module + "lab", false},
		{"targets/all", module + "targets/new", true},
		{"tui", module + "tui/fixture", false},
		{"targets/all", module + "targets/fixture/suite", false},
		{"targets/fixture", module + "targets/fixture/suite", true},
		{"lab", "fmt", true},
	} {
		if got := allowed(test.room, test.imported); got != test.want {
			t.Errorf("%s importing %s: %v", test.room, test.imported, got)
		}
	}
}
