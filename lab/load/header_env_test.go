package load

import (
	"errors"
	"strings"
	"testing"

	"benchtop/targets/proc"
)

// environment is a lookup in a map.
func environment(values map[string]string) func(string) (string, bool) {
	return func(name string) (string, bool) {
		v, ok := values[name]
		return v, ok
	}
}

func secretTask(header, variable string) Task {
	t := base("127.0.0.1:9")
	t.Request.HeaderEnv = [][2]string{{header, variable}}
	return t
}

func TestFilled(t *testing.T) {
	task := secretTask("Authorization", "TEST_FILLED_TOKEN")
	task.Mix = []Entry{{Name: "a", Weight: 1, Request: Request{Path: "/", Host: "h", HeaderEnv: [][2]string{{"X-Api-Key", "TEST_FILLED_KEY"}}}}}
	t.Setenv("TEST_FILLED_TOKEN", "Bearer 0123456789")
	filled, secrets, err := task.Filled(environment(map[string]string{"TEST_FILLED_TOKEN": "Bearer 0123456789\t", "TEST_FILLED_KEY": "k"}))
	if err != nil {
		t.Fatal(err)
	}
	if q := filled.Request; len(q.HeaderEnv) != 0 || !strings.Contains(q.Head(true, "0"), "\r\nAuthorization: Bearer 0123456789\r\n") {
		t.Errorf("%+v", q)
	}
	if q := filled.Mix[0].Request; len(q.HeaderEnv) != 0 || q.Header[0] != [2]string{"X-Api-Key", "k"} {
		t.Errorf("%+v", q)
	}
	if len(task.Request.Header) != 0 || len(task.Mix[0].Header) != 0 || len(task.Mix[0].HeaderEnv) != 1 {
		t.Error("the task itself was filled")
	}
	for text, want := range map[string]string{
		"invalid: Bearer 0123456789!":  "invalid: [TEST_FILLED_TOKEN]!",
		"0123456789 is unknown":        "[TEST_FILLED_TOKEN] is unknown",
		"cut: Bearer 01234":            "cut: [TEST_FILLED_TOKEN]",
		"cut: Bearer 01234...":         "cut: [TEST_FILLED_TOKEN]...",
		"a key of one character stays": "a key of one character stays",
	} {
		if got := secrets.Hide(text); got != want {
			t.Errorf("%q becomes %q, want %q", text, got, want)
		}
	}
	sum := Summary{Note: "0123456789", Reasons: map[string]Reason{ErrStatus4xx: {Text: "401", Bytes: "0123456789"}}}
	secrets.HideIn(&sum)
	if sum.Note != "[TEST_FILLED_TOKEN]" || sum.Reasons[ErrStatus4xx].Bytes != "[TEST_FILLED_TOKEN]" {
		t.Errorf("%+v", sum)
	}
	for _, kv := range append(proc.Environ(), proc.Whole()...) {
		if strings.HasPrefix(kv, "TEST_FILLED_") {
			t.Error("a child would inherit a variable that a header takes its value from")
		}
	}
}

func TestHeaderEnvRefused(t *testing.T) {
	const value = "s3cr3t-value"
	for _, c := range []struct{ header, variable, want string }{
		{"Authorization", "Bearer " + value, "not the name of an environment variable"},
		{"Authorization", "", "not the name of an environment variable"},
		{"Authorization", "1ST", "not the name of an environment variable"},
		{"Host", "NAME", "Host cannot come from the environment"},
		{"Content-Length", "NAME", "cannot be given: the generator writes it"},
		{"a b", "NAME", "not a header name"},
	} {
		var bad *TaskError
		if err := secretTask(c.header, c.variable).Check(); !errors.As(err, &bad) || !strings.Contains(bad.Msg, c.want) || strings.Contains(bad.Error(), value) {
			t.Errorf("%s: %v, want %q", c.header, err, c.want)
		}
	}
	twice := secretTask("X-A", "NAME")
	twice.Request.Header = [][2]string{{"x-a", "1"}}
	if err := twice.Check(); err == nil || !strings.Contains(err.Error(), "there twice") {
		t.Error(err)
	}
	for want, values := range map[string]map[string]string{
		"the variable NAME is not set":                      {},
		"the variable NAME is empty":                        {"NAME": " "},
		"the value of the variable NAME holds a line break": {"NAME": value + "\nX-Evil: 1"},
	} {
		var bad *TaskError
		_, _, err := secretTask("Authorization", "NAME").Filled(environment(values))
		if !errors.As(err, &bad) || bad.Field != "request.header_env.Authorization" || !strings.Contains(bad.Msg, want) || strings.Contains(bad.Error(), value) {
			t.Errorf("%v, want %q", err, want)
		}
	}
}
