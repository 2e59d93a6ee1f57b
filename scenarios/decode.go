package scenarios

import (
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
	"benchtop/targets/spelling"
)

// decoder walks the nodes of a file, fills a plan and collects every problem. It remembers where each value stands, so
// that the rules over the whole plan (validate.go) can name a place too.
type decoder struct {
	problems []Problem
	places   map[string]*node // by path
	failed   map[string]bool  // paths that have a problem; the rules do not report them again
	lines    []string         // of the file, to find a column inside a text; nil outside of files
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

// object reads a mapping: unknown keys, keys of later versions and keys that stand twice are problems. It gives the
// names that were there.
func (d *decoder) object(n *node, at, what string, fields []field, later []string) map[string]bool {
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
		case i < 0 && slices.Contains(later, key):
			d.problem(p.key, inside, fmt.Sprintf("key %s of %s is not in this version of benchtop", short(key), what), "remove the key, or run the file with a version that has it")
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
	var p lab.Plan
	var l lab.Load
	allowed := "allowed here: " + strings.Join(known, ", ")
	isTarget := at == "target" || strings.HasPrefix(at, "variants[") && !strings.Contains(at, ".")
	if servers := serversWith(key); isTarget && len(servers) > 0 {
		return fmt.Sprintf("it is a key of server %s; %s", strings.Join(servers, " and "), allowed)
	}
	elsewhere := map[string][]string{
		"target": append(slices.Clone(knobNames), "proxy", "tls"), "proxy": proxyNames, "load": fieldNames(d.loadFields(&l)),
		"plan": fieldNames(d.planFields(&p)), "retry": fieldNames(d.retryFields(&load.Retry{})), "the scenario": {"matrix", "exclude"},
	}
	for _, place := range []string{"target", "load", "plan", "proxy", "retry", "the scenario"} {
		if lastOf(at) != place && slices.Contains(elsewhere[place], key) {
			return fmt.Sprintf("it is a key of %s; %s", place, allowed)
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

// header reads what the catalogue shows, and nothing else.
func (d *decoder) headerFields(p *lab.Plan) []field {
	return []field{
		{"benchtop", func(*node, string) {}}, // read first, see plan
		{"id", func(n *node, at string) { p.ID, _ = d.word(n, at) }},
		{"title", func(n *node, at string) { p.Title, _ = d.text(n, at, maxTitle) }},
		{"track", func(n *node, at string) { p.Track, _ = d.word(n, at) }},
		{"minutes", func(n *node, at string) {
			v, _ := d.whole(n, at, 1, MaxMinutes)
			p.Minutes = int(v)
		}},
		{"claims", func(n *node, at string) {
			for i, item := range d.list(n, at, 0, 40) {
				d.claim(item, fmt.Sprintf("%s[%d]", at, i), p)
			}
		}},
		{"requires", func(n *node, at string) { p.Requires = d.requires(n, at) }},
	}
}

// claim reads a row of the ledger that the scenario answers: its number, or {id: C15, part: "..."} for a part of it.
func (d *decoder) claim(n *node, at string, p *lab.Plan) {
	var c lab.Claim
	if n.kind == mapping {
		given := d.object(n, at, "the claim", d.claimFields(&c), nil)
		d.required(n, "the claim", given, "id", "part")
	} else {
		c.ID, _ = d.claimID(n, at)
	}
	switch {
	case c.ID == "":
	case slices.ContainsFunc(p.Claims, func(other lab.Claim) bool { return other.ID == c.ID }):
		d.problem(n, at, fmt.Sprintf("claim %s stands twice", c.ID), "")
	default:
		p.Claims = append(p.Claims, c)
	}
}

func (d *decoder) claimFields(c *lab.Claim) []field {
	return []field{
		{"id", func(n *node, at string) { c.ID, _ = d.claimID(n, at) }},
		{"part", func(n *node, at string) { c.Part, _ = d.text(n, at, maxPart) }},
	}
}

// claimID reads a row's number.
func (d *decoder) claimID(n *node, at string) (string, bool) {
	c, ok := d.text(n, at, maxClaim)
	if ok && !claimNumber.MatchString(c) {
		d.problem(n, at, fmt.Sprintf("claims wants rows of the claim ledger such as C10, found %s", short(c)), "")
		return "", false
	}
	return c, ok
}

func (d *decoder) topFields(p *lab.Plan, t *targetPart) []field {
	return append(d.headerFields(p),
		field{"lesson", func(n *node, at string) { p.Lesson, _ = d.markdown(n, at, maxLesson) }},
		field{"target", func(n *node, _ string) { t.target = n }},
		field{"variants", func(n *node, _ string) { t.variants = n }},
		field{"matrix", func(n *node, _ string) { t.matrix = n }},
		field{"exclude", func(n *node, _ string) { t.exclude = n }},
		field{"twin", func(n *node, at string) { d.twin(n, at, p) }},
		field{"baseline", func(n *node, at string) { p.Baseline, _ = d.word(n, at) }},
		field{"load", func(n *node, _ string) { t.load = n }},
		field{"plan", func(n *node, at string) { d.object(n, at, "plan", d.planFields(p), laterPlan) }},
		field{"steps", func(n *node, at string) { d.steps(n, at, p) }},
		field{"predict", func(n *node, at string) { d.predict(n, at, p) }},
		field{"expect", func(n *node, at string) { p.Expect = d.sentences(n, at) }},
		field{"mechanism", func(n *node, at string) { p.Mechanism = d.sentences(n, at) }},
		field{"quiz", func(n *node, at string) { d.quiz(n, at, p) }},
		field{"notes", func(n *node, at string) { p.Notes, _ = d.markdown(n, at, maxLesson) }},
	)
}

// targetPart are the nodes that depend on each other, whatever their order in the file.
type targetPart struct{ target, variants, matrix, exclude, load *node }

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
	p := &lab.Plan{
		Warmup: defaultWarmup, Slice: defaultSlice, Settle: defaultSettle, Blocks: defaultBlocks,
		Order: lab.Interleaved, SmallestEffect: defaultSmallestEffect, ErrorLimit: defaultErrorLimit,
	}
	if !d.version(root) {
		return nil
	}
	var t targetPart
	given := d.object(root, "", "the scenario", d.topFields(p, &t), laterTop)
	given["variants"] = given["variants"] || given["matrix"]
	d.required(root, "the scenario", given, "benchtop", "id", "title", "target", "variants", "load")
	d.variants(p, &t)
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
}
