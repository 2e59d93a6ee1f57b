// Package foreign has the targets that somebody else wrote: a program that is started for the run (server: command),
// and a server that runs already (server: url). Their responses carry no word of ours, so what proves that the right one
// answers is, where the system tells, which process listens.
package foreign

import (
	"fmt"
	"net"
	"net/netip"
	"net/url"
	"strconv"
	"strings"

	"benchtop/targets"
	"benchtop/targets/setting"
)

// Names of these servers in the registry.
const (
	CommandName = "command"
	URLName     = "url"
)

// PortWord stands for the port in a command.
const PortWord = "{port}"

// Bounds and defaults of the settings.
const (
	maxArgs     = 256
	maxArg      = 4096
	rootPath    = "/"
	loopbackIP  = "127.0.0.1"
	localName   = "localhost"
	loopbackDoc = "allowed are 127.0.0.1, [::1], others of 127.0.0.0/8, and localhost"
)

// CommandSettings are those of a server that a command starts.
type CommandSettings struct {
	Command []string `json:"command,omitempty"` // argv; {port} stands for the port that it is to serve on
	Ready   string   `json:"ready,omitempty"`   // path that responds 2xx or 3xx once it serves
	Dir     string   `json:"dir,omitempty"`     // folder that it is started in; empty: the current one
}

// URLSettings are those of a server that runs already.
type URLSettings struct {
	URL    string `json:"url,omitempty"`    // where it serves
	Cgroup string `json:"cgroup,omitempty"` // folder of the control group that it runs in
}

// Command describes the server that a command starts.
func Command() targets.Descriptor {
	return targets.Descriptor{
		Name: CommandName,
		Doc:  "a server of your own: the program that command names, started for the run with your whole environment (needs --allow-exec)",
		Settings: []setting.Setting{
			{
				Key: "command", Main: true, Said: "%s, with your environment", Flag: "-", Doc: "the program and its arguments, without a shell; " + PortWord + " stands for the port of 127.0.0.1 that it is to serve on",
				Most: 100, Fixed: true, At: targets.OfServer(func(s *CommandSettings) *[]string { return &s.Command }),
			},
			{
				Key: "ready", Flag: "-", Type: setting.Path, Doc: "path that responds 2xx or 3xx once the server serves", Default: rootPath, Fixed: true,
				At: targets.OfServer(func(s *CommandSettings) *string { return &s.Ready }),
			},
			{
				Key: "dir", Said: "in %s", Flag: "-", Doc: "folder that the program is started in, from the current one on; left out: the current one", Unset: true, Fixed: true,
				At: targets.OfServer(func(s *CommandSettings) *string { return &s.Dir }),
			},
			{
				Key: "endpoint", Main: true, Said: "%s", Flag: "-", Type: setting.Path, Doc: "path and query that the load asks for", Default: rootPath, Fixed: true,
				At: setting.At(func(s *targets.Spec) *string { return &s.Endpoint }),
			},
		},
		New:      func() any { return &CommandSettings{} },
		Check:    checkCommand,
		Advise:   adviseCommand,
		Unmarked: true,
		Executes: true,
		Start:    startCommand,
	}
}

// URL describes the server that runs already.
func URL() targets.Descriptor {
	return targets.Descriptor{
		Name: URLName,
		Doc:  "a server that runs already on this machine; it is watched but never started, stopped or signalled",
		Settings: []setting.Setting{
			{
				Key: "url", Main: true, Said: "%s", Flag: "-", Doc: "where it serves: http:// or https:// and a loopback address with a port", Fixed: true,
				At: targets.OfServer(func(s *URLSettings) *string { return &s.URL }),
			},
			{
				Key: "cgroup", Said: "measured as %s", Flag: "-", Doc: "folder below " + groupsTop + " of the control group of version 2 that it runs in, as a container or a unit does: its CPU time and memory are those of the group (Linux)", Unset: true, Fixed: true,
				At: targets.OfServer(func(s *URLSettings) *string { return &s.Cgroup }),
			},
			{
				Key: "endpoint", Main: true, Said: "%s", Flag: "-", Type: setting.Path, Doc: "path and query that the load asks for; the default is that of url", Default: rootPath, Fixed: true,
				At: setting.At(func(s *targets.Spec) *string { return &s.Endpoint }),
			},
		},
		Complete: completeURL,
		New:      func() any { return &URLSettings{} },
		Check:    checkURL,
		Unmarked: true,
		Found:    true,
		Start:    startURL,
	}
}

// completeURL takes over what the URL says.
func completeURL(s *targets.Spec) {
	u, err := url.Parse(targets.Own[URLSettings](s).URL)
	if err != nil {
		return // Check says what is wrong with it
	}
	if s.Endpoint == "" {
		s.Endpoint = u.RequestURI()
	}
	if s.TLS == nil && u.Scheme == "https" {
		s.TLS = &targets.TLS{}
	}
}

