package pasted

import (
	"bytes"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"benchtop/lab/load"
)

// told is a mix as lines, for comparing.
func told(m *Mix) string {
	var b strings.Builder
	for i := range m.Entries {
		e := &m.Entries[i]
		fmt.Fprintf(&b, "%g x %s | %s %s\n", e.Weight, e.Name, e.Method, e.Path)
		for _, kv := range e.Header {
			fmt.Fprintf(&b, "  %s: %s\n", kv[0], kv[1])
		}
		for _, kv := range e.HeaderEnv {
			fmt.Fprintf(&b, "  %s from %s\n", kv[0], kv[1])
		}
		if len(e.Body) > 0 {
			fmt.Fprintf(&b, "  %q\n", e.Body)
		}
	}
	return b.String()
}

// read reads a file of testdata by what its name says it is.
func read(t *testing.T, name string, o Options) *Mix {
	t.Helper()
	text, err := os.ReadFile(filepath.Join("testdata", name))
	if err != nil {
		t.Fatal(err)
	}
	parse := Curl
	if strings.HasSuffix(name, ".har") {
		parse = HAR
	}
	o.Name = name
	m, err := parse(text, o)
	if err != nil {
		t.Fatal(err)
	}
	return m
}

// What browsers and clients export comes out as it was sent, without what the generator writes and without secrets.
func TestKinds(t *testing.T) {
	shop := Options{Target: "127.0.0.1:8080", Hosts: []string{"shop.example"}}
	api := Options{Target: "127.0.0.1:8080", Hosts: []string{"api.example"}}
	local := Options{Target: "127.0.0.1:8000"}
	chrome := "Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/130.0.0.0 Safari/537.36"
	for _, c := range []struct {
		file string
		o    Options
		want string
		said []string // in the preview
	}{
		{"chrome-bash.txt", shop, `2 x GET /api/items | GET /api/items?page=2&sort=price%20asc
  accept: application/json, text/plain, */*
  accept-language: en-GB,en;q=0.9,de;q=0.8
  priority: u=1, i
  referer: https://shop.example/items
  sec-ch-ua: "Chromium";v="130", "Google Chrome";v="130", "Not?A_Brand";v="99"
  sec-ch-ua-mobile: ?0
  sec-fetch-mode: cors
  user-agent: ` + chrome + `
  authorization from AUTHORIZATION
  Cookie from COOKIE
1 x POST /api/items | POST /api/items
  accept: application/json, text/plain, */*
  content-type: application/json
  origin: https://shop.example
  authorization from AUTHORIZATION
  Cookie from COOKIE
  "{\"name\":\"it's a café 😀!\",\"note\":\"two\\nlines\",\"n\":1}"
1 x DELETE /api/items/7 | DELETE /api/items/7
  accept: */*
  Accept-Encoding: gzip, deflate
`, []string{
			"4 requests, 3 of them different", " 50.0 %  GET /api/items", "if-none-match: the response would be 304", "cookie had 2 different values",
			"AUTHORIZATION to the value of authorization of GET /api/items, which begins with Bearer: read -rs AUTHORIZATION && export AUTHORIZATION",
		}},
		{"chrome-cmd.txt", shop, `1 x GET /api/items | GET /api/items?page=2&sort=price%20asc
  accept: application/json, text/plain, */*
  sec-ch-ua: "Chromium";v="130", "Not?A_Brand";v="99"
  sec-ch-ua-platform: "Windows"
  authorization from AUTHORIZATION
  Cookie from COOKIE
1 x POST /api/items | POST /api/items
  content-type: application/json
  "{\"path\":\"C:\\\\temp\",\"text\":\"one\ntwo\",\"share\":\"50%\"}"
`, nil},
		{"firefox.txt", local, `1 x POST /login | POST /login
  User-Agent: Mozilla/5.0 (X11; Linux x86_64; rv:133.0) Gecko/20100101 Firefox/133.0
  Accept: text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8
  Accept-Language: en-US,en;q=0.5
  Content-Type: application/x-www-form-urlencoded
  Origin: http://localhost:8000
  Referer: http://localhost:8000/login?next=%2F
  Upgrade-Insecure-Requests: 1
  Sec-Fetch-Dest: document
  Priority: u=0, i
  Cookie from COOKIE
  "user=ann&remember=on&q=a%27b"
1 x GET /items | GET /items?q=caf%C3%A9
  Accept: */*
  Accept-Encoding: gzip, deflate, br, zstd
  DNT: 1
`, []string{"Accept-Encoding: curl sends it without --compressed only to print what it cannot read", "Connection: its only value here is close"}},
		{"safari.txt", local, `1 x POST /api/notes | POST /api/notes
  Content-Type: application/json
  Accept: */*
  Sec-Fetch-Site: same-origin
  Origin: http://127.0.0.1:8000
  User-Agent: Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/18.1 Safari/605.1.15
  X-CSRFToken from X_CSRFTOKEN
  "{\"text\":\"naïve\\tline\"}"
`, []string{"Host: the target's own is sent", "Content-Length: the generator writes it from the body"}},
		{"postman.txt", api, `1 x PUT /v1/items/42 | PUT /v1/items/42?token=removed&fields=name,price
  Content-Type: application/json
  X-Api-Key from X_API_KEY
  Cookie from COOKIE
  "{\n    \"name\": \"chair\",\n    \"price\": 12.5\n}"
1 x POST /v1/search | POST /v1/search
  Content-Type: application/x-www-form-urlencoded
  Authorization from AUTHORIZATION
  "q=red%20chair&max=10"
`, []string{`the value of the query parameter "token" of PUT /v1/items/42 was taken out`, "--location: redirects are not followed", "which begins with Basic"}},
		{"insomnia.txt", api, `1 x POST /v1/items | POST /v1/items?dry=true
  Content-Type: application/json
  User-Agent: insomnia/10.1.1
  Authorization from AUTHORIZATION
  Cookie from COOKIE
  "{\"tags\":[\"a\",\"b\"],\"quote\":\"it's\"}"
1 x GET /v1/items | GET /v1/items?q=chair&page=%222%22
1 x HEAD /v1/items | HEAD /v1/items
`, nil},
		{"chrome.har", shop, `3 x GET /api/items | GET /api/items?page=1
  x-requested-with: XMLHttpRequest
1 x GET / | GET /
  accept: text/html
  accept-encoding: gzip, deflate, br, zstd
  sec-fetch-dest: document
  cookie from COOKIE
1 x POST /api/items | POST /api/items?access_token=removed&dry=1
  content-type: application/json
  x-xsrf-token from X_XSRF_TOKEN
  "{\"name\":\"chair\"}"
`, []string{
			"left out 1 stylesheet", "1 script", "1 image", "2 from the browser's cache", "1 to the host metrics.example", "URLs", "1 eventsource, whose response has no end",
			":authority: HTTP/1.1 is spoken",
		}},
		{"firefox.har", local, `1 x POST /search | POST /search
  User-Agent: Firefox
  Accept-Encoding: gzip, deflate
  Content-Type: application/x-www-form-urlencoded
  Sec-Fetch-Dest: empty
  Cookie from COOKIE
  "q=red+chair&max=10"
1 x GET /items | GET /items
  Accept: application/json
`, []string{"1 script", "1 image"}},
		{"safari.har", local, `1 x PATCH /api/notes/3 | PATCH /api/notes/3
  Accept: */*
  User-Agent: Safari
  Content-Type: application/json
  Cookie from COOKIE
  "{\"text\":\"naïve\"}"
`, []string{"1 from the browser's cache"}},
	} {
		m := read(t, c.file, c.o)
		if got := told(m); got != c.want {
			t.Errorf("%s:\n%s\nwant:\n%s", c.file, got, c.want)
		}
		var preview bytes.Buffer
		if err := m.Preview(&preview, "http://127.0.0.1:8080"); err != nil {
			t.Fatal(err)
		}
		for _, want := range c.said {
			if !strings.Contains(preview.String(), want) {
				t.Errorf("%s: the preview does not say %q:\n%s", c.file, want, &preview)
			}
		}
		task := load.Task{Request: load.Request{Path: "/", Host: "h"}, Model: load.Closed, Connections: 1, Window: 1e9}
		for _, e := range m.Entries {
			if e.Method == "HEAD" {
				continue // cannot share connections with others
			}
			e.Host = "h"
			task.Mix = append(task.Mix, e)
		}
		if err := task.Check(); err != nil {
			t.Errorf("%s: what came of it cannot be driven: %v", c.file, err)
		}
	}
}

