package held

import (
	"errors"
	"path/filepath"
	"testing"
)

func TestAFolderIsHeldOnce(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "a", "b")
	if Held(dir) {
		t.Error("nobody has what is not there")
	}
	release, err := Take(dir)
	if err != nil || !Held(dir) {
		t.Fatalf("%v, held: %v", err, Held(dir))
	}
	if _, err := Take(dir); !errors.Is(err, ErrHeld) {
		t.Errorf("taken twice: %v", err)
	}
	release()
	if Held(dir) {
		t.Error("still held")
	}
	if release, err = Take(dir); err != nil {
		t.Fatal(err)
	}
	release()
}
