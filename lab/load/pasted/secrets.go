package pasted

import (
	"regexp"
	"slices"
	"strconv"
	"strings"

	"benchtop/lab/load"
)

// What is taken for a secret by its name. A header or a parameter too many costs a variable; one too few would be
// kept in a file.
var (
	secretWords   = []string{"authorization", "auth", "cookie", "token", "secret", "password", "passwd", "apikey", "session", "sessionid", "credential", "credentials", "signature", "jwt", "csrf", "xsrf"}
	beforeKey     = []string{"api", "access", "subscription", "function", "functions", "private", "auth", "goog", "shared", "x"}
	secretParams  = []string{"key", "sig", "sid", "pwd", "pass", "otp", "sessid", "phpsessid", "jsessionid"}
	withinHeader  = []string{"token", "secret", "password", "passwd", "apikey", "api-key", "csrf", "xsrf", "jwt", "cookie", "authorization", "session"} // wherever they stand in its name
	withinParam   = []string{"secret", "password", "passwd", "apikey", "csrf", "jwt", "session"}
	longParams    = []string{"code", "state", "nonce"}                           // of a login, where the value is long
	ofPages       = []string{"page", "next", "previous", "continuation", "sync"} // a token that is no secret
	secretValue   = regexp.MustCompile(`^(?i:bearer|basic|digest|token|negotiate) \S|eyJ[A-Za-z0-9_-]{8,}\.[A-Za-z0-9_-]{8,}\.|^(sk|pk|rk|ghp|gho|xox[abp])[-_][A-Za-z0-9_-]{12,}`)
	secretInBody  = regexp.MustCompile(`(?i)(?:"([a-z0-9_-]*(?:password|passwd|secret|token|api_?key|credential)[a-z0-9_-]*)"\s*:|(?:^|&)([a-z0-9_-]*(?:password|passwd|secret|token|api_?key|credential)[a-z0-9_-]*)=|name="([a-z0-9_-]*(?:password|passwd|secret|token|api_?key|credential)[a-z0-9_-]*)")`)
	knownSchemes  = []string{"bearer", "basic", "digest", "token", "apikey", "negotiate"}
	betweenWords  = regexp.MustCompile(`[^A-Za-z0-9]+|([a-z])([A-Z])`)
	notOfVariable = regexp.MustCompile(`[^A-Z0-9]+`)
)

// wordsOf cuts a name into small words: at hyphens and the like, and where a large letter follows a small one.
func wordsOf(name string) []string {
	return strings.Fields(strings.ToLower(betweenWords.ReplaceAllString(name, "$1 $2")))
}

// namedSecret reports whether a header or a parameter is named like a secret.
func namedSecret(name string) bool {
	words := wordsOf(name)
	for i, w := range words {
		if w == "token" && i > 0 && slices.Contains(ofPages, words[i-1]) {
			continue
		}
		if slices.Contains(secretWords, w) || w == "key" && i > 0 && slices.Contains(beforeKey, words[i-1]) {
			return true
		}
	}
	return false
}

// secretHeader reports whether a header holds a secret, by its name or by what its value looks like.
func secretHeader(name, value string) bool {
	lower := strings.ToLower(name)
	return namedSecret(name) || secretValue.MatchString(value) || slices.ContainsFunc(withinHeader, func(w string) bool { return strings.Contains(lower, w) })
}

// leastLong is the length of the value of a login's parameter, in bytes.
const leastLong = 16

// removedValue takes the place of a parameter's value.
const removedValue = "removed"

// withoutSecrets takes the values of parameters that look like secrets out of a query, and names them.
func withoutSecrets(query string) (rest string, removed []string) {
	parts := strings.Split(query, "&")
	for i, part := range parts {
		name, value, ok := strings.Cut(part, "=")
		if ok && value != "" && (secretParam(name) || slices.Contains(longParams, strings.ToLower(name)) && len(value) >= leastLong || secretValue.MatchString(value)) {
			parts[i], removed = name+"="+removedValue, append(removed, name)
		}
	}
	return strings.Join(parts, "&"), removed
}

