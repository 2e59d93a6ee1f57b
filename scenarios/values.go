package scenarios

import (
	"fmt"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"

	"benchtop/targets/printable"
	"benchtop/targets/setting"
)

// This file reads single values. Each reader reports what it cannot read and says so by its second result; the caller
// then keeps the default, so that one mistake is one problem.

var (
	wholeNumber = regexp.MustCompile(`^[0-9]+$`)
	anyNumber   = regexp.MustCompile(`^[0-9]+(\.[0-9]+)?$`)
	identifier  = regexp.MustCompile(`^[a-z0-9]+(-[a-z0-9]+)*$`)
)

// short is a value as it may be echoed in a message.
func short(s string) string {
	const most = 40
	if r := []rune(s); len(r) > most {
		s = string(r[:most]) + "..."
	}
	return strconv.Quote(printable.Line(s))
}

// found says what stands where something else was expected.
func (n *node) found() string {
	switch n.kind {
	case text, number, truth:
		return short(n.value)
	}
	return n.kind.String()
}

func (d *decoder) wants(n *node, path, what, hint string) {
	d.problem(n, path, fmt.Sprintf("%s wants %s, found %s", lastOf(path), what, n.found()), hint)
}

// text reads one line of text.
func (d *decoder) text(n *node, path string, longest int) (string, bool) {
	return d.anyText(n, path, longest, false)
}

// markdown reads a text of several lines.
func (d *decoder) markdown(n *node, path string, longest int) (string, bool) {
	return d.anyText(n, path, longest, true)
}

func (d *decoder) anyText(n *node, path string, longest int, lines bool) (string, bool) {
	switch n.kind {
	case text:
	case number, truth:
		d.wants(n, path, "a text", fmt.Sprintf("put it in quotes: %q", n.value))
		return "", false
	default:
		d.wants(n, path, "a text", "")
		return "", false
	}
	s := n.value
	if strings.TrimSpace(s) == "" {
		d.problem(n, path, lastOf(path)+" is empty", "write a text, or leave the key out if it is optional")
		return "", false
	}
	if !lines {
		s = strings.TrimSuffix(s, "\n") // of a block text
	}
	for _, r := range s {
		if !printable.Hidden(r) || lines && (r == '\n' || r == '\t') {
			continue
		}
		hint := "remove it; texts are shown on a terminal"
		if r == '\n' {
			hint = "this text is one line"
		}
		d.problem(n, path, fmt.Sprintf("%s holds %s", lastOf(path), named(r)), hint)
		return "", false
	}
	if size := len([]rune(s)); size > longest {
		d.problem(n, path, fmt.Sprintf("%s has %d characters; at most %d are allowed", lastOf(path), size, longest), "")
		return "", false
	}
	return s, true
}

// word reads an identifier: small letters, digits, hyphens.
func (d *decoder) word(n *node, path string) (string, bool) {
	if n.kind != text {
		d.text(n, path, maxID)
		return "", false
	}
	if !identifier.MatchString(n.value) || len(n.value) > maxID {
		d.problem(n, path, fmt.Sprintf("%s %s is not allowed: small letters, digits and single hyphens, at most %d characters", lastOf(path), short(n.value), maxID), identifierHint(n.value))
		return "", false
	}
	return n.value, true
}

func identifierHint(s string) string {
	var b strings.Builder
	for _, r := range strings.ToLower(s) {
		if r >= 'a' && r <= 'z' || r >= '0' && r <= '9' {
			b.WriteRune(r)
		} else if b.Len() > 0 && !strings.HasSuffix(b.String(), "-") {
			b.WriteByte('-')
		}
		if b.Len() >= maxID {
			break
		}
	}
	if better := strings.Trim(b.String(), "-"); better != "" {
		return "write " + better
	}
	return ""
}

// whole reads a whole number from least to most.
func (d *decoder) whole(n *node, path string, least, most int64) (int64, bool) {
	between := fmt.Sprintf("a whole number from %d to %d", least, most)
	if n.kind != number || !wholeNumber.MatchString(n.value) {
		hint := ""
		if n.kind == text && n.quoted && wholeNumber.MatchString(n.value) {
			hint = "leave the quotes out"
		}
		d.wants(n, path, between, hint)
		return 0, false
	}
	v, err := strconv.ParseInt(n.value, 10, 64)
	if err != nil || v < least || v > most {
		d.problem(n, path, fmt.Sprintf("%s is %s; allowed: %s", lastOf(path), n.value, between), "")
		return 0, false
	}
	return v, true
}

// bool reads true or false.
func (d *decoder) bool(n *node, path string) (value, ok bool) {
	if n.kind != truth || n.value != "true" && n.value != "false" {
		hint := ""
		switch strings.ToLower(n.value) {
		case "yes", "on", "y", "1", "true":
			hint = "write true"
		case "no", "off", "n", "0", "false":
			hint = "write false"
		}
		d.wants(n, path, "true or false", hint)
		return false, false
	}
	return n.value == "true", true
}

