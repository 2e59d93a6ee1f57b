package peers

import (
	"bytes"
	"errors"
	"fmt"
	"math"
	"regexp"
	"strconv"
	"strings"

	"benchtop/targets/printable"
)

// What a peer prints is matched by whole lines, each of which must be there exactly once. A figure that is missing, stands
// there twice or does not fit the others is an error: the format is not the one that is known.

// line is one line of a format. Its expression is compiled where it is used: nothing is made at the start of a program
// that mostly starts as something else.
type line struct {
	name     string // for the error
	re       string
	optional bool
}

func must(name, re string) line { return line{name, re, false} }
func may(name, re string) line  { return line{name, re, true} }

// format gives the submatches of each line by its name.
func format(text []byte, lines []line) (map[string][]string, error) {
	out := map[string][]string{}
	for _, l := range lines {
		found := regexp.MustCompile(l.re).FindAllSubmatch(text, -1)
		switch {
		case len(found) == 0 && l.optional:
			continue
		case len(found) == 0:
			return nil, fmt.Errorf("its output has no line with the %s; it ends with:\n%s", l.name, tail(text))
		case len(found) > 1:
			return nil, fmt.Errorf("its output has %d lines with the %s", len(found), l.name)
		}
		for _, m := range found[0][1:] {
			out[l.name] = append(out[l.name], string(m))
		}
	}
	return out, nil
}

// tail is the last lines of an output, safe to print.
func tail(text []byte) string {
	lines := strings.Split(strings.TrimSpace(string(text)), "\n")
	lines = lines[max(0, len(lines)-8):]
	clean := printable.Lines(strings.Join(lines, "\n"))
	return clean[:min(len(clean), 1024)]
}

func count(s string) (uint64, error) {
	n, err := strconv.ParseUint(s, 10, 64)
	if err != nil {
		return 0, fmt.Errorf("%q is not a count", s)
	}
	return n, nil
}

// counts adds counts up.
func counts(texts ...string) (uint64, error) {
	sum := uint64(0)
	for _, s := range texts {
		n, err := count(s)
		if err != nil {
			return 0, err
		}
		sum += n
	}
	return sum, nil
}

func number(s string) (float64, error) {
	x, err := strconv.ParseFloat(s, 64)
	if err != nil || math.IsNaN(x) || math.IsInf(x, 0) || x < 0 {
		return 0, fmt.Errorf("%q is not a number", s)
	}
	return x, nil
}

// units of time in microseconds.
var units = map[string]float64{"us": 1, "ms": 1e3, "s": 1e6, "m": 60e6, "h": 3600e6}

// micros reads a time with its unit as microseconds.
func micros(value, unit string) (*float64, error) {
	x, err := number(value)
	if err != nil {
		return nil, err
	}
	scale, ok := units[unit]
	if !ok {
		return nil, fmt.Errorf("%q is not a unit of time", unit)
	}
	x *= scale
	if x == 0 {
		return nil, fmt.Errorf("a latency of %s%s cannot be", value, unit)
	}
	return &x, nil
}

// check holds the figures against each other.
func (f Figures) check(seconds float64) (Figures, error) {
	switch {
	case f.Requests == 0:
		return f, errors.New("it made no request")
	case f.Errors > f.Requests:
		return f, fmt.Errorf("it tells of %d errors in %d requests", f.Errors, f.Requests)
	case f.RPS <= 0:
		return f, errors.New("it tells of no requests per second")
	case seconds <= 0:
		return f, errors.New("it tells that it took no time")
	case math.Abs(f.RPS*seconds/float64(f.Requests)-1) > 0.05:
		return f, fmt.Errorf("its %.0f requests in %.2f s are not its %.0f requests per second", float64(f.Requests), seconds, f.RPS)
	case f.P50 != nil && f.P99 != nil && *f.P50 > *f.P99:
		return f, fmt.Errorf("its p50 of %.0f us is above its p99 of %.0f us", *f.P50, *f.P99)
	}
	return f, nil
}

func wrkFormat() []line {
	return []line{
		must("p50", `(?m)^ +50% +([\d.]+)(us|ms|s|m|h)$`),
		must("p99", `(?m)^ +99% +([\d.]+)(us|ms|s|m|h)$`),
		must("requests", `(?m)^ +(\d+) requests in ([\d.]+)(us|ms|s|m|h), [\d.]+[KMGTP]?B read$`),
		must("RPS", `(?m)^Requests/sec: +([\d.]+)$`),
		may("socket errors", `(?m)^ +Socket errors: connect (\d+), read (\d+), write (\d+), timeout (\d+)$`),
		may("statuses", `(?m)^ +Non-2xx or 3xx responses: (\d+)$`),
	}
}

func parseWrk(o Output) (Figures, error) {
	var f Figures
	m, err := format(o.Stdout, wrkFormat())
	if err != nil {
		return f, err
	}
	var errs [6]error
	var took *float64
	f.P50, errs[0] = micros(m["p50"][0], m["p50"][1])
	f.P99, errs[1] = micros(m["p99"][0], m["p99"][1])
	f.Requests, errs[2] = count(m["requests"][0])
	took, errs[3] = micros(m["requests"][1], m["requests"][2])
	f.RPS, errs[4] = number(m["RPS"][0])
	f.Errors, errs[5] = counts(append(m["socket errors"], m["statuses"]...)...)
	if err := errors.Join(errs[:]...); err != nil {
		return f, err
	}
	return f.check(*took / 1e6)
}

