package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"maps"
	"net"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"benchtop/lab"
	"benchtop/lab/observe"
	"benchtop/targets"
	"benchtop/targets/routine"
	"benchtop/targets/setting"
	"benchtop/targets/shop/schema"
)

// stopWait bounds how long `serve` waits for its target to end.
const stopWait = 10 * time.Second

func serveCommand(env *Env) *cobra.Command {
	spec := targets.Spec{Variant: "serve", Nonce: "serve"}
	kind := ""
	var server, front, around settingFlags
	services := servicesToFlag()
	cmd := &cobra.Command{
		Use:   "serve",
		Short: "Only a target, for use with any other client",
		Long: "Serve starts a sample server, prints its address alone on the first line, and serves until it is terminated,\n" +
			"interrupted, or its standard input ends when that is a pipe. How to reach its services is said on standard error.",
		Example: "  benchtop serve --workers 2 --engine fasthttp\n  benchtop serve --listen 127.0.0.1:8080\n" +
			"  benchtop serve --server gunicorn --proxy nginx --workers 2\n  benchtop serve --link-rate 10mbit --link-delay 5ms\n  benchtop serve --database postgres --database-slots 20 --cache redis",
		Args: noArgs("serve"),
		RunE: func(cmd *cobra.Command, _ []string) error {
			if name, given := around.has("tls"); given && !cmd.Flags().Changed("tls") {
				return usage("--%s is of TLS; add --tls", name)
			}
			if err := around.into(targets.AroundSettings(), &spec, "a target"); err != nil {
				return err
			}
			if d, known := targets.Lookup(spec.Server); known { // else the check of the Spec says so
				if err := server.into(d.Settings, &spec, spec.Server); err != nil {
					return err
				}
			}
			if kind != "" || len(front.given) > 0 {
				spec.Proxy = &targets.Proxy{Kind: kind}
			}
			if d, known := targets.LookupProxy(kind); known {
				if err := front.into(d.Settings, spec.Proxy, "a proxy of kind "+kind); err != nil {
					return err
				}
			}
			var err error
			if spec.Services, err = partsOf(services); err != nil {
				return err
			}
			return serve(cmd.Context(), env, spec, func(key string) string { return flagOf(cmd.Flags(), services, key) })
		},
	}
	f := cmd.Flags()
	f.StringVar(&spec.Server, "server", "builtin", "kind of server: "+strings.Join(targets.Names(targets.All()), ", "))
	server.add(f, "", targets.ServerSettings(), nil)
	around.add(f, "", targets.AroundSettings(), nil)
	f.StringVar(&kind, "proxy", "", "kind of proxy in front of the server: "+strings.Join(targets.Names(targets.Proxies()), ", "))
	front.add(f, "proxy-", targets.ProxySettings(), nil)
	for _, s := range services {
		s.add(f)
	}
	f.StringVar(&spec.Listen, "listen", "", "fixed address: 127.0.0.1:8080, or unix:/PATH/TO.SOCK (default: a free port)")
	return cmd
}