// duration reads a number with its unit, from least to most.
func (d *decoder) duration(n *node, path string, least, most time.Duration) (time.Duration, bool) {
	if (n.kind == number || n.kind == text) && anyNumber.MatchString(n.value) {
		d.problem(n, path, fmt.Sprintf("%s is %s without a unit", lastOf(path), n.value), fmt.Sprintf("write %sms or %ss", n.value, n.value))
		return 0, false
	}
	const what = "a duration such as 250ms, 1.5s or 2m"
	if n.kind != text {
		d.wants(n, path, what, "")
		return 0, false
	}
	v, err := time.ParseDuration(n.value)
	if err != nil || strings.HasPrefix(n.value, "+") || strings.HasPrefix(n.value, "-") {
		hint := ""
		if strings.Contains(n.value, " ") {
			hint = "write it without spaces"
		}
		d.wants(n, path, what, hint)
		return 0, false
	}
	if v < least || v > most {
		d.problem(n, path, fmt.Sprintf("%s is %s; allowed: %s to %s", lastOf(path), n.value, setting.Span(least), setting.Span(most)), "")
		return 0, false
	}
	return v, true
}

// share reads a percentage as a share: 2% is 0.02.
func (d *decoder) share(n *node, path string, least, most float64) (float64, bool) {
	allowed := fmt.Sprintf("a percentage from %s to %s", setting.Percent(least), setting.Percent(most))
	if (n.kind == number || n.kind == text) && anyNumber.MatchString(n.value) {
		d.problem(n, path, fmt.Sprintf("%s is %s without a unit; it wants %s", lastOf(path), n.value, allowed), fmt.Sprintf("write %s%%", n.value))
		return 0, false
	}
	if v, ok := setting.ParseShare(n.value); ok && n.kind == text {
		if v >= least && v <= most {
			return v, true
		}
		d.problem(n, path, fmt.Sprintf("%s is %s; allowed: %s", lastOf(path), short(n.value), allowed), "")
		return 0, false
	}
	d.wants(n, path, allowed, "")
	return 0, false
}

// bytes reads an amount of bytes with its unit.
func (d *decoder) bytes(n *node, path string, least, most int64) (int64, bool) {
	if (n.kind == number || n.kind == text) && anyNumber.MatchString(n.value) {
		d.problem(n, path, fmt.Sprintf("%s is %s without a unit", lastOf(path), n.value), fmt.Sprintf("write %skB or %sMB", n.value, n.value))
		return 0, false
	}
	if v, ok := setting.ParseBytes(n.value); ok && n.kind == text {
		if v < least || v > most {
			d.problem(n, path, fmt.Sprintf("%s is %s; allowed: %d to %d bytes", lastOf(path), n.value, least, most), "")
			return 0, false
		}
		return v, true
	}
	d.wants(n, path, "an amount of bytes such as 200kB, 20MB or 1MiB", "")
	return 0, false
}

// bitRate reads a rate of bits or bytes per second.
func (d *decoder) bitRate(s *setting.Setting, n *node, path string) (setting.Rate, bool) {
	if (n.kind == number || n.kind == text) && anyNumber.MatchString(n.value) {
		d.problem(n, path, fmt.Sprintf("%s is %s without a unit", lastOf(path), n.value), fmt.Sprintf("write %smbit or %skB/s", n.value, n.value))
		return 0, false
	}
	v, ok := setting.ParseRate(n.value)
	if !ok || n.kind != text {
		d.wants(n, path, "a rate such as 10mbit, 1gbit or 50kB/s, or off", "")
		return 0, false
	}
	if s.Wrong(v) != "" {
		d.problem(n, path, fmt.Sprintf("%s is %s; allowed: %s", lastOf(path), n.value, s.Allowed()), "")
		return 0, false
	}
	return v, true
}

// choice reads one of several words.
func (d *decoder) choice(n *node, path string, allowed []string) (string, bool) {
	if n.kind != text {
		d.wants(n, path, "one of "+strings.Join(allowed, ", "), "")
		return "", false
	}
	if slices.Contains(allowed, n.value) {
		return n.value, true
	}
	d.problem(n, path, fmt.Sprintf("%s %s is not known", lastOf(path), short(n.value)), didYouMean(n.value, allowed))
	return "", false
}

// list gives the items of a list.
func (d *decoder) list(n *node, path string, least, most int) []*node {
	if n.kind != sequence {
		d.wants(n, path, "a list", "")
		return nil
	}
	if len(n.items) < least || len(n.items) > most {
		d.problem(n, path, fmt.Sprintf("%s has %d items; allowed: %d to %d", lastOf(path), len(n.items), least, most), "")
	}
	return n.items[:min(len(n.items), most)]
}

// lastOf is the key that a path ends in, for messages: plan.slice gives slice, expect[1] gives expect.
func lastOf(path string) string {
	path = path[strings.LastIndexByte(path, '.')+1:]
	if i := strings.IndexByte(path, '['); i > 0 {
		path = path[:i]
	}
	return path
}

// bound writes a bound of a setting.
func bound(x float64) string { return strconv.FormatFloat(x, 'f', -1, 64) }
