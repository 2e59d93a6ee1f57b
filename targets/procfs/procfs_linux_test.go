package procfs

import (
	"os"
	"strings"
	"testing"
)

func TestProportional(t *testing.T) {
	if sum, ok := Proportional(os.Getpid()); !ok || sum < 1<<20 {
		t.Errorf("this process: %d bytes, %v", sum, ok)
	}
	for table, want := range map[string]int64{"Rss:  5 kB\nPss:                 12 kB\nPss_Anon:  9 kB\n": 12 << 10, "": 0, "Pss: many kB\n": 0, "Pss: 4\n": 0} {
		if got, ok := proportional([]byte(table)); got != want || ok != (want > 0) {
			t.Errorf("%q: %d, %v", table, got, ok)
		}
	}
}

func TestCheckProc(t *testing.T) {
	for _, test := range []struct {
		name, self, status string
		pid                int
		ours               bool
	}{
		{"ours", "57", "Name:\tx\nNSpid:\t57\nNSpgid:\t57\n", 57, true},
		{"a kernel that does not name namespaces", "57", "Name:\tx\n", 57, true},
		{"the number of an outer namespace", "4711", "NSpid:\t4711\t57\n", 57, false},
		{"the same number by chance", "57", "NSpid:\t57\t57\n", 57, false},
		{"no number", "", "", 57, false},
		{"not a number", "\x1b[2J", "", 57, false},
	} {
		err := checkProc(test.self, []byte(test.status), test.pid)
		if (err == nil) != test.ours {
			t.Errorf("%s: %v", test.name, err)
		}
		if err != nil && (!strings.Contains(err.Error(), "unshare --mount-proc") || strings.Contains(err.Error(), "\x1b")) {
			t.Errorf("%s: %v", test.name, err)
		}
	}
}
