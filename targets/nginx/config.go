package nginx

import (
	"fmt"
	"os"
	"os/user"
	"slices"
	"strconv"
	"strings"
	"time"

	"benchtop/targets"
	"benchtop/targets/endpoint"
	"benchtop/targets/posix"
)

// workerConnections bounds the connections of one nginx worker, those to clients and those to upstreams together. Its own
// default of 512 would end at 256 clients; each costs a worker about 400 bytes, used or not.
const workerConnections = 8192

// Names in the run folder.
const (
	configFile  = "nginx.conf"
	statusName  = "status.sock"
	pidName     = "nginx.pid"
	accessName  = "access.log"
	certName    = "cert.pem"
	keyName     = "key.pem"
	filesFolder = "files"
	tempFolders = "temp"
)

// shownFolder stands for the run folder in a configuration that is only shown.
const shownFolder = "/RUN"

// layout is what a configuration needs besides the Spec.
type layout struct {
	folder    string   // run folder
	listen    string   // host:port, or unix: and a path
	upstreams []string // host:port, or unix: and a path
	user      string   // of the worker; empty: nginx is not root, and its worker runs as the same user
	without   []string // modules that this nginx was built without, such as http_scgi
	extra     string   // lines for the main section; tests break a configuration with it
}

// shown is the configuration for people to read.
func shown(s targets.Spec, upstreams []string) string {
	if s.Proxy == nil {
		return ""
	}
	p := Descriptor().Normalize(*s.Proxy)
	s.Proxy = &p
	listen := s.Listen
	if listen == "" {
		listen = "127.0.0.1:PORT"
	}
	return configuration(s, layout{folder: shownFolder, listen: listen, upstreams: upstreams, user: workerUser()})
}

// workerUser keeps the user when nginx is started by root: the worker would become nobody otherwise, who may not go
// through the private run folder to the socket of the upstream.
func workerUser() string {
	if os.Geteuid() != 0 {
		return ""
	}
	name, group := "root", "root"
	if u, err := user.LookupId("0"); err == nil {
		name = u.Username
	}
	if g, err := user.LookupGroupId(strconv.Itoa(os.Getegid())); err == nil {
		group = g.Name
	}
	return name + " " + group
}

// writer writes directives.
type writer struct {
	strings.Builder
	depth int
}

func (w *writer) line(format string, args ...any) {
	w.WriteString(strings.Repeat("    ", w.depth))
	fmt.Fprintf(w, format, args...)
	w.WriteString("\n")
}

func (w *writer) open(format string, args ...any) {
	w.line(format+" {", args...)
	w.depth++
}

func (w *writer) shut() {
	w.depth--
	w.line("}")
}

// configuration is the whole file for a normalized Spec.
func configuration(s targets.Spec, l layout) string {
	p := s.Proxy
	w := &writer{}
	w.line("daemon off;")
	w.line("worker_processes %d;", p.Workers)
	w.line("worker_rlimit_nofile %d;", descriptors())
	if l.user != "" {
		w.line("user %s;", l.user)
	}
	w.line("pid %s;", quote(l.folder+"/"+pidName))
	w.line("error_log stderr warn;")
	if l.extra != "" {
		w.line("%s", l.extra)
	}
	w.open("events")
	w.line("worker_connections %d;", workerConnections)
	w.shut()
	w.open("http")
	temporary(w, l)
	w.line("access_log %s;", accessLog(p, l))
	gzip(w, p.Gzip)
	upstream(w, p, l)
	if sendsFiles(p) {
		namesOfFiles(w)
	}
	front(w, s, l)
	status(w, l)
	w.shut()
	return w.String()
}

// temporary keeps the folders that nginx makes for bodies in the run folder.
func temporary(w *writer, l layout) {
	for _, kind := range []string{"client_body", "proxy", "fastcgi", "uwsgi", "scgi"} {
		if !slices.Contains(l.without, "http_"+kind) {
			w.line("%s_temp_path %s;", kind, quote(l.folder+"/"+tempFolders+"/"+kind))
		}
	}
}

func sendsFiles(p *targets.Proxy) bool { return targets.OwnOfProxy[Settings](p).Files }

// namesOfFiles makes a variable of the parameter: no other file of the folder can be asked for.
func namesOfFiles(w *writer) {
	w.open("map $arg_size $file")
	w.line(`"" %s;`, endpoint.Files[0])
	for _, name := range endpoint.Files {
		w.line("%s %[1]s;", name)
	}
	w.line("default none;")
	w.shut()
}

// files is the place from which nginx sends files by itself, with the headers that a server's response has.
func files(w *writer, s targets.Spec, l layout) {
	w.open("location ~ ^/(async/|sync/)?%s$", strings.TrimPrefix(endpoint.FilePath, "/"))
	w.line("root %s;", quote(l.folder+"/"+filesFolder))
	w.line("try_files /$file =404;")
	w.line("sendfile on;")
	w.line("default_type %s;", endpoint.Octets)
	w.line("max_ranges 0;")
	w.line("add_header X-Benchtop-Worker $pid;")
	w.line("add_header X-Benchtop-Run %s;", quote(s.RunHeader()))
	w.shut()
}

