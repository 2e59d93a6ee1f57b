package scenarios

import (
	"encoding/json"
	"fmt"
	"slices"
	"strings"

	"github.com/invopop/jsonschema"

	"benchtop/targets"
)

// Patterns of texts that carry a unit or have a form.
const (
	durationPattern   = `^([0-9]+(\.[0-9]*)?(ns|us|µs|ms|s|m|h))+$`
	percentagePattern = `^[0-9]+(\.[0-9]+)? ?%$`
	idPattern         = `^[a-z0-9]+(-[a-z0-9]+)*$`
	sizePattern       = `^[0-9]+(\.[0-9]+)? ?(B|kB|MB|GB|KiB|MiB|GiB)$`
	endpointPattern   = `^/([^/]|$)`
)

// Schema gives the JSON schema of scenario files (draft 7, which editors read). Targets have the knobs of the servers
// that are registered, so whoever calls it registers them first. `benchtop schema > scenarios/schema.json` writes the
// committed copy anew; a test compares the two.
func Schema() []byte {
	r := jsonschema.Reflector{Anonymous: true, DoNotReference: true}
	s := r.Reflect(&shapeFile{})
	s.Version = "http://json-schema.org/draft-07/schema#"
	s.Title = "benchtop scenario, version 1"
	s.Description = "A question, the variants that answer it, the load, the plan, what is expected, the lesson."
	s.AnyOf = []*jsonschema.Schema{{Required: []string{"variants"}}, {Required: []string{"matrix"}}}
	if t, ok := s.Properties.Get("target"); ok {
		addTarget(t)
	}
	if v, ok := s.Properties.Get("variants"); ok {
		addTarget(v.Items)
	}
	finish(s)
	out, err := json.MarshalIndent(s, "", "  ")
	if err != nil {
		panic(fmt.Sprintf("the schema of scenario files is not JSON: %v", err)) // it is made of the types above and of nothing else
	}
	return append(out, '\n')
}

// finish replaces the formats that the shape names by what they mean, everywhere below.
func finish(s *jsonschema.Schema) {
	if s == nil {
		return
	}
	switch s.Format {
	case "duration":
		s.Format, s.Pattern = "", durationPattern
	case "percentage":
		s.Format, s.Pattern = "", percentagePattern
	case "id":
		s.Format, s.Pattern, s.MaxLength = "", idPattern, pointer(maxID)
	case "metric":
		s.Format = ""
		for _, m := range metricNames() {
			s.Enum = append(s.Enum, m)
		}
	}
	finish(s.Items)
	finish(s.AdditionalProperties)
	if s.Properties == nil {
		return
	}
	for p := s.Properties.Oldest(); p != nil; p = p.Next() {
		switch p.Key {
		case "rate":
			if p.Value.Type != "" { // of a stage: a number, and no share
				break
			}
			p.Value.OneOf = []*jsonschema.Schema{
				{Type: "number", ExclusiveMinimum: "0", Maximum: "1000000"},
				{Type: "string", Pattern: percentagePattern},
			}
		case "claims":
			inPart := p.Value.Items
			if id, ok := inPart.Properties.Get("id"); ok {
				id.Pattern = claimNumber.String()
			}
			p.Value.Items = &jsonschema.Schema{OneOf: []*jsonschema.Schema{{Type: "string", Pattern: claimNumber.String()}, inPart}}
		case "server":
			for _, n := range serverNames() {
				p.Value.Enum = append(p.Value.Enum, n)
			}
		case "kind":
			for _, n := range proxyKinds() {
				p.Value.Enum = append(p.Value.Enum, n)
			}
		case "requires":
			for _, c := range components {
				p.Value.Items.Enum = append(p.Value.Items.Enum, c)
			}
		case "matrix":
			p.Value.AdditionalProperties = &jsonschema.Schema{Type: "array", MinItems: pointer(1), MaxItems: pointer(MaxVariants)}
			p.Value.Description = strings.Replace(p.Value.Description, "See also idRule", "At most 16 variants; "+idRule, 1)
		case "exclude":
			p.Value.Items = &jsonschema.Schema{Type: "object"}
		case "set":
			p.Value.AdditionalProperties = &jsonschema.Schema{Type: "", AnyOf: []*jsonschema.Schema{{Type: "string"}, {Type: "number"}, {Type: "boolean"}}}
		case "start", "stop":
			p.Value.Items.Pattern, p.Value.Items.MaxLength = idPattern, pointer(maxID)
		case "expect_status":
			p.Value.Items.Minimum, p.Value.Items.Maximum = "200", "599"
		case "on":
			p.Value.Items.Minimum, p.Value.Items.Maximum = "300", "599"
		}
		finish(p.Value)
		if switchedKeys[p.Key] {
			p.Value = switched(p.Value)
			s.Properties.Set(p.Key, p.Value)
		}
	}
}