func serve(ctx context.Context, env *Env, spec targets.Spec, flag func(key string) string) error {
	spec, problems := targets.Check(spec)
	if len(problems) > 0 {
		errs := make([]error, len(problems))
		for i, p := range problems {
			errs[i] = fmt.Errorf("%s: %s", flag(p.Key), p.Msg)
		}
		return &exitError{exitUsage, errors.Join(errs...)}
	}
	if err := targets.Missing(ctx, targets.Needs(spec)); err != nil {
		return environment("starting the server: %w", err)
	}
	if err := lab.CheckTasks(lab.TargetTasks(&spec), observe.Tasks()); err != nil {
		return environment("starting the server: %w", err)
	}
	for _, text := range targets.Advice(spec) {
		fmt.Fprintf(env.Stderr, "warning: %s\n", text)
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
	tellServices(env.Stderr, target.Spec().Addresses)
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

// ownKind is the word for the kind that comes with this program and is called as the service is.
const ownKind = "builtin"

// serviceFlags are the flags of one service besides the server: its kind, and the settings of all kinds that are made for it.
type serviceFlags struct {
	name     string
	flag     string // its own, where that is not a setting's of the server already
	kinds    []targets.ServiceDescriptor
	kind     string
	settings settingFlags
}

// servicesToFlag are the services that some kind is made for.
func servicesToFlag() []*serviceFlags {
	var all []*serviceFlags
	for _, name := range targets.ServiceNames {
		if kinds := targets.ServicesFor(name); len(kinds) > 0 {
			all = append(all, &serviceFlags{name: name, kinds: kinds})
		}
	}
	return all
}

func (s *serviceFlags) add(f *pflag.FlagSet) {
	rows := make([][]setting.Setting, len(s.kinds))
	for i, d := range s.kinds {
		rows[i] = d.Settings
	}
	if s.flag = s.name; f.Lookup(s.flag) != nil {
		s.flag += "-service"
	}
	f.StringVar(&s.kind, s.flag, "", "the "+s.name+" besides the server: "+strings.Join(s.allowed(), ", "))
	s.settings.add(f, s.flag+"-", setting.Join(rows...), nil)
}

// allowed are the words for its kinds.
func (s *serviceFlags) allowed() []string {
	words := targets.Names(s.kinds)
	for i, word := range words {
		if word == s.name {
			words[i] = ownKind
		}
	}
	return words
}

// partsOf are the services that were asked for.
func partsOf(services []*serviceFlags) (map[string]targets.Part, error) {
	var parts map[string]targets.Part
	for _, s := range services {
		if s.kind == "" {
			if len(s.settings.given) > 0 {
				return nil, usage("--%s is of the %s; add --%s, one of %s", s.settings.given[0].name, s.name, s.flag, strings.Join(s.allowed(), ", "))
			}
			continue
		}
		i := slices.IndexFunc(s.kinds, func(d targets.ServiceDescriptor) bool {
			return d.Name == s.kind || s.kind == ownKind && d.Name == s.name
		})
		if i < 0 {
			return nil, usage("--%s %.40q is not known; allowed: %s", s.flag, s.kind, strings.Join(s.allowed(), ", "))
		}
		own := s.kinds[i].New()
		if err := s.settings.into(s.kinds[i].Settings, own, "a "+s.name+" of kind "+s.kind); err != nil {
			return nil, err
		}
		if parts == nil {
			parts = map[string]targets.Part{}
		}
		parts[s.name] = targets.Part{Kind: s.kinds[i].Name, Settings: own}
	}
	return parts, nil
}

// flagOf is the flag behind a key of a target's Spec; a key that no flag sets stays as it is.
func flagOf(flags *pflag.FlagSet, services []*serviceFlags, key string) string {
	name := strings.TrimSuffix(key, ".kind")
	for _, s := range services {
		if rest, ok := strings.CutPrefix(name, "services."+s.name); ok {
			name = s.flag + rest
		}
	}
	name = strings.NewReplacer(".", "-", "_", "-").Replace(name)
	if flags.Lookup(name) == nil {
		return key
	}
	return "--" + name
}

// clients are the command lines with which people reach a service, by its name.
var clients = map[string]struct{ tcp, unix string }{
	targets.ServiceDatabase: {
		"psql 'postgresql://" + schema.User + "@%[1]s:%[2]s/" + schema.Database + "'", "psql 'postgresql://" + schema.User + "@/" + schema.Database + "?host=%[2]s'",
	},
	targets.ServiceCache:    {"redis-cli -h %[1]s -p %[2]s", "redis-cli -s %[1]s"},
	targets.ServiceUpstream: {"curl http://%[1]s:%[2]s/call", "curl --unix-socket %[1]s http://upstream/call"},
}

// tellServices says how to reach the services.
func tellServices(out io.Writer, addresses map[string]string) {
	for _, name := range slices.Sorted(maps.Keys(addresses)) {
		line := addresses[name]
		client, known := clients[name]
		if path, ok := targets.UnixPath(line); ok && known {
			line = fmt.Sprintf(client.unix, path, filepath.Dir(path))
		} else if host, port, err := net.SplitHostPort(line); err == nil && known {
			line = fmt.Sprintf(client.tcp, host, port)
		}
		fmt.Fprintf(out, "%s: %s\n", name, line)
	}
}
