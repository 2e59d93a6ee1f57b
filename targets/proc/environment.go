package proc

import (
	"os"
	"slices"
	"strings"
)

// passed are the variables that children inherit; one that ends with an underscore stands for all that begin so. What
// is not here stays with the lab: a person's environment holds tokens and passwords, and settings that would change a
// server behind the scenario's back.
var passed = []string{
	"PATH", "HOME", "USER", "LOGNAME", "TMPDIR", "TZ", "LANG", "LANGUAGE", "LC_", "XDG_", "BENCHTOP_",
	"LD_LIBRARY_PATH", "DYLD_LIBRARY_PATH", // of a server that was built by hand
	"PYTHONHOME", "PYTHONPATH", "PYTHONUSERBASE", "PYTHONNOUSERSITE", "PYTHONPYCACHEPREFIX", "PYTHONUTF8", "PYTHONHASHSEED",
	"VIRTUAL_ENV", "CONDA_PREFIX", "PYENV_", "ASDF_", // with which an interpreter finds itself and its packages
	"GOCOVERDIR", "GODEBUG", "GOGC", "GOMAXPROCS", "GOMEMLIMIT", "GORACE", "GOTRACEBACK", // of this program's runtime
}

// Environ is what a child inherits of the environment of this process. The role of this process is not in it.
func Environ() []string {
	return slices.DeleteFunc(os.Environ(), func(kv string) bool {
		name, _, _ := strings.Cut(kv, "=")
		return name == RoleEnv || !slices.ContainsFunc(passed, func(n string) bool {
			return name == n || strings.HasSuffix(n, "_") && strings.HasPrefix(name, n)
		})
	})
}
