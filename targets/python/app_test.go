package python

import (
	"bytes"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"testing"

	"benchtop/targets"
	"benchtop/targets/endpoint"
)

// The application has a handler for every endpoint of the table, and no other; one that may block for each.
func TestHandlersAndTable(t *testing.T) {
	files, err := filepath.Glob("app/endpoints_*.py")
	if err != nil || len(files) == 0 {
		t.Fatal(files, err)
	}
	handler := regexp.MustCompile(`(?m)^@endpoint\("([^"]*)"(, both=True)?\)\n(async )?def `)
	var on, blocking []string
	for _, name := range files {
		text, err := os.ReadFile(name) // #nosec G304 -- of this package
		if err != nil {
			t.Fatal(err)
		}
		for _, m := range handler.FindAllSubmatch(text, -1) {
			on = append(on, string(m[1]))
			if len(m[2]) > 0 || len(m[3]) == 0 {
				blocking = append(blocking, string(m[1]))
			}
		}
	}
	for _, path := range on {
		if endpoint.Lookup(path) == nil {
			t.Errorf("%s has a handler and no row in targets/endpoint", path)
		}
	}
	for _, path := range endpoint.Paths() {
		if !slices.Contains(blocking, path) {
			t.Errorf("%s has a row and no handler with `def` in app/endpoints_*.py", path)
		}
	}
}

// The table goes to the application in a file beside it; an endpoint from elsewhere is in it too.
func TestFolderHasTheTable(t *testing.T) {
	defer endpoint.Register(&endpoint.Endpoint{Path: "/toy", Doc: "a toy"})()
	folder := t.TempDir()
	if err := fillFolder(folder, targets.Spec{Server: Uvicorn}); err != nil {
		t.Fatal(err)
	}
	table, err := os.ReadFile(filepath.Join(folder, tableFile)) // #nosec G304 -- in the test's folder
	if err != nil || !bytes.Contains(table, []byte(`"path": "/toy"`)) || !bytes.Contains(table, []byte(" /toy, each also below /async and /sync")) {
		t.Errorf("%s, %v", table, err)
	}
	for _, name := range []string{"app.py", "benchtop_table.py", "endpoints_samples.py"} {
		if _, err := os.Stat(filepath.Join(folder, name)); err != nil {
			t.Error(err)
		}
	}
}
