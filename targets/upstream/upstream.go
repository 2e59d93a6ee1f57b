// Package upstream is the service of that kind: a slow HTTP service in a process of its own, as somebody else's is that a
// server has to ask. How long it takes, how often it fails and how often it never responds is declared, and drawn from a seed.
package upstream

import (
	"context"
	"time"

	"benchtop/targets"
	"benchtop/targets/calls"
	"benchtop/targets/prefork"
	"benchtop/targets/setting"
)

// Names of the service in the registry, and of its process's role.
const (
	Name = "upstream"
	Role = "upstream"
)

// Path is what it serves.
const Path = calls.Path

// How the time of a call is distributed.
const (
	Fixed       = "fixed"
	Exponential = "exponential"
)

// Settings are those of the service.
type Settings struct {
	Wait         *time.Duration `json:"wait,omitempty"`
	Distribution string         `json:"distribution,omitempty"`
	Errors       float64        `json:"errors,omitempty"`
	Hangs        float64        `json:"hangs,omitempty"`
	HangFor      time.Duration  `json:"hang_for,omitempty"`
	Notices      *bool          `json:"notices,omitempty"`
	Slots        int            `json:"slots,omitempty"`
	Seed         uint64         `json:"seed,omitempty"`
}

// Bounds and limits.
const (
	longest   = time.Minute
	mostSlots = 1_000_000
	mostSeed  = 1 << 53 // as JSON of others keeps it
	backlog   = 1024
	heartbeat = 30 * time.Second
)

// Descriptor describes the service.
func Descriptor() targets.ServiceDescriptor {
	return targets.ServiceDescriptor{
		Name: Name, For: targets.ServiceUpstream, Doc: "a slow HTTP service that comes with this program: " + Path + " waits as declared, fails or never responds",
		New: func() any { return &Settings{} }, Settings: settings(), Check: check, Signals: prefork.Part(),
		Start: func(ctx context.Context, p targets.Part, h targets.Hooks) (targets.Running, error) {
			return prefork.Start(ctx, prefork.Config{
				Name: "service " + Name, Role: Role, Processes: 1, GOMAXPROCS: 1, Accept: prefork.Shared, Backlog: backlog, Heartbeat: heartbeat,
				Tell: func(bool) any { return p.Settings },
			}, h)
		},
	}
}

func settings() []setting.Setting {
	return []setting.Setting{
		{
			Key: "wait", Doc: "a declared wait of each call", Default: "20ms", Max: float64(longest),
			At: setting.At(func(s *Settings) **time.Duration { return &s.Wait }),
		},
		{
			Key: "distribution", Doc: "fixed: every call waits so long; exponential: so long on average, many less and a few much longer", Default: Fixed,
			Values: []string{Fixed, Exponential}, At: setting.At(func(s *Settings) *string { return &s.Distribution }),
		},
		{
			Key: "errors", Doc: "share of the calls that get a 500 after their wait", Default: "0%", Max: 1,
			At: setting.At(func(s *Settings) *float64 { return &s.Errors }),
		},
		{
			Key: "hangs", Doc: "share of the calls that never get a response: they last until the caller gives up, or for hang_for", Default: "0%", Max: 1,
			At: setting.At(func(s *Settings) *float64 { return &s.Hangs }),
		},
		{
			Key: "hang_for", Doc: "a call that hangs gets a 500 after this; 0s: never", Default: "0s", Max: float64(longest),
			At: setting.At(func(s *Settings) *time.Duration { return &s.HangFor }),
		},
		{
			Key: "notices", Doc: "true: a call ends when its caller is gone; false: it goes on and keeps its slot, as in a program that does not look", Default: "true",
			At: setting.At(func(s *Settings) **bool { return &s.Notices }),
		},
		{
			Key: "slots", Doc: "calls at once; one more gets a 503 without a wait; 0: no limit", Default: "0", Max: mostSlots,
			At: setting.At(func(s *Settings) *int { return &s.Slots }),
		},
		{
			Key: "seed", Doc: "of what is drawn for each call", Default: "1", Max: mostSeed,
			At: setting.At(func(s *Settings) *uint64 { return &s.Seed }),
		},
	}
}

// check holds the shares against each other.
func check(own any) []*targets.Fault {
	if s, ok := own.(*Settings); ok && s.Errors+s.Hangs > 1 {
		return []*targets.Fault{{Key: "hangs", Msg: "together with errors it is more than 100%"}}
	}
	return nil
}
