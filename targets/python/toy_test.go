package python

import (
	"bytes"
	"context"
	"io"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"benchtop/targets"
	"benchtop/targets/endpoint"
	"benchtop/targets/fixture"
	"benchtop/targets/fixture/suite"
	"benchtop/targets/guard"
)

// toy has a parameter of every type that no sample has, a name that Python reserves, a body, and a service.
var toy = &endpoint.Endpoint{
	Path: "/toy", Doc: "a toy", Body: 8, Services: []string{"database"},
	Params: []endpoint.Param{
		{Name: "mode", Doc: "how", Type: endpoint.Word, Words: []string{"fast", "slow"}},
		{Name: "note", Doc: "what", Type: endpoint.Text, Min: 1, Max: 5},
		{Name: "class", Doc: "which", Type: endpoint.Int, Min: -5, Max: 5, Default: 3},
		{Name: "pause", Doc: "how long", Type: endpoint.Duration, Max: int64(time.Second), Default: int64(time.Millisecond)},
	},
	Handle: func(x *endpoint.Exchange) {
		b := append(x.Scratch(), x.Text("mode")+" "+x.Text("note")+" "+x.Duration("pause").String()+" "+x.Worker.Address("database")+" "...)
		x.SendScratch(endpoint.PlainText, append(b, bytes.Repeat(x.Body, int(x.Int("class")))...))
	},
}

// withDatabase is a worker that knows where the service is.
type withDatabase struct{ endpoint.Worker }

func (withDatabase) Address(string) string { return "127.0.0.1:1" }

const toyHandler = `
from fastapi.responses import PlainTextResponse
from benchtop_table import SERVICES, endpoint

@endpoint("/toy")
def toy(mode, note, class_, pause, body):
    return PlainTextResponse(("%s %s %s %s " % (mode, note, pause, SERVICES["database"])).encode() + body * class_)
`

// startToy starts the application with what a person would add to it: a row, and this text as a file of handlers.
func startToy(t *testing.T, handlers string) (targets.Target, error) {
	t.Helper()
	t.Cleanup(endpoint.Register(toy))
	st := standard
	st.patience = suite.Deadline
	st.change = func(c *guard.Command) {
		if err := os.WriteFile(filepath.Join(c.Dir, "endpoints_toy.py"), []byte(handlers), 0o600); err != nil {
			t.Error(err)
		}
	}
	ctx, cancel := context.WithTimeout(t.Context(), suite.Deadline)
	defer cancel()
	spec := specOf(Uvicorn, 1)
	spec.Addresses = map[string]string{"database": "127.0.0.1:1"}
	return st.start(ctx, spec, targets.Hooks{})
}

// An endpoint costs a row with its handler and a Python handler: the rest is the table's, in both languages alike.
func TestToy(t *testing.T) {
	need(t, "fastapi", Uvicorn)
	running, err := startToy(t, toyHandler)
	if err != nil {
		t.Fatal(err)
	}
	defer fixture.ComponentStopped(t, running.(*target).Target)
	c := client(t, running.Addr())
	for _, test := range []struct{ query, body string }{
		{"", ""},
		{"mode=slow&note=a+%C3%A9&class=2&pause=1.5ms", "12345678"},
		{"class=%2B5", "1"},
		{"class=-0", "1"},
		{"class=6", ""},
		{"note=123456", ""},
		{"note=%C3%A9%C3%A9%C3%A9", ""},
		{"note=", ""},
		{"note=a%0A", ""},
		{"note=%FF", ""},
		{"mode=SLOW", ""},
		{"mode=fsat", ""},
		{"mode=fast&mode=slow", ""},
		{"clas=1", ""},
		{"note=x", "123456789"},
		{"class=6", "123456789"},
		{"note=x", strings.Repeat("x", 100)},
	} {
		x := &endpoint.Exchange{Worker: withDatabase{}, Body: []byte(test.body)}
		x.Respond(toy, "/toy", test.query, len(test.body) > 8)
		for _, twin := range append([]string{""}, twins...) {
			resp, err := c.Post("http://benchtop"+twin+"/toy?"+test.query, "", strings.NewReader(test.body))
			if err != nil {
				t.Fatal(err)
			}
			body, err := io.ReadAll(resp.Body)
			_ = resp.Body.Close()
			got := strings.ReplaceAll(string(body), twin+"/toy", "/toy")
			if want := string(x.Response.Body); err != nil || resp.StatusCode != x.Response.Status || got != want {
				t.Errorf("%s?%s with %d bytes: %d %q, %v; the built-in server: %d %q", twin, test.query, len(test.body), resp.StatusCode, got, err, x.Response.Status, want)
			}
			if closes := resp.StatusCode == http.StatusRequestEntityTooLarge; closes != resp.Close {
				t.Errorf("%s?%s with %d bytes: Connection: close is %v", twin, test.query, len(test.body), resp.Close)
			}
		}
	}
}

// A handler that does not fit its row, or is missing, keeps the application from its start, with the reason.
func TestToyWithoutItsHandler(t *testing.T) {
	need(t, "fastapi", Uvicorn)
	for handlers, want := range map[string]string{
		"": "the endpoint /toy has no handler with `def` in the files endpoints_*.py",
		strings.Replace(toyHandler, "class_, ", "", 1): "the handler toy of /toy takes other parameters than its row has",
	} {
		running, err := startToy(t, handlers)
		if err == nil {
			fixture.ComponentStopped(t, running.(*target).Target)
		}
		if err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%v, want %q", err, want)
		}
	}
}
