package main

import (
	"encoding/json"
	"errors"
	"os"
	"os/exec"
	"strings"
	"testing"

	"benchtop/lab"
	"benchtop/lab/load"
	"benchtop/lab/profile"
)

// burner is a service that burns CPU, and gives a profile of itself. What is planted in it costs about a fifth more. With a second
// argument it speaks HTTP/2 alone.
const burner = `package main

import (
	"net/http"
	_ "net/http/pprof"
	"os"
)

const more = 0

//go:noinline
func work(n int) (x uint64) {
	for range n {
		x = x*6364136223846793005 + 1442695040888963407
	}
	return x
}

//go:noinline
func planted(n int) (x uint64) {
	for range n {
		x = x*6364136223846793005 + 1442695040888963407
	}
	return x
}

func main() {
	http.HandleFunc("/items", func(w http.ResponseWriter, r *http.Request) {
		if sum := work(200000) + planted(more); sum == 1 {
			return
		}
		w.Write([]byte("hello\\n"))
	})
	srv := &http.Server{Addr: "127.0.0.1:" + os.Args[1]}
	if len(os.Args) > 2 {
		srv.Protocols = new(http.Protocols)
		srv.Protocols.SetUnencryptedHTTP2(true)
	}
	panic(srv.ListenAndServe())
}
`

// A function that was planted in the second revision is the first that a profile names, by the server's own and by perf.
func TestAbProfilesTheDifference(t *testing.T) {
	t.Parallel()
	dir := committed(t, [][2]string{{"main", burner}, {"slow", strings.Replace(burner, "more = 0", "more = 50000", 1)}})
	const byURL = "--profile-url=http://127.0.0.1:{port}/debug/pprof/profile"
	for _, test := range []struct{ name, tool, flag, run, http string }{
		{"pprof", profile.Pprof, byURL, "./server {port}", load.HTTP1},
		{"pprof by HTTP/2 alone", profile.Pprof, byURL, "./server {port} alone", load.HTTP2},
		{"perf", profile.Perf, "--profile", "./server {port}", load.HTTP1},
	} {
		t.Run(test.name, func(t *testing.T) {
			tool := test.tool
			if _, err := exec.LookPath(profile.Perf); err != nil && tool == profile.Perf {
				t.Skipf("perf is not here: %v", err)
			}
			files := t.TempDir()
			r, said, save := &lab.Result{}, []byte(nil), ""
			for _, long := range []string{"3s", "9s", "27s"} { // on a busy machine few samples are of the server
				save = files + "/" + long + ".jsonl"
				cmd, _, temporary := abOf(t, dir, "main", "slow", "--build", "go build -o server .", "--run", test.run, "--http", test.http, "--path", "/items", "-c", "2",
					"--blocks", "4", "--slice", "300ms", "--settle", "50ms", "--warmup", "300ms", test.flag, "--profile-for", long,
					"--json", files+"/r.json", "--html", files+"/r.html", "--save", save)
				said, _ = cmd.CombinedOutput() // the code is that of the verdict
				text, err := os.ReadFile(files + "/r.json")
				*r = lab.Result{}
				if err := errors.Join(err, json.Unmarshal(text, r)); err != nil {
					t.Fatalf("%v\n%s", err, said)
				}
				nothingLeft(t, dir, temporary)
				if len(r.Profiles) > 0 && len(r.Profiles[0].Functions) > 0 && r.Profiles[0].Functions[0].Name == "main.planted" {
					break
				}
			}
			if p := r.Variants[1].Profile; tool == profile.Perf && !p.Seen() {
				t.Skipf("perf may not look here: %s", p.Missed)
			}
			if len(r.Profiles) != 1 || len(r.Profiles[0].Functions) == 0 {
				t.Fatalf("%+v\n%s", r.Profiles, said)
			}
			f := r.Profiles[0].Functions[0]
			if f.Name != "main.planted" || f.Samples[1] != 0 || f.Samples[0] == 0 || f.Change <= 0 {
				t.Errorf("first is %+v\n%s", f, said)
			}
			for i := range r.Variants {
				if p := r.Variants[i].Profile; p.Tool != tool || p.Explained == nil || len(p.Stacks) == 0 || p.Check() != nil {
					t.Errorf("%+v", p)
				}
			}
			page, err := os.ReadFile(files + "/r.html")
			if err != nil || !strings.Contains(string(page), "<title>main.planted: slow-") || !strings.Contains(string(page), `class="flame"`) {
				t.Errorf("the page has no picture: %v", err)
			}
			saved, err := os.ReadFile(save)
			if err != nil || strings.Count(string(saved), `"kind":"profile"`) != 2 {
				t.Errorf("the run file has not both profiles: %v", err)
			}
			if !strings.Contains(string(said), "main.planted") {
				t.Errorf("%s", said)
			}
		})
	}
}
