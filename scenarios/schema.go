package scenarios

import (
	"encoding/json"
	"fmt"

	"github.com/invopop/jsonschema"

	"benchtop/targets"
)

// Patterns of texts that carry a unit or have a form.
const (
	durationPattern   = `^([0-9]+(\.[0-9]*)?(ns|us|µs|ms|s|m|h))+$`
	percentagePattern = `^[0-9]+(\.[0-9]+)? ?%$`
	idPattern         = `^[a-z0-9]+(-[a-z0-9]+)*$`
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
	finish(s)
	if t, ok := s.Properties.Get("target"); ok {
		addKnobs(t)
	}
	if v, ok := s.Properties.Get("variants"); ok {
		addKnobs(v.Items)
	}
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
			p.Value.Items.Pattern = claimNumber.String()
		case "server":
			for _, n := range serverNames() {
				p.Value.Enum = append(p.Value.Enum, n)
			}
		case "expect_status":
			p.Value.Items.Minimum, p.Value.Items.Maximum = "200", "599"
		}
		finish(p.Value)
	}
}

// addKnobs adds what the registered servers document.
func addKnobs(s *jsonschema.Schema) {
	for _, server := range targets.All() {
		for _, k := range server.Knobs {
			if _, ok := s.Properties.Get(k.Name); !ok {
				s.Properties.Set(k.Name, knobSchema(k))
			}
		}
	}
}

func knobSchema(k targets.Knob) *jsonschema.Schema {
	s := &jsonschema.Schema{Description: k.Doc}
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
	default:
		s.Type = "string"
		for _, e := range k.Enum {
			s.Enum = append(s.Enum, e)
		}
		if k.Name == "endpoint" {
			s.Pattern = endpointPattern
		}
	}
	return s
}

func number64(n int) json.Number { return json.Number(fmt.Sprint(n)) }

func pointer(n uint64) *uint64 { return &n }
