package targets

import (
	"context"
	"errors"
	"testing"
)

func TestSeveralMissingComponentsHaveOneInstallLine(t *testing.T) {
	for name, install := range map[string]string{"test-a": "apt-get install python x", "test-b": "apt-get install y python"} {
		RegisterComponent(Component{Name: name, Install: install, Find: func(context.Context) (string, error) {
			return "", &Lack{Component: name, Found: "looked for " + name, Install: install}
		}})
	}
	t.Cleanup(func() {
		components.Lock()
		defer components.Unlock()
		delete(components.byName, "test-a")
		delete(components.byName, "test-b")
	})
	err := Missing(t.Context(), []string{"test-a", "test-b"})
	const want = "test-a, test-b are missing; install them with: apt-get install python x y\n  test-a: looked for test-a\n  test-b: looked for test-b"
	if err == nil || err.Error() != want {
		t.Errorf("got %v", err)
	}
	var one *Lack
	if !errors.As(err, &one) || one.Component != "test-a" {
		t.Errorf("no lack in %#v", err)
	}
	if err := Missing(t.Context(), []string{"test-b"}); !errors.As(err, &one) || err.Error() != one.Error() {
		t.Errorf("got %v", err)
	}
	if err := Missing(t.Context(), nil); err != nil {
		t.Errorf("got %v", err)
	}
}
