package nginx

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"time"

	"benchtop/targets"
	"benchtop/targets/component"
	"benchtop/targets/endpoint"
	"benchtop/targets/guard"
	"benchtop/targets/runfolder"
	"benchtop/targets/selfsigned"
)

// Limits of a start.
const (
	startPatience = 30 * time.Second
	maxTries      = 3 // with a port that turns out to be in use
	stopGrace     = 3 * time.Second
	askEvery      = 10 * time.Millisecond // until it answers
)

// starter starts nginx; tests have less patience, other commands and lines of their own in the configuration.
type starter struct {
	patience time.Duration
	change   func(*guard.Command)
	extra    string
	reserve  func(context.Context, string) (string, func(), error)
	bar      int // connections of the one process that serves by itself; 0: a proxy in front of upstreams
}

var standard = starter{patience: startPatience, reserve: component.Reserve}

func start(ctx context.Context, spec targets.Spec, upstreams []string, hooks targets.Hooks) (targets.Target, error) {
	return standard.start(ctx, spec, upstreams, hooks)
}

// start starts nginx in front of upstreams that serve already; the context bounds the start only.
func (st starter) start(ctx context.Context, spec targets.Spec, upstreams []string, hooks targets.Hooks) (targets.Target, error) {
	if st.bar == 0 && (spec.Proxy == nil || len(upstreams) == 0 || len(upstreams) > targets.MaxUpstreams) {
		return nil, fmt.Errorf("proxy %s: %d upstreams are not allowed, want 1 to %d", Name, len(upstreams), targets.MaxUpstreams)
	}
	p := find()
	if p.err != nil {
		return nil, fmt.Errorf("proxy %s: %w", Name, p.err)
	}
	ctx, cancel := context.WithTimeoutCause(ctx, st.patience, fmt.Errorf("it does not serve within %v", st.patience))
	defer cancel()
	for try := 1; ; try++ {
		t, again, err := st.once(ctx, spec, upstreams, hooks, p)
		if err == nil {
			t.begin()
			return t, nil
		}
		if !again || try == maxTries {
			return nil, fmt.Errorf("proxy %s: %w", Name, err)
		}
	}
}

// once tries one address; again says that another one may do.
func (st starter) once(ctx context.Context, spec targets.Spec, upstreams []string, hooks targets.Hooks, p *program) (_ *target, again bool, err error) {
	address, release, fixed := spec.Listen, func() {}, true
	if address == "" || strings.HasSuffix(address, ":0") && !targets.IsUnix(address) {
		if address == "" {
			address = "127.0.0.1:0"
		}
		fixed = false
		if address, release, err = st.reserve(ctx, address); err != nil {
			return nil, false, err
		}
	}
	defer release()
	run, err := runfolder.Path()
	if err != nil {
		return nil, false, err
	}
	folder, err := os.MkdirTemp(run, "ng")
	if err != nil {
		return nil, false, fmt.Errorf("making a folder for nginx: %w", err)
	}
	l := layout{folder: folder, listen: address, upstreams: upstreams, user: workerUser(), without: p.without, extra: st.extra}
	text := configuration(spec, l)
	if st.bar > 0 {
		text = barConfiguration(l, st.bar)
	}
	t := newTarget(spec, hooks, p, address, folder)
	t.alone = st.bar > 0
	if t.Config.TLS, err = fill(folder, text, spec.TLS, st.bar == 0 && sendsFiles(spec.Proxy)); err == nil {
		cmd := guard.Command{
			Name: Name, Argv: []string{p.path, "-e", "stderr", "-p", folder, "-c", filepath.Join(folder, configFile)},
			Dir: folder, OnLine: t.heard, OnChange: t.Poke,
			Stop: syscall.SIGQUIT, Then: syscall.SIGTERM, Grace: stopGrace,
		}
		if st.change != nil {
			st.change(&cmd)
		}
		t.Process, err = guard.Start(ctx, cmd)
	}
	if t.Process != nil {
		if err = t.awaitReady(ctx); err == nil {
			return t, false, nil
		}
	}
	t.Abandon()
	return nil, errors.Is(err, errInUse) && !fixed, err
}

// fill writes what nginx reads, and makes the folder of its temporary files: it makes those in it itself, but not this
// one. It gives the way of speaking TLS back, with the certificate that clients will see; nil is without.
func fill(folder, text string, secure *targets.TLS, withFiles bool) (*targets.TLS, error) {
	if strings.ContainsAny(folder, "$") {
		return nil, fmt.Errorf("nginx cannot be given the folder %q, a dollar sign begins a variable in its configuration; set TMPDIR to another one", folder)
	}
	err := errors.Join(
		os.WriteFile(filepath.Join(folder, configFile), []byte(text), 0o600),
		os.Mkdir(filepath.Join(folder, tempFolders), 0o700),
	)
	if err == nil && withFiles {
		err = copies(filepath.Join(folder, filesFolder))
	}
	if err == nil && secure != nil {
		shown := *secure
		secure = &shown
		var made selfsigned.Certificate
		if made, err = selfsigned.New(); err == nil {
			secure.Certificate = string(made.CertPEM)
			err = errors.Join(
				os.WriteFile(filepath.Join(folder, certName), made.CertPEM, 0o600),
				os.WriteFile(filepath.Join(folder, keyName), made.KeyPEM, 0o600),
			)
		}
	}
	if err != nil {
		return nil, fmt.Errorf("writing the configuration: %w", err)
	}
	return secure, nil
}

// copies writes the files that nginx sends by itself.
func copies(folder string) error {
	err := os.Mkdir(folder, 0o700)
	for _, name := range endpoint.Files {
		if err == nil {
			err = os.WriteFile(filepath.Join(folder, name), endpoint.Contents(name), 0o600)
		}
	}
	return err
}

// awaitReady returns when nginx answers and all of its workers are there.
func (t *target) awaitReady(ctx context.Context) error {
	for {
		t.refresh()
		if t.isInUse() {
			return fmt.Errorf("%s: %w%s", t.Address, errInUse, component.Quoted(t.Process.Tail()))
		}
		var err error
		if len(t.Family.Serving()) >= t.Config.Proxy.Workers {
			if _, err = t.admin.ask(ctx); err == nil {
				return nil
			}
		}
		select {
		case <-t.News:
		case <-time.After(askEvery):
		case <-t.Process.Exited():
			patient, cancel := context.WithTimeout(context.Background(), stopGrace)
			defer cancel()
			_ = t.Process.Stop(patient) // what its first process left behind
			if t.isInUse() {
				return fmt.Errorf("%s: %w%s", t.Address, errInUse, component.Quoted(t.Process.Tail()))
			}
			return t.Process.Err()
		case <-ctx.Done():
			return fmt.Errorf("%w%s", context.Cause(ctx), component.Quoted(t.Process.Tail()))
		}
	}
}

// heard takes in a line of nginx's log.
func (t *target) heard(_, line string) {
	if strings.Contains(line, "Address already in use") {
		t.mu.Lock()
		t.inUse = true
		t.mu.Unlock()
		t.Poke()
	}
}
