package all

import (
	"context"
	"os"
	"testing"

	"benchtop/targets"
	"benchtop/targets/fixture/suite"
	"benchtop/targets/foreign"
	"benchtop/targets/proc"
	"benchtop/targets/procfs"
)

// F43: what is secret in a person's environment is in no process of a target, but for a command of that person.
func TestSecretsAreNotPassedOn(t *testing.T) {
	const secret = "AWS_SECRET_ACCESS_KEY"
	value := "s3cret-" + proc.RunMarker() // the same test may run elsewhere on this machine
	t.Setenv(secret, value)
	for _, test := range []struct {
		name  string
		spec  targets.Spec
		whole bool
	}{
		{"builtin behind proxy", targets.Spec{Server: "builtin", Workers: 2, Proxy: &targets.Proxy{Kind: "builtin"}}, false},
		{"uvicorn", targets.Spec{Server: "uvicorn", Workers: 2}, false},
		{"gunicorn behind nginx", targets.Spec{Server: "gunicorn", Workers: 2, Proxy: &targets.Proxy{Kind: "nginx"}}, false},
		{"command", targets.Spec{Server: "command", Own: &foreign.CommandSettings{Command: []string{"python3", "-m", "http.server", "{port}", "--bind", "127.0.0.1"}}, AllowExec: true}, true},
	} {
		t.Run(test.name, func(t *testing.T) {
			test.spec.Nonce, test.spec.Variant = "n", "v"
			running := started(t, test.spec)
			ours, err := proc.Marked(proc.RunMarker())
			if err != nil || len(ours) < 2 {
				t.Fatalf("the environment of %d processes can be read, %v", len(ours), err)
			}
			found, err := procfs.Carrying(secret + "=" + value)
			if err != nil || (len(found) > 0) != test.whole {
				t.Errorf("the secret is in %v, %v, of %v and %v", found, err, ours, running.Processes())
			}
			ctx, cancel := context.WithTimeout(context.Background(), suite.Deadline)
			defer cancel()
			_ = running.Stop(ctx) // checked by started
		})
	}
}

// What programs of other people need of the environment is passed on.
func TestEnvironHasWhatIsNeeded(t *testing.T) {
	for name, passed := range map[string]bool{
		"PATH": true, "HOME": true, "LC_ALL": true, "TZ": true, "XDG_CACHE_HOME": true, "GOTRACEBACK": true, "PYTHONPATH": true, "PYENV_ROOT": true,
		"BENCHTOP_PYTHON": true, proc.RoleEnv: false, "HTTPS_PROXY": false, "GITHUB_TOKEN": false, "LC": false, "GUNICORN_CMD_ARGS": false,
	} {
		t.Setenv(name, "x")
		found := false
		for _, kv := range proc.Environ() {
			found = found || kv == name+"=x"
		}
		if found != passed {
			t.Errorf("%s: %v", name, found)
		}
		if err := os.Unsetenv(name); err != nil {
			t.Fatal(err)
		}
	}
}
