package revisions

import (
	"context"
	"errors"
	"fmt"
	"strings"

	"benchtop/targets"
	"benchtop/targets/foreign"
	"benchtop/targets/guard"
	"benchtop/targets/proc"
)

// shell is the argument vector that runs a command line of the person's.
func shell(line string) []string { return []string{"sh", "-c", line} }

// inPlace is a command line whose program takes the place of the shell, where it is one program alone: a shell that waits for it
// would be a process of the service. Variables before it (PORT=1 ./server) are set by env.
func inPlace(line string) string {
	line = strings.TrimSpace(line)
	first, _, _ := strings.Cut(line, " ")
	switch {
	case strings.ContainsAny(line, ";&|()<>`\n") || strings.HasPrefix(line, "exec "):
		return line
	case strings.Contains(first, "="):
		return "exec env " + line
	}
	return "exec " + line
}

// Target is the revision as a server: run is a command line in which {port} stands for the port, path and query are asked for
// unless the load has requests of its own, and ready is a path that responds 2xx or 3xx once it serves.
func (r *Revision) Target(run, path, ready string) targets.Spec {
	return targets.Spec{
		Server: foreign.CommandName, Endpoint: path, AllowExec: true, // the person wrote the command
		Own: &foreign.CommandSettings{Command: shell(inPlace(run)), Ready: ready, Dir: r.Dir},
	}
}

// Build builds a revision with the person's command, in its folder and with the person's environment, but for what was
// withheld (proc.Withhold). Everything that the command started is ended with it, also when ctx ends. The error has the last
// lines of its output.
func (r *Revision) Build(ctx context.Context, command string) error {
	p, err := guard.Start(ctx, guard.Command{Name: "build", Argv: shell(command), Dir: r.Dir, Whole: true})
	if err != nil {
		return fmt.Errorf("building %s: %w", r.Ref, err)
	}
	select {
	case <-p.Exited():
	case <-ctx.Done():
	}
	over := ctx.Err() != nil
	if over { // what is left of it is ended in any case
		_ = p.Stop(context.WithoutCancel(ctx))
	}
	<-p.Done()
	if over {
		return context.Cause(ctx)
	}
	how := p.Err()
	var exit *proc.ExitError
	switch {
	case errors.As(how, &exit) && exit.Code == 0:
		return nil
	case errors.As(how, &exit):
		said := "it said nothing"
		if exit.Tail != "" {
			said = "its last lines:\n" + exit.Tail
		}
		return fmt.Errorf("building %s (%s) with `%s` failed with exit code %d; %s", r.Ref, r.Short(), command, exit.Code, said)
	}
	return fmt.Errorf("building %s (%s): %w", r.Ref, r.Short(), how)
}
