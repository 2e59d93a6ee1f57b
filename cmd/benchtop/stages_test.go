package main

import (
	"reflect"
	"strings"
	"testing"
	"time"

	"github.com/spf13/pflag"

	"benchtop/lab/load"
)

func TestStagesOfTheCommandLine(t *testing.T) {
	for text, want := range map[string]load.Stages{
		"5s:1000":                  {{For: 5 * time.Second, Rate: 1000, To: 1000}},
		"5s:1000,10s:1000-5000":    {{For: 5 * time.Second, Rate: 1000, To: 1000}, {For: 10 * time.Second, Rate: 1000, To: 5000}},
		" 1s:0-2.5, 500ms:0 ,1m:7": {{For: time.Second, Rate: 0, To: 2.5}, {For: 500 * time.Millisecond}, {For: time.Minute, Rate: 7, To: 7}},
	} {
		f, flags := &loadFlags{standard: standardLoad(1)}, pflag.NewFlagSet("load", pflag.ContinueOnError)
		f.register(nil, flags, settingsOfURL())
		if err := flags.Parse([]string{"--stages", text}); err != nil {
			t.Errorf("%q: %v", text, err)
		}
		if l, err := f.load(); err != nil || !reflect.DeepEqual(l.Stages, want) || l.Model != load.Open || f.duration != want.Total() {
			t.Errorf("%q: %v, %+v, %v", text, err, l, f.duration)
		}
	}
	for text, want := range map[string]string{
		"5s":                                  "no colon",
		"5:1000":                              `the duration is "5"`,
		"-5s:1000":                            `the duration is "-5s"`,
		"3h:1000":                             "allowed are 1ms to 2h",
		"5s:":                                 `the rate is ""`,
		"5s:x":                                `the rate is "x"`,
		"5s:NaN":                              `the rate is "NaN"`,
		"5s:-5":                               `the rate is ""`,
		"5s:5-":                               `the rate is ""`,
		"5s:5-6-7":                            `the rate is "6-7"`,
		"5s:1000001":                          "allowed are 0 to 1000000",
		"5s:5,,5s:5":                          "no colon",
		"5s:0":                                "no stage has a rate above 0",
		"10ms:5":                              "allowed: 100ms to 2h",
		"90m:5,90m:5":                         "allowed: 100ms to 2h",
		strings.Repeat("1s:1,", 200) + "1s:1": "at most 100",
	} {
		env, _, _ := testEnv()
		cmd := loadCommand(env)
		cmd.SetArgs([]string{"http://127.0.0.1:1/", "--stages", text})
		var exit *exitError
		if err := cmd.Execute(); err == nil || !asExit(err, &exit) || exit.code != exitUsage || !strings.Contains(err.Error(), want) {
			t.Errorf("%q: %v, want %q", text, err, want)
		}
	}
}