// problems collects what is wrong with the settings.
type problems []*targets.Fault

func (p *problems) add(key, format string, args ...any) {
	*p = append(*p, &targets.Fault{Key: key, Msg: fmt.Sprintf(format, args...)})
}

func checkCommand(s targets.Spec) []*targets.Fault {
	var p problems
	own := targets.Own[CommandSettings](&s)
	switch {
	case len(own.Command) == 0:
		p.add("command", "it is missing; example: [./server, --port, %q]", PortWord)
	case len(own.Command) > maxArgs:
		p.add("command", "%d arguments, at most %d are allowed", len(own.Command), maxArgs)
	case own.Command[0] == "":
		p.add("command", "the name of the program is empty")
	case !strings.Contains(strings.Join(own.Command[1:], "\x00"), PortWord):
		p.add("command", "no argument has %s, which stands for the port that it is to serve on; example: [./server, --port, %q]", PortWord, PortWord)
	}
	for i, arg := range own.Command {
		if len(arg) > maxArg || strings.ContainsRune(arg, 0) {
			p.add("command", "argument %d is longer than %d bytes or has a zero byte", i, maxArg)
		}
	}
	p.path("ready", own.Ready)
	p.path("endpoint", s.Endpoint)
	if s.Listen != "" {
		if host, port, err := net.SplitHostPort(s.Listen); err != nil || host != loopbackIP || !validPort(port, 0) {
			p.add("listen", "%.60q is not possible for a command, want %s:PORT", s.Listen, loopbackIP)
		}
	}
	if s.TLS != nil && s.TLS.Resumption != nil && s.Proxy == nil {
		p.add("tls.resumption", "the command decides itself what it resumes: leave it out, or put a proxy in front that speaks TLS")
	}
	return p
}

func checkURL(s targets.Spec) []*targets.Fault {
	var p problems
	own := targets.Own[URLSettings](&s)
	p.path("endpoint", s.Endpoint)
	if s.Listen != "" {
		p.add("listen", "the server runs already, at a port that url names")
	}
	if wrong := checkGroup(own.Cgroup); wrong != "" {
		p.add("cgroup", "%s", wrong)
	}
	if own.URL == "" {
		p.add("url", "it is missing; example: http://127.0.0.1:8080")
		return p
	}
	if wrong := WrongURL(own.URL); wrong != "" {
		p.add("url", "%s", wrong)
	} else if s.TLS != nil && strings.HasPrefix(strings.ToLower(own.URL), "http:") {
		p.add("tls", "the URL is of plain HTTP; write https://")
	}
	return p
}

// WrongURL says what is wrong with the URL of a server on this machine, empty when nothing is.
func WrongURL(raw string) string {
	if strings.ContainsFunc(raw, func(r rune) bool { return r <= ' ' || r >= 0x7f }) {
		return fmt.Sprintf("%.60q has a space or a character that is not ASCII", raw)
	}
	u, err := url.Parse(raw)
	switch {
	case err != nil:
		return fmt.Sprintf("%.60q is not a URL; example: http://127.0.0.1:8080", raw)
	case u.Scheme != "http" && u.Scheme != "https":
		return fmt.Sprintf("%.60q begins with %q, want http:// or https://", raw, u.Scheme)
	case u.User != nil:
		return "it has a user name; send such things as a header of the load"
	case u.Fragment != "":
		return fmt.Sprintf("it has a fragment (#%s), which is never sent", u.Fragment)
	case !loopback(u.Hostname()):
		return fmt.Sprintf("the host is %.60q; %s", u.Hostname(), loopbackDoc)
	case u.Port() != "" && !validPort(u.Port(), 1):
		return fmt.Sprintf("the port is %.20q, want 1 to 65535", u.Port())
	}
	return ""
}

// path refuses what cannot stand in the first line of a request.
func (p *problems) path(key, target string) {
	if !strings.HasPrefix(target, "/") {
		p.add(key, "%.60q does not begin with /", target)
		return
	}
	bad := func(r rune) bool { return r <= ' ' || r >= 0x7f || r == '#' }
	if _, err := url.ParseRequestURI(target); err != nil || strings.ContainsFunc(target, bad) {
		p.add(key, "%.60q is not a path with a query; example: /search?q=1", target)
	}
}

// loopback reports whether a host of a URL can only be this machine. What localhost stands for is checked at the start.
func loopback(host string) bool {
	if strings.EqualFold(host, localName) {
		return true
	}
	ip, err := netip.ParseAddr(host)
	return err == nil && ip.Unmap().IsLoopback()
}

func validPort(port string, lowest int) bool {
	n, err := strconv.Atoi(port)
	return err == nil && n >= lowest && n <= 65535 && strconv.Itoa(n) == port
}
