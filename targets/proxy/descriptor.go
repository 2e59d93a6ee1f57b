// Package proxy is the reverse proxy that comes with this program: real processes in front of the server, with a pool
// of connections to it, and the settings that people turn in such proxies. Where it has a choice it does what nginx does,
// so that the two can be compared; defaults are those of nginx 1.22 unless a setting says otherwise.
package proxy

import (
	"benchtop/targets"
	"benchtop/targets/prefork"
	"benchtop/targets/setting"
)

// Name is the name of this kind of proxy in the registry.
const Name = "builtin"

// Descriptor describes this proxy to the registry.
func Descriptor() targets.ProxyDescriptor {
	return targets.ProxyDescriptor{
		Name:     Name,
		Doc:      "the reverse proxy that comes with benchtop, written with net/http",
		Settings: settings(),
		Signals:  prefork.Part(),
		Start:    start,
	}
}

func settings() []setting.Setting {
	return targets.FrontSettings(
		setting.Setting{Key: "keepalive"},
		setting.Setting{Key: "http_version"},
		setting.Setting{Key: "balance"},
		setting.Setting{Key: "eject"},
		setting.Setting{Key: "connect_timeout"},
		setting.Setting{Key: "read_timeout"},
		setting.Setting{Key: "gzip"},
		setting.Setting{Key: "buffering"},
		setting.Setting{Key: "body_limit", Max: 64 << 20}, // bodies of requests are held in memory
		setting.Setting{Key: "access_log"},
		setting.Setting{Key: "workers"},
	)
}
