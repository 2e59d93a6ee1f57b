package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"benchtop/lab"
	"benchtop/lab/observe"
	"benchtop/targets"
	"benchtop/targets/routine"
)

// stopWait bounds how long `serve` waits for its target to end.
const stopWait = 10 * time.Second

func serveCommand(env *Env) *cobra.Command {
	spec := targets.Spec{Variant: "serve", Nonce: "serve"}
	keepalive, nodelay, secure, noResumption := true, true, false, false
	front, idle := targets.Proxy{}, 0
	cmd := &cobra.Command{
		Use:   "serve",
		Short: "Only a target, for use with any other client",
		Long: "Serve starts a sample server, prints its address alone on the first line, and serves until it is terminated,\n" +
			"interrupted, or its standard input ends when that is a pipe.",
		Example: "  benchtop serve --workers 2 --engine fasthttp\n  benchtop serve --listen 127.0.0.1:8080\n" +
			"  benchtop serve --server gunicorn --proxy nginx --workers 2",
		Args: noArgs("serve"),
		RunE: func(cmd *cobra.Command, _ []string) error {
			if cmd.Flags().Changed("keepalive") {
				spec.Keepalive = &keepalive
			}
			if cmd.Flags().Changed("nodelay") {
				spec.NoDelay = &nodelay
			}
			if secure {
				resumption := !noResumption
				spec.TLS = &targets.TLS{Resumption: &resumption}
			} else if noResumption {
				return usage("--no-resumption is of TLS; add --tls")
			}
			if front != (targets.Proxy{}) || idle != 0 {
				front.Keepalive = &idle
				spec.Proxy = &front
			}
			return serve(cmd.Context(), env, spec)
		},
	}
	f := cmd.Flags()
	f.StringVar(&spec.Server, "server", "builtin", "kind of server")
	f.IntVar(&spec.Workers, "workers", 1, "worker processes")
	f.StringVar(&spec.Engine, "engine", "", "nethttp or fasthttp (default nethttp)")
	f.StringVar(&spec.Concurrency, "concurrency", "", "async, threadpool or blocking (default async)")
	f.IntVar(&spec.Threads, "threads", 0, "slots of the thread pool (default 40)")
	f.BoolVar(&keepalive, "keepalive", true, "keep connections open")
	f.DurationVar(&spec.KeepaliveTimeout, "keepalive-timeout", 0, "close idle connections after this time (default 75s)")
	f.StringVar(&spec.Accept, "accept", "", "shared or reuseport")
	f.BoolVar(&nodelay, "nodelay", true, "false: Nagle's algorithm on accepted connections")
	f.IntVar(&spec.Backlog, "backlog", 0, "connections that may wait to be accepted, per socket (default 4096)")
	f.IntVar(&spec.LimitConcurrency, "limit-concurrency", 0, "requests in flight per worker, 503 above it (default: no limit)")
	f.BoolVar(&secure, "tls", false, "HTTPS with a certificate of its own making (clients: curl -k, load --insecure)")
	f.BoolVar(&noResumption, "no-resumption", false, "with --tls: every handshake is a full one")
	f.IntVar(&spec.GOMAXPROCS, "gomaxprocs", 0, "threads that run Go code, per worker (default 1)")
	f.BoolVar(&spec.AccessLog, "access-log", false, "write a line per request")
	f.DurationVar(&spec.Heartbeat, "heartbeat", 0, "replace a worker that is silent for longer (default 30s)")
	f.StringVar(&spec.Loop, "loop", "", "of uvicorn and gunicorn: asyncio or uvloop (default: uvloop where it is installed)")
	f.StringVar(&spec.HTTP, "http", "", "of uvicorn and gunicorn: h11 or httptools (default: httptools where it is installed)")
	f.IntVar(&spec.MaxRequests, "max-requests", 0, "of uvicorn and gunicorn: a worker ends after so many requests (default: never)")
	f.IntVar(&spec.MaxRequestsJitter, "max-requests-jitter", 0, "of gunicorn: plus a random number up to this")
	f.StringVar(&front.Kind, "proxy", "", "kind of proxy in front of the server (default none)")
	f.IntVar(&idle, "proxy-keepalive", 0, "idle connections that the proxy keeps to the server; 0: a new one per request")
	f.StringVar(&front.Upstream, "upstream", "", "unix or tcp, from the proxy to the server (default unix)")
	f.StringVar(&spec.Listen, "listen", "", "fixed address: 127.0.0.1:8080, or unix:/PATH/TO.SOCK (default: a free port)")
	return cmd
}

func serve(ctx context.Context, env *Env, spec targets.Spec) error {
	spec, problems := targets.Check(spec)
	if len(problems) > 0 {
		errs := make([]error, len(problems))
		for i, p := range problems {
			errs[i] = fmt.Errorf("--%s: %s", strings.ReplaceAll(p.Key, "_", "-"), p.Msg)
		}
		return &exitError{exitUsage, errors.Join(errs...)}
	}
	if err := targets.Missing(ctx, targets.Needs(spec)); err != nil {
		return environment("starting the server: %w", err)
	}
	if err := lab.CheckTasks(lab.TargetTasks(&spec), observe.Tasks()); err != nil {
		return environment("starting the server: %w", err)
	}
	sweep(env)
	ctx, letGo := env.heed(ctx)
	defer letGo()
	target, err := targets.Start(ctx, spec, targets.Hooks{OnEvent: func(e targets.Event) {
		if e.Kind != targets.WorkerUp {
			fmt.Fprintf(env.Stderr, "%s %d: %s\n", e.Kind, e.PID, e.Text)
		}
	}})
	if err != nil {
		return environment("starting the server: %w", err)
	}
	scheme := "http"
	if target.Spec().TLS != nil {
		scheme = "https"
	}
	address := scheme + "://" + target.Addr()
	if path, ok := targets.UnixPath(target.Addr()); ok {
		address = "unix://" + path // as `load` takes it
	}
	fmt.Fprintln(env.text(), address)
	for _, p := range target.Processes() {
		fmt.Fprintf(env.Stderr, "%s %d serves\n", p.Role, p.PID)
	}
	select {
	case <-ctx.Done():
	case <-endOfInput(env.Stdin):
	case <-target.Done():
	}
	gone := target.Err()
	stop, cancel := context.WithTimeout(context.Background(), stopWait)
	defer cancel()
	if err := errors.Join(gone, target.Stop(stop)); err != nil {
		return environment("the server ended: %w", err)
	}
	if code := signalled(ctx); code != 0 && code != exitTerminated && code != exitInterrupt {
		return &exitError{code: code}
	}
	return nil // ending it is how it is meant to end
}

// endOfInput is closed at the end of standard input when that is a pipe; nil, which blocks for ever, when it is not.
func endOfInput(in io.Reader) <-chan struct{} {
	f, ok := in.(*os.File)
	if !ok {
		return nil
	}
	if info, err := f.Stat(); err != nil || info.Mode()&os.ModeNamedPipe == 0 {
		return nil
	}
	ended := make(chan struct{})
	routine.Go(func() {
		defer close(ended)
		_, _ = io.Copy(io.Discard, f) // an error ends it as well
	})
	return ended
}
