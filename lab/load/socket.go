package load

import (
	"fmt"
	"net/url"
	"os"
	"strings"

	"benchtop/targets/posix"
)

// unixScheme begins a Task.Addr that is the path of a unix socket, and the URL of one.
const unixScheme = "unix:"

// socketProblem says why a path is not one of a unix socket that can be driven; empty when it is. Names of the
// abstract namespace and relative paths are none.
func socketProblem(path string) string {
	switch {
	case !strings.HasPrefix(path, "/"):
		return "the path of the socket is not absolute"
	case strings.IndexByte(path, 0) >= 0:
		return "the path of the socket holds a zero byte"
	case len(path) > posix.MaxSocketPath:
		return fmt.Sprintf("the path of the socket has %d bytes; the system allows %d", len(path), posix.MaxSocketPath)
	}
	switch found, err := os.Stat(path); {
	case err != nil:
		return "there is no socket: " + err.Error()
	case found.Mode().Type() != os.ModeSocket:
		return path + " is not a socket"
	}
	return ""
}

// socketHost is the Host header of requests to a unix socket.
const socketHost = "localhost"

// resolveSocket reads unix:///PATH/TO.SOCK or unix:///PATH/TO.SOCK:/PATH/OF/REQUEST. The first colon ends the socket's
// path, in which %XX is decoded, so that a colon of its own is %3A; the rest is sent as it is, / when there is none.
func resolveSocket(rawURL string) (Pinned, error) {
	bad := func(err error, problem string) (Pinned, error) {
		return Pinned{}, &URLError{
			URL: rawURL, Problem: problem, Err: err,
			Allowed: "allowed: unix:///PATH/TO.SOCK or unix:///PATH/TO.SOCK:/PATH, such as unix:///run/app.sock:/hello; in the socket's own path : ? # % are %3A %3F %23 %25",
		}
	}
	rest, ok := strings.CutPrefix(rawURL[len(unixScheme):], "//")
	if !ok || !strings.HasPrefix(rest, "/") {
		return bad(nil, "the path of the socket is not absolute")
	}
	raw, request, given := strings.Cut(rest, ":")
	if !given {
		request = "/"
	}
	if i := strings.IndexAny(raw, "?#"); i >= 0 {
		return bad(nil, "the path of the socket holds a "+raw[i:i+1])
	}
	path, err := url.PathUnescape(raw)
	if err != nil {
		return bad(err, err.Error())
	}
	request, _, _ = strings.Cut(request, "#") // a fragment is never sent
	if !strings.HasPrefix(request, "/") {
		return bad(nil, fmt.Sprintf("the path of the request is %q; it begins with /", request))
	}
	u, err := url.ParseRequestURI(request)
	if err != nil {
		return bad(err, err.Error())
	}
	if problem := socketProblem(path); problem != "" {
		return bad(nil, problem)
	}
	return Pinned{Addr: unixScheme + path, Host: socketHost, Path: pathOf(u)}, nil
}
