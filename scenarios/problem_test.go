package scenarios

import (
	"flag"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

var update = flag.Bool("update-rendered", false, "write the rendered errors in testdata anew")

// What people read is compared as a whole, for files that show each part of it.
func TestRenderedErrors(t *testing.T) {
	long := strings.Replace(good, "connections: 8}", "timeout: 5, header: {X-Long: "+strings.Repeat("long ", 60)+"}, connections: 0, retries: 2}", 1)
	for name, src := range map[string]string{
		"several":  "",
		"escape":   strings.Replace(good, "Nothing is", "Nothing\x1b[31m is\u202e", 1) + "wrong\u00a0key:\t1\n",
		"long":     long,
		"wide":     strings.Replace(good, "title: Nothing is wrong here", "title: \"日本語 für alle\"   # 説明", 1) + "expect: [\"rps(a) > 1\", \"rps(日本) > rps(q)\"]\n",
		"no-place": "",
	} {
		t.Run(name, func(t *testing.T) {
			var err error
			switch name {
			case "several":
				_, err = Read("testdata/several.bad.yaml")
			case "no-place":
				err = Apply(parsed(t, good), []string{"a.wrokers=3", "b.load.rate=7", "q"})
			default:
				_, err = Parse(name+".yaml", []byte(src))
			}
			got := wantErrors(t, err).Error() + "\n"
			path := filepath.Join("testdata", "rendered-"+name+".txt")
			if *update {
				if err := os.WriteFile(path, []byte(got), 0o600); err != nil {
					t.Fatal(err)
				}
			}
			want, err := os.ReadFile(path) //nolint:gosec // a file of this test
			if err != nil {
				t.Fatal(err)
			}
			if got != string(want) {
				t.Errorf("rendered\n%s\nwant\n%s\n(write it anew with -update-rendered)", got, want)
			}
		})
	}
}
