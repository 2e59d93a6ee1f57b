package pasted

import (
	"encoding/base64"
	"errors"
	"fmt"
	"io/fs"
	"net/url"
	"path"
	"strings"
)

// Curl reads curl command lines, as bash or cmd.exe has them. The error is an *Error.
func Curl(text []byte, o Options) (*Mix, error) {
	s, err := newSource(text, &o)
	if err != nil {
		return nil, err
	}
	cut := s.commands
	if isWindows(s.text) {
		cut = s.windowsCommands
	}
	lines, err := cut()
	if err != nil {
		return nil, err
	}
	g := newGatherer(s, &o, false)
	for _, line := range lines {
		if name := strings.TrimSuffix(path.Base(strings.ReplaceAll(line[0].text, `\`, "/")), ".exe"); name != "curl" {
			return nil, s.fail(line[0].at, "copy the request as cURL again, from the beginning of its line", "found %s; allowed: curl command lines", short(line[0].text))
		}
		for rest := line[1:]; ; {
			c := command{source: s, g: g, options: &o, request: request{at: line[0].at}}
			if rest, err = c.read(rest); err == nil {
				err = c.finish()
			}
			if err != nil {
				return nil, err
			}
			if len(rest) == 0 {
				break
			}
		}
	}
	return g.mix()
}

// newSource is a text to read; nothing and too much are errors.
func newSource(text []byte, o *Options) (*source, error) {
	s := &source{name: o.Name, text: strings.TrimPrefix(string(text), "\ufeff")}
	switch {
	case len(text) > MaxBytes:
		return nil, &Error{File: o.Name, Msg: fmt.Sprintf("it has more than %d MiB; allowed: at most that", MaxBytes>>20), Hint: "save the requests without the contents of their responses"}
	case strings.TrimSpace(s.text) == "":
		return nil, &Error{File: o.Name, Msg: "it is empty; allowed: curl command lines, or a HAR file", Hint: "in the network panel of a browser: Copy as cURL, or Save all as HAR"}
	}
	if i := strings.IndexByte(s.text, 0); i >= 0 {
		return nil, s.fail(i, "save it as UTF-8", "found a NUL character; allowed: text in UTF-8")
	}
	return s, nil
}

// command is one curl command while it is read.
type command struct {
	*source
	g       *gatherer
	options *Options
	request
	urlAt      int
	data       []string // parts of the body, joined by &
	get, head  bool     // -G, -I
	json       bool
	compressed bool
	noGlob     bool
	queries    []string // --url-query
}

// option is what an option of curl does: with its value, if it takes one.
type option struct {
	value  bool
	do     func(c *command, w *word) error // nil: nothing that changes a request
	refuse string                          // why the request cannot be driven
	hint   string
	told   string // it is dropped, and said so
}

// read reads the options of one request, and gives the words behind --next.
func (c *command) read(words []word) (rest []word, err error) {
	plain := false // behind -- there are URLs alone
	for i := 0; i < len(words); i++ {
		w := words[i]
		switch {
		case plain || !strings.HasPrefix(w.text, "-") || w.text == "-":
			if err := c.take(&w); err != nil {
				return nil, err
			}
			continue
		case w.text == "--":
			plain = true
			continue
		case w.text == "--next" || w.text == "-:":
			return words[i+1:], nil
		}
		used, err := c.option(words, i)
		if err != nil {
			return nil, err
		}
		i += used
	}
	return nil, nil
}

// option reads one word of options, and gives how many words behind it were values.
func (c *command) option(words []word, i int) (used int, err error) {
	w := words[i]
	names := []string{w.text}
	if !strings.HasPrefix(w.text, "--") {
		names = strings.Split(w.text[1:], "")
	}
	for k, name := range names {
		long := name
		if !strings.HasPrefix(name, "--") {
			if long = shortOptions[name]; long == "" {
				return 0, c.unknown(&w, "-"+name)
			}
		}
		o, known := options[strings.TrimPrefix(long, "--")]
		if !known {
			return 0, c.unknown(&w, name)
		}
		value := &w
		attached := "" // -XPOST
		if len(names) > k+1 {
			attached = strings.Join(names[k+1:], "")
		}
		switch {
		case o.value && attached != "":
			value = &word{text: attached, at: w.at, foreign: w.foreign}
		case o.value && i+1 >= len(words):
			return 0, c.fail(w.at, "write it behind the option, or leave the option out", "found %s without its value", spelled(name))
		case o.value:
			value, used = &words[i+1], 1
		}
		switch {
		case o.refuse != "":
			return 0, c.fail(w.at, o.hint, "found %s: %s", spelled(name), o.refuse)
		case o.do != nil:
			if err := o.do(c, value); err != nil {
				return 0, err
			}
		}
		if o.told != "" {
			c.g.dropped.add(spelled(name) + ": " + o.told)
		}
		if o.value {
			return used, nil
		}
	}
	return used, nil
}

func spelled(name string) string {
	if strings.HasPrefix(name, "-") {
		return name
	}
	return "-" + name
}

func (c *command) unknown(w *word, name string) error {
	name, _, _ = strings.Cut(name, "=")
	return c.fail(w.at, "leave it out if the request is the same without it", "found the option %s, which is not known here; allowed: those of curl that make a request, such as -X, -H, -d, -u, -b, -G", short(name))
}

// known refuses a value that only the shell that it was copied from knows.
func (c *command) known(w *word) error {
	if w.foreign < 0 {
		return nil
	}
	return c.fail(w.foreign, "write the value in its place; of a header with a token the whole value comes from the environment anyway",
		"found a variable of a shell; allowed: values as they are sent")
}

// take takes the URL.
func (c *command) take(w *word) error {
	if err := c.known(w); err != nil {
		return err
	}
	if c.url != "" {
		return c.fail(w.at, "write a curl command for each", "found a second URL; allowed: one in each command")
	}
	if !c.noGlob && pattern.MatchString(w.text) {
		return c.fail(w.at, "write each URL, or add --globoff if the brackets belong to it", "found a pattern of several URLs; allowed: one URL in each command")
	}
	c.url, c.urlAt = w.text, w.at
	if !strings.Contains(c.url, "://") && c.url != "" {
		c.url = "http://" + c.url
	}
	return nil
}

func (c *command) setHeader(name, value string) { c.header = append(c.header, [2]string{name, value}) }

// headerLine reads -H.
func (c *command) headerLine(w *word) error {
	if strings.HasPrefix(w.text, "@") {
		return c.fail(w.at, "write its headers with -H", "found headers in a file; allowed: -H 'Key: value'")
	}
	name, value, ok := strings.Cut(w.text, ":")
	switch {
	case !ok && strings.HasSuffix(w.text, ";"):
		c.setHeader(strings.TrimSuffix(w.text, ";"), "")
		return nil
	case !ok:
		return c.fail(w.at, "write -H 'Key: value'", "found a header without a colon")
	case strings.HasPrefix(w.text, ":"): // of HTTP/2
		name, value, _ = strings.Cut(w.text[1:], ":")
		name = ":" + name
	}
	if value = strings.TrimSpace(value); value == "" {
		c.g.dropped.add(name + ": curl takes a header without a value out")
		return nil
	}
	if w.foreign >= 0 && !secretHeader(name, value) {
		return c.known(w)
	}
	c.setHeader(name, value)
	return nil
}

// addData reads --data and its kin; from a file the line breaks are taken out where curl does.
func (c *command) addData(w *word, files, trim bool) error {
	if err := c.known(w); err != nil {
		return err
	}
	text := w.text
	if file, ok := strings.CutPrefix(text, "@"); files && ok {
		b, err := c.file(file, w.at)
		if err != nil {
			return err
		}
		if text = b; trim {
			text = strings.NewReplacer("\r", "", "\n", "").Replace(text)
		}
	}
	c.data, c.has = append(c.data, text), true
	return nil
}

// file reads a file that a body is in.
func (c *command) file(name string, at int) (string, error) {
	if name == "-" || c.options.ReadFile == nil {
		return "", c.fail(at, "write the body behind --data-raw", "found a body on standard input; allowed: a body in the command, or @FILE")
	}
	b, err := c.options.ReadFile(name)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return "", c.fail(at, "put the file there, or write the body behind --data-raw", "found a body in the file %s, which is not there", short(name))
	case err != nil:
		return "", c.fail(at, "write the body behind --data-raw", "found a body in the file %s, which cannot be read", short(name))
	}
	c.g.warnings.add("a body is what the file " + name + " holds now")
	return string(b), nil
}

// urlEncoded reads --data-urlencode and --url-query: CONTENT, =CONTENT, NAME=CONTENT, @FILE or NAME@FILE.
func (c *command) urlEncoded(w *word) (string, error) {
	if err := c.known(w); err != nil {
		return "", err
	}
	i := strings.IndexAny(w.text, "=@")
	if i < 0 {
		return escapeQuery(w.text), nil
	}
	name, content := w.text[:i], w.text[i+1:]
	if w.text[i] == '@' {
		b, err := c.file(content, w.at)
		if err != nil {
			return "", err
		}
		content = b
	}
	if name != "" {
		name += "="
	}
	return name + escapeQuery(content), nil
}

func escapeQuery(s string) string { return strings.ReplaceAll(url.QueryEscape(s), "+", "%20") }

// finish puts the request together as curl does, and hands it on.
func (c *command) finish() error {
	if c.url == "" {
		return c.fail(c.at, "add the URL of the request", "found a curl command without a URL")
	}
	joined := strings.Join(c.data, "&")
	method := "GET"
	switch {
	case c.head:
		method = "HEAD"
	case c.get:
		if joined != "" {
			c.queries = append(c.queries, joined)
		}
		c.has = false
	case c.has:
		method = "POST"
	}
	if c.method == "" {
		c.method = method
	}
	for _, q := range c.queries {
		sep := "?"
		if strings.Contains(c.url, "?") {
			sep = "&"
		}
		c.url, _, _ = strings.Cut(c.url, "#")
		c.url += sep + q
	}
	if c.has {
		c.body = joined
		kind := "application/x-www-form-urlencoded"
		if c.json {
			kind, c.body = "application/json", strings.Join(c.data, "")
			c.missing("Accept", kind)
		}
		c.missing("Content-Type", kind)
	}
	if c.compressed {
		c.missing("Accept-Encoding", "gzip, deflate")
		c.packed = true
	}
	return c.g.add(&c.request, c.urlAt)
}

// missing adds a header that curl adds where it is not given.
func (c *command) missing(name, value string) {
	for _, kv := range c.header {
		if strings.EqualFold(kv[0], name) {
			return
		}
	}
	c.setHeader(name, value)
}

// query reads --url-query.
func (c *command) query(w *word) error {
	text, ok := strings.CutPrefix(w.text, "+") // as it is
	if err := c.known(w); err != nil || ok {
		c.queries = append(c.queries, text)
		return err
	}
	text, err := c.urlEncoded(w)
	c.queries = append(c.queries, text)
	return err
}

// cookie reads -b: cookies, or the name of a file with some.
func (c *command) cookie(w *word) error {
	if !strings.Contains(w.text, "=") {
		return c.fail(w.at, "write them as -b 'NAME=VALUE'; they become a variable of the environment", "found cookies in a file; allowed: cookies in the command")
	}
	c.setHeader("Cookie", w.text)
	return nil
}

func (c *command) user(w *word) error {
	c.setHeader("Authorization", "Basic "+base64.StdEncoding.EncodeToString([]byte(w.text)))
	return nil
}