// secretParam reports whether a parameter is named like a secret.
func secretParam(name string) bool {
	lower := strings.ToLower(name)
	words := wordsOf(name)
	ofPage := len(words) > 1 && slices.Contains(ofPages, words[len(words)-2])
	return namedSecret(name) || slices.Contains(secretParams, lower) || strings.HasSuffix(lower, "token") && !ofPage ||
		slices.ContainsFunc(withinParam, func(w string) bool { return strings.Contains(lower, w) })
}

// secretField is the first field of a body that is named like a secret, in quotes; empty if there is none.
func secretField(body string) string {
	for _, name := range secretInBody.FindStringSubmatch(body) {
		if name != "" && !strings.ContainsAny(name, `":=&`) {
			return short(name)
		}
	}
	return ""
}

// Headers of a connection, of a client or of a cache, in small letters, that are not sent again; each with the reason.
var ownHeaders = func() map[string]string {
	out := map[string]string{
		"host":              "the target's own is sent; give -H 'Host: ...' to load for another",
		"keep-alive":        "it is of a connection",
		"proxy-connection":  "it is of a connection",
		"http2-settings":    "HTTP/1.1 is spoken",
		"accept-encoding":   "curl sends it without --compressed only to print what it cannot read; add --compressed to ask for it",
		"if-none-match":     "the response would be 304, without a body",
		"if-modified-since": "the response would be 304, without a body",
	}
	for name, why := range load.OwnHeaders {
		out[name] = why
	}
	return out
}()

// headers sorts the headers of a request into those that are sent and those that come from the environment, and says what is
// wrong with one, without its value.
func (g *gatherer) headers(r *request, e *load.Entry) string {
	for _, kv := range r.header {
		name, value := kv[0], strings.TrimSpace(kv[1])
		lower := strings.ToLower(name)
		why, own := ownHeaders[lower]
		switch {
		case strings.HasPrefix(name, ":"):
			g.dropped.add(name + ": HTTP/1.1 is spoken")
			continue
		case own && (lower != "accept-encoding" || !r.packed):
			g.dropped.add(name + ": " + why)
			continue
		case !load.IsToken(name):
			return "a header whose name is not one"
		case strings.ContainsFunc(value, func(c rune) bool { return c < ' ' && c != '\t' || c == 0x7f }):
			return "a line break or another control character in the header " + name
		case secretHeader(name, value):
			g.secret(r, e, name, value)
			continue
		}
		if lower == "referer" {
			before, query, has := strings.Cut(value, "?")
			if rest, removed := withoutSecrets(query); has && len(removed) > 0 {
				value = before + "?" + rest
			}
		}
		if i := slices.IndexFunc(e.Header, func(h [2]string) bool { return strings.EqualFold(h[0], name) }); i >= 0 {
			e.Header[i][1] += ", " + value // the same (RFC 9110 section 5.3)
			continue
		}
		e.Header = append(e.Header, [2]string{name, value})
	}
	if n := len(e.Header); n > maxHeaders {
		return "more than " + strconv.Itoa(maxHeaders) + " headers"
	}
	return ""
}

// secret puts a variable in the place of a value, which is forgotten.
func (g *gatherer) secret(r *request, e *load.Entry, name, value string) {
	lower := strings.ToLower(name)
	variable := strings.Trim(notOfVariable.ReplaceAllString(strings.ToUpper(name), "_"), "_")
	if variable == "" || variable[0] >= '0' && variable[0] <= '9' {
		variable = "HEADER_" + variable
	}
	if len(variable) > load.MaxVariable {
		variable = variable[:load.MaxVariable]
	}
	if !slices.ContainsFunc(e.HeaderEnv, func(kv [2]string) bool { return strings.EqualFold(kv[0], name) }) {
		e.HeaderEnv = append(e.HeaderEnv, [2]string{name, variable})
	}
	if g.values[lower] == nil {
		g.values[lower] = map[string]bool{}
		v := Variable{Name: variable, Header: name, Of: r.method + " " + pathOnly(e.Path)}
		if scheme, rest, ok := strings.Cut(value, " "); slices.Contains(knownSchemes, strings.ToLower(scheme)) && (ok || rest == "") {
			v.Scheme = scheme
		}
		g.variables = append(g.variables, v)
	}
	g.values[lower][value] = true
}