// switchedKeys hold a mapping, or one of the words on and off.
var switchedKeys = map[string]bool{"proxy": true, "tls": true, "gzip": true, "retry": true, "timeouts": true}

func switched(s *jsonschema.Schema) *jsonschema.Schema {
	description := s.Description
	s.Description = ""
	return &jsonschema.Schema{OneOf: []*jsonschema.Schema{s, {Enum: []any{"on", "off"}}}, Description: description}
}

// addTarget adds what the registered servers and proxies document.
func addTarget(s *jsonschema.Schema) {
	var servers, proxies []targets.Knob
	for _, server := range targets.All() {
		servers = append(servers, server.Knobs...)
	}
	for _, proxy := range targets.Proxies() {
		proxies = append(proxies, proxy.Knobs...)
	}
	addKnobs(s, servers)
	if p, ok := s.Properties.Get("proxy"); ok {
		addKnobs(p, proxies)
	}
}

// addKnobs adds each key once, with the words of the first server that has it. It allows what any of them allows,
// because the schema does not know which server it is; the reader does.
func addKnobs(s *jsonschema.Schema, knobs []targets.Knob) {
	var names []string
	joined := map[string]targets.Knob{}
	for _, k := range knobs {
		name, _, _ := strings.Cut(k.Name, ".")
		if _, ok := s.Properties.Get(name); ok {
			continue // of the shape: kind, gzip
		}
		other, ok := joined[k.Name]
		if !ok {
			names = append(names, k.Name)
			joined[k.Name] = k
			continue
		}
		joined[k.Name] = widened(other, k)
	}
	for _, name := range names {
		s.Properties.Set(name, knobSchema(joined[name]))
	}
}

func widened(a, b targets.Knob) targets.Knob {
	if a.Default != b.Default {
		a.Default = ""
	}
	if len(a.Enum) == 0 || len(b.Enum) == 0 {
		a.Enum = nil
	}
	for _, word := range b.Enum {
		if len(a.Enum) > 0 && !slices.Contains(a.Enum, word) {
			a.Enum = append(slices.Clone(a.Enum), word)
		}
	}
	if a.Min == 0 && a.Max == 0 || b.Min == 0 && b.Max == 0 {
		a.Min, a.Max = 0, 0
		return a
	}
	a.Min, a.Max = min(a.Min, b.Min), max(a.Max, b.Max)
	return a
}

func knobSchema(k targets.Knob) *jsonschema.Schema {
	s := &jsonschema.Schema{Description: k.Doc}
	if k.Name == "body_limit" { // a number of bytes that a file writes with its unit
		s.Type, s.Pattern = "string", sizePattern
		return s
	}
	if k.Default != "" && k.Name != "accept" { // its default differs between systems; the schema does not
		s.Default = k.Default
	}
	switch k.Type {
	case "int":
		s.Type = "integer"
		if k.Min != 0 || k.Max != 0 {
			s.Minimum, s.Maximum = number64(k.Min), number64(k.Max)
		}
		if k.Default != "" {
			s.Default = json.Number(k.Default)
		}
	case "bool":
		s.Type = "boolean"
		if k.Default != "" {
			s.Default = k.Default == "true"
		}
	case "duration":
		s.Type, s.Pattern = "string", durationPattern
	case "strings":
		s.Type, s.Items = "array", &jsonschema.Schema{Type: "string"}
	default:
		s.Type = "string"
		for _, e := range k.Enum {
			s.Enum = append(s.Enum, e)
		}
		if k.Name == "endpoint" || k.Name == "ready" {
			s.Pattern = endpointPattern
		}
	}
	return s
}

func number64(n int) json.Number { return json.Number(fmt.Sprint(n)) }

func pointer(n uint64) *uint64 { return &n }
