package targets_test

import (
	"context"
	"strings"
	"testing"

	"benchtop/targets"
)

func TestAnUnknownServerNamesTheKnownOnes(t *testing.T) {
	targets.Register(targets.Descriptor{
		Name:     "known",
		Complete: func(s *targets.Spec) { s.Workers = max(s.Workers, 1) },
		Check: func(s targets.Spec) []*targets.Fault {
			if s.Workers > 2 {
				return []*targets.Fault{{Key: "workers", Msg: "too many"}, {Key: "engine", Msg: "odd"}}
			}
			return nil
		},
	})
	_, problems := targets.Check(targets.Spec{Server: "other"})
	if len(problems) != 1 || problems[0].Key != "server" || !strings.Contains(problems[0].Msg, "known") {
		t.Errorf("problems %v", problems)
	}
	if s, problems := targets.Check(targets.Spec{Server: "known"}); len(problems) != 0 || s.Workers != 1 {
		t.Errorf("%+v, %v", s, problems)
	}
	// Every problem is told in one pass, and nothing is started.
	_, err := targets.Start(context.Background(), targets.Spec{Server: "known", Workers: 3}, targets.Hooks{})
	if err == nil || !strings.Contains(err.Error(), "workers: too many") || !strings.Contains(err.Error(), "engine: odd") {
		t.Errorf("error %v", err)
	}
}
