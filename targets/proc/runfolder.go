package proc

import "os"

// RunFolder gives the private folder of this process.
func RunFolder() (string, error) { return os.MkdirTemp("", "bt-") }
