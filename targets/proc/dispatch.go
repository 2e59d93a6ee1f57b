// Package proc runs this program again as child processes, each in a role of its own, and makes sure that none of
// them outlives the process that started it.
//
// A child gets its spec as the first JSON line of a pipe (descriptor 3), says that it is ready with the first JSON
// line of a second pipe (descriptor 4), and finds the files handed to it from descriptor 5 on. Both pipes carry
// further lines of JSON in both directions while the child lives. The end of the first pipe is the lifeline: only the
// parent holds its other end, so however the parent ends, the child sees an end of file and stops. On Linux the
// kernel's parent-death signal is added.
//
// Nothing in this package knows about HTTP or about what the roles do.
package proc

import (
	"context"
	"errors"
	"fmt"
	"os"
	"runtime/debug"
	"slices"
	"strings"
	"syscall"
	"time"

	"benchtop/targets/routine"
)

// RoleEnv is the environment variable that tells this program to run a role: "<role>/<cookie>".
const RoleEnv = "BENCHTOP_ROLE"

// Exit codes of a child.
const (
	exitOK       = 0
	exitFailed   = 1  // the role returned an error
	exitUsage    = 2  // started by something else than Start, or for a role that does not exist
	exitInternal = 70 // the role panicked
	exitOrphan   = 75 // the parent is gone and the role did not return in time
)

// Time that a role has to return before the child ends by itself: after the parent is gone, and after the lifeline
// was closed together with a signal, where the living parent kills the child at the end of its own grace.
const (
	orphanGrace  = 10 * time.Second // its promises are shorter: this is for a machine too busy to keep them
	stoppedGrace = time.Minute
)

// Causes of the end of a role's context, for context.Cause.
var (
	ErrLifeline = errors.New("the parent process is gone or closed the lifeline")
	ErrSignal   = errors.New("asked to stop by a signal")
)

// RoleFunc is what a child does. Its context ends on TERM, INT or HUP and when the lifeline ends; the role should
// return soon afterwards. An error is printed and makes the exit code 1.
type RoleFunc func(ctx context.Context, c *Child) error

// Dispatch runs the role that the environment asks for and exits; without one it returns at once. It must be the
// first thing in main, and in TestMain of every test package that starts children.
func Dispatch(roles map[string]RoleFunc) {
	value, ok := os.LookupEnv(RoleEnv)
	if !ok {
		return
	}
	// Whatever this child starts is not in this role.
	if err := os.Unsetenv(RoleEnv); err != nil {
		refuse("clearing %s: %v", RoleEnv, err)
	}
	name, cookie, ok := strings.Cut(value, "/")
	if !ok || name == "" || cookie == "" {
		refuse("%s is %q, want <role>/<cookie>; benchtop sets it for its own children only: unset it", RoleEnv, value)
	}
	if name == watchRole {
		os.Exit(watchOver(cookie))
	}
	role, ok := roles[name]
	if !ok {
		known := make([]string, 0, len(roles))
		for n := range roles {
			known = append(known, n)
		}
		slices.Sort(known)
		refuse("%s asks for the role %q, this program has: %s", RoleEnv, name, strings.Join(known, ", "))
	}
	c, err := adopt(name, cookie)
	if err != nil {
		refuse("role %s: %v; benchtop sets %s for its own children only: unset it", name, err, RoleEnv)
	}
	os.Exit(c.run(role))
}

// refuse ends a child that was not started the way Start does it.
func refuse(format string, args ...any) {
	fmt.Fprintf(os.Stderr, "benchtop: "+format+"\n", args...)
	os.Exit(exitUsage)
}

// run runs the role to its end and gives the exit code.
func (c *Child) run(role RoleFunc) (code int) {
	ctx, cancel := context.WithCancelCause(context.Background())
	defer cancel(nil)
	signals := make(chan os.Signal, 4)
	Notify(signals, syscall.SIGTERM, syscall.SIGINT, syscall.SIGHUP)
	routine.Go(func() {
		for s := range signals {
			c.signalled.Store(true)
			cancel(fmt.Errorf("%w: %v", ErrSignal, s))
		}
	})
	ended := func() {
		cancel(ErrLifeline)
		routine.AfterFunc(orphanGrace, func() {
			if !c.signalled.Load() {
				c.exitLate()
			}
		})
		routine.AfterFunc(stoppedGrace, c.exitLate)
	}
	routine.Go(func() { c.readDown(ended) })

	defer func() {
		if p := recover(); p != nil {
			fmt.Fprintf(os.Stderr, "panic: %v\n\n%s", p, debug.Stack())
			code = exitInternal
		}
	}()
	err := role(ctx, c)
	if err == nil || (ctx.Err() != nil && errors.Is(err, ctx.Err())) {
		return exitOK
	}
	fmt.Fprintf(os.Stderr, "benchtop: role %s: %v\n", c.role, err)
	return exitFailed
}

func (c *Child) exitLate() {
	fmt.Fprintf(os.Stderr, "benchtop: role %s did not return after the end of its lifeline\n", c.role)
	os.Exit(exitOrphan)
}