// No value of a secret is anywhere in what comes of a text: they all have the word in them.
func TestSecretsAreNowhere(t *testing.T) {
	files, err := filepath.Glob("testdata/*.*")
	if err != nil || len(files) < 9 {
		t.Fatal(files, err)
	}
	for _, file := range files {
		m := read(t, filepath.Base(file), Options{Hosts: []string{"shop.example", "api.example", "localhost:8000"}})
		var preview bytes.Buffer
		if err := m.Preview(&preview, "h"); err != nil {
			t.Fatal(err)
		}
		if all := fmt.Sprintf("%+v %s %s", *m, told(m), &preview); strings.Contains(all, "secret") {
			t.Errorf("%s: %s", file, all)
		}
		if len(m.Variables) == 0 {
			t.Errorf("%s has no variable", file)
		}
	}
}

// What cannot be driven is refused at its place, without the value of a secret.
func TestBroken(t *testing.T) {
	o := Options{Name: "x", Target: "127.0.0.1:80", ReadFile: func(string) ([]byte, error) { return nil, fs.ErrNotExist }}
	const url = "curl http://127.0.0.1/a "
	for _, c := range []struct {
		text, want, hint string
		har              bool
	}{
		{"", "x: it is empty", "Copy as cURL", false},
		{"wget http://127.0.0.1/", `x:1:1: found "wget"; allowed: curl command lines`, "copy the request", false},
		{url + "\\\n  -H 'Accept: */*", "x:2:6: found ' without its end", "copy the command again", false},
		{url + "--data-raw $'a\\'b", "x:1:36: found $' without its end", "copy the command again", false},
		{url + "-H \"A: b", "x:1:28: found \" without its end", "copy the command again", false},
		{url + "\n" + url + "-F 'file=@a.png'", "x:2:25: found -F: a body of several parts", "--data-raw", false},
		{url + "-d @body.json", `x:1:28: found a body in the file "body.json", which is not there`, "put the file there", false},
		{url + "-d @-", "found a body on standard input", "--data-raw", false},
		{"curl ftp://127.0.0.1/a", `x:1:6: found the scheme "ftp"; allowed: http, https`, "leave the request out", false},
		{"curl https://shop.example/a?token=s3cr3t", `x:1:6: found the host "shop.example"; allowed: 127.0.0.1:80, which is driven`, "--only-host shop.example", false},
		{url + "--dat x", `x:1:25: found the option "--dat", which is not known here`, "leave it out", false},
		{url + "-sX", "x:1:25: found -X without its value", "behind the option", false},
		{url + "-H", "x:1:25: found -H without its value", "behind the option", false},
		{url + `-H "Authorization: $(cat s3cr3t)"`, "x:1:44: found a command whose output", "environment", false},
		{url + `-H "Accept: $KIND"`, "x:1:37: found a variable of a shell", "write the value", false},
		{url + "| jq .", "x:1:25: found '|' behind a curl command", "leave out what is behind", false},
		{url + "http://127.0.0.1/b", "x:1:25: found a second URL", "a curl command for each", false},
		{"curl 'http://127.0.0.1/[1-9]'", "x:1:6: found a pattern of several URLs", "--globoff", false},
		{"curl -H 'A: b'", "x:1:1: found a curl command without a URL", "add the URL", false},
		{url + "-X BREW", `found the method "BREW"; allowed: GET`, "leave the request out", false},
		{url + "-X GET -d a=b", "x:1:1: found a body in a GET request", "a body that can be sent", false},
		{url + "-H 'no colon'", "x:1:28: found a header without a colon", "Key: value", false},
		{url + `-H $'A: b\nX-Evil: 1'`, "x:1:1: found a line break or another control character in the header A", "leave the header out", false},
		{url + "-b cookies.txt", "x:1:28: found cookies in a file", "NAME=VALUE", false},
		{url + `-d $'\xff'`, "a body that is not text", "leave the request out", false},
		{`curl ^"http://127.0.0.1/^" -H ^"A: b`, "found \" without its end", "copy the command again", false},

		{"[]", "x:1:1: found '['; allowed: a HAR file", "save the requests", true},
		{`{"log": {"version": "1.2"}}`, "found no log.entries", "save the requests", true},
		{`{"entries": []}`, "found no log; allowed", "save the requests", true},
		{"{\"log\": {\n \"entries\": [{]", "x:2:14: found no JSON", "save the requests", true},
		{`{"log": {"entries": [{"request"`, "found the end in the middle of it", "save the requests", true},
		{"{\"log\": {\"entries\": [\n  {\"request\": {\"method\": 5}}]}}", "x:2:3: found an entry that is not one of HAR 1.2: request.method holds a JSON number", "save", true},
		{"{\"log\": {\"entries\": [\n  {\"response\": {}}]}}", "x:2:3: found an entry without request.method", "save", true},
		{`{"log": {"entries": 7}}`, "x:1:21: found log.entries is not a list", "save", true},
		{`{"log": {"entries": [{"request": {"method": "GET", "url": "https://a.example/?key=s3cr3t", "headers": []}}]}}`, "no request is left: 1 to the host a.example", "its hosts: a.example (1)", true},
	} {
		parse := Curl
		if c.har {
			parse = HAR
		}
		_, err := parse([]byte(c.text), o)
		var bad *Error
		if !errors.As(err, &bad) || !strings.Contains(err.Error(), c.want) || !strings.Contains(bad.Hint, c.hint) || strings.Contains(err.Error(), "s3cr3t") {
			t.Errorf("%s\n  %v\n  want %q and %q", c.text, err, c.want, c.hint)
		}
	}
}

