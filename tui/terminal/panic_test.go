package terminal

import (
	"bytes"
	"errors"
	"os"
	"os/exec"
	"strings"
	"testing"

	tea "github.com/charmbracelet/bubbletea"
	"go.uber.org/goleak"

	"benchtop/targets/routine"
)

// panicEnv makes this test binary a screen that panics in one place.
const panicEnv = "BENCHTOP_TEST_PANIC"

// faulty is a screen that panics.
type faulty struct{ where string }

func (f faulty) at(where string) {
	if f.where == where {
		panic("planted in " + where)
	}
}

func (f faulty) Init() tea.Cmd {
	f.at("init")
	return tea.Batch(tea.Batch(func() tea.Msg { f.at("command"); return nil }, func() tea.Msg { return nil }), func() tea.Msg { return 1 })
}

func (f faulty) Update(tea.Msg) (tea.Model, tea.Cmd) { f.at("update"); return f, nil }

func (f faulty) View() string { f.at("view"); return "" }

func TestMain(m *testing.M) {
	if where := os.Getenv(panicEnv); where != "" {
		showFaulty(where)
		os.Exit(0)
	}
	goleak.VerifyTestMain(m)
}

func showFaulty(where string) {
	_ = Show(faulty{where}, Surface{In: new(bytes.Buffer), Out: os.Stdout}, func(*tea.Program) {})
}

// F9: a panic of a screen ends the program like any other, with its stack in the report.
func TestPanicOfAScreen(t *testing.T) {
	self, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	for _, where := range []string{"init", "update", "view", "command"} {
		t.Run(where, func(t *testing.T) {
			t.Parallel()
			cmd := exec.Command(self)
			cmd.Env = append(os.Environ(), panicEnv+"="+where)
			var said bytes.Buffer
			cmd.Stderr = &said
			var exit *exec.ExitError
			if err := cmd.Run(); !errors.As(err, &exit) || exit.ExitCode() != routine.ExitCode {
				t.Errorf("%v, want exit code %d", err, routine.ExitCode)
			}
			for _, want := range []string{"panic: planted in " + where, "faulty.at"} {
				if strings.Count(said.String(), want) == 0 {
					t.Errorf("%q is not said:\n%s", want, said.String())
				}
			}
		})
	}
}
