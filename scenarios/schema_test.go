package scenarios

import (
	"bytes"
	"encoding/json"
	"os"
	"slices"
	"testing"

	"benchtop/lab"
	"benchtop/lab/load"
	"benchtop/targets"
)

func TestSchemaIsCommitted(t *testing.T) {
	committed, err := os.ReadFile("schema.json")
	if err != nil {
		t.Fatal(err)
	}
	if !bytes.Equal(committed, Schema()) {
		t.Error("scenarios/schema.json is not what the types give; write it anew: go run ./cmd/benchtop schema > scenarios/schema.json")
	}
}

type schemaNode struct {
	Schema               string                `json:"$schema"`
	Ref                  string                `json:"$ref"`
	Properties           map[string]schemaNode `json:"properties"`
	Items                *schemaNode           `json:"items"`
	AdditionalProperties json.RawMessage       `json:"additionalProperties"`
	Format               string                `json:"format"`
	Description          string                `json:"description"`
	Required             []string              `json:"required"`
}

// The reader and the schema are written apart; their keys must be the same.
func TestSchemaHasTheKeysOfTheReader(t *testing.T) {
	var root schemaNode
	if err := json.Unmarshal(Schema(), &root); err != nil {
		t.Fatal(err)
	}
	d := newDecoder("")
	server, ok := targets.Lookup(builtinServer)
	if !ok {
		t.Fatal("the built-in server is not registered")
	}
	var (
		p       lab.Plan
		part    targetPart
		variant lab.Variant
		option  lab.Option
		quiz    lab.Quiz
		predict lab.Predict
	)
	options := root.Properties["quiz"].Items.Properties["options"]
	for _, c := range []struct {
		name   string
		schema schemaNode
		fields []field
	}{
		{"the scenario", root, d.topFields(&p, &part)},
		{"target", root.Properties["target"], append(d.knobFields(&variant.Target, server), d.serverField(&variant.Target))},
		{"variants", *root.Properties["variants"].Items, d.variantFields(&variant, server)},
		{"variants.load", root.Properties["variants"].Items.Properties["load"], d.loadFields(&variant.Load)},
		{"load", root.Properties["load"], d.loadFields(&variant.Load)},
		{"stages", *root.Properties["load"].Properties["stages"].Items, d.stageFields(&load.Stage{})},
		{"plan", root.Properties["plan"], d.planFields(&p)},
		{"predict", root.Properties["predict"], d.predictFields(&predict)},
		{"quiz", *root.Properties["quiz"].Items, d.quizFields(&quiz)},
		{"options", *options.Items, d.optionFields(&option)},
	} {
		read := fieldNames(c.fields)
		slices.Sort(read)
		var told []string
		for name, s := range c.schema.Properties {
			told = append(told, name)
			if s.Description == "" {
				t.Errorf("%s.%s has no description in the schema", c.name, name)
			}
			if s.Format != "" {
				t.Errorf("%s.%s keeps the format %s, which is only a mark of the shape", c.name, name, s.Format)
			}
		}
		slices.Sort(told)
		if !slices.Equal(read, told) {
			t.Errorf("%s: the reader knows %v\nthe schema tells %v", c.name, read, told)
		}
		if string(c.schema.AdditionalProperties) != "false" {
			t.Errorf("%s allows unknown keys in the schema", c.name)
		}
	}
	if root.Schema != "http://json-schema.org/draft-07/schema#" {
		t.Errorf("the schema is of %s", root.Schema)
	}
	if want := []string{"benchtop", "id", "title", "target", "variants", "load"}; !slices.Equal(root.Required, want) {
		t.Errorf("required: %v, want %v", root.Required, want)
	}
}

// Every knob that a server documents must be readable, or a file could not use it.
func TestEveryKnobIsRead(t *testing.T) {
	for _, s := range targets.All() {
		for _, k := range s.Knobs {
			if !slices.Contains(knobNames, k.Name) {
				t.Errorf("server %s documents %s, which the reader does not know", s.Name, k.Name)
			}
		}
	}
	d := newDecoder("")
	var load lab.Load
	var p lab.Plan
	for place, c := range map[string]struct{ now, later []string }{
		"target": {knobNames, laterTarget},
		"load":   {fieldNames(d.loadFields(&load)), laterLoad},
		"plan":   {fieldNames(d.planFields(&p)), laterPlan},
		"top":    {fieldNames(d.topFields(&p, &targetPart{})), laterTop},
	} {
		for _, name := range c.now {
			if slices.Contains(c.later, name) {
				t.Errorf("%s: %s is both here and refused as of a later version", place, name)
			}
		}
	}
}
