package load

import (
	"fmt"
	"net/http"
	"strings"
)

// Limits of what varies.
const (
	MaxEntries = 16      // requests of a mix
	MaxKeys    = 100_000 // rows of keys
	MaxColumns = 16      // of a file of keys
	MaxWeight  = 1e6     // of an entry
	MaxZipf    = 4       // exponent; beyond it all but a handful of requests ask for the first key
)

// Entry is one request of a mix.
type Entry struct {
	Name   string  `json:"name"`   // of its figures
	Weight float64 `json:"weight"` // its part of the requests, relative to the other entries' weights
	Request
}

// Keys are rows of values that stand for {NAME} in the paths, header values and bodies of requests: a row is drawn for
// each request, with the task's seed. Either Count or From is given.
type Keys struct {
	Count int     `json:"count,omitempty"` // {key} is one of the numbers 1 to Count
	Zipf  float64 `json:"zipf,omitempty"`  // exponent s: row i is drawn with a weight of 1/i^s (Zipf's law); 0: all rows alike
	From  string  `json:"from,omitempty"`  // absolute path of a CSV file, whose first line names the columns
	Hash  string  `json:"hash,omitempty"`  // SHA-256 of that file, hex; empty: not compared
}

// KeyColumn is the name of the one column of Keys that are counted.
const KeyColumn = "key"

// Entries are the requests that the task sends: those of its mix, or its one request.
func (t *Task) Entries() []Entry {
	if len(t.Mix) > 0 {
		return t.Mix
	}
	return []Entry{{Weight: 1, Request: t.Request}}
}

// Varies reports whether not every request of the task is the same bytes.
func (t *Task) Varies() bool { return len(t.Mix) > 0 || t.Keys != nil }

// checkMix reports what is wrong with the entries of a mix.
func (t *Task) checkMix() error {
	if len(t.Mix) > MaxEntries {
		return refuse("mix", "%d requests; allowed: at most %d", len(t.Mix), MaxEntries)
	}
	names := map[string]bool{}
	for i := range t.Mix {
		e := &t.Mix[i]
		where := fmt.Sprintf("mix[%d]", i)
		switch {
		case e.Name == "" || len(e.Name) > 60 || strings.ContainsFunc(e.Name, func(r rune) bool { return r < ' ' || r == 0x7f }):
			return refuse(where+".name", "%.60q; allowed: 1 to 60 bytes without control characters", e.Name)
		case names[e.Name]:
			return refuse(where+".name", "%q is there twice; give one of them another name", e.Name)
		case !(e.Weight > 0 && e.Weight <= MaxWeight): // so that what is not a number is wrong too
			return refuse(where+".weight", "%v; allowed: above 0, up to %g", e.Weight, float64(MaxWeight))
		case (e.Method == http.MethodHead) != (t.Mix[0].Method == http.MethodHead):
			return refuse(where+".method", "HEAD together with other methods: its responses have no body, so they cannot share connections; drive them apart")
		}
		names[e.Name] = true
		if err := e.check(); err != nil {
			return fmt.Errorf("%s: %w", where, err)
		}
	}
	return nil
}

// CheckKeys reports what is wrong with the keys. What is wrong with a file of keys shows when it is read.
func (t *Task) CheckKeys() error {
	k := t.Keys
	if k == nil {
		for _, e := range t.Entries() {
			if e.Holds("{" + KeyColumn + "}") {
				return refuse("keys", "a request has {%s}, and there are no keys to draw from; add them, such as {count: 1000}", KeyColumn)
			}
		}
		return nil
	}
	switch {
	case k.From == "" && (k.Count < 1 || k.Count > MaxKeys):
		return refuse("keys.count", "%d; allowed: 1 to %d", k.Count, MaxKeys)
	case k.From != "" && k.Count != 0:
		return refuse("keys.count", "%d together with a file, whose rows are the keys; leave one of them out", k.Count)
	case !(k.Zipf >= 0 && k.Zipf <= MaxZipf):
		return refuse("keys.zipf", "%v; allowed: 0 (all alike) to %d", k.Zipf, MaxZipf)
	}
	return nil
}

// Holds reports whether a text stands where a value of the keys can: in the path, a header's value or the body.
func (q *Request) Holds(text string) bool {
	for _, kv := range q.Header {
		if strings.Contains(kv[1], text) {
			return true
		}
	}
	return strings.Contains(q.Path, text) || strings.Contains(string(q.Body), text)
}
