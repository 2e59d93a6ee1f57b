//go:build !linux

package component

import (
	"context"
	"fmt"
	"net"
)

// Reserve finds a free port. It is not held: where a bound socket keeps others from listening, it would keep the server
// from it as well.
func Reserve(ctx context.Context, listen string) (address string, release func(), err error) {
	l, err := (&net.ListenConfig{}).Listen(ctx, "tcp", listen)
	if err != nil {
		return "", nil, fmt.Errorf("finding a free port: %w", err)
	}
	address = l.Addr().String()
	return address, func() {}, l.Close()
}
