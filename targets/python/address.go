package python

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"time"

	"benchtop/targets"
	"benchtop/targets/component"
)

// hostPort splits an address that was checked before.
func hostPort(address string) (host, port string) {
	host, port, err := net.SplitHostPort(address)
	if err != nil {
		return address, ""
	}
	return host, port
}

// place is the address that a start is to use. The port of a free one is held until release.
func place(ctx context.Context, listen string) (address string, release func(), fixed bool, err error) {
	if listen == "" {
		listen = "127.0.0.1:0"
	}
	if _, port := hostPort(listen); targets.IsUnix(listen) || port != "0" {
		return listen, func() {}, true, nil
	}
	address, release, err = component.Reserve(ctx, listen)
	return address, release, false, err
}

// errStranger says that somebody else answers on the address.
var errStranger = errors.New("another server answers")

// healthEvery is the pause between two questions to a server that does not answer yet.
const healthEvery = 10 * time.Millisecond

// awaitHealth asks until the server answers with the header of this run.
func awaitHealth(ctx context.Context, address, run string) error {
	network, where := targets.Network(address)
	client := &http.Client{Transport: &http.Transport{
		DisableKeepAlives: true,
		DialContext: func(ctx context.Context, _, _ string) (net.Conn, error) {
			return (&net.Dialer{}).DialContext(ctx, network, where)
		},
	}}
	for {
		err := askHealth(ctx, client, run)
		if err == nil || errors.Is(err, errStranger) {
			return err
		}
		select {
		case <-ctx.Done():
			return fmt.Errorf("%s does not answer: %w", address, err)
		case <-time.After(healthEvery):
		}
	}
}

func askHealth(ctx context.Context, client *http.Client, run string) error {
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, "http://benchtop/health", nil)
	if err != nil {
		return err
	}
	resp, err := client.Do(req)
	if err != nil {
		return err
	}
	defer func() { _ = resp.Body.Close() }()
	if _, err := io.Copy(io.Discard, io.LimitReader(resp.Body, 1<<20)); err != nil {
		return err
	}
	if got := resp.Header.Get("X-Benchtop-Run"); got != run {
		return fmt.Errorf("%w: X-Benchtop-Run is %.60q, expected %q", errStranger, got, run)
	}
	if resp.StatusCode != http.StatusOK {
		return fmt.Errorf("it answered %s", resp.Status)
	}
	return nil
}
