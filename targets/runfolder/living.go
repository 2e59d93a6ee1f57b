package runfolder

import (
	"os"
	"path/filepath"
	"strings"
)

// Living lists the run folders of this user whose owners live, that of this process included. Folders that
// cannot be read are left out: Sweep reports them.
func Living() []string {
	var out []string
	for _, base := range baseFolders() {
		if checkPrivate(base) != nil {
			continue
		}
		entries, err := os.ReadDir(base)
		if err != nil {
			continue
		}
		for _, e := range entries {
			dir := filepath.Join(base, e.Name())
			if !e.IsDir() || !strings.HasPrefix(e.Name(), folderPrefix) {
				continue
			}
			if l, err := readLedger(dir); err == nil && !l.orphaned() {
				out = append(out, dir)
			}
		}
	}
	return out
}
