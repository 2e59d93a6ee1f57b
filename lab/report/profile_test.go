package report_test

import (
	"bytes"
	"fmt"
	"io"
	"regexp"
	"strings"
	"testing"

	"benchtop/lab"
	"benchtop/lab/profile"
	"benchtop/lab/report"
)

// profiled gives a result the profiles of both variants, of which the second has a function more.
func profiled(r *lab.Result, function string) {
	of := func(stacks ...string) *profile.Profile {
		p := &profile.Profile{Tool: profile.Pprof, Seconds: 5, Period: 10_000, Stacks: stacks}
		for _, s := range stacks {
			n := int64(0)
			_, _ = fmt.Sscan(s[strings.LastIndexByte(s, ' '):], &n)
			p.Samples += n
		}
		return p
	}
	a, b := &r.Variants[0], &r.Variants[1]
	a.Profile = of("main.main;net/http.(*conn).serve;main.work 400", "main.main;net/http.(*conn).serve 90", "main.main;main.gone 30")
	b.Profile = of("main.main;net/http.(*conn).serve;main.work 395", "main.main;net/http.(*conn).serve;"+function+" 120", "main.main;net/http.(*conn).serve 95")
	b.Profile.Missed = []string{"the kernel"}
	r.Profiles = []*profile.Difference{profile.Compare(profile.Side{Variant: b.ID, Profile: b.Profile, CPU: p(61)}, profile.Side{Variant: a.ID, Profile: a.Profile, CPU: p(52)}, &[2]float64{1.16, 1.18})}
}

// Lines and page name the function that was planted first, with the samples of both; the page draws the tree of both, and every
// report says what was not seen.
func TestThePlantedFunctionIsNamedFirst(t *testing.T) {
	r := result()
	var plain, page bytes.Buffer
	if err := report.Plain(&plain, r); err != nil || strings.Contains(plain.String(), strings.ToLower(report.ProfileTitle)) {
		t.Errorf("%v: a run without profiles has\n%s", err, plain.String())
	}
	profiled(r, "main.planted")
	plain.Reset()
	if err := report.Plain(&plain, r); err != nil {
		t.Fatal(err)
	}
	if err := report.HTML(&page, r); err != nil {
		t.Fatal(err)
	}
	for _, want := range []string{"b against a: main.planted in net/http.(*conn).serve grew most, by 12.0 us of CPU per request", "a: 520 samples by pprof in 5 s", "! b: not seen: the kernel"} {
		if !strings.Contains(plain.String(), want) || !strings.Contains(page.String(), want) {
			t.Errorf("%q is missing in\n%s", want, plain.String())
		}
	}
	if first := regexp.MustCompile(`samples\n    main\.planted +0 us +12\.0 us +\+12\.0 us .* 0, 120\n`); !first.MatchString(plain.String()) {
		t.Error(plain.String())
	}
	rows := regexp.MustCompile(`(?s)<th>samples</th></tr>\s*<tr><td>([^<]*)</td>`).FindStringSubmatch(page.String())
	if rows == nil || rows[1] != "main.planted" {
		t.Errorf("the table begins with %q", rows)
	}
	for _, want := range []string{
		"<title>main.planted: b 12.0 us per request (120 samples), a 0 us (0 samples), change +12.0 us</title>", ">▲ main.planted in http.(*conn).serve: +12.0 us per request</text>", `class="pointed"`, "http.(*conn).serve</text>",
	} {
		if !strings.Contains(page.String(), want) {
			t.Errorf("the picture lacks %q", want)
		}
	}
	for name, fill := range map[string]string{"main.planted": "var(--down)", "main.gone": "var(--up)"} {
		if !regexp.MustCompile(regexp.QuoteMeta("<title>"+name+":") + `[^<]*</title><rect [^>]*fill="` + regexp.QuoteMeta(fill)).MatchString(page.String()) {
			t.Errorf("%s is not %s", name, fill)
		}
	}
	for name, write := range map[string]func(io.Writer, *lab.Result) error{"md": report.Markdown, "github": report.GitHubSummary} {
		var text bytes.Buffer
		if err := write(&text, r); err != nil {
			t.Fatal(err)
		}
		// Of 520 and 610 samples; what grew comes first, and what only has a smaller share is not there.
		want := "b against a: main.planted in net/http.(\\*conn).serve grew most, by 12.0 us of CPU per request.\n\n" +
			"| function, with what it calls | share in a | share in b | change of CPU per request | samples |\n| --- | --- | --- | --- | --- |\n" +
			"| main.planted | 0.0 % | 19.7 % | +12.0 us | 0, 120 |\n"
		if _, table, found := strings.Cut(text.String(), "# "+report.ProfileTitle+"\n\n"+want); !found || !strings.Contains(table, "| main.gone | 5.8 % | 0.0 % | -3.00 us | 30, 0 |\n") ||
			strings.Contains(table, "| main.work |") || !strings.Contains(table, "- a: 520 samples by pprof in 5 s\n- b: 610 samples by pprof in 5 s\n- ! b: not seen: the kernel\n") {
			t.Errorf("%s:\n%s", name, &text)
		}
	}
	// Nothing was seen of one of them: no picture, and the reason.
	page.Reset()
	r.Variants[0].Profile = &profile.Profile{Missed: []string{"perf is not installed"}}
	r.Profiles = []*profile.Difference{profile.Compare(profile.Side{Variant: "b", Profile: r.Variants[1].Profile}, profile.Side{Variant: "a", Profile: r.Variants[0].Profile}, nil)}
	if err := report.HTML(&page, r); err != nil || !strings.Contains(page.String(), "nothing is compared: not both variants were profiled") || strings.Contains(page.String(), `class="flame"`) {
		t.Error(err)
	}
}
