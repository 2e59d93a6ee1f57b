package endpoint

import (
	"encoding/json"
	"fmt"
	"maps"
	"strings"
	"time"
)

// row is an endpoint as an application in another language gets it.
type row struct {
	Path   string       `json:"path"`
	Body   int64        `json:"body"`  // 0: it takes none
	Limit  int64        `json:"limit"` // of a request's body, in bytes
	Params []paramOfRow `json:"params"`
	Known  string       `json:"known"` // which parameters it has, for an error message
	Lacks  string       `json:"lacks"` // which service it needs and does not have; empty: none
}

type paramOfRow struct {
	Param
	Allowed string `json:"allowed"` // which values it takes, for an error message
}

// JSON is the table for an application in another language, which thereby checks and refuses as the built-in server
// does. The prefixes are those below which it serves each endpoint again; addresses are those of the target's services
// by name; more is what else it is told, by keys of its own.
func JSON(addresses map[string]string, more map[string]any, prefixes ...string) ([]byte, error) {
	has := func(service string) bool { return addresses[service] != "" }
	rows := []row{}
	for _, e := range All() {
		r := row{Path: e.Path, Body: e.Body, Limit: e.BodyLimit(), Params: []paramOfRow{}, Known: e.known(), Lacks: e.Lacks(has)}
		for _, p := range e.Params {
			r.Params = append(r.Params, paramOfRow{Param: p, Allowed: p.allowed()})
		}
		rows = append(rows, r)
	}
	if addresses == nil {
		addresses = map[string]string{}
	}
	told := map[string]any{"endpoints": rows, "served": Served(prefixes...), "services": addresses}
	maps.Copy(told, more)
	return json.MarshalIndent(told, "", " ")
}

// Markdown is the table for people. targets/README.md has it between <!-- endpoints --> and <!-- /endpoints -->; a test of cmd/benchtop
// compares, and writes it with -update.
func Markdown() string {
	var b strings.Builder
	b.WriteString("| endpoint | parameters | responds with |\n| --- | --- | --- |\n")
	for _, e := range All() {
		var params []string
		for _, p := range e.Params {
			params = append(params, fmt.Sprintf("`%s`: %s, %s", p.Name, p.Doc, p.bounds()))
		}
		if e.Body > 0 {
			params = append(params, fmt.Sprintf("a body of up to %d bytes", e.Body))
		}
		doc := e.Doc
		if len(e.Services) > 0 {
			doc += "; needs the service " + strings.Join(e.Services, ", ")
		}
		fmt.Fprintf(&b, "| `%s` | %s | %s |\n", e.Path, strings.Join(params, "; "), doc)
	}
	return b.String()
}

// bounds are the values of a parameter and its default, for the documents.
func (p *Param) bounds() string {
	switch p.Type {
	case Duration:
		return fmt.Sprintf("%v to %v, default %v", time.Duration(p.Min), time.Duration(p.Max), time.Duration(p.Default))
	case Size:
		return fmt.Sprintf("%d to %d bytes, default %d", p.Min, p.Max, p.Default)
	case Word:
		return fmt.Sprintf("%s, default %s", strings.Join(p.Words, " or "), p.Words[0])
	case Text:
		return fmt.Sprintf("text of %d to %d bytes", p.Min, p.Max)
	}
	return strings.TrimSpace(fmt.Sprintf("%d to %d %s", p.Min, p.Max, p.Unit)) + fmt.Sprintf(", default %d", p.Default)
}
