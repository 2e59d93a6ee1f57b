package scenarios

import (
	"cmp"
	"crypto/sha256"
	"encoding/binary"
	"encoding/hex"
	"fmt"
	"path"
	"regexp"
	"slices"
	"strings"

	"benchtop/lab"
	"benchtop/lab/load"
	"benchtop/targets"
	"benchtop/targets/setting"
	"benchtop/targets/spelling"
)

// decoder walks the nodes of a file, fills a plan and collects every problem. It remembers where each value stands, so
// that the rules over the whole plan (validate.go) can name a place too.
type decoder struct {
	problems []Problem
	places   map[string]*node // by path
	failed   map[string]bool  // paths that have a problem; the rules do not report them again
	lines    []string         // of the file, to find a column inside a text; nil outside of files

	variables []variable // that headers take their values from
}

// field is one key of a mapping: how to read its value.
type field struct {
	name string
	read func(n *node, path string)
}

func newDecoder(src string) *decoder {
	d := &decoder{places: map[string]*node{}, failed: map[string]bool{}}
	if src != "" {
		d.lines = strings.Split(src, "\n")
	}
	return d
}

func (d *decoder) problem(n *node, path, msg, hint string) {
	d.failed[path] = true
	d.problems = append(d.problems, Problem{Line: n.line, Col: n.col, Path: path, Msg: msg, Hint: hint})
}

// object reads a mapping: unknown keys and keys that stand twice are problems. It gives the names that were there.
func (d *decoder) object(n *node, at, what string, fields []field) map[string]bool {
	given := map[string]*node{}
	names := map[string]bool{}
	d.places[at] = n
	if n.kind != mapping {
		d.problem(n, at, fmt.Sprintf("%s wants a mapping (key: value), found %s", what, n.found()), "")
		return names
	}
	known := fieldNames(fields)
	for _, p := range n.pairs {
		key := p.key.value
		inside := join(at, key)
		if p.key.kind == mapping || p.key.kind == sequence || p.key.kind == nothing {
			d.problem(p.key, at, fmt.Sprintf("a key of %s is %s; keys are words", what, p.key.found()), "")
			continue
		}
		if first := given[key]; first != nil {
			d.problem(p.key, inside, fmt.Sprintf("key %s of %s stands twice; first on line %d", short(key), what, first.line), "remove one of them")
			continue
		}
		given[key] = p.key
		i := slices.Index(known, key)
		switch {
		case i < 0:
			d.problem(p.key, inside, fmt.Sprintf("unknown key %s in %s", short(key), what), d.meant(key, at, known))
			names[spelling.Suggest(key, known)] = true // most likely there, only misspelt
		case p.value.kind == nothing:
			d.problem(p.key, inside, fmt.Sprintf("%s has no value", key), "give it one, or leave the key out")
			names[key] = true
		default:
			d.places[inside] = p.value
			names[key] = true
			fields[i].read(p.value, inside)
		}
	}
	return names
}

// meant is the hint for an unknown key: a key that belongs somewhere else, or the closest of those known here.
func (d *decoder) meant(key, at string, known []string) string {
	if strings.HasPrefix(at, "variants[") && key == "target" {
		return "a variant overrides the target with keys of its own: {id: b, workers: 2}"
	}
	allowed := "allowed here: " + strings.Join(known, ", ")
	isTarget := at == "target" || strings.HasPrefix(at, "variants[") && !strings.Contains(at, ".")
	if servers := serversWith(key); isTarget && len(servers) > 0 {
		return fmt.Sprintf("it is a key of server %s; %s", strings.Join(servers, " and "), allowed)
	}
	for _, place := range []struct {
		name string
		rows []setting.Setting
	}{
		{"target", targetKeys(targets.ServerSettings())},
		{"load", lab.LoadSettings()},
		{"plan", lab.PlanSettings()},
		{"proxy", targets.ProxySettings()},
		{"retry", lab.RetrySettings()},
		{"the scenario", []setting.Setting{{Key: "matrix"}, {Key: "exclude"}}},
	} {
		if lastOf(at) != place.name && key != "server" && setting.Find(place.rows, key) != nil {
			return fmt.Sprintf("it is a key of %s; %s", place.name, allowed)
		}
	}
	return didYouMean(key, known)
}

func fieldNames(fields []field) []string {
	out := make([]string, len(fields))
	for i, f := range fields {
		out[i] = f.name
	}
	return out
}

