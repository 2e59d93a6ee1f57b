package proc

import (
	"os"
	"slices"
	"strings"
	"sync"
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
	return slices.DeleteFunc(Whole(), func(kv string) bool {
		name, _, _ := strings.Cut(kv, "=")
		return name == RoleEnv || !slices.ContainsFunc(passed, func(n string) bool {
			return name == n || strings.HasSuffix(n, "_") && strings.HasPrefix(name, n)
		})
	})
}

// withheld are the names of variables that no child gets.
var withheld struct {
	sync.Mutex
	names map[string]bool
}

// Withhold keeps variables from every child that is started from now on, those with the whole environment included: they
// hold what this process alone may know.
func Withhold(names ...string) {
	withheld.Lock()
	defer withheld.Unlock()
	if withheld.names == nil {
		withheld.names = map[string]bool{}
	}
	for _, name := range names {
		withheld.names[name] = true
	}
}

// Whole is the environment of this process without what is withheld: for a program that the person asked to start as a shell
// would.
func Whole() []string {
	withheld.Lock()
	defer withheld.Unlock()
	return slices.DeleteFunc(os.Environ(), func(kv string) bool {
		name, _, _ := strings.Cut(kv, "=")
		return withheld.names[name]
	})
}