func h2loadFormat() []line {
	return []line{
		must("protocol", `(?m)^Application protocol: (http/1\.1)$`),
		must("RPS", `(?m)^finished in ([\d.]+)(us|ms|s|m|h), ([\d.]+) req/s, [\d.]+[KMGTP]?B/s$`),
		must("requests", `(?m)^requests: \d+ total, \d+ started, (\d+) done, \d+ succeeded, (\d+) failed, \d+ errored, \d+ timeout$`),
		must("statuses", `(?m)^status codes: (\d+) 2xx, (\d+) 3xx, \d+ 4xx, \d+ 5xx$`),
	}
}

func parseH2load(o Output) (Figures, error) {
	var f Figures
	m, err := format(o.Stdout, h2loadFormat())
	if err != nil {
		return f, err
	}
	var errs [4]error
	var took *float64
	took, errs[0] = micros(m["RPS"][0], m["RPS"][1])
	f.RPS, errs[1] = number(m["RPS"][2])
	f.Requests, errs[2] = count(m["requests"][0])
	// Its failures hold what broke and what was answered with 4xx and 5xx; 3xx is a success to it.
	f.Errors, errs[3] = counts(m["requests"][1], m["statuses"][1])
	if err := errors.Join(errs[:]...); err != nil {
		return f, err
	}
	return f.check(*took / 1e6)
}

func abFormat() []line {
	return []line{
		must("time", `(?m)^Time taken for tests: +([\d.]+) seconds$`),
		must("requests", `(?m)^Complete requests: +(\d+)$`),
		must("failures", `(?m)^Failed requests: +(\d+)$`),
		may("statuses", `(?m)^Non-2xx responses: +(\d+)$`),
		must("kept connections", `(?m)^Keep-Alive requests: +(\d+)$`),
		must("RPS", `(?m)^Requests per second: +([\d.]+) \[#/sec\] \(mean\)$`),
	}
}

// abPercentiles is the format of the file that ab writes, after its title.
func abPercentiles() []line {
	return []line{must("p50", `(?m)^50,([\d.]+)$`), must("p99", `(?m)^99,([\d.]+)$`)}
}

const abTitle = "Percentage served,Time in ms\n"

func parseAb(o Output) (Figures, error) {
	var f Figures
	m, err := format(o.Stdout, abFormat())
	if err != nil {
		return f, err
	}
	if !strings.HasPrefix(string(o.File), abTitle) {
		return f, fmt.Errorf("its file of percentiles does not begin with %q; it ends with:\n%s", abTitle, tail(o.File))
	}
	p, err := format(o.File, abPercentiles())
	if err != nil {
		return f, err
	}
	var errs [7]error
	var took float64
	var kept uint64
	took, errs[0] = number(m["time"][0])
	f.Requests, errs[1] = count(m["requests"][0])
	f.Errors, errs[2] = counts(append(m["failures"], m["statuses"]...)...)
	kept, errs[3] = count(m["kept connections"][0])
	f.RPS, errs[4] = number(m["RPS"][0])
	f.P50, errs[5] = micros(p["p50"][0], "ms")
	f.P99, errs[6] = micros(p["p99"][0], "ms")
	if err := errors.Join(errs[:]...); err != nil {
		return f, err
	}
	if kept < f.Requests/2 {
		return f, fmt.Errorf("only %d of its %d requests were on kept connections (it speaks HTTP/1.0; the server must keep those)", kept, f.Requests)
	}
	return f.check(took)
}

func heyFormat() []line {
	return []line{
		must("time", `(?m)^  Total:\t([\d.]+) secs$`),
		must("RPS", `(?m)^  Requests/sec:\t([\d.]+)$`),
		must("p50", `(?m)^  50%%? in ([\d.]+) secs$`),
		must("p99", `(?m)^  99%%? in ([\d.]+) secs$`),
		must("statuses", `(?m)^(Status code distribution:)$`),
	}
}

// Lines of which hey prints as many as it needs.
const (
	heyStatus = `(?m)^  \[(\d{3})\]\t(\d+) responses$`
	heyErrors = "\nError distribution:\n"
	heyError  = `(?m)^  \[(\d+)\]\t.+$`
)

func parseHey(o Output) (Figures, error) {
	var f Figures
	m, err := format(o.Stdout, heyFormat())
	if err != nil {
		return f, err
	}
	var errs [4]error
	var took float64
	took, errs[0] = number(m["time"][0])
	f.RPS, errs[1] = number(m["RPS"][0])
	f.P50, errs[2] = micros(m["p50"][0], "s")
	f.P99, errs[3] = micros(m["p99"][0], "s")
	if err := errors.Join(errs[:]...); err != nil {
		return f, err
	}
	answers, failures, _ := bytes.Cut(o.Stdout, []byte(heyErrors))
	for _, s := range regexp.MustCompile(heyStatus).FindAllSubmatch(answers, -1) {
		n, err := count(string(s[2]))
		if err != nil {
			return f, err
		}
		f.Requests += n
		if s[1][0] != '2' {
			f.Errors += n
		}
	}
	for _, s := range regexp.MustCompile(heyError).FindAllSubmatch(failures, -1) {
		n, err := count(string(s[1]))
		if err != nil {
			return f, err
		}
		f.Requests += n
		f.Errors += n
	}
	return f.check(took)
}