func (d *decoder) required(n *node, what string, given map[string]bool, names ...string) {
	if n.kind != mapping {
		return
	}
	for _, name := range names {
		if !given[name] {
			d.problem(n, "", fmt.Sprintf("%s has no %s; it is required", what, name), "")
		}
	}
}

func join(at, key string) string {
	if at == "" {
		return key
	}
	return at + "." + key
}

// FormatVersion is the version of the file format that this program reads.
const FormatVersion = 1

var claimNumber = regexp.MustCompile(`^C[1-9][0-9]{0,2}$`)

// claims reads rows of the ledger.
func (d *decoder) claims(s *setting.Setting, owner any, n *node, at string) {
	for i, item := range d.list(n, at, s.Least, s.Most) {
		d.claim(s, item, fmt.Sprintf("%s[%d]", at, i), owner.(*lab.Plan))
	}
}

// claim reads a row of the ledger that the scenario answers: its number, or {id: C15, part: "..."} for a part of it.
func (d *decoder) claim(s *setting.Setting, n *node, at string, p *lab.Plan) {
	var c lab.Claim
	idAt := n
	if n.kind == mapping {
		d.mapping(n, at, s.Noun, s.Rows, &c)
		idAt = cmp.Or(n.get("id"), n)
	} else {
		c.ID, _ = d.text(n, at, maxClaim)
	}
	switch {
	case c.ID == "":
	case !claimNumber.MatchString(c.ID):
		d.problem(idAt, at, fmt.Sprintf("claims wants rows of the claim ledger such as C10, found %s", short(c.ID)), "")
	case slices.ContainsFunc(p.Claims, func(other lab.Claim) bool { return other.ID == c.ID }):
		d.problem(n, at, fmt.Sprintf("claim %s stands twice", c.ID), "")
	default:
		p.Claims = append(p.Claims, c)
	}
}

// version reads the format's version, which decides whether the rest can be read at all.
func (d *decoder) version(root *node) bool {
	if root.kind != mapping {
		d.problem(root, "", fmt.Sprintf("a scenario is a mapping (key: value), found %s", root.found()), "benchtop show workers prints a scenario to begin with")
		return false
	}
	n := root.get("benchtop")
	if n == nil {
		return true // reported as missing, with everything else
	}
	if n.kind == number && wholeNumber.MatchString(n.value) && strings.TrimLeft(n.value, "0") != fmt.Sprint(FormatVersion) {
		d.problem(n, "benchtop", fmt.Sprintf("this file is written in version %s of the scenario format; this benchtop reads version %d", n.value, FormatVersion),
			"use a benchtop that reads it; no file of another version is half understood")
		return false
	}
	if _, ok := d.whole(n, "benchtop", FormatVersion, FormatVersion); !ok {
		return false
	}
	return true
}

// plan reads a whole scenario. What could not be read keeps its default.
func (d *decoder) plan(root *node) *lab.Plan {
	if !d.version(root) {
		return nil
	}
	p := &lab.Plan{}
	setting.Fill(lab.PlanSettings(), p)
	given := d.mapping(root, "", "the scenario", fileKeys(), p)
	if !given["matrix"] {
		d.required(root, "the scenario", given, "variants")
	}
	if n := d.places["twin"]; n != nil && p.Twin != "" && p.Twin == p.ID {
		d.problem(n, "twin", fmt.Sprintf("twin names %s, the scenario itself", short(p.ID)), "it is the id of the one that asks the same of other components")
	}
	part := func(key string) *node { return d.places[key] }
	d.variants(p, &targetPart{part("target"), part("variants"), part("matrix"), part("exclude"), part("load")})
	d.windowOfStages(p)
	if p.Baseline == "" && len(p.Variants) > 0 && !given["baseline"] {
		p.Baseline = p.Variants[0].ID
	}
	if p.Metric == "" {
		p.Metric = "rps"
		if len(p.Variants) > 0 && p.Variants[0].Load.Model == load.Open {
			p.Metric = "p99"
		}
	}
	return p
}

// seal fills in what depends on the file as a whole.
func seal(p *lab.Plan, name string, src []byte) {
	sum := sha256.Sum256(src)
	p.SHA256 = hex.EncodeToString(sum[:])
	p.Source = path.Base(strings.ReplaceAll(name, `\`, "/"))
	if p.Seed == 0 {
		p.Seed = uint64(binary.BigEndian.Uint32(sum[:4]))
	}
	placeKeys(p, name)
}
