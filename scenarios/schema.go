package scenarios

import (
	"encoding/json"
	"fmt"
	"slices"
	"strconv"

	"github.com/invopop/jsonschema"

	"benchtop/lab"
	"benchtop/lab/load"
	"benchtop/targets"
	"benchtop/targets/setting"
)

// Patterns of texts that carry a unit or have a form.
const (
	durationPattern   = `^([0-9]+(\.[0-9]*)?(ns|us|µs|ms|s|m|h))+$`
	percentagePattern = `^[0-9]+(\.[0-9]+)? ?%$`
	idPattern         = `^[a-z0-9]+(-[a-z0-9]+)*$`
	bitRatePattern    = `^(off|[0-9]+(\.[0-9]+)? ?(kbit|mbit|gbit|kB/s|MB/s|GB/s))$`
	sizePattern       = `^[0-9]+(\.[0-9]+)? ?(B|kB|MB|GB|KiB|MiB|GiB)$`
	variablePattern   = `^[A-Za-z_][A-Za-z0-9_]*$`
	endpointPattern   = `^/([^/]|$)`
)

// Schema gives the JSON schema of scenario files (draft 7, which editors read). Targets have the settings of the servers
// that are registered, so they are registered before. `benchtop schema > scenarios/schema.json` writes the committed copy
// again; a test compares the two.
func Schema() []byte {
	s := mappingSchema(fileKeys())
	s.Version = "http://json-schema.org/draft-07/schema#"
	s.Title = "benchtop scenario, version 1"
	s.Description = "A question, the variants that answer it, the load, the plan, what is expected, the lesson."
	s.AnyOf = []*jsonschema.Schema{{Required: []string{"variants"}}, {Required: []string{"matrix"}}}
	out, err := json.MarshalIndent(s, "", "  ")
	if err != nil {
		panic(fmt.Sprintf("the schema of scenario files is not JSON: %v", err)) // it is made of the rows and of nothing else
	}
	return append(out, '\n')
}

// mappingSchema is a mapping with the keys of rows.
func mappingSchema(rows []setting.Setting) *jsonschema.Schema {
	s := &jsonschema.Schema{Type: "object", Properties: jsonschema.NewProperties(), AdditionalProperties: jsonschema.FalseSchema}
	for i := range rows {
		row := &rows[i]
		value := valueSchema(row)
		if value.Description == "" {
			value.Description = row.Doc
			if row.More != "" {
				value.Description = row.More
			}
		}
		s.Properties.Set(row.Key, value)
		if row.Needed {
			s.Required = append(s.Required, row.Key)
		}
	}
	return s
}

// valueSchema is what may stand behind a key.
func valueSchema(s *setting.Setting) *jsonschema.Schema {
	switch s.Form() {
	case setting.Int:
		return withDefault(s, numberSchema("integer", s))
	case setting.Number:
		return numberSchema("number", s)
	case setting.Bool:
		return withDefault(s, &jsonschema.Schema{Type: "boolean"})
	case setting.Duration:
		return withDefault(s, &jsonschema.Schema{Type: "string", Pattern: durationPattern})
	case setting.Bytes:
		return &jsonschema.Schema{Type: "string", Pattern: sizePattern}
	case setting.BitRate:
		return withDefault(s, &jsonschema.Schema{Type: "string", Pattern: bitRatePattern})
	case setting.Share:
		return withDefault(s, &jsonschema.Schema{Type: "string", Pattern: percentagePattern})
	case setting.Name:
		return nameSchema()
	case setting.Path:
		return withDefault(s, &jsonschema.Schema{Type: "string", Pattern: endpointPattern})
	case setting.Text:
		return withDefault(s, textSchema(s))
	case setting.Version:
		return withDefault(s, versionSchema(s))
	case setting.Lines:
		return &jsonschema.Schema{Type: "string", MaxLength: count(s.Longest)}
	case setting.Texts, typeSentences:
		return listSchema(s, &jsonschema.Schema{Type: "string"})
	case setting.Ints:
		return listSchema(s, numberSchema("integer", s))
	case setting.Group:
		return switchedSchema(mappingSchema(s.Rows))
	case lab.TypeMetric:
		return &jsonschema.Schema{Type: "string", Enum: words(metricNames())}
	case lab.TypeAgents:
		return &jsonschema.Schema{OneOf: []*jsonschema.Schema{
			{Type: "string", Enum: []any{"all"}},
			{Type: "integer", Minimum: "1", Maximum: decimal(load.MostAgents)},
			{Type: "array", MinItems: count(1), MaxItems: count(load.MostAgents), Items: &jsonschema.Schema{Type: "string", MinLength: count(1), MaxLength: count(maxID)}},
		}}
	case lab.TypeHeader:
		return &jsonschema.Schema{Type: "object", AdditionalProperties: &jsonschema.Schema{Type: "string"}}
	case lab.TypeHeaderEnv:
		return &jsonschema.Schema{Type: "object", AdditionalProperties: &jsonschema.Schema{Type: "string", Pattern: variablePattern}}
	case lab.TypeRate:
		return &jsonschema.Schema{OneOf: []*jsonschema.Schema{
			{Type: "number", ExclusiveMinimum: "0", Maximum: decimal(load.MaxRate)},
			{Type: "string", Pattern: percentagePattern},
		}}
	}
	return specialSchema(s)
}