// A body is read from a file where there is one, and -d takes its line breaks out as curl does.
func TestBodyOfAFile(t *testing.T) {
	o := Options{Name: "x", Target: "127.0.0.1:80", ReadFile: func(name string) ([]byte, error) { return []byte(name + "\r\nb\n"), nil }}
	for option, want := range map[string]string{"-d": "f.txtb", "--data-binary": "f.txt\r\nb\n", "--data-raw": "@f.txt", "--json": "f.txt\r\nb\n", "--data-urlencode": "f.txt%0D%0Ab%0A"} {
		m, err := Curl([]byte("curl 127.0.0.1/a "+option+" @f.txt"), o)
		if err != nil || string(m.Entries[0].Body) != want || m.Entries[0].Method != "POST" {
			t.Errorf("%s: %v, %+v, want %q", option, err, m, want)
		}
	}
}

// More kinds of requests than a mix has: the rarest are left out, and said.
func TestManyKinds(t *testing.T) {
	var b strings.Builder
	for i := range 20 {
		for range 1 + i {
			fmt.Fprintf(&b, "curl http://127.0.0.1/%d\n", i)
		}
	}
	m, err := Curl([]byte(b.String()), Options{Name: "x", Target: "127.0.0.1:80"})
	if err != nil || len(m.Entries) != load.MaxEntries || m.Entries[0].Path != "/19" || m.Entries[0].Weight != 20 || m.Requests != 210-10 {
		t.Fatalf("%v, %+v", err, m)
	}
	if len(m.Left) != 1 || !strings.HasPrefix(m.Left[0], "10 rarer than the 16") {
		t.Error(m.Left)
	}
}

