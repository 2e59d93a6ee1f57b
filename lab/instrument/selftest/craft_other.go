//go:build !linux

package selftest

import (
	"context"
	"time"
)

var errLinuxOnly = notHere("needs Linux")

func descriptorLimit(context.Context) (string, error) { return "", errLinuxOnly }

func cpuQuota(context.Context) (string, error) { return "", errLinuxOnly }

func portExhaustion(context.Context, string) (string, error) { return "", errLinuxOnly }

func portsInNamespace(context.Context, *bench) error { return errLinuxOnly }

func stopTree(int, time.Duration) error { return errLinuxOnly }
