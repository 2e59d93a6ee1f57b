package nginx

import (
	"context"
	"testing"

	"benchtop/targets/component"
	"benchtop/targets/fixture"
	"benchtop/targets/fixture/suite"
)

// The bar of the generators is one process, which answers everything with 200, and nothing is left of it.
func TestBar(t *testing.T) {
	t.Parallel()
	suite.Need(t, find().err)
	ctx, cancel := context.WithTimeout(t.Context(), suite.Deadline)
	defer cancel()
	running, err := StartBar(ctx, 8)
	if err != nil {
		t.Fatal(err)
	}
	defer fixture.ComponentStopped(t, running.(*target).Target)
	drive(t, "http://"+running.Addr()+"/whatever", 4, 3)
	if p := running.Processes(); len(p) != 1 || p[0].Role != role || p[0].State != component.Serving {
		t.Errorf("it runs %+v", p)
	}
	if _, err := running.Mark(ctx); err != nil {
		t.Error(err)
	}
}