// descriptors is how many descriptors a worker may have: one per connection and some for itself, as far as the limits allow.
func descriptors() uint64 {
	want := uint64(2 * workerConnections)
	if limit, err := posix.DescriptorLimits(); err == nil && limit.Hard < want {
		want = limit.Hard
	}
	return want
}

func accessLog(p *targets.Proxy, l layout) string {
	path := quote(l.folder + "/" + accessName)
	switch p.AccessLog {
	case targets.LogBuffered:
		return path + " combined buffer=64k flush=1s"
	case targets.LogSync:
		return path + " combined"
	}
	return "off"
}

func gzip(w *writer, g *targets.Gzip) {
	if g == nil {
		return
	}
	w.line("gzip on;")
	w.line("gzip_proxied any;")
	w.line("gzip_comp_level %d;", g.Level)
	w.line("gzip_min_length %d;", g.MinLength)
	types := slices.DeleteFunc(slices.Clone(g.Types), func(t string) bool { return t == "text/html" }) // it always is, and is warned of
	if len(types) > 0 {
		for i, t := range types {
			types[i] = quote(t)
		}
		w.line("gzip_types %s;", strings.Join(types, " "))
	}
}

func upstream(w *writer, p *targets.Proxy, l layout) {
	w.open("upstream app")
	switch p.Balance {
	case targets.LeastConnections:
		w.line("least_conn;")
	case targets.PowerOfTwo:
		w.line("random two least_conn;")
	}
	failures := "max_fails=1 fail_timeout=10s"
	if p.Eject != nil && !*p.Eject {
		failures = "max_fails=0"
	}
	for _, address := range l.upstreams {
		w.line("server %s %s;", quote(address), failures)
	}
	if keepalive(p) > 0 {
		w.line("keepalive %d;", keepalive(p))
	}
	w.shut()
}

func front(w *writer, s targets.Spec, l layout) {
	p := s.Proxy
	w.open("server")
	secure := ""
	if s.TLS != nil {
		secure = " ssl"
	}
	w.line("listen %s%s;", quote(l.listen), secure)
	if s.TLS != nil {
		w.line("ssl_certificate %s;", quote(l.folder+"/"+certName))
		w.line("ssl_certificate_key %s;", quote(l.folder+"/"+keyName))
		w.line("ssl_protocols TLSv1.2 TLSv1.3;")
		w.line("ssl_session_cache off;") // tickets are the way of 1.3, and the only one here
		w.line("ssl_session_tickets %s;", onOff(s.TLS.ResumptionOn()))
	}
	w.line("client_max_body_size %d;", p.BodyLimit)
	if sendsFiles(p) {
		files(w, s, l)
	}
	w.open("location /")
	w.line("proxy_pass http://app;")
	w.line("proxy_http_version %s;", p.HTTPVersion)
	if keepalive(p) > 0 {
		w.line(`proxy_set_header Connection "";`)
	} else {
		w.line("proxy_set_header Connection close;")
	}
	w.line("proxy_set_header Host $host;")
	w.line("proxy_set_header X-Forwarded-For $proxy_add_x_forwarded_for;")
	w.line("proxy_set_header X-Forwarded-Proto $scheme;")
	w.line("proxy_buffering %s;", onOff(p.Buffering == nil || *p.Buffering))
	w.line("proxy_connect_timeout %s;", milliseconds(p.ConnectTimeout))
	w.line("proxy_read_timeout %s;", milliseconds(p.ReadTimeout))
	w.shut()
	w.shut()
}

// status is where the lab asks nginx for its counts. nginx numbers its connections, those of clients and those to
// upstreams alike, and `$connection` is the number of the one that asks.
func status(w *writer, l layout) {
	w.open("server")
	w.line("listen %s;", quote("unix:"+l.folder+"/"+statusName))
	w.line("access_log off;")
	w.line("location = /status { stub_status; }")
	w.line(`location = /serial { return 200 "$connection"; }`)
	w.shut()
}

func keepalive(p *targets.Proxy) int {
	if p.Keepalive == nil {
		return 0
	}
	return *p.Keepalive
}

func onOff(on bool) string {
	if on {
		return "on"
	}
	return "off"
}

func milliseconds(d time.Duration) string { return strconv.FormatInt(d.Milliseconds(), 10) + "ms" }

// quote writes a parameter. What is special to nginx inside of quotes is escaped; a variable cannot be, and paths and
// addresses with a dollar sign are refused before.
func quote(s string) string {
	if !strings.ContainsAny(s, " ;{}\"'\\#\t\n") {
		return s
	}
	return `"` + strings.NewReplacer(`\`, `\\`, `"`, `\"`).Replace(s) + `"`
}