// specialSchema is valueSchema for types that only scenarios have.
func specialSchema(s *setting.Setting) *jsonschema.Schema {
	switch s.Form() {
	case typeFormat:
		return &jsonschema.Schema{Type: "integer", Enum: []any{FormatVersion}}
	case typeClaims:
		number := &jsonschema.Schema{Type: "string", Pattern: claimNumber.String()}
		part := mappingSchema(s.Rows)
		if id, ok := part.Properties.Get("id"); ok {
			id.Pattern, id.MinLength, id.MaxLength = claimNumber.String(), nil, nil
		}
		return listSchema(s, &jsonschema.Schema{OneOf: []*jsonschema.Schema{number, part}})
	case typeRequires:
		components := targets.Requirable()
		return &jsonschema.Schema{Type: "array", MaxItems: count(len(components)), Items: &jsonschema.Schema{Type: "string", Enum: words(components)}}
	case typeWhen:
		line := &jsonschema.Schema{Type: "string"}
		return &jsonschema.Schema{OneOf: []*jsonschema.Schema{line, listSchema(s, line)}}
	case typeNames:
		return listSchema(s, nameSchema())
	case typeSet:
		return &jsonschema.Schema{Type: "object", AdditionalProperties: &jsonschema.Schema{AnyOf: []*jsonschema.Schema{{Type: "string"}, {Type: "number"}, {Type: "boolean"}}}}
	case typeSignal:
		return &jsonschema.Schema{Type: "object", AdditionalProperties: &jsonschema.Schema{Type: "string", Enum: words(targets.SignalNames())}}
	case typeObject, typePlan:
		return mappingSchema(s.Rows)
	case setting.Objects, typeSteps, lab.TypeStages:
		return listSchema(s, mappingSchema(s.Rows))
	case typeLoad:
		return mappingSchema(lab.LoadSettings())
	case typeTarget:
		return mappingSchema(partsFirst(targetKeys(targets.ServerSettings())))
	case typeVariants:
		return listSchema(s, mappingSchema(append(variantKeys(), partsFirst(targetKeys(targets.ServerSettings()))...)))
	case typeProxy:
		return switchedSchema(mappingSchema(partsFirst(proxyKeys(targets.ProxySettings()))))
	case typeServices:
		kinds := targets.Services()
		rows := []setting.Setting{{Key: "kind", Doc: "Which service is started.", Values: targets.Names(kinds), At: setting.At(func(p *targets.Part) *string { return &p.Kind })}}
		for _, k := range kinds {
			rows = setting.Join(rows, k.Settings)
		}
		return &jsonschema.Schema{Type: "object", AdditionalProperties: switchedSchema(mappingSchema(rows))}
	case typeMatrix:
		return &jsonschema.Schema{Type: "object", AdditionalProperties: &jsonschema.Schema{Type: "array", MinItems: count(1), MaxItems: count(MaxVariants)}}
	case typeExclude:
		return listSchema(s, &jsonschema.Schema{Type: "object"})
	}
	panic("a setting of a type that the schema does not have: " + s.Key) // a test writes the schema
}

// partsFirst puts what is started, and the mappings, in front of the other keys.
func partsFirst(rows []setting.Setting) []setting.Setting {
	out := slices.Clone(rows)
	slices.SortStableFunc(out, func(a, b setting.Setting) int { return rank(&a) - rank(&b) })
	return out
}

func rank(s *setting.Setting) int {
	if s.Key == "server" || s.Key == "kind" {
		return 0
	}
	if s.Form() == setting.Group || s.Form() == typeProxy || s.Form() == typeServices {
		return 1
	}
	return 2
}

func switchedSchema(s *jsonschema.Schema) *jsonschema.Schema {
	return &jsonschema.Schema{OneOf: []*jsonschema.Schema{s, {Enum: []any{"on", "off"}}}}
}

func nameSchema() *jsonschema.Schema {
	return &jsonschema.Schema{Type: "string", Pattern: idPattern, MaxLength: count(maxID)}
}

func textSchema(s *setting.Setting) *jsonschema.Schema {
	out := &jsonschema.Schema{Type: "string", Enum: words(s.Values), MaxLength: count(s.Longest)}
	if s.Longest > 0 {
		out.MinLength = count(1)
	}
	return out
}

// versionSchema takes a version as a number too: 1.1 without quotes is one.
func versionSchema(s *setting.Setting) *jsonschema.Schema {
	out := textSchema(s)
	out.Type = ""
	for _, v := range s.Values {
		out.Enum = append(out.Enum, json.Number(v))
	}
	return out
}

func numberSchema(of string, s *setting.Setting) *jsonschema.Schema {
	out := &jsonschema.Schema{Type: of}
	if s.Bounded() {
		out.Minimum = decimal(s.Min)
		if s.Max < lab.MaxSeed { // the bound of the numbers themselves says nothing
			out.Maximum = decimal(s.Max)
		}
	}
	return out
}

func listSchema(s *setting.Setting, item *jsonschema.Schema) *jsonschema.Schema {
	return &jsonschema.Schema{Type: "array", Items: item, MinItems: count(s.Least), MaxItems: count(s.Most)}
}

func withDefault(s *setting.Setting, out *jsonschema.Schema) *jsonschema.Schema {
	if s.Default == "" || s.Varies { // between systems; the schema does not
		return out
	}
	switch s.Form() {
	case setting.Int:
		out.Default = json.Number(s.Default)
	case setting.Bool:
		out.Default = s.Default == "true"
	default:
		out.Default = s.Default
	}
	return out
}

func words(all []string) []any {
	var out []any
	for _, w := range all {
		out = append(out, w)
	}
	return out
}

func decimal(x float64) json.Number { return json.Number(strconv.FormatFloat(x, 'f', -1, 64)) }

// count is a number of characters or items; nil where there is no bound.
func count(n int) *uint64 {
	if n <= 0 {
		return nil
	}
	c := uint64(n) //nolint:gosec // not negative
	return &c
}