func TestFilters(t *testing.T) {
	count := func(o Options) int { return read(t, "chrome.har", o).Requests }
	shop := []string{"shop.example"}
	if n := count(Options{Hosts: shop, Types: []string{"image", "script"}}); n != 2 {
		t.Error(n)
	}
	if n := count(Options{Hosts: shop, Methods: []string{"post"}}); n != 1 {
		t.Error(n)
	}
	if n := count(Options{Hosts: []string{"shop.example", "metrics.example"}}); n != 6 {
		t.Error(n)
	}
	if n := count(Options{Target: "shop.example:443"}); n != 5 {
		t.Error(n)
	}
}

func FuzzCurl(f *testing.F) {
	seed(f, "*.txt")
	f.Fuzz(func(t *testing.T, text []byte) { holds(t, text, Curl) })
}

func FuzzHAR(f *testing.F) {
	seed(f, "*.har")
	f.Fuzz(func(t *testing.T, text []byte) { holds(t, text, HAR) })
}

func seed(f *testing.F, pattern string) {
	files, err := filepath.Glob(filepath.Join("testdata", pattern))
	if err != nil {
		f.Fatal(err)
	}
	for _, file := range files {
		text, err := os.ReadFile(file)
		if err != nil {
			f.Fatal(err)
		}
		f.Add(text)
	}
}

// holds checks what holds for any text: an error has a place in it, and what is taken can be driven.
func holds(t *testing.T, text []byte, parse func([]byte, Options) (*Mix, error)) {
	m, err := parse(text, Options{Name: "x", Hosts: []string{"shop.example", "api.example", "localhost:8000"}})
	if err != nil {
		var bad *Error
		if !errors.As(err, &bad) || bad.Msg == "" || bad.Line > bytes.Count(text, []byte("\n"))+1 {
			t.Errorf("%v", err)
		}
		return
	}
	names := map[string]bool{}
	for _, e := range m.Entries {
		task := load.Task{Request: e.Request, Model: load.Closed, Connections: 1, Window: 1e9}
		task.Request.Host = "h"
		if err := task.Check(); err != nil && !strings.Contains(err.Error(), "{key}") {
			t.Errorf("%v", err)
		}
		if names[e.Name] || len(e.Name) > maxName {
			t.Errorf("name %q", e.Name)
		}
		names[e.Name] = true
	}
}
