package agents

import (
	"context"
	"errors"
	"fmt"
	"net"
	"strings"
	"time"

	"benchtop/lab/load"
	"benchtop/lab/load/requests"
)

const maxSettle = 10 * time.Minute

// Allowed resolves the hosts that the owner of an agent lets it drive, once. The error says which is none.
func Allowed(ctx context.Context, resolver load.Resolver, hosts []string) (addresses []string, err error) {
	for _, host := range hosts {
		plain := strings.Trim(host, "[]")
		pinned, err := load.Resolve(ctx, resolver, "http://"+net.JoinHostPort(plain, "80")+"/", []string{plain})
		if err != nil {
			return nil, fmt.Errorf("--allow-host %.80s: %w", host, err)
		}
		addresses = append(addresses, pinned.Allow...)
	}
	return addresses, nil
}

// check takes a task from a stranger: a load task and nothing else, at a loopback address or one that the owner of this machine
// let in. Nothing was dialled and no file read when it refuses.
func check(t load.Task, allow []string) (load.Task, error) {
	t.Allow = allow // whatever the stranger says
	if err := t.Portable(); err != nil {
		return t, err
	}
	t, err := t.Normalize()
	if err != nil {
		return t, err
	}
	switch {
	case t.ID < 1:
		return t, errors.New("a task without a number")
	case t.Window > load.MaxWindow || t.Settle > maxSettle:
		return t, fmt.Errorf("a task of %v and %v before it: at most %v and %v are driven", t.Window, t.Settle, load.MaxWindow, maxSettle)
	}
	if _, _, err := t.Address(); err != nil {
		if errors.Is(err, load.ErrNotLoopback) {
			err = fmt.Errorf("%w; the owner of this machine lets others in with --allow-host", err)
		}
		return t, err
	}
	_, err = requests.New(&t)
	return t, err
}
