package scenarios

import (
	"encoding/json"
	"slices"
	"strings"
	"testing"

	"benchtop/lab"
	"benchtop/lab/load"
	"benchtop/lab/metric"
	"benchtop/targets"
)

type schemaNode struct {
	Schema               string                `json:"$schema"`
	Ref                  string                `json:"$ref"`
	Properties           map[string]schemaNode `json:"properties"`
	Items                *schemaNode           `json:"items"`
	AdditionalProperties json.RawMessage       `json:"additionalProperties"`
	Format               string                `json:"format"`
	Description          string                `json:"description"`
	Required             []string              `json:"required"`
	OneOf                []schemaNode          `json:"oneOf"`
}

// The reader and the schema are written apart; their keys must be the same.
func TestSchemaHasTheKeysOfTheReader(t *testing.T) {
	var root schemaNode
	if err := json.Unmarshal(Schema(), &root); err != nil {
		t.Fatal(err)
	}
	d := newDecoder("")
	every := everything()
	var (
		p       lab.Plan
		part    targetPart
		variant lab.Variant
		option  lab.Option
		quiz    lab.Quiz
		predict lab.Predict
	)
	target := append(d.knobFields(&variant.Target, every), d.serverField(&variant.Target), d.proxyField(&variant.Target), d.tlsField(&variant.Target))
	proxyNode := root.Properties["target"].Properties["proxy"].OneOf[0]
	loadNode := root.Properties["load"]
	options := root.Properties["quiz"].Items.Properties["options"]
	for _, c := range []struct {
		name   string
		schema schemaNode
		fields []field
	}{
		{"the scenario", root, d.topFields(&p, &part)},
		{"target", root.Properties["target"], target},
		{"variants", *root.Properties["variants"].Items, append(slices.Clone(target), field{name: "id"}, field{name: "label"}, field{name: "load"})},
		{"proxy", proxyNode, d.proxyFields(&targets.Proxy{}, everyProxy())},
		{"gzip", proxyNode.Properties["gzip"].OneOf[0], d.gzipFields(&targets.Gzip{})},
		{"tls", root.Properties["target"].Properties["tls"].OneOf[0], d.tlsFields(&targets.TLS{})},
		{"retry", loadNode.Properties["retry"].OneOf[0], d.retryFields(&load.Retry{})},
		{"timeouts", loadNode.Properties["timeouts"].OneOf[0], d.timeoutFields(&load.Timeouts{})},
		{"variants.load", root.Properties["variants"].Items.Properties["load"], d.loadFields(&variant.Load)},
		{"load", root.Properties["load"], d.loadFields(&variant.Load)},
		{"stages", *root.Properties["load"].Properties["stages"].Items, d.stageFields(&load.Stage{})},
		{"claims", root.Properties["claims"].Items.OneOf[1], d.claimFields(&lab.Claim{})},
		{"plan", root.Properties["plan"], d.planFields(&p)},
		{"steps", *root.Properties["steps"].Items, d.stepFields(&lab.Step{})},
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
	if want := []string{"benchtop", "id", "title", "target", "load"}; !slices.Equal(root.Required, want) {
		t.Errorf("required: %v, want %v", root.Required, want)
	}
}

// The names of all keys and what reads them are written apart, too.
func TestEveryNamedKeyIsRead(t *testing.T) {
	d := newDecoder("")
	all := targets.Descriptor{}
	for _, name := range knobNames {
		all.Knobs = append(all.Knobs, targets.Knob{Name: name})
	}
	if read := fieldNames(d.knobFields(&targets.Spec{}, all)); !sameWords(read, knobNames) {
		t.Errorf("of %v\nthe reader reads %v", knobNames, read)
	}
	proxy := targets.ProxyDescriptor{}
	for _, name := range proxyNames {
		proxy.Knobs = append(proxy.Knobs, targets.Knob{Name: name})
	}
	if read := fieldNames(d.proxyFields(&targets.Proxy{}, proxy)); !sameWords(read, proxyNames) {
		t.Errorf("of %v\nthe reader reads %v", proxyNames, read)
	}
}

func sameWords(a, b []string) bool {
	a, b = slices.Clone(a), slices.Clone(b)
	slices.Sort(a)
	slices.Sort(b)
	return slices.Equal(a, b)
}

// everything is a server that has every knob of all servers, as the schema tells it.
func everything() targets.Descriptor {
	var out targets.Descriptor
	for _, s := range targets.All() {
		out.Knobs = append(out.Knobs, s.Knobs...)
	}
	return out
}

func everyProxy() targets.ProxyDescriptor {
	var out targets.ProxyDescriptor
	for _, p := range targets.Proxies() {
		out.Knobs = append(out.Knobs, p.Knobs...)
	}
	return out
}

// Every knob that a server documents must be readable, or a file could not use it.
func TestEveryKnobIsRead(t *testing.T) {
	for _, s := range targets.All() {
		for _, k := range s.Knobs {
			if !slices.Contains(knobNames, k.Name) && k.Name != "proxy" && k.Name != "tls" {
				t.Errorf("server %s documents %s, which the reader does not know", s.Name, k.Name)
			}
		}
	}
	for _, p := range targets.Proxies() {
		for _, k := range p.Knobs {
			if name, _, _ := strings.Cut(k.Name, "."); !slices.Contains(proxyNames, name) {
				t.Errorf("proxy %s documents %s, which the reader does not know", p.Name, k.Name)
			}
		}
	}
	d := newDecoder("")
	var load lab.Load
	var p lab.Plan
	for place, c := range map[string]struct{ now, later []string }{
		"target": {append(slices.Clone(knobNames), "proxy", "tls"), laterTarget},
		"proxy":  {proxyNames, laterProxy},
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

// Files walk the table of metrics: one that it has just got can be written, and is in the schema.
func TestAMetricOfTheTableCanBeWritten(t *testing.T) {
	defer metric.Register(metric.Metric{Name: "toys_per_request", Unit: metric.Plain, Words: "toys", Scope: metric.Proxy})()
	const more = "plan: {metric: toys_per_request}\nexpect: [toys_per_request(a) > 0.5]\n"
	p := parsed(t, strings.Replace(good, "endpoint: /hello", "endpoint: /hello, proxy: {keepalive: 8}", 1)+more)
	if problems := Validate(p); p.Metric != "toys_per_request" || len(problems) > 0 {
		t.Errorf("metric %s, %v", p.Metric, problems)
	}
	if _, err := Parse("x.yaml", []byte(good+more)); err == nil || !strings.Contains(err.Error(), "toys_per_request is a metric of a proxy") {
		t.Errorf("without a proxy: %v", err)
	}
	if _, err := Parse("x.yaml", []byte(good+"plan: {metric: toy_per_request}\n")); err == nil || !strings.Contains(err.Error(), `did you mean "toys_per_request"?`) {
		t.Errorf("misspelt: %v", err)
	}
	if !strings.Contains(string(Schema()), `"toys_per_request"`) {
		t.Error("the schema does not have it")
	}
}
