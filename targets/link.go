package targets

import (
	"context"
	"fmt"
	"strings"
	"time"

	"benchtop/targets/setting"
)

// Link is a declared network link between a target and its clients. Loopback costs nothing per byte; this does, and it is
// shown as declared.
type Link struct {
	Rate   setting.Rate  `json:"rate,omitempty"`   // each way; 0: as fast as this machine
	Shared *bool         `json:"shared,omitempty"` // all connections together have the rate; false: each of them has
	Delay  time.Duration `json:"delay,omitempty"`  // of each byte, each way
}

// Words describe what a link does, as declared: 10mbit 5ms.
func (l *Link) Words() string {
	words := setting.Words(linkRows(), l)
	if len(words) == 0 {
		return "as fast as this machine"
	}
	return strings.Join(words, " ")
}

// LinkDescriptor is how a link is started.
type LinkDescriptor struct {
	Name string
	// Start starts the link of the Spec in front of what serves at an address already.
	Start func(ctx context.Context, s Spec, behind string, h Hooks) (Running, error)
}

func (d LinkDescriptor) name() string { return d.Name }

var links kinds[LinkDescriptor]

// RegisterLink makes known how a link is started, as Register does; its name is PartLink.
func RegisterLink(d LinkDescriptor) (undo func()) { return links.register(d) }

// AroundSettings are the settings of a *Spec that every target has, whatever its server and its proxy are.
func AroundSettings() []setting.Setting {
	return []setting.Setting{TLSSetting(), LinkSetting(), LimitsSetting()}
}

// LinkSetting is the setting of a *Spec that puts a link in front of it.
func LinkSetting() setting.Setting {
	return setting.Setting{
		Key: PartLink, Said: "behind a declared link of", Doc: "a declared network link in front of the target, which makes its bytes wait", Example: "rate: 10mbit", At: setting.At(func(s *Spec) **Link { return &s.Link }),
		More: "A declared network link in front of the target: a process that makes bytes wait as long as the link would take. A variant's keys are laid over the target's. off: none, as fast as this machine.",
		Rows: linkRows(),
	}
}

// linkRows are the settings of a *Link.
func linkRows() []setting.Setting {
	return []setting.Setting{
		{
			Key: "rate", Said: "%s", Doc: "bits or bytes of payload per second, each way; off: as fast as this machine", Default: "off", Unset: true, Min: 8e3, Max: 10e9,
			Steps: []string{"off", "400kbit", "1mbit", "10mbit", "100mbit", "1gbit"}, At: setting.At(func(l *Link) *setting.Rate { return &l.Rate }),
		},
		{
			Key: "shared", Said: "for each connection", Doc: "true: all connections together have the rate; false: each of them has it", Default: "true",
			At: setting.At(func(l *Link) **bool { return &l.Shared }), Idle: setting.When(func(l *Link) string { return setting.Because(l.Rate == 0, "the link has no rate; turn link.rate") }),
		},
		{
			Key: "delay", Said: "and %s each way", Doc: "added to each byte, each way; a connection itself opens without it", Default: "0s", Max: float64(10 * time.Second),
			At: setting.At(func(l *Link) *time.Duration { return &l.Delay }),
		},
	}
}

// checkLink normalizes the link of a Spec and finds what is wrong with it, and with the address that is then the link's.
func checkLink(d Descriptor, s Spec) (Spec, []*Fault) {
	if s.Link == nil {
		return s, nil
	}
	rows := []setting.Setting{LinkSetting()}
	setting.Fill(rows, &s)
	faults := setting.Check(rows, &s)
	if s.Listen != "" {
		if err := CheckListen(s.Listen); err != nil {
			faults = append(faults, &Fault{Key: "listen", Msg: err.Error()})
		}
	}
	if d.Found {
		faults = append(faults, &Fault{Key: PartLink, Msg: "a link stands in front of what is started, and " + d.Name + " runs already"})
	}
	return s, faults
}

// linkSocket is the name of the socket of what is behind a link.
const linkSocket = "link.sock"

// behindLink is where a server without a proxy listens behind a link: a unix socket, which takes as little of a sender that is
// faster than the link as a socket of a network does, while one of TCP on loopback takes megabytes. Empty, which is a port of
// its own: the server cannot.
func behindLink(d Descriptor, s Spec) string {
	on := func(listen string) (wrong int) {
		s.Link, s.Listen = nil, listen
		return len(d.Validate(d.Normalize(s)))
	}
	if socket := UnixPrefix + "/" + linkSocket; on(socket) <= on("") {
		return socket
	}
	return ""
}

// unlinked is the Spec of what is behind the link at an address of its own; without a link it is the target's.
func (t *composite) unlinked(unix bool) (s Spec, err error) {
	if s = t.spec; s.Link == nil {
		return s, nil
	}
	if s.Link, s.Listen = nil, ""; unix {
		s.Listen, err = t.socket(linkSocket)
	}
	return s, err
}

// startLink starts the link in front of the part that clients would reach without it.
func (t *composite) startLink(ctx context.Context, h Hooks) error {
	kind, known := links.lookup(PartLink)
	if !known {
		return fmt.Errorf("this program has no %s", PartLink)
	}
	link, err := kind.Start(ctx, t.spec, t.front.Addr(), h.of(PartLink))
	if err != nil {
		return err
	}
	t.link = link
	t.parts = append(t.parts, running{link, PartLink, "the link"})
	return nil
}
