package joincode

import (
	"errors"
	"fmt"
	"reflect"
	"strings"
	"testing"
	"unicode/utf8"
)

func code(addresses ...string) *Code {
	return &Code{Addresses: addresses, Fingerprint: [16]byte{1, 2, 250}, Token: []byte("0123456789")}
}

func TestCodes(t *testing.T) {
	for name, c := range map[string]*Code{
		"one address": code("127.0.0.1:4242"),
		"several":     code("192.168.1.20:4242", "[fe80::1]:1", "laptop.local:65535"),
		"named":       {Addresses: []string{"10.0.0.1:4222"}, Token: []byte("0123456789"), Named: true, Login: "a:b"},
	} {
		if err := c.Check(); err != nil {
			t.Fatal(name, err)
		}
		for _, text := range []string{c.String(), strings.ToLower(c.String()), strings.ReplaceAll(c.String(), "-", " \n"), strings.NewReplacer("0", "O", "1", "l").Replace(c.String())} {
			got, err := Parse(text)
			if err != nil || !reflect.DeepEqual(got, c) {
				t.Errorf("%s: %v, %+v is read as %+v", name, err, c, got)
			}
		}
	}
	if a, b := code("127.0.0.1:1"), code("127.0.0.1:2"); a.Class() != b.Class() || len(a.Class()) != 8 {
		t.Errorf("classes %s and %s", a.Class(), b.Class())
	}
}

// Every letter that is typed wrong, and every two that are swapped, is found; where it is one letter, the group is named.
func TestTypingErrors(t *testing.T) {
	text := strings.ReplaceAll(code("192.168.1.20:4242").String(), "-", "")
	for i := range text {
		for _, l := range alphabet {
			if byte(l) == text[i] {
				continue
			}
			_, err := Parse(text[:i] + string(l) + text[i+1:])
			if !errors.Is(err, ErrTyped) || !strings.Contains(err.Error(), fmt.Sprintf("group %d,", i/group+1)) {
				t.Fatalf("letter %d as %c: %v", i+1, l, err)
			}
		}
		if i > 0 && text[i] != text[i-1] {
			if _, err := Parse(text[:i-1] + text[i:i+1] + text[i-1:i] + text[i+1:]); !errors.Is(err, ErrTyped) {
				t.Errorf("letters %d and %d swapped: %v", i, i+1, err)
			}
		}
		if _, err := Parse(text[:i]); err == nil {
			t.Errorf("%d letters are a code", i)
		}
	}
	for _, wrong := range []string{"", " - ", "U" + text[1:], text + "0", strings.Repeat("0", 3000)} {
		if _, err := Parse(wrong); err == nil {
			t.Errorf("%.20q is a code", wrong)
		}
	}
}

func TestQR(t *testing.T) {
	for _, inverted := range []bool{false, true} {
		text, err := QR(code("192.168.1.20:4242", "127.0.0.1:4242").String(), inverted)
		if err != nil {
			t.Fatal(err)
		}
		rows := strings.Split(strings.TrimSuffix(text, "\n"), "\n")
		width := utf8.RuneCountInString(rows[0])
		for _, row := range rows {
			if utf8.RuneCountInString(row) != width {
				t.Errorf("a row of %d, the first has %d", utf8.RuneCountInString(row), width)
			}
		}
		if width > 60 || len(rows) != (width+1)/2 {
			t.Errorf("%d x %d", width, len(rows))
		}
		margin := strings.Repeat(map[bool]string{false: " ", true: "█"}[inverted], width)
		if rows[0] != margin || rows[1] != margin {
			t.Errorf("the margin is %q", rows[0])
		}
	}
}

func FuzzParse(f *testing.F) {
	f.Add(code("127.0.0.1:4242").String())
	f.Fuzz(func(t *testing.T, text string) {
		if c, err := Parse(text); err == nil && c.Check() != nil {
			t.Errorf("%q is taken", text)
		}
	})
}
