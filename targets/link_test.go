package targets_test

import (
	"context"
	"strings"
	"testing"
	"time"

	"benchtop/targets"
)

func TestCheckOfALink(t *testing.T) {
	(&stage{}).register(t)
	defer targets.Register(targets.Descriptor{Name: "found", Found: true})()
	for _, test := range []struct {
		name, server string
		link         targets.Link
		want         string // the fault
		words        string
	}{
		{name: "nothing declared", words: "as fast as this machine"},
		{name: "rate", link: targets.Link{Rate: 10e6}, words: "10mbit"},
		{name: "both", link: targets.Link{Rate: 400e3, Shared: new(bool), Delay: 5 * time.Millisecond}, words: "400kbit for each connection and 5ms each way"},
		{name: "too slow", link: targets.Link{Rate: 1}, want: "link.rate: 0.001kbit is not allowed, want 8kbit to 10gbit"},
		{name: "too far", link: targets.Link{Delay: time.Minute}, want: "link.delay: 1m0s is not allowed, want 0s to 10s"},
		{name: "of what runs already", server: "found", want: "link: a link stands in front of what is started, and found runs already"},
	} {
		server := "fake"
		if test.server != "" {
			server = test.server
		}
		given := test.link
		s, faults := targets.Check(targets.Spec{Server: server, Link: &test.link})
		var says []string
		for _, f := range faults {
			says = append(says, f.Error())
		}
		if got := strings.Join(says, "; "); got != test.want {
			t.Errorf("%s: %q, want %q", test.name, got, test.want)
		}
		if words := s.Link.Words(); test.want == "" && words != test.words {
			t.Errorf("%s: %q, want %q", test.name, words, test.words)
		}
		if test.link != given || s.Link.Shared == nil {
			t.Errorf("%s: the caller's is %+v, was %+v", test.name, test.link, given)
		}
	}
}

// A link is what clients reach; what is behind it has an address of its own and knows nothing of it. It ends after the server,
// whose last bytes it carries.
func TestALinkInFrontOfAll(t *testing.T) {
	for name, proxy := range map[string]*targets.Proxy{"link": nil, "proxy": {Kind: "fake"}} {
		t.Run(name, func(t *testing.T) {
			place(t)
			s := &stage{}
			s.register(t)
			defer targets.RegisterLink(targets.LinkDescriptor{Name: targets.PartLink, Start: func(_ context.Context, sp targets.Spec, behind string, _ targets.Hooks) (targets.Running, error) {
				if sp.Listen != "127.0.0.1:9" || behind != "addr-"+name || sp.Link == nil {
					t.Errorf("the link gets %+v in front of %s", sp, behind)
				}
				return s.start("wire", sp)
			}})()
			tg, err := targets.Start(t.Context(), targets.Spec{Server: "fake", Listen: "127.0.0.1:9", Proxy: proxy, Link: &targets.Link{Rate: 1e6}}, targets.Hooks{})
			if err != nil {
				t.Fatal(err)
			}
			front := s.parts[name].spec
			if tg.Addr() != "addr-wire" || !strings.HasSuffix(front.Listen, "/link.sock") || front.Link != nil || tg.Spec().Link == nil {
				t.Errorf("%s, in front %+v", tg.Addr(), front)
			}
			processes := tg.Processes()
			if last := processes[len(processes)-1]; last.Part != targets.PartLink {
				t.Errorf("the last process is %+v", last)
			}
			if err := tg.Stop(t.Context()); err != nil {
				t.Error(err)
			}
			if diary := s.lines(); !strings.HasSuffix(diary, " ends, wire ends") {
				t.Errorf("%s", diary)
			}
		})
	}
}
