package pasted

import "regexp"

// pattern is what curl makes several URLs of.
var pattern = regexp.MustCompile(`\[[0-9a-zA-Z]+-[0-9a-zA-Z]+(:[0-9]+)?\]|\{[^{}]*,[^{}]*\}`)

// shortOptions are the options of one letter, by their long names (curl(1), 8.10).
var shortOptions = map[string]string{
	"H": "header", "X": "request", "d": "data", "G": "get", "I": "head", "u": "user", "b": "cookie", "A": "user-agent", "e": "referer", "F": "form",
	"T": "upload-file", "x": "proxy", "r": "range", "L": "location", "k": "insecure", "s": "silent", "S": "show-error", "v": "verbose", "i": "include",
	"f": "fail", "g": "globoff", "N": "no-buffer", "#": "progress-bar", "o": "output", "O": "remote-name", "J": "remote-header-name", "w": "write-out",
	"D": "dump-header", "c": "cookie-jar", "m": "max-time", "y": "speed-time", "Y": "speed-limit", "0": "http1.0", "1": "tlsv1", "4": "ipv4", "6": "ipv6",
	"E": "cert", "K": "config", "n": "netrc", "a": "append", "q": "disable", "Z": "parallel", "R": "remote-time", "j": "junk-session-cookies", "z": "time-cond",
	"P": "ftp-port", "Q": "quote", "t": "telnet-option", "U": "proxy-user", "C": "continue-at", "M": "manual", "V": "version", "h": "help", "p": "proxytunnel",
}

// Options that do nothing to a request, without a value and with one.
var (
	silent = []string{
		"silent", "show-error", "verbose", "include", "fail", "fail-with-body", "no-buffer", "progress-bar", "no-progress-meter", "remote-name", "remote-header-name",
		"remote-time", "ipv4", "ipv6", "disable", "parallel", "junk-session-cookies", "tcp-nodelay", "compressed-ssh", "http1.1", "keepalive", "no-alpn", "no-sessionid",
		"styled-output", "create-dirs", "tlsv1", "tlsv1.0", "tlsv1.1", "tlsv1.2", "tlsv1.3", "ssl-no-revoke", "path-as-is", "no-keepalive",
	}
	silentValue = []string{
		"output", "write-out", "dump-header", "cookie-jar", "max-time", "connect-timeout", "speed-time", "speed-limit", "retry", "retry-delay", "retry-max-time",
		"stderr", "trace", "trace-ascii", "limit-rate", "max-redirs", "keepalive-time", "output-dir", "ciphers", "tls-max", "interface",
	}
)

// options are the options of curl by their long names; one that is not here is an error.
var options = func() map[string]option {
	out := map[string]option{
		"header":        {value: true, do: (*command).headerLine},
		"request":       {value: true, do: func(c *command, w *word) error { c.method = w.text; return c.known(w) }},
		"url":           {value: true, do: (*command).take},
		"data":          {value: true, do: func(c *command, w *word) error { return c.addData(w, true, true) }},
		"data-ascii":    {value: true, do: func(c *command, w *word) error { return c.addData(w, true, true) }},
		"data-binary":   {value: true, do: func(c *command, w *word) error { return c.addData(w, true, false) }},
		"data-raw":      {value: true, do: func(c *command, w *word) error { return c.addData(w, false, false) }},
		"json":          {value: true, do: func(c *command, w *word) error { c.json = true; return c.addData(w, true, false) }},
		"get":           {do: func(c *command, _ *word) error { c.get = true; return nil }},
		"head":          {do: func(c *command, _ *word) error { c.head = true; return nil }},
		"globoff":       {do: func(c *command, _ *word) error { c.noGlob = true; return nil }},
		"compressed":    {do: func(c *command, _ *word) error { c.compressed = true; return nil }},
		"user":          {value: true, do: (*command).user},
		"cookie":        {value: true, do: (*command).cookie},
		"user-agent":    {value: true, do: func(c *command, w *word) error { c.setHeader("User-Agent", w.text); return c.known(w) }},
		"referer":       {value: true, do: func(c *command, w *word) error { c.setHeader("Referer", w.text); return c.known(w) }},
		"range":         {value: true, do: func(c *command, w *word) error { c.setHeader("Range", "bytes="+w.text); return c.known(w) }},
		"basic":         {},
		"location":      {told: "redirects are not followed"},
		"insecure":      {told: "give --insecure to load"},
		"http2":         {told: "HTTP/1.1 is spoken"},
		"http3":         {told: "HTTP/1.1 is spoken"},
		"http1.0":       {told: "HTTP/1.1 is spoken"},
		"cacert":        {value: true, told: "the system's certificates are used"},
		"form":          {value: true, refuse: "a body of several parts (multipart) that curl would put together", hint: "copy the request as a browser sent it, with --data-raw, or leave it out"},
		"form-string":   {value: true, refuse: "a body of several parts (multipart) that curl would put together", hint: "copy the request as a browser sent it, with --data-raw, or leave it out"},
		"upload-file":   {value: true, refuse: "a file that is uploaded", hint: "write -X PUT --data-binary @FILE"},
		"proxy":         {value: true, refuse: "a proxy; the target is driven directly", hint: "leave it out"},
		"proxy-user":    {value: true, refuse: "the user of a proxy; the target is driven directly", hint: "leave it out"},
		"proxytunnel":   {refuse: "a tunnel through a proxy; the target is driven directly", hint: "leave it out"},
		"unix-socket":   {value: true, refuse: "a unix socket", hint: "leave it out, and drive unix:///PATH/TO.SOCK"},
		"config":        {value: true, refuse: "options in a file", hint: "write them in the command"},
		"netrc":         {refuse: "a password from .netrc", hint: "leave it out, and add -H 'Authorization: ...': it becomes a variable of the environment"},
		"cert":          {value: true, refuse: "a certificate of the client", hint: "leave it out if the target does not ask for one"},
		"key":           {value: true, refuse: "a certificate of the client", hint: "leave it out if the target does not ask for one"},
		"digest":        {refuse: "a signature that is made for each request", hint: "leave the request out"},
		"ntlm":          {refuse: "a handshake for each connection", hint: "leave the request out"},
		"negotiate":     {refuse: "a handshake for each connection", hint: "leave the request out"},
		"aws-sigv4":     {value: true, refuse: "a signature that is made for each request", hint: "leave the request out"},
		"resolve":       {value: true, told: "the target's own address is driven"},
		"connect-to":    {value: true, told: "the target's own address is driven"},
		"oauth2-bearer": {value: true, do: func(c *command, w *word) error { c.setHeader("Authorization", "Bearer "+w.text); return nil }},
		"data-urlencode": {value: true, do: func(c *command, w *word) error {
			text, err := c.urlEncoded(w)
			c.data, c.has = append(c.data, text), true
			return err
		}},
		"url-query": {value: true, do: (*command).query},
	}
	for _, name := range silent {
		out[name] = option{}
	}
	for _, name := range silentValue {
		out[name] = option{value: true}
	}
	return out
}()
